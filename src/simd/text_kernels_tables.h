// The tables that text_kernels.cc chooses from. Private to the text kernels.
#pragma once

#include "simd/text_kernels.h"

namespace peaktext {

extern const TextKernels kTextKernelsScalar;

}  // namespace peaktext

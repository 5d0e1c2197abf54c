// The tables that text_kernels.cc chooses from. Private to the text kernels.
#pragma once

#include "simd/text_kernels.h"

namespace peaktext {

extern const TextKernels kTextKernelsScalar;
extern const TextKernels kTextKernelsAvx2;    // on x86-64 only
extern const TextKernels kTextKernelsAvx512;  // on x86-64 only

}  // namespace peaktext

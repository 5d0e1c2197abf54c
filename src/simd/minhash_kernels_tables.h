// The tables that minhash_kernels.cc chooses from. Private to the MinHash
// kernels.
#pragma once

#include "simd/minhash_kernels.h"

namespace peaktext {

extern const MinhashKernels kMinhashKernelsScalar;

}  // namespace peaktext

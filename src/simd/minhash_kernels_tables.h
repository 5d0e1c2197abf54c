// The tables that minhash_kernels.cc chooses from. Private to the MinHash
// kernels.
#pragma once

#include "simd/minhash_kernels.h"

namespace peaktext {

// min_bins has no vector form: bins are scattered, and after the first few
// hundred shingles few change. ByBytes is the same in fewer instructions.
void MinBinsScalar(const uint64_t* shingles, size_t count, uint32_t* bins);
void MinBinsByBytes(const uint64_t* shingles, size_t count, uint32_t* bins);

extern const MinhashKernels kMinhashKernelsScalar;
extern const MinhashKernels kMinhashKernelsAvx2;    // on x86-64 only
extern const MinhashKernels kMinhashKernelsAvx512;  // on x86-64 only

}  // namespace peaktext

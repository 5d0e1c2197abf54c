// Word hashes to shingle hashes to minima. minhash_kernels_scalar.cc is the
// specification.
//
//   const MinhashKernels& kernels = MinhashKernelsFor(BestIsa());
//   uint64_t least = ~0ULL;
//   kernels.mix_shingles(words, n, 5, key, shingles, low, &least);
//   kernels.min_lanes(low, n, multipliers, 128, minima);
//   kernels.min_bins(shingles, n, bins);
//
// The kernels are total, keep no state of their own and allocate nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/isa.h"

namespace peaktext {

inline constexpr size_t kLanesPerStep = 16;  // lanes come in multiples of it
inline constexpr size_t kSketchBins = 256;
inline constexpr unsigned kMaxShingleWords = 32;

struct MinhashKernels {
  Isa isa;
  // shingles[i] = Mix64(key ^ the sum of words[i + j], j = 0...shingle_words-1,
  // each rotated left by 8j and times 2(j/8)+1); low[i] is its low half, *least
  // becomes the minimum of itself and all of them.
  // REQUIRES: `words` has count + shingle_words - 1 values; 1 <= shingle_words
  // <= kMaxShingleWords.
  void (*mix_shingles)(const uint64_t* words, size_t count,
                       unsigned shingle_words, uint64_t key, uint64_t* shingles,
                       uint32_t* low, uint64_t* least);
  // minima[j] = min(minima[j], low[i] * multipliers[j] mod 2^32) over all i.
  // REQUIRES: lanes is a multiple of kLanesPerStep.
  void (*min_lanes)(const uint32_t* low, size_t count,
                    const uint32_t* multipliers, size_t lanes,
                    uint32_t* minima);
  // One-permutation hashing: bins[s >> 56] = min(itself, bits 24...55 of s) for
  // every shingle s. `bins` has kSketchBins values.
  void (*min_bins)(const uint64_t* shingles, size_t count, uint32_t* bins);
};

// REQUIRES: IsaSupported(isa).
const MinhashKernels& MinhashKernelsFor(Isa isa);

}  // namespace peaktext

// Word hashes to shingle hashes to minima. minhash_kernels_scalar.cc is the
// specification.
//
//   const MinhashKernels& kernels = MinhashKernelsFor(BestIsa());
//   uint64_t least = ~0ULL;
//   kernels.mix_shingles(words, n, 5, key, shingles, cells, &least);
//   kernels.bound_lanes(cells, n, multipliers, addends, 32, bounds);
//   kernels.min_bins(shingles, n, bins);
//
// The kernels are total, keep no state of their own and allocate nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/isa.h"

namespace peaktext {

inline constexpr size_t kLanesPerStep = 16;  // lanes come in multiples of it
inline constexpr size_t kLaneEnds = 4;
inline constexpr size_t kSketchBins = 256;
inline constexpr unsigned kMaxShingleWords = 32;

struct MinhashKernels {
  Isa isa;
  // shingles[i] = MixShingle(key ^ the sum of words[i + j], j = 0 ...
  // shingle_words-1, each rotated left by 8j and times 2(j/8)+1); cells[i] is
  // its low 16 bits, twice (one above the other: vectors are filled with them
  // faster so); *least becomes the minimum of itself and all shingles.
  // REQUIRES: `words` has count + shingle_words - 1 values; 1 <= shingle_words
  // <= kMaxShingleWords.
  void (*mix_shingles)(const uint64_t* words, size_t count,
                       unsigned shingle_words, uint64_t key, uint64_t* shingles,
                       uint32_t* cells, uint64_t* least);
  // Value v of lane j for cell c is c * multipliers[j] + addends[j] mod 2^16.
  // Over all cells bounds[0][j] becomes the least and bounds[1][j] the greatest
  // v, bounds[2][j] and bounds[3][j] the same of v read as a signed number:
  // of all values on a circle those next to 0 and next to its antipode. What
  // they are before counts as a value each.
  // REQUIRES: lanes is a multiple of kLanesPerStep.
  void (*bound_lanes)(const uint32_t* cells, size_t count,
                      const uint16_t* multipliers, const uint16_t* addends,
                      size_t lanes, uint16_t* const bounds[kLaneEnds]);
  // Writes every i, in order, of whose cell the bit in `wanted` (65,536 bits)
  // is 1; gives their number. `found` has room for count + kLanesPerStep.
  size_t (*find_cells)(const uint32_t* cells, size_t count,
                       const uint64_t* wanted, uint32_t* found);
  // One-permutation hashing: bins[s >> 56] = min(itself, bits 24...55 of s) for
  // every shingle s. `bins` has kSketchBins values.
  void (*min_bins)(const uint64_t* shingles, size_t count, uint32_t* bins);
};

// A bijection that undoes the linearity of the sum of words, which are well
// mixed themselves.
inline constexpr uint64_t kShingleFactor = 0xd6e8feb86659fd93ULL;
constexpr uint64_t MixShingle(uint64_t sum) {
  sum ^= sum >> 32;
  sum *= kShingleFactor;
  return sum ^ (sum >> 32);
}

// REQUIRES: IsaSupported(isa).
const MinhashKernels& MinhashKernelsFor(Isa isa);

}  // namespace peaktext

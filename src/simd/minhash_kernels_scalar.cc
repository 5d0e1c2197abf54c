// The specification of the MinHash kernels.
#include <algorithm>
#include <bit>
#include <cassert>

#include "simd/minhash_kernels.h"
#include "simd/minhash_kernels_tables.h"

namespace peaktext {
namespace {

void MixShingles(const uint64_t* words, size_t count, unsigned shingle_words,
                 uint64_t key, uint64_t* shingles, uint32_t* cells,
                 uint64_t* least) {
  assert(shingle_words >= 1 && shingle_words <= kMaxShingleWords);
  for (size_t i = 0; i < count; ++i) {
    uint64_t sum = 0;
    for (unsigned j = 0; j < shingle_words; ++j) {
      const int rotation = static_cast<int>(8 * j % 64);
      sum += std::rotl(words[i + j], rotation) * (2 * (j / 8) + 1);
    }
    shingles[i] = MixShingle(key ^ sum);
    cells[i] = static_cast<uint32_t>(shingles[i] & 0xFFFF) * 0x10001U;
    *least = std::min(*least, shingles[i]);
  }
}

void BoundLanes(const uint32_t* cells, size_t count,
                const uint16_t* multipliers, const uint16_t* addends,
                size_t lanes, uint16_t* const bounds[kLaneEnds]) {
  assert(lanes % kLanesPerStep == 0);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t cell = cells[i] & 0xFFFF;
    for (size_t j = 0; j < lanes; ++j) {
      const auto value =
          static_cast<uint16_t>(cell * multipliers[j] + addends[j]);
      const auto turned = [](uint16_t v) { return v ^ 0x8000; };
      bounds[0][j] = std::min(bounds[0][j], value);
      bounds[1][j] = std::max(bounds[1][j], value);
      if (turned(value) < turned(bounds[2][j])) bounds[2][j] = value;
      if (turned(value) > turned(bounds[3][j])) bounds[3][j] = value;
    }
  }
}

size_t FindCells(const uint32_t* cells, size_t count, const uint64_t* wanted,
                 uint32_t* found) {
  size_t number = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t cell = cells[i] & 0xFFFF;
    found[number] = static_cast<uint32_t>(i);
    number += (wanted[cell / 64] >> (cell % 64)) & 1;
  }
  return number;
}

}  // namespace

void MinBinsScalar(const uint64_t* shingles, size_t count, uint32_t* bins) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t& bin = bins[shingles[i] >> 56];
    bin = std::min(bin, static_cast<uint32_t>(shingles[i] >> 24));
  }
}

const MinhashKernels kMinhashKernelsScalar = {
    Isa::kScalar, MixShingles, BoundLanes, FindCells, MinBinsScalar};

}  // namespace peaktext

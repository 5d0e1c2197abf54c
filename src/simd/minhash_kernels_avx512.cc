#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the undefined operands in its own intrinsics for ours (GCC bug
// 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <cassert>

#include "simd/minhash_kernels.h"
#include "simd/minhash_kernels_tables.h"

#if defined(__x86_64__)

namespace peaktext {
namespace {

#define PEAKTEXT_AVX512                                       \
  gnu::target(                                                \
      "avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq," \
      "avx512vl,avx512vbmi,avx512vbmi2")

// MixShingle(), eight at a time.
[[PEAKTEXT_AVX512, gnu::always_inline]] inline __m512i Mix(__m512i v) {
  v = _mm512_xor_si512(v, _mm512_srli_epi64(v, 32));
  v = _mm512_mullo_epi64(
      v, _mm512_set1_epi64(static_cast<int64_t>(kShingleFactor)));
  return _mm512_xor_si512(v, _mm512_srli_epi64(v, 32));
}

// Shingles of five words; others are left to the specification.
[[PEAKTEXT_AVX512]] void MixShingles(const uint64_t* words, size_t count,
                                     unsigned shingle_words, uint64_t key,
                                     uint64_t* shingles, uint32_t* cells,
                                     uint64_t* least) {
  size_t i = 0;
  if (shingle_words == 5) {
    const __m512i keys = _mm512_set1_epi64(static_cast<int64_t>(key));
    __m512i minimum = _mm512_set1_epi64(-1);
    for (; i + 8 <= count; i += 8) {
      const uint64_t* const w = words + i;
      __m512i sum = _mm512_loadu_si512(w);
      sum =
          _mm512_add_epi64(sum, _mm512_rol_epi64(_mm512_loadu_si512(w + 1), 8));
      sum = _mm512_add_epi64(sum,
                             _mm512_rol_epi64(_mm512_loadu_si512(w + 2), 16));
      sum = _mm512_add_epi64(sum,
                             _mm512_rol_epi64(_mm512_loadu_si512(w + 3), 24));
      sum = _mm512_add_epi64(sum,
                             _mm512_rol_epi64(_mm512_loadu_si512(w + 4), 32));
      const __m512i mixed = Mix(_mm512_xor_si512(sum, keys));
      _mm512_storeu_si512(shingles + i, mixed);
      const __m256i low = _mm512_cvtepi64_epi32(mixed);
      _mm256_storeu_si256(
          reinterpret_cast<__m256i*>(cells + i),
          _mm256_or_si256(_mm256_slli_epi32(low, 16),
                          _mm256_and_si256(low, _mm256_set1_epi32(0xFFFF))));
      minimum = _mm512_min_epu64(minimum, mixed);
    }
    *least = std::min<uint64_t>(*least, _mm512_reduce_min_epu64(minimum));
  }
  kMinhashKernelsScalar.mix_shingles(words + i, count - i, shingle_words, key,
                                     shingles + i, cells + i, least);
}

// kVectors x 32 lanes, their multipliers and addends stay in registers for all
// shingles.
template <int kVectors>
[[PEAKTEXT_AVX512]] void MinTile(const uint32_t* cells, size_t count,
                                 const uint16_t* multipliers,
                                 const uint16_t* addends, uint16_t* minima) {
  __m512i least[kVectors];
  __m512i factors[kVectors];
  __m512i terms[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    least[v] = _mm512_loadu_si512(minima + 32 * v);
    factors[v] = _mm512_loadu_si512(multipliers + 32 * v);
    terms[v] = _mm512_loadu_si512(addends + 32 * v);
  }
  for (size_t i = 0; i < count; ++i) {
    const __m512i x = _mm512_set1_epi32(static_cast<int>(cells[i]));
    for (int v = 0; v < kVectors; ++v) {
      least[v] = _mm512_min_epu16(
          least[v],
          _mm512_add_epi16(_mm512_mullo_epi16(x, factors[v]), terms[v]));
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    _mm512_storeu_si512(minima + 32 * v, least[v]);
  }
}

[[PEAKTEXT_AVX512]] void MinLanes(const uint32_t* cells, size_t count,
                                  const uint16_t* multipliers,
                                  const uint16_t* addends, size_t lanes,
                                  uint16_t* minima) {
  assert(lanes % kLanesPerStep == 0);
  using Tile = void (*)(const uint32_t*, size_t, const uint16_t*,
                        const uint16_t*, uint16_t*);
  constexpr size_t kWidest = 8;  // 24 of 32 registers
  constexpr Tile kTiles[kWidest] = {MinTile<1>, MinTile<2>, MinTile<3>,
                                    MinTile<4>, MinTile<5>, MinTile<6>,
                                    MinTile<7>, MinTile<8>};
  for (size_t at = 0; at < lanes;) {
    const size_t vectors = std::min(kWidest, (lanes - at) / kLanesPerStep);
    kTiles[vectors - 1](cells, count, multipliers + at, addends + at,
                        minima + at);
    at += vectors * kLanesPerStep;
  }
}

[[PEAKTEXT_AVX512]] size_t FindCells(const uint32_t* cells, size_t count,
                                     const uint64_t* wanted, uint32_t* found) {
  uint32_t* out = found;
  __m512i numbers =
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i one = _mm512_set1_epi32(1);
  for (size_t i = 0; i < count; i += 16) {
    const auto valid = static_cast<__mmask16>(
        count - i >= 16 ? 0xFFFF : (1U << (count - i)) - 1);
    const __m512i cell = _mm512_and_si512(
        _mm512_maskz_loadu_epi32(valid, cells + i), _mm512_set1_epi32(0xFFFF));
    const __m512i bits = _mm512_i32gather_epi32(
        _mm512_srli_epi32(cell, 5), reinterpret_cast<const int*>(wanted), 4);
    const __m512i bit =
        _mm512_sllv_epi32(one, _mm512_and_si512(cell, _mm512_set1_epi32(31)));
    const __mmask16 hits = _mm512_mask_test_epi32_mask(valid, bits, bit);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(hits, numbers));
    out += _mm_popcnt_u32(hits);
    numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32(16));
  }
  return static_cast<size_t>(out - found);
}

}  // namespace

const MinhashKernels kMinhashKernelsAvx512 = {
    Isa::kAvx512, MixShingles, MinLanes, FindCells, MinBinsScalar};

}  // namespace peaktext

#endif

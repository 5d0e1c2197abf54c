#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the undefined operands in its own intrinsics for ours (GCC bug
// 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <array>
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

// The bytes of eight shingles whose lowest 16 bits, each twice, are 32 bytes.
alignas(64) constexpr auto kDoubledCells = [] {
  std::array<uint8_t, 64> from{};
  for (uint8_t i = 0; i < 32; ++i) {
    from[i] = static_cast<uint8_t>(i / 4 * 8 + i % 2);
  }
  return from;
}();

// Shingles of five words; others are left to the specification.
[[PEAKTEXT_AVX512]] void MixShingles(const uint64_t* words, size_t count,
                                     unsigned shingle_words, uint64_t key,
                                     uint64_t* shingles, uint32_t* cells,
                                     uint64_t* least) {
  size_t i = 0;
  if (shingle_words == 5) {
    const __m512i keys = _mm512_set1_epi64(static_cast<int64_t>(key));
    __m512i minimum = _mm512_set1_epi64(-1);
    const __m512i doubled = _mm512_load_si512(kDoubledCells.data());
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
      _mm256_storeu_si256(
          reinterpret_cast<__m256i*>(cells + i),
          _mm512_castsi512_si256(_mm512_permutexvar_epi8(doubled, mixed)));
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
[[PEAKTEXT_AVX512]] void BoundTile(const uint32_t* cells, size_t count,
                                   const uint16_t* multipliers,
                                   const uint16_t* addends, size_t at,
                                   uint16_t* const bounds[kLaneEnds]) {
  __m512i ends[kLaneEnds][kVectors];
  __m512i factors[kVectors];
  __m512i terms[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    const size_t from = at + 32 * static_cast<size_t>(v);
    factors[v] = _mm512_loadu_si512(multipliers + from);
    terms[v] = _mm512_loadu_si512(addends + from);
    for (size_t end = 0; end < kLaneEnds; ++end) {
      ends[end][v] = _mm512_loadu_si512(bounds[end] + from);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const __m512i x = _mm512_set1_epi32(static_cast<int>(cells[i]));
    for (int v = 0; v < kVectors; ++v) {
      const __m512i value =
          _mm512_add_epi16(_mm512_mullo_epi16(x, factors[v]), terms[v]);
      ends[0][v] = _mm512_min_epu16(ends[0][v], value);
      ends[1][v] = _mm512_max_epu16(ends[1][v], value);
      ends[2][v] = _mm512_min_epi16(ends[2][v], value);
      ends[3][v] = _mm512_max_epi16(ends[3][v], value);
    }
  }
  for (size_t end = 0; end < kLaneEnds; ++end) {
    for (int v = 0; v < kVectors; ++v) {
      _mm512_storeu_si512(bounds[end] + at + 32 * static_cast<size_t>(v),
                          ends[end][v]);
    }
  }
}

// 16 lanes: what is left, at half the width.
[[PEAKTEXT_AVX512]] void BoundHalf(const uint32_t* cells, size_t count,
                                   const uint16_t* multipliers,
                                   const uint16_t* addends, size_t at,
                                   uint16_t* const bounds[kLaneEnds]) {
  const auto* const factors =
      reinterpret_cast<const __m256i*>(multipliers + at);
  const auto* const terms = reinterpret_cast<const __m256i*>(addends + at);
  const __m256i factor = _mm256_loadu_si256(factors);
  const __m256i term = _mm256_loadu_si256(terms);
  __m256i ends[kLaneEnds];
  for (size_t end = 0; end < kLaneEnds; ++end) {
    ends[end] =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bounds[end] + at));
  }
  for (size_t i = 0; i < count; ++i) {
    const __m256i x = _mm256_set1_epi32(static_cast<int>(cells[i]));
    const __m256i value = _mm256_add_epi16(_mm256_mullo_epi16(x, factor), term);
    ends[0] = _mm256_min_epu16(ends[0], value);
    ends[1] = _mm256_max_epu16(ends[1], value);
    ends[2] = _mm256_min_epi16(ends[2], value);
    ends[3] = _mm256_max_epi16(ends[3], value);
  }
  for (size_t end = 0; end < kLaneEnds; ++end) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(bounds[end] + at),
                        ends[end]);
  }
}

[[PEAKTEXT_AVX512]] void BoundLanes(const uint32_t* cells, size_t count,
                                    const uint16_t* multipliers,
                                    const uint16_t* addends, size_t lanes,
                                    uint16_t* const bounds[kLaneEnds]) {
  assert(lanes % kLanesPerStep == 0);
  size_t at = 0;
  for (; at + 64 <= lanes; at += 64) {
    BoundTile<2>(cells, count, multipliers, addends, at, bounds);
  }
  if (at + 32 <= lanes) {
    BoundTile<1>(cells, count, multipliers, addends, at, bounds);
    at += 32;
  }
  if (at < lanes) BoundHalf(cells, count, multipliers, addends, at, bounds);
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
    Isa::kAvx512, MixShingles, BoundLanes, FindCells, MinBinsByBytes};

}  // namespace peaktext

#endif

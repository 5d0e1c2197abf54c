#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "simd/minhash_kernels.h"
#include "simd/minhash_kernels_tables.h"

#if defined(__x86_64__)

namespace peaktext {
namespace {

#define PEAKTEXT_AVX2 gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")

// The low halves of 64-bit products: three 32-bit multiplications.
[[PEAKTEXT_AVX2, gnu::always_inline]] inline __m256i Multiply64(
    __m256i a, uint64_t factor) {
  const __m256i b = _mm256_set1_epi64x(static_cast<int64_t>(factor));
  const __m256i b_high = _mm256_set1_epi64x(static_cast<int64_t>(factor >> 32));
  const __m256i cross =
      _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), b),
                       _mm256_mul_epu32(a, b_high));
  return _mm256_add_epi64(_mm256_mul_epu32(a, b), _mm256_slli_epi64(cross, 32));
}

// MixShingle(), four at a time.
[[PEAKTEXT_AVX2, gnu::always_inline]] inline __m256i Mix(__m256i v) {
  v = _mm256_xor_si256(v, _mm256_srli_epi64(v, 32));
  v = Multiply64(v, kShingleFactor);
  return _mm256_xor_si256(v, _mm256_srli_epi64(v, 32));
}

// Four words, each rotated left by kBytes bytes.
template <int kBytes>
[[PEAKTEXT_AVX2, gnu::always_inline]] inline __m256i Rotated(
    const uint64_t* from) {
  constexpr auto from_byte = [](int i) {
    return static_cast<char>(i / 8 * 8 - 8 + (i - kBytes) % 8);
  };
  const __m128i order =
      _mm_setr_epi8(from_byte(8), from_byte(9), from_byte(10), from_byte(11),
                    from_byte(12), from_byte(13), from_byte(14), from_byte(15),
                    from_byte(16), from_byte(17), from_byte(18), from_byte(19),
                    from_byte(20), from_byte(21), from_byte(22), from_byte(23));
  return _mm256_shuffle_epi8(
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)),
      _mm256_broadcastsi128_si256(order));
}

// Shingles of five words; others are left to the specification.
[[PEAKTEXT_AVX2]] void MixShingles(const uint64_t* words, size_t count,
                                   unsigned shingle_words, uint64_t key,
                                   uint64_t* shingles, uint32_t* cells,
                                   uint64_t* least) {
  size_t i = 0;
  if (shingle_words == 5) {
    const __m256i keys = _mm256_set1_epi64x(static_cast<int64_t>(key));
    const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
    // The lowest 16 bits of each, twice.
    const __m128i doubled =
        _mm_setr_epi8(0, 1, 0, 1, 8, 9, 8, 9, -1, -1, -1, -1, -1, -1, -1, -1);
    // Compared as signed numbers, so with the highest bit turned over.
    __m256i minimum = _mm256_set1_epi64x(INT64_MAX);
    for (; i + 4 <= count; i += 4) {
      const uint64_t* const w = words + i;
      __m256i sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w));
      sum = _mm256_add_epi64(sum, Rotated<1>(w + 1));
      sum = _mm256_add_epi64(sum, Rotated<2>(w + 2));
      sum = _mm256_add_epi64(sum, Rotated<3>(w + 3));
      sum = _mm256_add_epi64(sum, Rotated<4>(w + 4));
      const __m256i mixed = Mix(_mm256_xor_si256(sum, keys));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(shingles + i), mixed);
      _mm_storeu_si128(
          reinterpret_cast<__m128i*>(cells + i),
          _mm_unpacklo_epi64(
              _mm_shuffle_epi8(_mm256_castsi256_si128(mixed), doubled),
              _mm_shuffle_epi8(_mm256_extracti128_si256(mixed, 1), doubled)));
      const __m256i turned = _mm256_xor_si256(mixed, sign);
      minimum = _mm256_blendv_epi8(minimum, turned,
                                   _mm256_cmpgt_epi64(minimum, turned));
    }
    alignas(32) uint64_t minima[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(minima),
                       _mm256_xor_si256(minimum, sign));
    for (const uint64_t value : minima) *least = std::min(*least, value);
  }
  kMinhashKernelsScalar.mix_shingles(words + i, count - i, shingle_words, key,
                                     shingles + i, cells + i, least);
}

[[PEAKTEXT_AVX2, gnu::always_inline]] inline __m256i LoadLanes(
    const uint16_t* from, int vector) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from) + vector);
}

// The bounds of kVectors x 16 lanes stay in registers for all shingles;
// multipliers and addends come from the first-level cache.
template <int kVectors>
[[PEAKTEXT_AVX2]] void BoundTile(const uint32_t* cells, size_t count,
                                 const uint16_t* multipliers,
                                 const uint16_t* addends, size_t at,
                                 uint16_t* const bounds[kLaneEnds]) {
  __m256i ends[kLaneEnds][kVectors];
  for (size_t end = 0; end < kLaneEnds; ++end) {
    for (int v = 0; v < kVectors; ++v)
      ends[end][v] = LoadLanes(bounds[end] + at, v);
  }
  for (size_t i = 0; i < count; ++i) {
    const __m256i x = _mm256_set1_epi32(static_cast<int>(cells[i]));
    for (int v = 0; v < kVectors; ++v) {
      const __m256i value = _mm256_add_epi16(
          _mm256_mullo_epi16(x, LoadLanes(multipliers + at, v)),
          LoadLanes(addends + at, v));
      ends[0][v] = _mm256_min_epu16(ends[0][v], value);
      ends[1][v] = _mm256_max_epu16(ends[1][v], value);
      ends[2][v] = _mm256_min_epi16(ends[2][v], value);
      ends[3][v] = _mm256_max_epi16(ends[3][v], value);
    }
  }
  for (size_t end = 0; end < kLaneEnds; ++end) {
    for (int v = 0; v < kVectors; ++v) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(bounds[end] + at + 16 * v),
                          ends[end][v]);
    }
  }
}

[[PEAKTEXT_AVX2]] void BoundLanes(const uint32_t* cells, size_t count,
                                  const uint16_t* multipliers,
                                  const uint16_t* addends, size_t lanes,
                                  uint16_t* const bounds[kLaneEnds]) {
  assert(lanes % kLanesPerStep == 0);
  // Twice 4 bounds and their constants are what 16 registers hold.
  size_t at = 0;
  for (; at + 2 * kLanesPerStep <= lanes; at += 2 * kLanesPerStep) {
    BoundTile<2>(cells, count, multipliers, addends, at, bounds);
  }
  if (at < lanes) BoundTile<1>(cells, count, multipliers, addends, at, bounds);
}

// The specification, with the shifts of BMI2: gathers are no faster here.
[[PEAKTEXT_AVX2]] size_t FindCells(const uint32_t* cells, size_t count,
                                   const uint64_t* wanted, uint32_t* found) {
  size_t number = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t cell = cells[i] & 0xFFFF;
    found[number] = static_cast<uint32_t>(i);
    number += (wanted[cell / 64] >> (cell % 64)) & 1;
  }
  return number;
}

}  // namespace

// The specification, its parts of a shingle loaded from where they lie: a third
// fewer instructions than by shifts.
void MinBinsByBytes(const uint64_t* shingles, size_t count, uint32_t* bins) {
  static_assert(std::endian::native == std::endian::little);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(shingles);
#pragma GCC unroll 4
  for (size_t i = 0; i < 8 * count; i += 8) {
    uint32_t value;
    std::memcpy(&value, bytes + i + 3, sizeof value);
    uint32_t* const bin = bins + bytes[i + 7];
    *bin = value < *bin ? value : *bin;
  }
}

const MinhashKernels kMinhashKernelsAvx2 = {Isa::kAvx2, MixShingles, BoundLanes,
                                            FindCells, MinBinsByBytes};

}  // namespace peaktext

#endif

// Sixteen places at a time, one in each lane of 32 bits; then eight at a time,
// one in each lane of 64, with four marks or limits of 16 bits.
#include "simd/match_foresee.h"

#if defined(__x86_64__)
#include <algorithm>

#include "simd/avx512.h"

namespace peaktext {
namespace {

constexpr size_t kBefore = MatchBuffer::kBefore;

PEAKTEXT_AVX512 inline __m512i Load(const int32_t* values) {
  return _mm512_loadu_si512(values);
}

// Of tokens of two to five bytes that end one byte behind a place, four shifted
// marks, by how many bytes lie before it; UINT16_MAX: none that surely takes
// that byte.
struct Takers {
  alignas(64) uint64_t of[MatchBuffer::kPlaces + 24];
};

// The marks of tokens of two to five bytes, each length for itself, with those
// of some places before the first one.
struct Lengths {
  PEAKTEXT_AVX512 Lengths(const MatchBuffer& buffer, size_t first,
                          size_t places) {
    const __m512i low = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9,
                                          13, 17, 21, 25, 29);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(2));
    for (size_t at = 0; at < kBefore + places; at += 8) {
      const MatchBuffer::Row* rows = buffer.rows[0] + (first + at);
      const __m512i four = _mm512_loadu_si512(rows);
      const __m512i next = _mm512_loadu_si512(rows + 4);
      Store(0, at, _mm512_permutex2var_epi32(four, low, next));
      Store(2, at, _mm512_permutex2var_epi32(four, high, next));
    }
  }
  // Eight of one length, and of the next.
  PEAKTEXT_AVX512 void Store(size_t length, size_t at, __m512i marks) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(of[length] + at),
                        _mm512_castsi512_si256(marks));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(of[length + 1] + at),
                        _mm512_extracti64x4_epi64(marks, 1));
  }
  // Of tokens of `bytes` that end `behind` bytes behind each of the places.
  PEAKTEXT_AVX512 __m512i Ending(size_t bytes, size_t at, size_t behind) const {
    return Load(of[bytes - 2] + (kBefore + at + behind - bytes));
  }

  alignas(64) int32_t of[4][kBefore + MatchBuffer::kPlaces + 24];
};

PEAKTEXT_AVX512 inline __mmask16 AreSure(__m512i marks) {
  return _mm512_testn_epi32_mask(marks, _mm512_set1_epi32(1));
}

// Where the two bytes behind each place's own surely merge with each other,
// before either merges with anything else.
PEAKTEXT_AVX512 inline __mmask16 AreJoined(const Lengths& lengths,
                                           const int32_t* lowest, size_t at) {
  const __m512i pair = lengths.Ending(2, at, 3);
  const __m512i ending = _mm512_min_epi32(
      _mm512_min_epi32(lengths.Ending(2, at, 2), lengths.Ending(3, at, 2)),
      _mm512_min_epi32(lengths.Ending(4, at, 2), lengths.Ending(5, at, 2)));
  return _mm512_mask_cmplt_epi32_mask(
      _mm512_mask_cmple_epi32_mask(AreSure(pair), pair, Load(lowest + 2)), pair,
      ending);
}

// Shifted; UINT16_MAX for what is above `most`, or in doubt.
PEAKTEXT_AVX512 inline __m512i Taking(__m512i marks, __m512i most, __m128i by) {
  const __mmask16 within =
      _mm512_mask_cmple_epi32_mask(AreSure(marks), marks, most);
  return _mm512_mask_srl_epi32(_mm512_set1_epi32(UINT16_MAX), within, marks,
                               by);
}

template <bool kNear>
PEAKTEXT_AVX512 void FindTakers(const Lengths& lengths, const int32_t* lowest,
                                __m128i by, size_t places, Takers* takers) {
  const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i high = _mm512_add_epi64(low, _mm512_set1_epi64(4));
  for (size_t at = 0; at < places; at += 16) {
    __m512i most = Load(lowest + at);
    if constexpr (kNear) {
      const __m512i longer = _mm512_min_epi32(
          lengths.Ending(3, at, 3),
          _mm512_min_epi32(lengths.Ending(4, at, 4), lengths.Ending(5, at, 5)));
      most = _mm512_mask_mov_epi32(most, AreJoined(lengths, lowest + at, at),
                                   longer);
    }
    most = _mm512_or_si512(most, _mm512_set1_epi32(1));
    const __m512i first_two = _mm512_or_si512(
        Taking(lengths.Ending(2, at, 1), most, by),
        _mm512_slli_epi32(Taking(lengths.Ending(3, at, 1), most, by), 16));
    const __m512i last_two = _mm512_or_si512(
        Taking(lengths.Ending(4, at, 1), most, by),
        _mm512_slli_epi32(Taking(lengths.Ending(5, at, 1), most, by), 16));
    const __m512i even = _mm512_unpacklo_epi32(first_two, last_two);
    const __m512i odd = _mm512_unpackhi_epi32(first_two, last_two);
    _mm512_store_si512(takers->of + at,
                       _mm512_permutex2var_epi64(even, low, odd));
    _mm512_store_si512(takers->of + at + 8,
                       _mm512_permutex2var_epi64(even, high, odd));
  }
}

// Of tokens i, i + 2, i + 4, i + 6, what their last one to four bytes' limits
// are.
PEAKTEXT_AVX512 inline __m512i EverySecond(const TokenLimits* limits,
                                           const uint64_t* ids) {
  const auto right = [&](size_t i) {
    return _mm_load_si128(
        reinterpret_cast<const __m128i*>(limits[ids[i]].near.right));
  };
  return _mm512_inserti64x4(
      _mm512_castsi256_si512(_mm256_set_m128i(right(2), right(0))),
      _mm256_set_m128i(right(6), right(4)), 1);
}
// Of eight tokens, shifted.
PEAKTEXT_AVX512 inline __m512i RightsOf(const TokenLimits* limits,
                                        const uint64_t* ids, __m128i by) {
  return _mm512_packus_epi32(
      _mm512_srl_epi32(EverySecond(limits, ids), by),
      _mm512_srl_epi32(EverySecond(limits, ids + 1), by));
}

}  // namespace

PEAKTEXT_AVX512 void ForeseeAvx512(const TokenLimits* limits, int shift,
                                   size_t first, size_t places,
                                   MatchBuffer* buffer) {
  if (places == 0) return;
  Lengths lengths(*buffer, first, places);
  // What begins at the last place, or behind it, is not sure to merge.
  std::fill_n(lengths.of[0] + kBefore + places - 1, 2, TrieWords::kNoToken);
  Takers takers;
  const bool near = buffer->AreNear(first, places);
  const __m128i by = _mm_cvtsi32_si128(shift);
  (near ? FindTakers<true> : FindTakers<false>)(lengths, buffer->lowest + first,
                                                by, places, &takers);
  for (size_t i = 0; i < 2; ++i) {
    _mm512_storeu_si512(takers.of + places + 8 * i, _mm512_set1_epi32(-1));
  }
  const __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  for (size_t at = 0; at < places; at += 8) {
    uint64_t* to = buffer->longest + (first + at);
    const auto there = static_cast<__mmask8>(
        places - at >= 8 ? 255 : (1 << (places - at)) - 1);
    const __m512i longest = _mm512_loadu_si512(to);
    const __m512i bytes = _mm512_srli_epi64(longest, 32);
    const __mmask8 some = _mm512_mask_cmplt_epu64_mask(
        there, _mm512_sub_epi64(bytes, _mm512_set1_epi64(1)),
        _mm512_set1_epi64(PairLimits::kMaxBytes));
    alignas(64) uint64_t ids[8];
    _mm512_store_si512(
        ids,
        _mm512_maskz_srli_epi64(
            some, _mm512_and_si512(longest, _mm512_set1_epi64(UINT32_MAX)), 1));
    const __m512i left =
        _mm512_maskz_mov_epi64(some, RightsOf(limits, ids, by));
    const __m512i taking = _mm512_permutex2var_epi64(
        _mm512_load_si512(takers.of + at), _mm512_add_epi64(lanes, bytes),
        _mm512_load_si512(takers.of + at + 8));
    const __m512i within = _mm512_subs_epu16(left, taking);
    _mm512_mask_storeu_epi64(to, _mm512_test_epi64_mask(within, within),
                             _mm512_loadu_si512(buffer->second + (first + at)));
  }
}

}  // namespace peaktext
#endif

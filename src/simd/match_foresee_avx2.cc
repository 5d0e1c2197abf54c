// Eight places at a time, one in each lane of 32 bits; then four at a time, one
// in each lane of 64, with four marks or limits of 16 bits.
#include "simd/match_foresee.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <bit>

#define PEAKTEXT_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

constexpr size_t kBefore = MatchBuffer::kBefore;
// Places behind the last one where a short token there may end, or none that is
// behind it.
constexpr size_t kBehind = PairLimits::kMaxBytes;
static_assert(sizeof(TokenLimits) == 64 && PairLimits::kMaxBytes == 8);

PEAKTEXT_AVX2 inline __m256i Load(const int32_t* values) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
}

// Of tokens of two to five bytes that end one byte behind a place, four shifted
// marks, by how many bytes lie before it; UINT16_MAX: none that surely takes
// that byte.
struct Takers {
  alignas(32) uint64_t of[MatchBuffer::kPlaces + kBehind];
};

// The marks of tokens of two to five bytes, each length for itself, with those
// of some places before the first one.
struct Lengths {
  PEAKTEXT_AVX2 Lengths(const MatchBuffer& buffer, size_t first,
                        size_t places) {
    for (size_t at = 0; at < kBefore + places; at += 8) {
      const MatchBuffer::Row* rows = buffer.rows[0] + (first + at);
      const __m256i a = Two(rows);
      const __m256i b = Two(rows + 1);
      const __m256i c = Two(rows + 2);
      const __m256i d = Two(rows + 3);
      const __m256i low_a = _mm256_unpacklo_epi32(a, b);
      const __m256i low_b = _mm256_unpacklo_epi32(c, d);
      const __m256i high_a = _mm256_unpackhi_epi32(a, b);
      const __m256i high_b = _mm256_unpackhi_epi32(c, d);
      Store(0, at, _mm256_unpacklo_epi64(low_a, low_b));
      Store(1, at, _mm256_unpackhi_epi64(low_a, low_b));
      Store(2, at, _mm256_unpacklo_epi64(high_a, high_b));
      Store(3, at, _mm256_unpackhi_epi64(high_a, high_b));
    }
  }
  // Four lengths of one place, and of the place four behind it.
  PEAKTEXT_AVX2 static __m256i Two(const MatchBuffer::Row* rows) {
    const auto* row = reinterpret_cast<const __m128i*>(rows);
    return _mm256_set_m128i(_mm_loadu_si128(row + 4), _mm_loadu_si128(row));
  }
  PEAKTEXT_AVX2 void Store(size_t length, size_t at, __m256i marks) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(of[length] + at), marks);
  }
  // Of tokens of `bytes` that end `behind` bytes behind each of eight places.
  PEAKTEXT_AVX2 __m256i Ending(size_t bytes, size_t at, size_t behind) const {
    return Load(of[bytes - 2] + (kBefore + at + behind - bytes));
  }

  alignas(32) int32_t of[4][kBefore + MatchBuffer::kPlaces + 24];
};

// Shifted; INT32_MAX for what is above `most`, or in doubt.
PEAKTEXT_AVX2 inline __m256i Taking(__m256i marks, __m256i most, __m128i by) {
  const __m256i out = _mm256_or_si256(_mm256_cmpgt_epi32(marks, most),
                                      _mm256_slli_epi32(marks, 31));
  return _mm256_or_si256(_mm256_srl_epi32(marks, by),
                         _mm256_srli_epi32(_mm256_srai_epi32(out, 31), 1));
}

// Where the two bytes behind each place's own surely merge with each other,
// before either merges with anything else: all ones.
PEAKTEXT_AVX2 inline __m256i AreJoined(const Lengths& lengths,
                                       const int32_t* lowest, size_t at) {
  const __m256i pair = lengths.Ending(2, at, 3);
  const __m256i ending = _mm256_min_epi32(
      _mm256_min_epi32(lengths.Ending(2, at, 2), lengths.Ending(3, at, 2)),
      _mm256_min_epi32(lengths.Ending(4, at, 2), lengths.Ending(5, at, 2)));
  const __m256i in_doubt = _mm256_srai_epi32(_mm256_slli_epi32(pair, 31), 31);
  const __m256i out =
      _mm256_or_si256(_mm256_cmpgt_epi32(pair, Load(lowest + 2)), in_doubt);
  return _mm256_andnot_si256(out, _mm256_cmpgt_epi32(ending, pair));
}

template <bool kNear>
PEAKTEXT_AVX2 void FindTakers(const Lengths& lengths, const int32_t* lowest,
                              __m128i by, size_t places, Takers* takers) {
  for (size_t at = 0; at < places; at += 8) {
    __m256i most = Load(lowest + at);
    if constexpr (kNear) {
      const __m256i longer = _mm256_min_epi32(
          lengths.Ending(3, at, 3),
          _mm256_min_epi32(lengths.Ending(4, at, 4), lengths.Ending(5, at, 5)));
      most =
          _mm256_blendv_epi8(most, longer, AreJoined(lengths, lowest + at, at));
    }
    most = _mm256_or_si256(most, _mm256_set1_epi32(1));
    const __m256i a =
        _mm256_packus_epi32(Taking(lengths.Ending(2, at, 1), most, by),
                            Taking(lengths.Ending(3, at, 1), most, by));
    const __m256i b =
        _mm256_packus_epi32(Taking(lengths.Ending(4, at, 1), most, by),
                            Taking(lengths.Ending(5, at, 1), most, by));
    const __m256i first_two = _mm256_unpacklo_epi16(a, _mm256_srli_si256(a, 8));
    const __m256i last_two = _mm256_unpacklo_epi16(b, _mm256_srli_si256(b, 8));
    const __m256i even = _mm256_unpacklo_epi32(first_two, last_two);
    const __m256i odd = _mm256_unpackhi_epi32(first_two, last_two);
    auto* to = reinterpret_cast<__m256i*>(takers->of + at);
    _mm256_store_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_store_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }
}

// What Takers has at four places.
PEAKTEXT_AVX2 inline __m256i Four(const Takers& takers,
                                  const uint64_t* places) {
  const auto at = [&](size_t i) {
    return static_cast<long long>(takers.of[places[i]]);
  };
  return _mm256_setr_epi64x(at(0), at(1), at(2), at(3));
}

// Of four tokens the limits of the last one to four bytes, shifted. They are
// so many bytes behind the first.
PEAKTEXT_AVX2 inline __m256i RightsOf(const TokenLimits* limits,
                                      const uint64_t* offsets, __m128i by) {
  const auto right = [&](size_t i) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(
        reinterpret_cast<const char*>(limits->near.right) + offsets[i]));
  };
  const __m256i even = _mm256_set_m128i(right(2), right(0));
  const __m256i odd = _mm256_set_m128i(right(3), right(1));
  return _mm256_packus_epi32(_mm256_srl_epi32(even, by),
                             _mm256_srl_epi32(odd, by));
}

}  // namespace

PEAKTEXT_AVX2 void ForeseeAvx2(const TokenLimits* limits, int shift,
                               size_t first, size_t places,
                               MatchBuffer* buffer) {
  if (places == 0) return;
  Lengths lengths(*buffer, first, places);
  // What begins at the last place, or behind it, is not sure to merge.
  std::fill_n(lengths.of[0] + kBefore + places - 1, 2, TrieWords::kNoToken);
  Takers takers;
  const __m128i by = _mm_cvtsi32_si128(shift);
  (buffer->AreNear(first, places) ? FindTakers<true>
                                  : FindTakers<false>)(lengths,
                                                       buffer->lowest + first,
                                                       by, places, &takers);
  std::fill_n(takers.of + places, kBehind, ~uint64_t{0});
  const __m256i zero = _mm256_setzero_si256();
  const __m256i end = _mm256_set1_epi64x(static_cast<int64_t>(places));
  __m256i four = _mm256_setr_epi64x(0, 1, 2, 3);
  for (size_t at = 0; at < places; at += 4) {
    auto* to = reinterpret_cast<__m256i*>(buffer->longest + (first + at));
    const __m256i longest = _mm256_loadu_si256(to);
    const __m256i bytes = _mm256_srli_epi64(longest, 32);
    const __m256i is_short = _mm256_and_si256(
        _mm256_cmpgt_epi64(end, four),
        _mm256_cmpeq_epi64(
            _mm256_srli_epi64(_mm256_sub_epi64(bytes, _mm256_set1_epi64x(1)),
                              std::bit_width(PairLimits::kMaxBytes) - 1),
            zero));
    alignas(32) uint64_t offsets[4];
    alignas(32) uint64_t after[4];
    const __m256i marks =
        _mm256_and_si256(longest, _mm256_set1_epi64x(0xFFFFFFFE));
    _mm256_store_si256(reinterpret_cast<__m256i*>(offsets),
                       _mm256_and_si256(is_short, _mm256_slli_epi64(marks, 5)));
    _mm256_store_si256(
        reinterpret_cast<__m256i*>(after),
        _mm256_add_epi64(four, _mm256_and_si256(is_short, bytes)));
    four = _mm256_add_epi64(four, _mm256_set1_epi64x(4));
    const __m256i left =
        _mm256_and_si256(is_short, RightsOf(limits, offsets, by));
    const __m256i fits =
        _mm256_cmpeq_epi64(_mm256_subs_epu16(left, Four(takers, after)), zero);
    const auto* second =
        reinterpret_cast<const __m256i*>(buffer->second + (first + at));
    _mm256_storeu_si256(
        to, _mm256_blendv_epi8(_mm256_loadu_si256(second), longest, fits));
  }
}

}  // namespace peaktext
#endif

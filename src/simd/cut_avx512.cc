// The pairs of a block are looked up eight at a time.
#include "simd/cut_avx512.h"

#if defined(__x86_64__)
#include "simd/avx512.h"
#include "simd/byte_iota.h"

namespace peaktext {
namespace {

// The six bytes around each of eight places, as words. `number` is that of the
// first one among `places`.
PEAKTEXT_AVX512 inline __m512i Around(__m512i block, __m512i places,
                                      int number) {
  const __m512i of_eight = _mm512_set_epi64(
      0x0707070707070707, 0x0606060606060606, 0x0505050505050505,
      0x0404040404040404, 0x0303030303030303, 0x0202020202020202,
      0x0101010101010101, 0);
  const __m512i offsets = _mm512_set1_epi64(0x0000020100FFFEFD);
  const __m512i place = _mm512_permutexvar_epi8(
      _mm512_add_epi8(of_eight, _mm512_set1_epi8(static_cast<char>(number))),
      places);
  return _mm512_maskz_permutexvar_epi8(0x3F3F3F3F3F3F3F3F,
                                       _mm512_add_epi8(place, offsets), block);
}

PEAKTEXT_AVX512 inline __m128i LoadTwo(const uint64_t* low,
                                       const uint64_t* high) {
  return _mm_castpd_si128(
      _mm_loadh_pd(_mm_load_sd(reinterpret_cast<const double*>(low)),
                   reinterpret_cast<const double*>(high)));
}

// Where a gather takes longer.
PEAKTEXT_AVX512 inline __m512i LoadEach(const uint64_t* words,
                                        __m512i indexes) {
  alignas(64) uint64_t at[8];
  _mm512_store_si512(at, indexes);
  const __m256i low = _mm256_set_m128i(LoadTwo(words + at[2], words + at[3]),
                                       LoadTwo(words + at[0], words + at[1]));
  const __m256i high = _mm256_set_m128i(LoadTwo(words + at[6], words + at[7]),
                                        LoadTwo(words + at[4], words + at[5]));
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

// Words by eight indexes.
template <bool kGather>
PEAKTEXT_AVX512 inline __m512i Look(const uint64_t* words, __m512i indexes) {
  return kGather ? _mm512_i64gather_epi64(indexes, words, 8)
                 : LoadEach(words, indexes);
}

// Bits of eight places from number `number` on: set for those whose pair shares
// its bit with one that cannot be cut.
template <bool kGather>
PEAKTEXT_AVX512 inline uint64_t JoinedOfEight(__m512i block, __m512i places,
                                              int number,
                                              const uint64_t* pairs) {
  constexpr unsigned kWordShift = 64 - CutTable::kPairWordBits;
  const __m512i hash = _mm512_mullo_epi64(
      Around(block, places, number),
      _mm512_set1_epi64(static_cast<int64_t>(CutTable::kMultiplier)));
  const __m512i words =
      Look<kGather>(pairs, _mm512_srli_epi64(hash, kWordShift));
  // By the lowest six bits of that.
  const __m512i joined =
      _mm512_rorv_epi64(words, _mm512_srli_epi64(hash, kWordShift - 6));
  return uint64_t{_mm512_test_epi64_mask(joined, _mm512_set1_epi64(1))}
         << number;
}

// Those of `places` that CutTable::open leaves together.
PEAKTEXT_AVX512 inline uint64_t Open(__m512i block, __m512i next,
                                     uint64_t places, const uint64_t* open) {
  // Of the word for the next byte the byte that has the bit.
  const __m512i word =
      _mm512_slli_epi16(_mm512_and_si512(next, _mm512_set1_epi8(15)), 3);
  const __m512i byte =
      _mm512_and_si512(_mm512_srli_epi16(block, 3), _mm512_set1_epi8(7));
  const __m512i bytes = _mm512_permutex2var_epi8(_mm512_loadu_si512(open),
                                                 _mm512_or_si512(word, byte),
                                                 _mm512_loadu_si512(open + 8));
  const __m512i bit = _mm512_shuffle_epi8(
      _mm512_set1_epi64(static_cast<int64_t>(0x8040201008040201)),
      _mm512_and_si512(block, _mm512_set1_epi8(7)));
  return _mm512_mask_test_epi8_mask(places >> 1, bytes, bit) << 1;
}

template <bool kGather>
PEAKTEXT_AVX512 uint64_t Cut(const char* text, uint64_t places,
                             const CutTable& cuts) {
  const __m512i block = _mm512_loadu_si512(text);
  const __m512i packed =
      _mm512_maskz_compress_epi8(places, _mm512_load_si512(kByteIota.of));
  // What is beyond their number means nothing. A loop that ends at once where
  // there are few would be guessed wrongly.
  uint64_t joined = JoinedOfEight<kGather>(block, packed, 0, cuts.pairs) |
                    JoinedOfEight<kGather>(block, packed, 8, cuts.pairs);
  if (_mm_popcnt_u64(places) > 16) {
    joined |= JoinedOfEight<kGather>(block, packed, 16, cuts.pairs);
  }
  const uint64_t found =
      _pdep_u64(~joined, places) &
      ~Open(block, _mm512_loadu_si512(text + 1), places, cuts.open);
  return cuts.whole == nullptr ? found : cuts.WithoutWhole(text, found);
}

}  // namespace

PEAKTEXT_AVX512 uint64_t CutAvx512(const char* text, uint64_t places,
                                   const CutTable& cuts) {
  return Cut<false>(text, places, cuts);
}

PEAKTEXT_AVX512 uint64_t CutGatheringAvx512(const char* text, uint64_t places,
                                            const CutTable& cuts) {
  return Cut<true>(text, places, cuts);
}

}  // namespace peaktext
#endif

// A whole line is compared with the key in one go.
#include "simd/count_kernels.h"

#if defined(__x86_64__)
#include <bit>
#include <iterator>
#include <utility>

#include "simd/avx512.h"

namespace peaktext {
namespace {

constexpr size_t kPart = 64;
using Sums = __m512i;

PEAKTEXT_AVX512 inline uint64_t Sum(__m512i words) {
  return static_cast<uint64_t>(_mm512_reduce_add_epi64(words));
}

// The multipliers for halves of words, those of a key again and again.
template <class Counts>
PEAKTEXT_AVX512 inline __m512i Multipliers() {
  constexpr size_t kHalves = 2 * std::size(typename Counts::Entry{}.words);
  alignas(64) uint32_t of_halves[16];
  for (size_t i = 0; i < 16; ++i) {
    of_halves[i] = count_internal::kMultipliers[i % kHalves];
  }
  return _mm512_load_si512(of_halves);
}

// In the high half of each word, the hash of that word.
PEAKTEXT_AVX512 inline __m512i HashWords(__m512i words, __m512i multipliers) {
  const __m512i products = _mm512_mullo_epi32(words, multipliers);
  return _mm512_add_epi32(products, _mm512_slli_epi64(products, 32));
}

PEAKTEXT_AVX512 inline void StoreLines(__m512i hashes, int line_shift,
                                       uint32_t* lines) {
  const __m512i line = _mm512_srl_epi64(hashes, _mm_cvtsi32_si128(line_shift));
  _mm256_store_si256(reinterpret_cast<__m256i*>(lines),
                     _mm512_cvtepi64_epi32(_mm512_slli_epi64(line, 6)));
}

PEAKTEXT_AVX512 inline void MakeKeys(const char* window,
                                     const PretokenList& list, size_t from,
                                     size_t count,
                                     LookupBatch<ShortCounts>* batch) {
  batch->LoadWords(window, list.starts + from, count);
  for (size_t i = 0; i < count; i += 8) {
    const __m512i bytes = _mm512_cvtepu8_epi64(_mm_loadl_epi64(
        reinterpret_cast<const __m128i*>(list.bytes + from + i)));
    const __m512i unused =
        _mm512_sub_epi64(_mm512_set1_epi64(64), _mm512_slli_epi64(bytes, 3));
    const __m512i words = _mm512_load_si512(batch->keys + i);
    _mm512_store_si512(batch->keys + i,
                       _mm512_or_si512(_mm512_sllv_epi64(words, unused),
                                       _mm512_slli_epi64(bytes, 4)));
  }
}

PEAKTEXT_AVX512 inline void MakeLines(const ShortCounts& counts, size_t count,
                                      LookupBatch<ShortCounts>* batch) {
  const __m512i multipliers = Multipliers<ShortCounts>();
  for (size_t i = 0; i < count; i += 8) {
    StoreLines(HashWords(_mm512_load_si512(batch->keys + i), multipliers),
               counts.line_shift, batch->lines + i);
  }
}

PEAKTEXT_AVX512 inline void MakeLines(const MidCounts& counts, size_t count,
                                      LookupBatch<MidCounts>* batch) {
  const __m512i multipliers = Multipliers<MidCounts>();
  for (size_t i = 0; i < count; i += 8) {
    const __m512i four =
        HashWords(_mm512_load_si512(batch->keys + i), multipliers);
    const __m512i more =
        HashWords(_mm512_load_si512(batch->keys + i + 4), multipliers);
    const __m512i firsts = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    const __m512i seconds = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    StoreLines(_mm512_add_epi32(_mm512_permutex2var_epi64(four, firsts, more),
                                _mm512_permutex2var_epi64(four, seconds, more)),
               counts.line_shift, batch->lines + i);
  }
}

// The line's difference from as many keys as it has room for, and the words of
// that which are a count.
struct Found {
  __m512i differ;
  __mmask8 counts;
};

PEAKTEXT_AVX512 inline Found Find(const ShortCounts::Entry& key, __m512i line) {
  const __m512i differ = _mm512_xor_si512(
      line, _mm512_set1_epi64(static_cast<int64_t>(key.words[0])));
  return {differ, _mm512_cmplt_epu64_mask(
                      differ, _mm512_set1_epi64(1 << ShortCounts::kCountBits))};
}

PEAKTEXT_AVX512 inline Found Find(const MidCounts::Entry& key, __m512i line) {
  const __m512i limit =
      _mm512_broadcast_i32x4(_mm_set_epi64x(1 << MidCounts::kCountBits, 1));
  const __m512i differ = _mm512_xor_si512(
      line, _mm512_broadcast_i32x4(
                _mm_load_si128(reinterpret_cast<const __m128i*>(&key))));
  const unsigned same = _mm512_cmplt_epu64_mask(differ, limit);
  return {differ, static_cast<__mmask8>(same & same << 1 & 0xAA)};
}

PEAKTEXT_AVX512 inline Found Find(const WideCounts::Entry& key, __m512i line) {
  const __m512i limit = _mm512_broadcast_i64x4(
      _mm256_set_epi64x(1 << WideCounts::kCountBits, 1, 1, 1));
  const __m512i differ = _mm512_xor_si512(
      line, _mm512_broadcast_i64x4(
                _mm256_load_si256(reinterpret_cast<const __m256i*>(&key))));
  unsigned same = _mm512_cmplt_epu64_mask(differ, limit);
  same &= same << 1;
  return {differ, static_cast<__mmask8>(same & same << 2 & 0x88)};
}

template <class Counts>
PEAKTEXT_AVX512 inline uint64_t AddCounts(const LookupBatch<Counts>& batch,
                                          const uint32_t* next_lines,
                                          const char* entries, size_t from,
                                          size_t end, __m512i* tokens) {
  alignas(64) __mmask8 places[kPart] = {};
  __m512i sums = *tokens;
  for (size_t i = from; i < end; ++i) {
    _mm_prefetch(entries + next_lines[i], _MM_HINT_T0);
    const Found found =
        Find(batch.keys[i], _mm512_load_si512(entries + batch.lines[i]));
    sums = _mm512_mask_add_epi64(sums, found.counts, sums, found.differ);
    places[i - from] = found.counts;
  }
  *tokens = sums;
  const __m512i all = _mm512_load_si512(places);
  return _mm512_test_epi8_mask(all, all);
}

#define PEAKTEXT_TARGET PEAKTEXT_AVX512
#include "simd/count_step.h"

}  // namespace

const CountKernels& Avx512CountKernels() {
  static constexpr CountKernels kKernels = {
      "avx512", Count<ShortCounts>, Count<MidCounts>, Count<WideCounts>, 8, 4,
      2};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const CountKernels& Avx512CountKernels() { return ScalarCountKernels(); }
}  // namespace peaktext

#endif

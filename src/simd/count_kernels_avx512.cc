// A whole line is compared with the key in one go.
#include "simd/count_kernels.h"

#if defined(__x86_64__)
#include <bit>
#include <type_traits>
#include <utility>

#include "simd/avx512.h"

namespace peaktext {
namespace {

constexpr size_t kPart = 64;
using Sums = __m512i;

PEAKTEXT_AVX512 inline uint64_t Sum(__m512i words) {
  return static_cast<uint64_t>(_mm512_reduce_add_epi64(words));
}

// The same as LookupBatch::Fetch, eight at a time.
PEAKTEXT_AVX512 inline void FetchShorts(const char* window,
                                        const PretokenList& list, size_t from,
                                        const ShortCounts& counts,
                                        LookupBatch<ShortCounts>* batch) {
  const auto* entries = reinterpret_cast<const char*>(counts.entries);
  const __m512i multiplier =
      _mm512_set1_epi64(static_cast<int64_t>(count_internal::kMultipliers[0]));
  const __m128i shift = _mm_cvtsi32_si128(counts.line_shift);
  const size_t end = std::min(list.count, from + batch->kSize);
  for (size_t i = 0; from + i < end; i += 8) {
    const size_t left = end - from - i;
    const auto valid =
        static_cast<__mmask8>(left >= 8 ? 0xFF : (1U << left) - 1);
    const __m256i starts = _mm256_cvtepu16_epi32(
        _mm_maskz_loadu_epi16(valid, list.starts + from + i));
    const __m512i bytes = _mm512_cvtepu8_epi64(
        _mm_maskz_loadu_epi8(valid, list.bytes + from + i));
    const __m512i words = _mm512_mask_i32gather_epi64(_mm512_setzero_si512(),
                                                      valid, starts, window, 1);
    const __m512i unused =
        _mm512_sub_epi64(_mm512_set1_epi64(64), _mm512_slli_epi64(bytes, 3));
    const __m512i key = _mm512_or_si512(_mm512_sllv_epi64(words, unused),
                                        _mm512_slli_epi64(bytes, 4));
    const __m512i line =
        _mm512_srl_epi64(_mm512_mullo_epi64(key, multiplier), shift);
    _mm512_store_si512(batch->keys + i, key);
    _mm256_store_si256(reinterpret_cast<__m256i*>(batch->lines + i),
                       _mm512_cvtepi64_epi32(_mm512_slli_epi64(line, 6)));
    for (size_t j = 0; j < 8; ++j) {
      _mm_prefetch(entries + batch->lines[i + j], _MM_HINT_T0);
    }
  }
}

template <class Counts>
PEAKTEXT_AVX512 inline void Fetch(const char* window, const PretokenList& list,
                                  size_t from, const Counts& counts,
                                  LookupBatch<Counts>* batch) {
  if constexpr (std::is_same_v<Counts, ShortCounts>) {
    FetchShorts(window, list, from, counts, batch);
  } else {
    batch->Fetch(window, list, from, counts);
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
                                          const char* entries, size_t from,
                                          size_t end, __m512i* tokens) {
  alignas(64) __mmask8 places[kPart] = {};
  __m512i sums = *tokens;
  for (size_t i = from; i < end; ++i) {
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
      "avx512", Count<ShortCounts>, Count<MidCounts>, Count<WideCounts>};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const CountKernels& Avx512CountKernels() { return ScalarCountKernels(); }
}  // namespace peaktext

#endif

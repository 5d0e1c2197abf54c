// Half a line, of the short ones, or a whole one is compared with the key.
#include "simd/count_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <utility>

#define PEAKTEXT_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

constexpr size_t kPart = 64;
using Sums = __m256i;

PEAKTEXT_AVX2 inline uint64_t Sum(__m256i words) {
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(words),
                                     _mm256_extracti128_si256(words, 1));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(half)) +
         static_cast<uint64_t>(_mm_extract_epi64(half, 1));
}

template <class Counts>
PEAKTEXT_AVX2 [[gnu::always_inline]] inline void Fetch(
    const char* window, const PretokenList& list, size_t from,
    const Counts& counts, LookupBatch<Counts>* batch) {
  batch->Fetch(window, list, from, counts);
}

PEAKTEXT_AVX2 inline __m256i Half(const char* line, size_t half) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(line) + half);
}

// The words of the line that equal the key's but for a count: those counts.
PEAKTEXT_AVX2 inline __m256i CountsOf(const ShortCounts::Entry& key,
                                      const char* line) {
  const __m256i differ = _mm256_xor_si256(
      _mm256_set1_epi64x(static_cast<int64_t>(key.words[0])), Half(line, 0));
  const __m256i hit =
      _mm256_cmpeq_epi64(_mm256_srli_epi64(differ, ShortCounts::kCountBits),
                         _mm256_setzero_si256());
  return _mm256_and_si256(hit, differ);
}

// Of two entries, in their second words.
PEAKTEXT_AVX2 inline __m256i CountsOfTwo(__m256i key, __m256i entries) {
  const __m256i differ = _mm256_xor_si256(key, entries);
  const __m256i high =
      _mm256_andnot_si256(_mm256_set_epi64x(15, 0, 15, 0), differ);
  const __m256i same = _mm256_cmpeq_epi64(high, _mm256_setzero_si256());
  const __m256i first_same = _mm256_unpacklo_epi64(same, same);
  // The first words of equal ones are 0 already.
  return _mm256_and_si256(_mm256_and_si256(same, first_same), differ);
}

PEAKTEXT_AVX2 inline __m256i CountsOf(const MidCounts::Entry& key,
                                      const char* line) {
  const __m256i twice = _mm256_broadcastsi128_si256(
      _mm_load_si128(reinterpret_cast<const __m128i*>(&key)));
  // A line holds a key but once.
  return _mm256_or_si256(CountsOfTwo(twice, Half(line, 0)),
                         CountsOfTwo(twice, Half(line, 1)));
}

// Of one entry, in its last word.
PEAKTEXT_AVX2 inline __m256i CountsOfOne(__m256i key, __m256i entry) {
  const __m256i differ = _mm256_xor_si256(key, entry);
  const __m256i high =
      _mm256_andnot_si256(_mm256_set_epi64x(255, 0, 0, 0), differ);
  __m256i same = _mm256_cmpeq_epi64(high, _mm256_setzero_si256());
  same = _mm256_and_si256(same, _mm256_permute4x64_epi64(same, 0x4E));
  same = _mm256_and_si256(same, _mm256_shuffle_epi32(same, 0x4E));
  return _mm256_and_si256(same, differ);
}

PEAKTEXT_AVX2 inline __m256i CountsOf(const WideCounts::Entry& key,
                                      const char* line) {
  const __m256i words =
      _mm256_load_si256(reinterpret_cast<const __m256i*>(&key));
  return _mm256_or_si256(CountsOfOne(words, Half(line, 0)),
                         CountsOfOne(words, Half(line, 1)));
}

// A bit for each of 32 bytes that is 15.
PEAKTEXT_AVX2 inline uint32_t AllFour(const uint8_t* bytes) {
  const __m256i some =
      _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes));
  return static_cast<uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(some, _mm256_set1_epi8(15))));
}

template <class Counts>
PEAKTEXT_AVX2 inline uint64_t AddCounts(const LookupBatch<Counts>& batch,
                                        const char* entries, size_t from,
                                        size_t end, __m256i* tokens) {
  alignas(32) uint8_t nothing[kPart] = {};  // of four words, those that are 0
  __m256i sums = *tokens;
  for (size_t i = from; i < end; ++i) {
    const __m256i found = CountsOf(batch.keys[i], entries + batch.lines[i]);
    sums = _mm256_add_epi64(sums, found);
    const __m256i none = _mm256_cmpeq_epi64(found, _mm256_setzero_si256());
    nothing[i - from] =
        static_cast<uint8_t>(_mm256_movemask_pd(_mm256_castsi256_pd(none)));
  }
  *tokens = sums;
  return ~(uint64_t{AllFour(nothing + 32)} << 32 | AllFour(nothing));
}

#define PEAKTEXT_TARGET PEAKTEXT_AVX2
#include "simd/count_step.h"

}  // namespace

const CountKernels& Avx2CountKernels() {
  static constexpr CountKernels kKernels = {
      "avx2", Count<ShortCounts>, Count<MidCounts>, Count<WideCounts>};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const CountKernels& Avx2CountKernels() { return ScalarCountKernels(); }
}  // namespace peaktext

#endif

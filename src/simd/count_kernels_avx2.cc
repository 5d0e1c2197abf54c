// Half a line, of the short ones, or a whole one is compared with the key.
#include "simd/count_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <iterator>
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

// The multipliers for halves of words, those of a key again and again.
template <class Counts>
PEAKTEXT_AVX2 inline __m256i Multipliers() {
  constexpr size_t kHalves = 2 * std::size(typename Counts::Entry{}.words);
  alignas(32) uint32_t of_halves[8];
  for (size_t i = 0; i < 8; ++i) {
    of_halves[i] = count_internal::kMultipliers[i % kHalves];
  }
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(of_halves));
}

// In the high half of each of four words, the hash of that word.
template <class Entry>
PEAKTEXT_AVX2 inline __m256i HashWords(const Entry* keys, __m256i multipliers) {
  const __m256i words =
      _mm256_load_si256(reinterpret_cast<const __m256i*>(keys));
  const __m256i products = _mm256_mullo_epi32(words, multipliers);
  return _mm256_add_epi32(products, _mm256_slli_epi64(products, 32));
}

// Of four hashes, in the order that `places` says: those of their high halves.
PEAKTEXT_AVX2 inline void StoreLines(__m256i hashes, int line_shift,
                                     __m256i places, uint32_t* lines) {
  const __m256i line = _mm256_slli_epi64(
      _mm256_srl_epi64(hashes, _mm_cvtsi32_si128(line_shift)), 6);
  _mm_store_si128(
      reinterpret_cast<__m128i*>(lines),
      _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(line, places)));
}

PEAKTEXT_AVX2 inline void MakeKeys(const char* window, const PretokenList& list,
                                   size_t from, size_t count,
                                   LookupBatch<ShortCounts>* batch) {
  batch->LoadWords(window, list.starts + from, count);
  for (size_t i = 0; i < count; i += 4) {
    const __m256i bytes =
        _mm256_cvtepu8_epi64(_mm_loadu_si32(list.bytes + from + i));
    const __m256i unused =
        _mm256_sub_epi64(_mm256_set1_epi64x(64), _mm256_slli_epi64(bytes, 3));
    auto* const keys = reinterpret_cast<__m256i*>(batch->keys + i);
    _mm256_store_si256(
        keys,
        _mm256_or_si256(_mm256_sllv_epi64(_mm256_load_si256(keys), unused),
                        _mm256_slli_epi64(bytes, 4)));
  }
}

PEAKTEXT_AVX2 inline void MakeLines(const ShortCounts& counts, size_t count,
                                    LookupBatch<ShortCounts>* batch) {
  const __m256i multipliers = Multipliers<ShortCounts>();
  const __m256i places = _mm256_setr_epi32(0, 2, 4, 6, 0, 0, 0, 0);
  for (size_t i = 0; i < count; i += 4) {
    StoreLines(HashWords(batch->keys + i, multipliers), counts.line_shift,
               places, batch->lines + i);
  }
}

PEAKTEXT_AVX2 inline void MakeLines(const MidCounts& counts, size_t count,
                                    LookupBatch<MidCounts>* batch) {
  const __m256i multipliers = Multipliers<MidCounts>();
  const __m256i places = _mm256_setr_epi32(0, 4, 2, 6, 0, 0, 0, 0);
  for (size_t i = 0; i < count; i += 4) {
    const __m256i two = HashWords(batch->keys + i, multipliers);
    const __m256i more = HashWords(batch->keys + i + 2, multipliers);
    StoreLines(_mm256_add_epi32(_mm256_unpacklo_epi64(two, more),
                                _mm256_unpackhi_epi64(two, more)),
               counts.line_shift, places, batch->lines + i);
  }
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
                                        const uint32_t* next_lines,
                                        const char* entries, size_t from,
                                        size_t end, __m256i* tokens) {
  alignas(32) uint8_t nothing[kPart] = {};  // of four words, those that are 0
  __m256i sums = *tokens;
  for (size_t i = from; i < end; ++i) {
    _mm_prefetch(entries + next_lines[i], _MM_HINT_T0);
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
      "avx2", Count<ShortCounts>, Count<MidCounts>, Count<WideCounts>, 4, 4, 2};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const CountKernels& Avx2CountKernels() { return ScalarCountKernels(); }
}  // namespace peaktext

#endif

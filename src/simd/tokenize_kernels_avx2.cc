#include "simd/tokenize_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd/classify_avx2.h"

#define PEAKTEXT_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

// Which bits are set in each byte, ascending, and how many.
struct SetBits {
  alignas(64) uint8_t of[256][8];
  uint8_t count[256];
};

constexpr SetBits MakeSetBits() {
  SetBits table = {};
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      if ((byte >> bit & 1) != 0) {
        table.of[byte][table.count[byte]++] = static_cast<uint8_t>(bit);
      }
    }
  }
  return table;
}

constexpr SetBits kSetBits = MakeSetBits();

PEAKTEXT_AVX2 uint64_t Cut(const char* text, uint64_t places,
                           const CutTable& cuts) {
  return CutEach(text, places, cuts);
}

PEAKTEXT_AVX2 size_t Flatten(std::span<const uint64_t> masks, uint16_t first,
                             uint16_t* positions) {
  size_t count = 0;
  __m128i base = _mm_set1_epi16(static_cast<int16_t>(first));
  for (const uint64_t mask : masks) {
    for (int i = 0; i < 8; ++i) {
      const auto byte = static_cast<uint8_t>(mask >> (8 * i));
      const __m128i bits = _mm_cvtepu8_epi16(
          _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kSetBits.of[byte])));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(positions + count),
                       _mm_add_epi16(base, bits));
      count += kSetBits.count[byte];
      base = _mm_add_epi16(base, _mm_set1_epi16(8));
    }
  }
  return count;
}

// The words of `words` whose bits are set in `mask`, first, and their number.
PEAKTEXT_AVX2 inline __m128i Compress(__m128i words, unsigned mask) {
  const __m128i bits =
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kSetBits.of[mask]));
  // Word i is the bytes 2i and 2i + 1.
  const __m128i twice = _mm_add_epi8(bits, bits);
  return _mm_shuffle_epi8(
      words, _mm_unpacklo_epi8(twice, _mm_add_epi8(twice, _mm_set1_epi8(1))));
}

// A bit for each word that is `least` to least + more, unsigned.
PEAKTEXT_AVX2 inline unsigned WordsInRange(__m128i words, short least,
                                           short more) {
  const __m128i over = _mm_sub_epi16(words, _mm_set1_epi16(least));
  const __m128i is_in =
      _mm_cmpeq_epi16(_mm_min_epu16(over, _mm_set1_epi16(more)), over);
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_packs_epi16(is_in, _mm_setzero_si128())));
}

PEAKTEXT_AVX2 inline void Append(__m128i starts, __m128i bytes, unsigned chosen,
                                 PretokenList* list) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(list->starts + list->count),
                   Compress(starts, chosen));
  const __m128i sizes = Compress(bytes, chosen);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(list->bytes + list->count),
                   _mm_packus_epi16(sizes, sizes));
  list->count += kSetBits.count[chosen];
}

PEAKTEXT_AVX2 void SortByLength(std::span<const uint16_t> positions,
                                size_t from, PretokenLists* out) {
  PretokenLists lists = *out;
  const size_t count = positions.empty() ? 0 : positions.size() - 1;
  for (size_t i = from; i < count; i += 8) {
    const size_t left = count - i;
    const unsigned valid = left >= 8 ? 0xFFU : (1U << left) - 1;
    const auto* at = reinterpret_cast<const __m128i*>(positions.data() + i);
    const auto* after =
        reinterpret_cast<const __m128i*>(positions.data() + i + 1);
    const __m128i start = _mm_loadu_si128(at);
    const __m128i bytes = _mm_sub_epi16(_mm_loadu_si128(after), start);
    const unsigned is_pair = WordsInRange(bytes, 2, 0) & valid;
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(lists.pairs.starts + lists.pairs.count),
        Compress(start, is_pair));
    lists.pairs.count += kSetBits.count[is_pair];
    Append(start, bytes, WordsInRange(bytes, 3, 4) & valid, &lists.shorts);
    Append(start, bytes, WordsInRange(bytes, 8, 7) & valid, &lists.mids);
    const unsigned longer = ~WordsInRange(bytes, 0, 15) & valid;
    if (longer == 0) continue;
    const unsigned is_wide = WordsInRange(bytes, 16, 14) & valid;
    Append(start, bytes, is_wide, &lists.wides);
    for (unsigned rest = longer & ~is_wide; rest != 0; rest &= rest - 1) {
      lists.longs.starts[lists.longs.count++] =
          static_cast<uint16_t>(i + _tzcnt_u32(rest));
    }
  }
  *out = lists;
}

}  // namespace

const TokenizeKernels& Avx2TokenizeKernels() {
  static constexpr TokenizeKernels kKernels = {"avx2", ClassifyAvx2, Cut,
                                               Flatten, SortByLength};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const TokenizeKernels& Avx2TokenizeKernels() { return ScalarTokenizeKernels(); }
}  // namespace peaktext

#endif

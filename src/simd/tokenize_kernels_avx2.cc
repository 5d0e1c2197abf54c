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

// The same as shuffles of words: word i is the bytes 2i and 2i + 1.
struct SetWords {
  alignas(64) uint8_t of[256][16];
};

constexpr SetWords MakeSetWords() {
  SetWords table = {};
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (unsigned i = 0; i < 16; ++i) {
      table.of[byte][i] =
          static_cast<uint8_t>(2 * kSetBits.of[byte][i / 2] + i % 2);
    }
  }
  return table;
}

constexpr SetWords kSetWords = MakeSetWords();

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

// A list's kind is a bit of a byte, by the number of a pretoken's bytes below
// 16. The highest is for pairs, the next ones for shorts and mids.
PEAKTEXT_AVX2 inline __m128i Kinds() {
  constexpr char kPair = static_cast<char>(0x80);
  constexpr char kShort = 0x40;
  constexpr char kMid = 0x20;
  return _mm_setr_epi8(0, 0, kPair, kShort, kShort, kShort, kShort, kShort,
                       kMid, kMid, kMid, kMid, kMid, kMid, kMid, kMid);
}

PEAKTEXT_AVX2 inline __m128i Load(const uint16_t* words) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(words));
}

// The highest of each byte.
PEAKTEXT_AVX2 inline unsigned HighBits(__m128i bytes) {
  return static_cast<unsigned>(_mm_movemask_epi8(bytes));
}

PEAKTEXT_AVX2 inline void AppendStarts(__m128i starts, unsigned chosen,
                                       PretokenList* list) {
  const auto* words = reinterpret_cast<const __m128i*>(kSetWords.of[chosen]);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(list->starts + list->count),
                   _mm_shuffle_epi8(starts, _mm_load_si128(words)));
  list->count += kSetBits.count[chosen];
}

// Of eight pretokens those of `chosen`. `bytes` are bytes, the lower half.
PEAKTEXT_AVX2 inline void Append(__m128i starts, __m128i bytes, unsigned chosen,
                                 PretokenList* list) {
  const auto* places = reinterpret_cast<const __m128i*>(kSetBits.of[chosen]);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(list->bytes + list->count),
                   _mm_shuffle_epi8(bytes, _mm_loadl_epi64(places)));
  AppendStarts(starts, chosen, list);
}

// Those of 16 bytes and more, which are few: bits of `chosen`, from number
// `first` on.
PEAKTEXT_AVX2 inline void AppendLonger(std::span<const uint16_t> positions,
                                       size_t first, unsigned chosen,
                                       PretokenLists* lists) {
  PretokenList& wides = lists->wides;
  PretokenList& longs = lists->longs;
  for (; chosen != 0; chosen &= chosen - 1) {
    const size_t i = first + _tzcnt_u32(chosen);
    const auto bytes = static_cast<unsigned>(positions[i + 1] - positions[i]);
    wides.starts[wides.count] = positions[i];
    wides.bytes[wides.count] = static_cast<uint8_t>(bytes);
    wides.count += bytes < 31;
    longs.starts[longs.count] = static_cast<uint16_t>(i);
    longs.count += bytes >= 31;
  }
}

PEAKTEXT_AVX2 void SortByLength(std::span<const uint16_t> positions,
                                size_t from, PretokenLists* out) {
  PretokenLists lists = *out;
  const size_t count = positions.empty() ? 0 : positions.size() - 1;
  const __m128i sixteen = _mm_set1_epi16(16);
  for (size_t i = from; i < count; i += 16) {
    const size_t left = count - i;
    const unsigned valid = left >= 16 ? 0xFFFFU : (1U << left) - 1;
    const uint16_t* const at = positions.data() + i;
    const __m128i low = Load(at);
    const __m128i high = Load(at + 8);
    const __m128i bytes = _mm_packus_epi16(
        _mm_min_epu16(_mm_sub_epi16(Load(at + 1), low), sixteen),
        _mm_min_epu16(_mm_sub_epi16(Load(at + 9), high), sixteen));
    // The highest bit is set where there are 16 and more, which are no kind.
    const __m128i index = _mm_add_epi8(bytes, _mm_set1_epi8(0x70));
    const __m128i kinds = _mm_shuffle_epi8(Kinds(), index);
    const __m128i twice = _mm_add_epi8(kinds, kinds);
    const unsigned pairs = HighBits(kinds) & valid;
    const unsigned shorts = HighBits(twice) & valid;
    const unsigned mids = HighBits(_mm_add_epi8(twice, twice)) & valid;
    const __m128i high_bytes = _mm_srli_si128(bytes, 8);
    AppendStarts(low, pairs & 0xFF, &lists.pairs);
    AppendStarts(high, pairs >> 8, &lists.pairs);
    Append(low, bytes, shorts & 0xFF, &lists.shorts);
    Append(high, high_bytes, shorts >> 8, &lists.shorts);
    Append(low, bytes, mids & 0xFF, &lists.mids);
    Append(high, high_bytes, mids >> 8, &lists.mids);
    AppendLonger(positions, i, HighBits(index) & valid, &lists);
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

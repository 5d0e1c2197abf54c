// Classes of ASCII by comparing; of other characters by the role table, one at
// a time into an array of 64 roles, whose bits are then taken out in one go.
#include "simd/tokenize_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>

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

struct Block {
  __m256i low;
  __m256i high;
};

PEAKTEXT_AVX2 inline uint64_t TopBits(__m256i low, __m256i high) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
         uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(high))} << 32;
}

PEAKTEXT_AVX2 inline uint64_t Equal(const Block& block, char value) {
  const __m256i wanted = _mm256_set1_epi8(value);
  return TopBits(_mm256_cmpeq_epi8(block.low, wanted),
                 _mm256_cmpeq_epi8(block.high, wanted));
}

// Bytes from `first` to first + more, unsigned.
PEAKTEXT_AVX2 inline uint64_t InRange(const Block& block, char first,
                                      char more) {
  const __m256i from = _mm256_set1_epi8(first);
  const __m256i most = _mm256_set1_epi8(more);
  const __m256i low = _mm256_sub_epi8(block.low, from);
  const __m256i high = _mm256_sub_epi8(block.high, from);
  return TopBits(_mm256_cmpeq_epi8(_mm256_min_epu8(low, most), low),
                 _mm256_cmpeq_epi8(_mm256_min_epu8(high, most), high));
}

PEAKTEXT_AVX2 inline uint8_t RoleAt(const unsigned char* p,
                                    const RoleTable& roles) {
  const uint32_t second = p[1] & 0x3FU;
  if (p[0] < 0xE0) return roles.of_code_point[(p[0] & 0x1FU) << 6 | second];
  const uint32_t third = p[2] & 0x3FU;
  if (p[0] < 0xF0) {
    return roles.of_code_point[(p[0] & 0x0FU) << 12 | second << 6 | third];
  }
  return roles.of_code_point[(p[0] & 0x07U) << 18 | second << 12 | third << 6 |
                             (p[3] & 0x3FU)];
}

PEAKTEXT_AVX2 inline uint64_t Spread(const Block& roles, int shift,
                                     uint64_t continuation) {
  const __m128i count = _mm_cvtsi32_si128(7 - shift);
  uint64_t mask = TopBits(_mm256_sll_epi16(roles.low, count),
                          _mm256_sll_epi16(roles.high, count));
  mask |= (mask << 1) & continuation;
  mask |= (mask << 1) & continuation;
  mask |= (mask << 1) & continuation;
  return mask;
}

PEAKTEXT_AVX2 inline void AddHigh(const char* text, const RoleTable& roles,
                                  const Block& block, ClassMasks* masks) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text);
  uint64_t continuation = InRange(block, static_cast<char>(0x80), 0x3F);
  uint64_t leads = masks->high & ~continuation;
  const auto last = static_cast<unsigned>(63 - _lzcnt_u64(leads));
  const unsigned last_bytes =
      2U + (bytes[last] >= 0xE0) + (bytes[last] >= 0xF0);
  unsigned size = 64;
  if (last + last_bytes > 64) {
    size = last;
    const uint64_t inside = (uint64_t{1} << last) - 1;
    masks->high &= inside;
    continuation &= inside;
    leads &= inside;
  }
  masks->continuation = continuation;
  alignas(32) uint8_t of_leads[64] = {};
  for (uint64_t left = leads; left != 0; left &= left - 1) {
    const int at = std::countr_zero(left);
    of_leads[at] = RoleAt(bytes + at, roles);
  }
  const auto* halves = reinterpret_cast<const __m256i*>(of_leads);
  const Block found = {_mm256_load_si256(halves),
                       _mm256_load_si256(halves + 1)};
  masks->upper |= Spread(found, 0, continuation);
  masks->lower |= Spread(found, 1, continuation);
  masks->both |= Spread(found, 2, continuation);
  masks->number |= Spread(found, 3, continuation);
  masks->blank |= Spread(found, 4, continuation);
  masks->punct |= Spread(found, 6, continuation);
  masks->mark |= Spread(found, 7, continuation);
  masks->size = size;
}

PEAKTEXT_AVX2 inline void ClassifyBlock(const char* text,
                                        const RoleTable& roles, bool cased,
                                        ClassMasks* masks) {
  const Block block = {
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text)),
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + 32))};
  const uint64_t high = TopBits(block.low, block.high);
  const __m256i case_bit = _mm256_set1_epi8(0x20);
  const Block folded = {_mm256_or_si256(block.low, case_bit),
                        _mm256_or_si256(block.high, case_bit)};
  const uint64_t letter = InRange(folded, 'a', 25);
  const uint64_t upper = InRange(block, 'A', 25);
  masks->space = Equal(block, ' ');
  const uint64_t newline = Equal(block, '\n') | Equal(block, '\r');
  const uint64_t blank = masks->space | (InRange(block, '\t', 4) & ~newline);
  const uint64_t number = InRange(block, '0', 9);
  masks->upper = cased ? upper : 0;
  masks->lower = cased ? letter & ~upper : letter;
  masks->both = 0;
  masks->number = number;
  masks->blank = blank;
  masks->newline = newline;
  masks->punct = ~(letter | number | blank | newline | high);
  masks->mark = 0;
  masks->apostrophe = Equal(block, '\'');
  masks->high = high;
  masks->continuation = 0;
  masks->size = 64;
  if (high != 0) AddHigh(text, roles, block, masks);
}

PEAKTEXT_AVX2 size_t Classify(std::string_view text, const RoleTable& roles,
                              std::span<ClassMasks> blocks) {
  // With a pattern that does not tell cases apart all letters have one role.
  const bool cased = (roles.of_code_point[U'A'] & kRoleUpper) != 0;
  size_t count = 0;
  for (size_t at = 0; at < text.size() && count < blocks.size();) {
    ClassifyBlock(text.data() + at, roles, cased, &blocks[count]);
    at += blocks[count++].size;
  }
  return count;
}

PEAKTEXT_AVX2 size_t Flatten(std::span<const uint64_t> masks,
                             uint16_t* positions) {
  size_t count = 0;
  __m128i base = _mm_setzero_si128();
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
                                PretokenLists* out) {
  PretokenLists lists = *out;
  lists.pairs.count = lists.shorts.count = lists.mids.count =
      lists.wides.count = lists.longs = 0;
  const size_t count = positions.empty() ? 0 : positions.size() - 1;
  for (size_t i = 0; i < count; i += 8) {
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
      lists.long_indexes[lists.longs++] =
          static_cast<uint16_t>(i + _tzcnt_u32(rest));
    }
  }
  *out = lists;
}

}  // namespace

const TokenizeKernels& Avx2TokenizeKernels() {
  static constexpr TokenizeKernels kKernels = {"avx2", Classify, Flatten,
                                               SortByLength};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const TokenizeKernels& Avx2TokenizeKernels() { return ScalarTokenizeKernels(); }
}  // namespace peaktext

#endif

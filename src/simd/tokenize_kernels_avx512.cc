// Classes of ASCII by one 128-entry table in two registers; of other characters
// 16 at a time: their first bytes are packed together, each reads four bytes of
// text and one byte of the role table, and what comes out is spread to where
// they stood (pdep) and over their other bytes.
#include "simd/tokenize_kernels.h"

#if defined(__x86_64__)
// g++ 12 warns of the registers that its own header leaves undefined on purpose
// (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <bit>

#define PEAKTEXT_AVX512                                \
  [[gnu::target(                                       \
      "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi," \
      "avx512vbmi2,avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

alignas(64) constexpr uint8_t kIota[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

PEAKTEXT_AVX512 inline __m512i Byte(char value) {
  return _mm512_set1_epi8(value);
}

PEAKTEXT_AVX512 inline __m512i Number(int value) {
  return _mm512_set1_epi16(static_cast<short>(value));
}

template <unsigned kShift>
PEAKTEXT_AVX512 inline __m512i Bits(__m512i words, int mask) {
  return _mm512_and_si512(_mm512_srli_epi32(words, kShift),
                          _mm512_set1_epi32(mask));
}

// The roles of the 16 characters that start at text + starts[i].
PEAKTEXT_AVX512 inline __m512i RolesOf16(const char* text, __m128i starts,
                                         const RoleTable& roles) {
  const __m512i at = _mm512_cvtepu8_epi32(starts);
  const __m512i bytes = _mm512_i32gather_epi32(at, text, 1);
  const __m512i second = Bits<8>(bytes, 0x3F);
  const __m512i third = Bits<16>(bytes, 0x3F);
  const __m512i fourth = Bits<24>(bytes, 0x3F);
  const __m512i two =
      _mm512_or_si512(_mm512_slli_epi32(Bits<0>(bytes, 0x1F), 6), second);
  const __m512i three = _mm512_or_si512(
      _mm512_slli_epi32(
          _mm512_or_si512(_mm512_slli_epi32(Bits<0>(bytes, 0x0F), 6), second),
          6),
      third);
  // Of a four-byte lead, the low four bits are its low three and a zero.
  const __m512i four =
      _mm512_and_si512(_mm512_or_si512(_mm512_slli_epi32(three, 6), fourth),
                       _mm512_set1_epi32(0x1FFFFF));
  const __m512i lead = Bits<0>(bytes, 0xFF);
  __m512i code_point = _mm512_mask_mov_epi32(
      three, _mm512_cmplt_epi32_mask(lead, _mm512_set1_epi32(0xE0)), two);
  code_point = _mm512_mask_mov_epi32(
      code_point, _mm512_cmpge_epi32_mask(lead, _mm512_set1_epi32(0xF0)), four);
  return _mm512_i32gather_epi32(code_point, roles.of_code_point, 1);
}

// How many bytes of the 64 belong to characters that end within them.
PEAKTEXT_AVX512 inline unsigned WholeBytes(const char* text, uint64_t leads) {
  const auto last = static_cast<unsigned>(63 - _lzcnt_u64(leads));
  const auto first = static_cast<unsigned char>(text[last]);
  const unsigned bytes = 2U + (first >= 0xE0) + (first >= 0xF0);
  return last + bytes > 64 ? last : 64;
}

PEAKTEXT_AVX512 inline uint64_t Spread(uint64_t in_order, uint64_t leads,
                                       uint64_t continuation) {
  uint64_t mask = _pdep_u64(in_order, leads);
  mask |= (mask << 1) & continuation;
  mask |= (mask << 1) & continuation;
  mask |= (mask << 1) & continuation;
  return mask;
}

PEAKTEXT_AVX512 [[gnu::noinline]] unsigned AddHigh(const char* text,
                                                   const RoleTable& roles,
                                                   __m512i block,
                                                   ClassMasks* masks) {
  uint64_t continuation =
      _mm512_cmplt_epi8_mask(block, Byte(static_cast<char>(0xC0)));
  uint64_t leads = masks->high & ~continuation;
  const unsigned size = WholeBytes(text, leads);
  if (size < 64) {
    const uint64_t inside = ~uint64_t{0} >> (64 - size);
    masks->high &= inside;
    continuation &= inside;
    leads &= inside;
  }
  masks->continuation = continuation;
  __m512i starts = _mm512_maskz_compress_epi8(leads, _mm512_load_si512(kIota));
  uint64_t bits[8] = {};
  const int count = std::popcount(leads);
  for (int done = 0; done < count; done += 16) {
    const __m512i role = RolesOf16(text, _mm512_castsi512_si128(starts), roles);
    for (unsigned i = 0; i < 8; ++i) {
      const __mmask16 has =
          _mm512_test_epi32_mask(role, _mm512_set1_epi32(1 << i));
      bits[i] |= uint64_t{has} << done;
    }
    starts = _mm512_alignr_epi32(starts, starts, 4);
  }
  masks->upper |= Spread(bits[0], leads, continuation);
  masks->lower |= Spread(bits[1], leads, continuation);
  masks->both |= Spread(bits[2], leads, continuation);
  masks->number |= Spread(bits[3], leads, continuation);
  masks->blank |= Spread(bits[4], leads, continuation);
  masks->punct |= Spread(bits[6], leads, continuation);
  masks->mark |= Spread(bits[7], leads, continuation);
  return size;
}

PEAKTEXT_AVX512 unsigned Classify(const char* text, const RoleTable& roles,
                                  ClassMasks* masks) {
  const __m512i block = _mm512_loadu_si512(text);
  const uint64_t high = static_cast<uint64_t>(_mm512_movepi8_mask(block));
  const __m512i role = _mm512_maskz_permutex2var_epi8(
      ~high, _mm512_loadu_si512(roles.of_code_point), block,
      _mm512_loadu_si512(roles.of_code_point + 64));
  masks->upper = _mm512_test_epi8_mask(role, Byte(kRoleUpper));
  masks->lower = _mm512_test_epi8_mask(role, Byte(kRoleLower));
  masks->both = 0;
  masks->number = _mm512_test_epi8_mask(role, Byte(kRoleNumber));
  masks->blank = _mm512_test_epi8_mask(role, Byte(kRoleBlank));
  masks->newline = _mm512_test_epi8_mask(role, Byte(kRoleNewline));
  masks->punct = _mm512_test_epi8_mask(role, Byte(kRolePunct));
  masks->mark = 0;
  masks->space = _mm512_cmpeq_epi8_mask(block, Byte(' '));
  masks->apostrophe = _mm512_cmpeq_epi8_mask(block, Byte('\''));
  masks->high = high;
  masks->continuation = 0;
  return high == 0 ? 64 : AddHigh(text, roles, block, masks);
}

PEAKTEXT_AVX512 size_t Flatten(uint64_t mask, uint16_t base,
                               uint16_t* positions) {
  const __m512i packed =
      _mm512_maskz_compress_epi8(mask, _mm512_load_si512(kIota));
  const __m512i bases = _mm512_set1_epi16(static_cast<short>(base));
  const auto count = static_cast<size_t>(_mm_popcnt_u64(mask));
  _mm512_storeu_si512(
      positions, _mm512_add_epi16(bases, _mm512_cvtepu8_epi16(
                                             _mm512_castsi512_si256(packed))));
  if (count > 32) {
    _mm512_storeu_si512(
        positions + 32,
        _mm512_add_epi16(
            bases, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(packed, 1))));
  }
  return count;
}

PEAKTEXT_AVX512 void SortByLength(std::span<const uint16_t> positions,
                                  PretokenLists* lists) {
  size_t pairs = 0;
  size_t shorts = 0;
  size_t mids = 0;
  size_t longs = 0;
  const size_t count = positions.empty() ? 0 : positions.size() - 1;
  __m512i index = _mm512_cvtepu8_epi16(
      _mm256_load_si256(reinterpret_cast<const __m256i*>(kIota)));
  for (size_t i = 0; i < count; i += 32) {
    const size_t left = count - i;
    const __mmask32 valid = left >= 32 ? ~0U : (1U << left) - 1;
    const __m512i start = _mm512_loadu_si512(positions.data() + i);
    const __m512i bytes =
        _mm512_sub_epi16(_mm512_loadu_si512(positions.data() + i + 1), start);
    const __mmask32 is_short = _mm512_mask_cmple_epu16_mask(
        valid, _mm512_sub_epi16(bytes, Number(3)), Number(4));
    const __mmask32 is_mid = _mm512_mask_cmple_epu16_mask(
        valid, _mm512_sub_epi16(bytes, Number(8)), Number(7));
    const __mmask32 is_long =
        _mm512_mask_cmpge_epu16_mask(valid, bytes, Number(16));
    const __mmask32 is_pair =
        _mm512_mask_cmpeq_epi16_mask(valid, bytes, Number(2));
    _mm512_storeu_si512(lists->pair_starts + pairs,
                        _mm512_maskz_compress_epi16(is_pair, start));
    pairs += static_cast<size_t>(_mm_popcnt_u32(is_pair));
    _mm512_storeu_si512(lists->short_starts + shorts,
                        _mm512_maskz_compress_epi16(is_short, start));
    _mm256_storeu_si256(
        reinterpret_cast<__m256i*>(lists->short_bytes + shorts),
        _mm512_cvtepi16_epi8(_mm512_maskz_compress_epi16(is_short, bytes)));
    shorts += static_cast<size_t>(_mm_popcnt_u32(is_short));
    _mm512_storeu_si512(lists->mid_starts + mids,
                        _mm512_maskz_compress_epi16(is_mid, start));
    _mm256_storeu_si256(
        reinterpret_cast<__m256i*>(lists->mid_bytes + mids),
        _mm512_cvtepi16_epi8(_mm512_maskz_compress_epi16(is_mid, bytes)));
    mids += static_cast<size_t>(_mm_popcnt_u32(is_mid));
    if (is_long != 0) {
      _mm512_storeu_si512(lists->long_indexes + longs,
                          _mm512_maskz_compress_epi16(is_long, index));
      longs += static_cast<size_t>(_mm_popcnt_u32(is_long));
    }
    index = _mm512_add_epi16(index, Number(32));
  }
  lists->pairs = pairs;
  lists->shorts = shorts;
  lists->mids = mids;
  lists->longs = longs;
}

// Compares a whole line with the key in one go.
PEAKTEXT_AVX512 uint64_t CountShorts(const char* text,
                                     const PretokenLists& lists,
                                     const ShortCounts& counts,
                                     uint16_t* misses, size_t* missing) {
  const __m512i limit = _mm512_set1_epi64(16);
  const auto* entries = reinterpret_cast<const char*>(counts.entries);
  __m512i tokens = _mm512_setzero_si512();
  size_t missed = 0;
  for (size_t i = 0; i < lists.shorts; ++i) {
    const uint64_t key =
        ShortCounts::Key(text + lists.short_starts[i], lists.short_bytes[i]);
    const uint64_t line = key * ShortCounts::kMultiplier >> counts.line_shift;
    const __m512i differ = _mm512_xor_si512(
        _mm512_set1_epi64(static_cast<int64_t>(key)),
        _mm512_load_si512(entries + line * (8 * ShortCounts::kLine)));
    const __mmask8 hit = _mm512_cmplt_epu64_mask(differ, limit);
    tokens = _mm512_mask_add_epi64(tokens, hit, tokens, differ);
    misses[missed] = static_cast<uint16_t>(i);
    missed += hit == 0;
  }
  *missing = missed;
  return static_cast<uint64_t>(_mm512_reduce_add_epi64(tokens));
}

// Compares a bucket's first line, four entries, with the key in one go.
PEAKTEXT_AVX512 uint64_t CountMids(const char* text, const PretokenLists& lists,
                                   const MidCounts& counts, uint16_t* misses,
                                   size_t* missing) {
  const __m512i limit = _mm512_broadcast_i32x4(_mm_set_epi64x(16, 1));
  __m512i tokens = _mm512_setzero_si512();
  size_t missed = 0;
  for (size_t i = 0; i < lists.mids; ++i) {
    const MidCounts::Entry key =
        MidCounts::Key(text + lists.mid_starts[i], lists.mid_bytes[i]);
    const __m512i differ =
        _mm512_xor_si512(_mm512_broadcast_i32x4(_mm_set_epi64x(
                             static_cast<int64_t>(key.words[1]),
                             static_cast<int64_t>(key.words[0]))),
                         _mm512_load_si512(counts.BucketOf(key)));
    const unsigned near = _mm512_cmplt_epu64_mask(differ, limit);
    const unsigned hit = near & near << 1 & 0xAA;
    tokens = _mm512_mask_add_epi64(tokens, static_cast<__mmask8>(hit), tokens,
                                   differ);
    misses[missed] = static_cast<uint16_t>(i);
    missed += hit == 0;
  }
  *missing = missed;
  return static_cast<uint64_t>(_mm512_reduce_add_epi64(tokens));
}

}  // namespace

const TokenizeKernels& Avx512TokenizeKernels() {
  static constexpr TokenizeKernels kKernels = {
      "avx512", Classify, Flatten, SortByLength, CountShorts, CountMids};
  return kKernels;
}

}  // namespace peaktext
#pragma GCC diagnostic pop

#else

namespace peaktext {
const TokenizeKernels& Avx512TokenizeKernels() {
  return ScalarTokenizeKernels();
}
}  // namespace peaktext

#endif

// Classes of ASCII by a table of 128 entries in two registers, of other
// characters by gathers from the role table.
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

// How many bytes of the 64 belong to characters that end within them.
PEAKTEXT_AVX512 inline unsigned WholeBytes(const char* text, uint64_t leads) {
  const auto last = static_cast<unsigned>(63 - _lzcnt_u64(leads));
  const auto first = static_cast<unsigned char>(text[last]);
  const unsigned bytes = 2U + (first >= 0xE0) + (first >= 0xF0);
  return last + bytes > 64 ? last : 64;
}

// A copy of the byte in all bytes.
PEAKTEXT_AVX512 inline __m512i Copies(unsigned char byte) {
  return Byte(static_cast<char>(byte));
}

// The bytes at `leads`, close together. There are at most 32, as a character
// that has a role of its own to look up has two bytes.
PEAKTEXT_AVX512 inline __m512i AtLeads(uint64_t leads, __m512i bytes) {
  return _mm512_cvtepu8_epi16(
      _mm512_castsi512_si256(_mm512_maskz_compress_epi8(leads, bytes)));
}

PEAKTEXT_AVX512 inline __m128i LookUp(const uint8_t* table,
                                      __m256i code_points) {
  return _mm512_cvtepi32_epi8(
      _mm512_i32gather_epi32(_mm512_cvtepu16_epi32(code_points), table, 1));
}

// Gives the characters at `leads` (all others of their bits are 0) their roles:
// the first three bytes of each, close together, make code points, which the
// table is asked for 16 at a time.
PEAKTEXT_AVX512 inline __m512i RolesOf(const char* text, const RoleTable& roles,
                                       __m512i block, uint64_t leads) {
  const auto* table = roles.of_code_point.data();
  const __m512i six_bits = Number(0x3F);
  const __m512i first = AtLeads(leads, block);
  const __m512i second =
      _mm512_and_si512(AtLeads(leads, _mm512_loadu_si512(text + 1)), six_bits);
  const __m512i third =
      _mm512_and_si512(AtLeads(leads, _mm512_loadu_si512(text + 2)), six_bits);
  const __m512i of_two = _mm512_or_si512(
      _mm512_slli_epi16(_mm512_and_si512(first, Number(0x1F)), 6), second);
  const __m512i of_three =
      _mm512_or_si512(_mm512_or_si512(_mm512_slli_epi16(first, 12),
                                      _mm512_slli_epi16(second, 6)),
                      third);
  const __m512i code_points = _mm512_mask_mov_epi16(
      of_two, _mm512_cmpge_epu16_mask(first, Number(0xE0)), of_three);
  __m256i packed = _mm256_castsi128_si256(
      LookUp(table, _mm512_castsi512_si256(code_points)));
  if (_mm_popcnt_u64(leads) > 16) {
    packed = _mm256_inserti128_si256(
        packed, LookUp(table, _mm512_extracti64x4_epi64(code_points, 1)), 1);
  }
  __m512i role =
      _mm512_maskz_expand_epi8(leads, _mm512_castsi256_si512(packed));
  uint64_t four = _mm512_mask_cmpge_epu8_mask(leads, block, Copies(0xF0));
  for (; four != 0; four &= four - 1) {
    const auto* p =
        reinterpret_cast<const unsigned char*>(text) + std::countr_zero(four);
    const size_t code_point = (p[0] & 0x07U) << 18 | (p[1] & 0x3FU) << 12 |
                              (p[2] & 0x3FU) << 6 | (p[3] & 0x3FU);
    role = _mm512_mask_mov_epi8(role, four & (0 - four),
                                Copies(table[code_point]));
  }
  return role;
}

// `role` has those of ASCII.
PEAKTEXT_AVX512 inline void ClassifyHigh(const char* text,
                                         const RoleTable& roles, __m512i block,
                                         __m512i role, ClassMasks* masks) {
  uint64_t continuation =
      _mm512_cmplt_epi8_mask(block, Byte(static_cast<char>(0xC0)));
  uint64_t leads = masks->high & ~continuation;
  const unsigned size = WholeBytes(text, leads);
  const uint64_t inside = ~uint64_t{0} >> (64 - size);
  leads &= inside;
  continuation &= inside;
  masks->high &= inside;
  masks->continuation = continuation;
  role = _mm512_or_si512(role, RolesOf(text, roles, block, leads));
  // The other bytes of a character take the role from its first.
  const uint64_t third = continuation & continuation << 1;
  const uint64_t fourth = third & third << 1;
  const __m512i one = Byte(1);
  __m512i from = _mm512_load_si512(kIota);
  from = _mm512_mask_sub_epi8(from, continuation, from, one);
  from = _mm512_mask_sub_epi8(from, third, from, one);
  from = _mm512_mask_sub_epi8(from, fourth, from, one);
  role = _mm512_maskz_permutexvar_epi8(inside, from, role);
  masks->upper = _mm512_test_epi8_mask(role, Byte(kRoleUpper));
  masks->lower = _mm512_test_epi8_mask(role, Byte(kRoleLower));
  masks->both = _mm512_test_epi8_mask(role, Byte(kRoleBoth));
  masks->number = _mm512_test_epi8_mask(role, Byte(kRoleNumber));
  masks->blank = _mm512_test_epi8_mask(role, Byte(kRoleBlank));
  masks->newline = _mm512_test_epi8_mask(role, Byte(kRoleNewline));
  masks->punct = _mm512_test_epi8_mask(role, Byte(kRolePunct));
  masks->mark = _mm512_test_epi8_mask(role, Copies(kRoleMark));
  masks->size = size;
}

PEAKTEXT_AVX512 size_t Classify(std::string_view text, const RoleTable& roles,
                                std::span<ClassMasks> blocks) {
  const __m512i low_roles = _mm512_loadu_si512(roles.of_code_point.data());
  const __m512i high_roles =
      _mm512_loadu_si512(roles.of_code_point.data() + 64);
  ClassMasks* masks = blocks.data();
  ClassMasks* const end = masks + blocks.size();
  for (size_t at = 0; at < text.size() && masks < end; ++masks) {
    const __m512i block = _mm512_loadu_si512(text.data() + at);
    const uint64_t high = static_cast<uint64_t>(_mm512_movepi8_mask(block));
    const __m512i role =
        _mm512_maskz_permutex2var_epi8(~high, low_roles, block, high_roles);
    masks->space = _mm512_cmpeq_epi8_mask(block, Byte(' '));
    masks->apostrophe = _mm512_cmpeq_epi8_mask(block, Byte('\''));
    masks->high = high;
    if (high != 0) {
      ClassifyHigh(text.data() + at, roles, block, role, masks);
      at += masks->size;
      continue;
    }
    masks->upper = _mm512_test_epi8_mask(role, Byte(kRoleUpper));
    masks->lower = _mm512_test_epi8_mask(role, Byte(kRoleLower));
    masks->both = 0;
    masks->number = _mm512_test_epi8_mask(role, Byte(kRoleNumber));
    masks->blank = _mm512_test_epi8_mask(role, Byte(kRoleBlank));
    masks->newline = _mm512_test_epi8_mask(role, Byte(kRoleNewline));
    masks->punct = _mm512_test_epi8_mask(role, Byte(kRolePunct));
    masks->mark = 0;
    masks->continuation = 0;
    masks->size = 64;
    at += 64;
  }
  return static_cast<size_t>(masks - blocks.data());
}

PEAKTEXT_AVX512 size_t Flatten(std::span<const uint64_t> masks,
                               uint16_t* positions) {
  const __m512i iota = _mm512_load_si512(kIota);
  uint16_t* out = positions;
  __m512i base = _mm512_setzero_si512();
  for (const uint64_t mask : masks) {
    const __m512i packed = _mm512_maskz_compress_epi8(mask, iota);
    const auto count = static_cast<size_t>(_mm_popcnt_u64(mask));
    _mm512_storeu_si512(
        out, _mm512_add_epi16(
                 base, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(packed))));
    if (count > 32) {
      _mm512_storeu_si512(
          out + 32,
          _mm512_add_epi16(base, _mm512_cvtepu8_epi16(
                                     _mm512_extracti64x4_epi64(packed, 1))));
    }
    out += count;
    base = _mm512_add_epi16(base, Number(64));
  }
  return static_cast<size_t>(out - positions);
}

// Of up to 32 pretokens those of `chosen`.
PEAKTEXT_AVX512 inline void Append(__m512i starts, __m512i bytes,
                                   __mmask32 chosen, PretokenList* list) {
  _mm512_storeu_si512(list->starts + list->count,
                      _mm512_maskz_compress_epi16(chosen, starts));
  _mm256_storeu_si256(
      reinterpret_cast<__m256i*>(list->bytes + list->count),
      _mm512_cvtepi16_epi8(_mm512_maskz_compress_epi16(chosen, bytes)));
  list->count += static_cast<size_t>(_mm_popcnt_u32(chosen));
}

PEAKTEXT_AVX512 void SortByLength(std::span<const uint16_t> positions,
                                  PretokenLists* out) {
  PretokenLists lists = *out;
  lists.pairs.count = lists.shorts.count = lists.mids.count =
      lists.wides.count = lists.longs = 0;
  const size_t count = positions.empty() ? 0 : positions.size() - 1;
  __m512i index = _mm512_cvtepu8_epi16(
      _mm256_load_si256(reinterpret_cast<const __m256i*>(kIota)));
  for (size_t i = 0; i < count; i += 32) {
    const size_t left = count - i;
    const __mmask32 valid = left >= 32 ? ~0U : (1U << left) - 1;
    const __m512i start = _mm512_loadu_si512(positions.data() + i);
    const __m512i bytes =
        _mm512_sub_epi16(_mm512_loadu_si512(positions.data() + i + 1), start);
    const __mmask32 is_pair =
        _mm512_mask_cmpeq_epi16_mask(valid, bytes, Number(2));
    _mm512_storeu_si512(lists.pairs.starts + lists.pairs.count,
                        _mm512_maskz_compress_epi16(is_pair, start));
    lists.pairs.count += static_cast<size_t>(_mm_popcnt_u32(is_pair));
    Append(start, bytes,
           _mm512_mask_cmple_epu16_mask(
               valid, _mm512_sub_epi16(bytes, Number(3)), Number(4)),
           &lists.shorts);
    Append(start, bytes,
           _mm512_mask_cmple_epu16_mask(
               valid, _mm512_sub_epi16(bytes, Number(8)), Number(7)),
           &lists.mids);
    const __mmask32 longer =
        _mm512_mask_cmpge_epu16_mask(valid, bytes, Number(16));
    if (longer != 0) {
      const __mmask32 is_long =
          _mm512_mask_cmpge_epu16_mask(longer, bytes, Number(31));
      Append(start, bytes, longer & ~is_long, &lists.wides);
      _mm512_storeu_si512(lists.long_indexes + lists.longs,
                          _mm512_maskz_compress_epi16(is_long, index));
      lists.longs += static_cast<size_t>(_mm_popcnt_u32(is_long));
    }
    index = _mm512_add_epi16(index, Number(32));
  }
  *out = lists;
}

}  // namespace

const TokenizeKernels& Avx512TokenizeKernels() {
  static constexpr TokenizeKernels kKernels = {"avx512", Classify, Flatten,
                                               SortByLength};
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

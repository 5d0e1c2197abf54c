// Classes of ASCII by a table of 128 entries in two registers, of other
// characters by one of 64 for each page.
#include "simd/tokenize_kernels.h"

#if defined(__x86_64__)
#include <array>
#include <bit>

#include "simd/avx512.h"
#include "simd/byte_iota.h"
#include "simd/cut_avx512.h"
#include "simd/utf8_block.h"

namespace peaktext {
namespace {

PEAKTEXT_AVX512 inline __m512i Byte(char value) {
  return _mm512_set1_epi8(value);
}

PEAKTEXT_AVX512 inline __m512i Number(int value) {
  return _mm512_set1_epi16(static_cast<short>(value));
}

// A copy of the byte in all bytes.
PEAKTEXT_AVX512 inline __m512i Copies(unsigned char byte) {
  return Byte(static_cast<char>(byte));
}

// For each lead byte of three what is meant for its low four bits.
PEAKTEXT_AVX512 inline __m512i OfLeads(const std::array<uint8_t, 16>& values,
                                       __m512i leads) {
  const __m512i table = _mm512_broadcast_i32x4(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(values.data())));
  return _mm512_shuffle_epi8(table, _mm512_and_si512(leads, Byte(0x0F)));
}

// Where characters of `three`, of three bytes or more, are within the ranges of
// wide ones.
PEAKTEXT_AVX512 inline uint64_t WideOf(const RoleTable& roles, __m512i block,
                                       __m512i second, uint64_t three) {
  const uint64_t from = _mm512_mask_cmpge_epu8_mask(
      _mm512_mask_cmplt_epu8_mask(three, block, Copies(0xF0)), second,
      OfLeads(roles.wide_first, block));
  return _mm512_mask_cmple_epu8_mask(from, second,
                                     OfLeads(roles.wide_last, block));
}

// Gives characters their roles page by page: for all of a block at once that
// share all but their last byte. Those of few pages follow one another.
class Pages {
 public:
  PEAKTEXT_AVX512 explicit Pages(const RoleTable& roles)
      : roles_(roles.of_code_point.data()) {
    for (Page& page : pages_) page.lead = _mm512_setzero_si512();
  }

  // `role` with those of the characters at `leads`, of up to three bytes.
  PEAKTEXT_AVX512 __m512i AddRoles(const char* text, __m512i block,
                                   uint64_t leads, __m512i role) {
    const uint64_t three =
        _mm512_mask_cmpge_epu8_mask(leads, block, Copies(0xE0));
    const __m512i next = _mm512_loadu_si512(text + 1);
    const Bytes bytes = {block, _mm512_maskz_mov_epi8(three, next),
                         _mm512_mask_loadu_epi8(next, three, text + 2)};
    // No two are the same, so that none waits for another.
    uint64_t left = leads;
    for (const Page& page : pages_) {
      const uint64_t same = page.Members(bytes, leads);
      role = page.AddRoles(bytes, same, role);
      left &= ~same;
    }
    while (left != 0) {
      const Page& page = Meet(text + std::countr_zero(left));
      const uint64_t same = page.Members(bytes, left);
      role = page.AddRoles(bytes, same, role);
      left &= ~same;
    }
    return role;
  }

 private:
  static constexpr size_t kPages = 4;  // that were met last

  // Of characters, where they begin.
  struct Bytes {
    __m512i lead;
    __m512i second;  // of three, else 0
    __m512i last;
  };
  struct Page {
    __m512i lead;
    __m512i second;
    __m512i roles;  // by the last byte

    PEAKTEXT_AVX512 uint64_t Members(const Bytes& bytes, uint64_t leads) const {
      return _mm512_mask_cmpeq_epi8_mask(
          _mm512_mask_cmpeq_epi8_mask(leads, bytes.lead, lead), bytes.second,
          second);
    }
    PEAKTEXT_AVX512 __m512i AddRoles(const Bytes& bytes, uint64_t members,
                                     __m512i role) const {
      return _mm512_mask_permutexvar_epi8(role, members, bytes.last, roles);
    }
  };

  // The page of the character at `text`.
  PEAKTEXT_AVX512 const Page& Meet(const char* text) {
    const auto* p = reinterpret_cast<const unsigned char*>(text);
    Page* const page = &pages_[met_++ % kPages];
    page->lead = Copies(p[0]);
    size_t number = p[0] & 0x1FU;
    page->second = _mm512_setzero_si512();
    if (p[0] >= 0xE0) {
      number = (p[0] & 0x0FU) << 6 | (p[1] & 0x3FU);
      page->second = Copies(p[1]);
    }
    page->roles = _mm512_loadu_si512(roles_ + 64 * number);
    return *page;
  }

  const uint8_t* roles_;
  Page pages_[kPages];
  size_t met_ = 0;
};

// Gives the characters at `leads` (all others of their bits are 0) their roles:
// wide ones at once, others page by page.
PEAKTEXT_AVX512 inline __m512i RolesOf(const char* text, const RoleTable& roles,
                                       __m512i block, uint64_t leads,
                                       Pages* pages) {
  __m512i role = _mm512_setzero_si512();
  const uint64_t maybe_wide =
      _mm512_mask_cmpge_epu8_mask(leads, block, Copies(0xE4));
  if (maybe_wide != 0) {
    const __m512i second = _mm512_loadu_si512(text + 1);
    const uint64_t wide = WideOf(roles, block, second, maybe_wide);
    role = _mm512_maskz_mov_epi8(wide, Copies(roles.wide_role));
    leads &= ~wide;
    uint64_t four = _mm512_mask_cmpge_epu8_mask(leads, block, Copies(0xF0));
    leads &= ~four;
    for (; four != 0; four &= four - 1) {
      const auto* p =
          reinterpret_cast<const unsigned char*>(text) + std::countr_zero(four);
      const size_t code_point = (p[0] & 0x07U) << 18 | (p[1] & 0x3FU) << 12 |
                                (p[2] & 0x3FU) << 6 | (p[3] & 0x3FU);
      role = _mm512_mask_mov_epi8(role, four & (0 - four),
                                  Copies(roles.of_code_point[code_point]));
    }
  }
  return leads == 0 ? role : pages->AddRoles(text, block, leads, role);
}

// `role` has those of ASCII.
PEAKTEXT_AVX512 inline void ClassifyHigh(const char* text,
                                         const RoleTable& roles, __m512i block,
                                         __m512i role, unsigned size,
                                         Pages* pages, size_t to,
                                         ClassMasks* masks) {
  uint64_t continuation =
      _mm512_cmplt_epi8_mask(block, Byte(static_cast<char>(0xC0)));
  uint64_t leads = masks->high[to] & ~continuation;
  const uint64_t inside = ~uint64_t{0} >> (64 - size);
  leads &= inside;
  continuation &= inside;
  masks->high[to] &= inside;
  masks->continuation[to] = continuation;
  role = _mm512_or_si512(role, RolesOf(text, roles, block, leads, pages));
  // The other bytes of a character take the role from its first.
  const uint64_t third = continuation & continuation << 1;
  const uint64_t fourth = third & third << 1;
  const __m512i one = Byte(1);
  __m512i from = _mm512_load_si512(kByteIota.of);
  from = _mm512_mask_sub_epi8(from, continuation, from, one);
  from = _mm512_mask_sub_epi8(from, third, from, one);
  from = _mm512_mask_sub_epi8(from, fourth, from, one);
  role = _mm512_maskz_permutexvar_epi8(inside, from, role);
  masks->upper[to] = _mm512_test_epi8_mask(role, Byte(kRoleUpper));
  masks->lower[to] = _mm512_test_epi8_mask(role, Byte(kRoleLower));
  masks->both[to] = _mm512_test_epi8_mask(role, Byte(kRoleBoth));
  masks->number[to] = _mm512_test_epi8_mask(role, Byte(kRoleNumber));
  masks->blank[to] = _mm512_test_epi8_mask(role, Byte(kRoleBlank));
  masks->newline[to] = _mm512_test_epi8_mask(role, Byte(kRoleNewline));
  masks->punct[to] = _mm512_test_epi8_mask(role, Byte(kRolePunct));
  masks->mark[to] = _mm512_test_epi8_mask(role, Copies(kRoleMark));
  masks->size[to] = size;
}

PEAKTEXT_AVX512 Classified Classify(std::string_view text,
                                    const RoleTable& roles, size_t from,
                                    ClassMasks* masks) {
  const __m512i low_roles = _mm512_loadu_si512(roles.of_code_point.data());
  const __m512i high_roles =
      _mm512_loadu_si512(roles.of_code_point.data() + 64);
  Pages pages(roles);
  size_t at = 0;
  size_t to = from;
  for (; at < text.size() && to < ClassMasks::kMost; ++to) {
    const __m512i block = _mm512_loadu_si512(text.data() + at);
    const uint64_t high = static_cast<uint64_t>(_mm512_movepi8_mask(block));
    const __m512i role =
        _mm512_maskz_permutex2var_epi8(~high, low_roles, block, high_roles);
    masks->space[to] = _mm512_cmpeq_epi8_mask(block, Byte(' '));
    masks->apostrophe[to] = _mm512_cmpeq_epi8_mask(block, Byte('\''));
    masks->high[to] = high;
    if (high != 0) {
      const unsigned size = WholeBytes(text.data() + at);
      ClassifyHigh(text.data() + at, roles, block, role, size, &pages, to,
                   masks);
      at += size;
      continue;
    }
    masks->upper[to] = _mm512_test_epi8_mask(role, Byte(kRoleUpper));
    masks->lower[to] = _mm512_test_epi8_mask(role, Byte(kRoleLower));
    masks->both[to] = 0;
    masks->number[to] = _mm512_test_epi8_mask(role, Byte(kRoleNumber));
    masks->blank[to] = _mm512_test_epi8_mask(role, Byte(kRoleBlank));
    masks->newline[to] = _mm512_test_epi8_mask(role, Byte(kRoleNewline));
    masks->punct[to] = _mm512_test_epi8_mask(role, Byte(kRolePunct));
    masks->mark[to] = 0;
    masks->continuation[to] = 0;
    masks->size[to] = 64;
    at += 64;
  }
  return {to - from, at};
}

PEAKTEXT_AVX512 size_t Flatten(std::span<const uint64_t> masks, uint16_t first,
                               uint16_t* positions) {
  const __m512i iota = _mm512_load_si512(kByteIota.of);
  uint16_t* out = positions;
  __m512i base = Number(first);
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
                                  size_t from, PretokenLists* out) {
  PretokenLists lists = *out;
  const size_t count = positions.empty() ? 0 : positions.size() - 1;
  for (size_t i = from; i < count; i += 32) {
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
      const __m512i iota = _mm512_cvtepu8_epi16(
          _mm256_load_si256(reinterpret_cast<const __m256i*>(kByteIota.of)));
      _mm512_storeu_si512(
          lists.longs.starts + lists.longs.count,
          _mm512_maskz_compress_epi16(
              is_long,
              _mm512_add_epi16(iota, Number(static_cast<uint16_t>(i)))));
      lists.longs.count += static_cast<size_t>(_mm_popcnt_u32(is_long));
    }
  }
  *out = lists;
}

}  // namespace

const TokenizeKernels& Avx512TokenizeKernels() {
  static const TokenizeKernels kKernels = {
      "avx512", Classify, GathersFast() ? CutGatheringAvx512 : CutAvx512,
      Flatten, SortByLength};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const TokenizeKernels& Avx512TokenizeKernels() {
  return ScalarTokenizeKernels();
}
}  // namespace peaktext

#endif

// Classes of ASCII by comparing; of ideographs, too; of other characters by
// pages, those met last at once, or where few share one, by the role table one
// at a time.
#include "simd/classify_avx2.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <bit>

#include "simd/utf8_block.h"

#define PEAKTEXT_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

struct Block {
  __m256i low;
  __m256i high;
};

PEAKTEXT_AVX2 inline Block LoadBlock(const char* text) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(text)),
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + 32))};
}

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

// Bytes above `value` as signed ones: beyond ASCII all are negative.
PEAKTEXT_AVX2 inline uint64_t Above(const Block& block, int value) {
  const __m256i most = _mm256_set1_epi8(static_cast<char>(value));
  return TopBits(_mm256_cmpgt_epi8(block.low, most),
                 _mm256_cmpgt_epi8(block.high, most));
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

// From the leads of characters to all of their bytes.
PEAKTEXT_AVX2 inline uint64_t Spread(uint64_t leads, uint64_t continuation) {
  // Adding the first of a run of ones to it clears the run.
  return leads | (continuation & ~(continuation + (leads << 1)));
}

// Leads of characters by their roles. A role has a number, that of its highest
// bit: of those with more than one only a mark that is a letter has that one.
class FoundRoles {
 public:
  PEAKTEXT_AVX2 void Add(uint8_t role, uint64_t leads) {
    of_[std::bit_width(role) - 1] |= leads;
  }
  PEAKTEXT_AVX2 void Store(uint64_t continuation, size_t to,
                           ClassMasks* masks) const {
    masks->upper[to] |= Spread(Of(kRoleUpper), continuation);
    masks->lower[to] |= Spread(Of(kRoleLower), continuation);
    masks->number[to] |= Spread(Of(kRoleNumber), continuation);
    masks->blank[to] |= Spread(Of(kRoleBlank), continuation);
    masks->punct[to] |= Spread(Of(kRolePunct), continuation);
    masks->mark[to] = Spread(Of(kRoleMark), continuation);
    masks->both[to] = Spread(Of(kRoleBoth), continuation) | masks->mark[to];
  }

 private:
  uint64_t Of(Role role) const {
    return of_[std::bit_width(uint8_t{role}) - 1];
  }

  uint64_t of_[8] = {};
};

// The bytes of a block as members of pages: the last six bits of each.
class PageMembers {
 public:
  PEAKTEXT_AVX2 explicit PageMembers(const Block& block)
      : bits_{BitOf(block.low), BitOf(block.high)},
        bytes_{ByteOf(block.low), ByteOf(block.high)} {}

  // Those whose bits are set in `page`.
  PEAKTEXT_AVX2 uint64_t In(uint64_t page) const {
    const __m256i wide = _mm256_set1_epi64x(static_cast<int64_t>(page));
    return TopBits(Chosen(wide, bytes_.low, bits_.low),
                   Chosen(wide, bytes_.high, bits_.high));
  }

 private:
  PEAKTEXT_AVX2 static __m256i Chosen(__m256i page, __m256i bytes,
                                      __m256i bits) {
    return _mm256_cmpeq_epi8(
        _mm256_and_si256(_mm256_shuffle_epi8(page, bytes), bits), bits);
  }
  PEAKTEXT_AVX2 static __m256i BitOf(__m256i bytes) {
    const __m256i bits =
        _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201));
    return _mm256_shuffle_epi8(bits,
                               _mm256_and_si256(bytes, _mm256_set1_epi8(7)));
  }
  PEAKTEXT_AVX2 static __m256i ByteOf(__m256i bytes) {
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 3), _mm256_set1_epi8(7));
  }

  Block bits_;
  Block bytes_;
};

// The ranges of characters that are wide in a pattern's roles.
class WideRanges {
 public:
  PEAKTEXT_AVX2 explicit WideRanges(const RoleTable& roles)
      : first_(Twice(roles.wide_first)), last_(Twice(roles.wide_last)) {}

  // Where what follows a lead byte of three is within the range of that one;
  // for other bytes it has no meaning. `next` is the block one byte later.
  PEAKTEXT_AVX2 uint64_t Inside(const Block& block, const Block& next) const {
    return TopBits(Inside(block.low, next.low), Inside(block.high, next.high));
  }

 private:
  PEAKTEXT_AVX2 static __m256i Twice(const std::array<uint8_t, 16>& values) {
    return _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(values.data())));
  }
  PEAKTEXT_AVX2 __m256i Inside(__m256i leads, __m256i seconds) const {
    const __m256i low = _mm256_and_si256(leads, _mm256_set1_epi8(0x0F));
    const __m256i least = _mm256_shuffle_epi8(first_, low);
    const __m256i most = _mm256_shuffle_epi8(last_, low);
    return _mm256_and_si256(
        _mm256_cmpeq_epi8(_mm256_max_epu8(seconds, least), seconds),
        _mm256_cmpeq_epi8(_mm256_min_epu8(seconds, most), seconds));
  }

  const __m256i first_;
  const __m256i last_;
};

// Gives characters of two or three bytes their roles page by page, while there
// are many of one. Those of few pages follow one another.
class Pages {
 public:
  PEAKTEXT_AVX2 explicit Pages(const RoleTable& roles)
      : roles_(roles.pages.data()) {
    // None is met before: this is no lead.
    for (Page& page : pages_) page.roles.first = kRolePunct;
  }

  // Returns those of `leads` that are left.
  PEAKTEXT_AVX2 uint64_t Add(const unsigned char* bytes, const Block& block,
                             const Block& next, uint64_t leads,
                             FoundRoles* found) {
    constexpr int kMany = 5;
    if (std::popcount(leads) < kMany) return leads;
    const PageMembers members(block);
    uint64_t left = leads;
    uint64_t others = 0;
    // No two are the same, so that none waits for another.
    for (const Page& page : pages_) {
      const uint64_t same = leads & page.Holds(block, next);
      others |= page.AddRoles(members, same, found);
      left &= ~same;
    }
    while (std::popcount(left) >= kMany) {
      const Page& page = Meet(bytes + std::countr_zero(left));
      const uint64_t same = left & page.Holds(block, next);
      others |= page.AddRoles(members, same, found);
      left &= ~same;
    }
    return left | others;
  }

 private:
  static constexpr size_t kPages = 3;  // that were met last

  struct Page {
    __m256i lead;
    __m256i second;       // of three bytes
    uint64_t any_second;  // all ones: it has two
    int last;             // from the lead to the last byte
    RolePage roles;

    PEAKTEXT_AVX2 uint64_t Holds(const Block& block, const Block& next) const {
      return TopBits(_mm256_cmpeq_epi8(block.low, lead),
                     _mm256_cmpeq_epi8(block.high, lead)) &
             (TopBits(_mm256_cmpeq_epi8(next.low, second),
                      _mm256_cmpeq_epi8(next.high, second)) |
              any_second);
    }
    // Of the characters at `same`, which are of this page. Returns those whose
    // roles it does not say.
    PEAKTEXT_AVX2 uint64_t AddRoles(const PageMembers& members, uint64_t same,
                                    FoundRoles* found) const {
      uint64_t other = 0;
      if (roles.is_other != 0) {
        other = same & members.In(roles.is_other) >> last;
        same &= ~other;
      }
      if (roles.is_second != 0) {
        const uint64_t of_second = same & members.In(roles.is_second) >> last;
        found->Add(roles.second, of_second);
        same &= ~of_second;
      }
      found->Add(roles.first, same);
      return other;
    }
  };

  // The page of the character at `p`.
  PEAKTEXT_AVX2 const Page& Meet(const unsigned char* p) {
    Page* const page = &pages_[met_++ % kPages];
    const bool three = p[0] >= 0xE0;
    page->lead = _mm256_set1_epi8(static_cast<char>(p[0]));
    page->second = _mm256_set1_epi8(static_cast<char>(p[1]));
    page->any_second = three ? 0 : ~uint64_t{0};
    page->last = three ? 2 : 1;
    page->roles =
        roles_[three ? (p[0] & 0x0FU) << 6 | (p[1] & 0x3FU) : p[0] & 0x1FU];
    return *page;
  }

  const RolePage* roles_;
  Page pages_[kPages] = {};
  size_t met_ = 0;
};

PEAKTEXT_AVX2 inline void AddHigh(const char* text, const RoleTable& roles,
                                  const Block& block, unsigned size,
                                  Pages* pages, size_t to, ClassMasks* masks) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text);
  uint64_t leads = masks->high[to] & Above(block, 0xBF - 0x100);
  uint64_t continuation = masks->high[to] & ~leads;
  const uint64_t inside = ~uint64_t{0} >> (64 - size);
  masks->high[to] &= inside;
  continuation &= inside;
  leads &= inside;
  masks->continuation[to] = continuation;
  masks->size[to] = size;

  FoundRoles found;
  const Block next = LoadBlock(text + 1);
  const uint64_t four = leads & Above(block, 0xEF - 0x100);
  uint64_t left = leads & ~four;
  const uint64_t maybe_wide = left & Above(block, 0xE3 - 0x100);
  if (maybe_wide != 0) {
    const uint64_t wide = maybe_wide & WideRanges(roles).Inside(block, next);
    found.Add(roles.wide_role, wide);
    left &= ~wide;
  }
  left = pages->Add(bytes, block, next, left, &found) | four;
  for (; left != 0; left &= left - 1) {
    const int at = std::countr_zero(left);
    found.Add(RoleAt(bytes + at, roles), left & (0 - left));
  }
  found.Store(continuation, to, masks);
}

PEAKTEXT_AVX2 inline void ClassifyBlock(const char* text,
                                        const RoleTable& roles, bool cased,
                                        Pages* pages, size_t to,
                                        ClassMasks* masks) {
  const Block block = LoadBlock(text);
  const uint64_t high = TopBits(block.low, block.high);
  const __m256i case_bit = _mm256_set1_epi8(0x20);
  const Block folded = {_mm256_or_si256(block.low, case_bit),
                        _mm256_or_si256(block.high, case_bit)};
  const uint64_t letter = InRange(folded, 'a', 25);
  const uint64_t upper = InRange(block, 'A', 25);
  masks->space[to] = Equal(block, ' ');
  const uint64_t newline = Equal(block, '\n') | Equal(block, '\r');
  const uint64_t blank =
      masks->space[to] | (InRange(block, '\t', 4) & ~newline);
  const uint64_t number = InRange(block, '0', 9);
  masks->upper[to] = cased ? upper : 0;
  masks->lower[to] = cased ? letter & ~upper : letter;
  masks->both[to] = 0;
  masks->number[to] = number;
  masks->blank[to] = blank;
  masks->newline[to] = newline;
  masks->punct[to] = ~(letter | number | blank | newline | high);
  masks->mark[to] = 0;
  masks->apostrophe[to] = Equal(block, '\'');
  masks->high[to] = high;
  masks->continuation[to] = 0;
  masks->size[to] = 64;
  if (high != 0)
    AddHigh(text, roles, block, WholeBytes(text), pages, to, masks);
}

}  // namespace

PEAKTEXT_AVX2 Classified ClassifyAvx2(std::string_view text,
                                      const RoleTable& roles, size_t from,
                                      ClassMasks* masks) {
  // With a pattern that does not tell cases apart all letters have one role.
  const bool cased = (roles.of_code_point[U'A'] & kRoleUpper) != 0;
  Pages pages(roles);
  size_t at = 0;
  size_t to = from;
  for (; at < text.size() && to < ClassMasks::kMost; ++to) {
    ClassifyBlock(text.data() + at, roles, cased, &pages, to, masks);
    at += masks->size[to];
  }
  return {to - from, at};
}

}  // namespace peaktext
#endif

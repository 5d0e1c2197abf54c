#include "tokenize/unicode_classes.h"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <utility>
#include <vector>

namespace peaktext {
namespace {

uint32_t CountWith(uint16_t flags) {
  uint32_t count = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (UnicodeFlags(c) & flags) ++count;
  }
  return count;
}

BOOST_AUTO_TEST_SUITE(unicode_classes)

// The totals that tiktoken 1.0.22's and tokenizers 0.23.2's engines give when
// asked about every scalar value.
BOOST_AUTO_TEST_CASE(every_class_has_as_many_members_as_in_the_references) {
  BOOST_TEST(CountWith(kUnicodeLetter) == 141028);
  BOOST_TEST(CountWith(kUnicodeNumber) == 1911);
  BOOST_TEST(CountWith(kUnicodeSpace) == 25);
  BOOST_TEST(CountWith(kUnicodeMark) == 2501);
  BOOST_TEST(CountWith(kUnicodeUpper) == 1889);
  BOOST_TEST(CountWith(kUnicodeLower) == 2258);
  BOOST_TEST(CountWith(kUnicodePunctuation | kUnicodeSymbol) == 9369);
  BOOST_TEST(CountWith(kUnicodeDeepSeekCjk) ==
             (0x9fa5 - 0x4e00 + 1) + (0x30ff - 0x3040 + 1));
}

BOOST_AUTO_TEST_CASE(a_code_point_is_in_one_general_category_at_most) {
  constexpr uint16_t kCategories = kUnicodeLetter | kUnicodeMark |
                                   kUnicodeNumber | kUnicodePunctuation |
                                   kUnicodeSymbol | kUnicodeSpace;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const unsigned categories = UnicodeFlags(c) & kCategories;
    if ((categories & (categories - 1)) != 0) {
      BOOST_ERROR("U+" << std::hex << static_cast<uint32_t>(c));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_code_points_that_libraries_differ_on_are_as_in_16_0) {
  const std::vector<std::pair<char32_t, uint16_t>> cases = {
      {U'a', kUnicodeLower},
      {U'A', kUnicodeUpper},
      {U'0', kUnicodeNumber},
      {U'\n', kUnicodeSpace},
      {0x01C5, kUnicodeUpper},        // Lt
      {0x02B0, kUnicodeOtherLetter},  // Lm
      {0x0301, kUnicodeMark},
      {0x0660, kUnicodeNumber},
      {0x00B2, kUnicodeNumber},  // superscript two, No
      {0x0085, kUnicodeSpace},   // not in JavaScript
      {0xFEFF, 0},               // white space in JavaScript only
      {0x180E, 0},               // white space in PCRE2 only
      {0x001C, 0},               // white space in Python only
      {0x200B, 0},
      {0x3000, kUnicodeSpace},
      {0x017F, kUnicodeLower},  // long s
      {0x1C89, kUnicodeUpper},  // new in 16.0
      {0x1C8A, kUnicodeLower},
      {0x10D40, kUnicodeNumber},
      {0x323B0, 0},  // new in 17.0
      {0xAC00, kUnicodeOtherLetter},
      {0xD800, 0},
      {0x1F600, kUnicodeSymbol},
      {0x10FFFF, 0},
      {0x4E00, kUnicodeOtherLetter | kUnicodeDeepSeekCjk},
      {0x9FA6, kUnicodeOtherLetter},
      {0x30FB, kUnicodePunctuation | kUnicodeDeepSeekCjk},
      {0x3097, kUnicodeDeepSeekCjk},  // unassigned
  };
  for (const auto& [code_point, flags] : cases) {
    BOOST_TEST_INFO("U+" << std::hex << static_cast<uint32_t>(code_point));
    BOOST_TEST(UnicodeFlags(code_point) == flags);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

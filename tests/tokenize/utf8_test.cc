#include "tokenize/utf8.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(every_character_is_decoded_in_both_ways) {
  const auto tail = [](char32_t c, int shift) {
    return static_cast<char>(0x80 | (c >> shift & 0x3F));
  };
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | c >> 6), tail(c, 0)};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | c >> 12), tail(c, 6), tail(c, 0)};
    } else {
      text = {static_cast<char>(0xF0 | c >> 18), tail(c, 12), tail(c, 6),
              tail(c, 0)};
    }
    const size_t bytes = text.size();
    for (const std::string_view behind : {"aaaa", "\xF4\x8F\xBF\xBF"}) {
      const std::string followed = "b" + text + std::string(behind);
      size_t at = 1;
      const uint32_t blindly = DecodeUtf8Blindly(followed.data(), &at);
      BOOST_TEST_REQUIRE(blindly == uint32_t{c});
      BOOST_TEST_REQUIRE(at == 1 + bytes);
      const uint32_t plainly = DecodeUtf8(followed.data() + 1);
      BOOST_TEST_REQUIRE(plainly == uint32_t{c});
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

#include "base/utf8.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace peaktext {
namespace {

// The standard's definition, slowly: the longest prefix of some well-formed
// sequence is one U+FFFD (Unicode 16, 3.9).
std::string Repaired(const std::string& bytes) {
  std::string out;
  for (size_t at = 0; at < bytes.size();) {
    size_t good = 0;     // bytes of a character
    size_t longest = 1;  // bytes of a maximal subpart
    for (size_t length = 1; length <= 4 && at + length <= bytes.size();
         ++length) {
      const std::string part = bytes.substr(at, length);
      if (IsValidUtf8(part) && good == 0) good = length;
      // Can `part` be completed?
      for (size_t more = 1; more + length <= 4; ++more) {
        for (const char* tail : {"\x80", "\x90", "\xA0", "\xBF"}) {
          std::string whole = part + tail;
          while (whole.size() < length + more) whole += "\x80";
          if (IsValidUtf8(whole) && !IsValidUtf8(part)) longest = length;
        }
      }
    }
    if (good > 0) {
      out += bytes.substr(at, good);
      at += good;
    } else {
      out += "\xEF\xBF\xBD";
      at += longest;
    }
  }
  return out;
}

std::string Repair(const std::string& bytes) {
  std::string out;
  AppendRepairedUtf8(bytes, &out);
  return out;
}

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(each_maximal_subpart_becomes_one_replacement) {
  const std::string r = "\xEF\xBF\xBD";
  // Unicode 16, tables 3-8 to 3-11.
  BOOST_TEST(Repair("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") ==
             r + r + r + r + r + r + r + r + "A");
  BOOST_TEST(Repair("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") ==
             r + r + r + r + r + r + r + r + "A");
  BOOST_TEST(Repair("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") ==
             r + r + r + r + r + "A" + r + r + "B");
  BOOST_TEST(Repair("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") ==
             r + r + r + r + "A");
  BOOST_TEST(Repair("a\xE2\x82") == "a" + r);
}

BOOST_AUTO_TEST_CASE(all_short_strings_agree_with_the_definition) {
  const std::string alphabet =
      "A\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xDF\xE0\xE1\xED\xEF\xF0\xF1\xF4\xF5";
  uint64_t differences = 0;
  for (size_t length = 1; length <= 4; ++length) {
    size_t count = 1;
    for (size_t i = 0; i < length; ++i) count *= alphabet.size();
    for (size_t number = 0; number < count; ++number) {
      std::string bytes;
      for (size_t i = 0, n = number; i < length; ++i, n /= alphabet.size()) {
        bytes += alphabet[n % alphabet.size()];
      }
      differences += Repair(bytes) != Repaired(bytes);
      // What is held back at the end of a piece is an incomplete character.
      const size_t held = IncompleteUtf8Suffix(bytes);
      if (held > 0) {
        differences += Repair(bytes) !=
                       Repair(bytes.substr(0, length - held)) + "\xEF\xBF\xBD";
      }
    }
  }
  BOOST_TEST(differences == 0u);
}

// ASCII is passed by eights.
BOOST_AUTO_TEST_CASE(damage_is_found_wherever_it_lies_in_ascii) {
  for (size_t before = 0; before < 20; ++before) {
    for (size_t after = 0; after < 20; ++after) {
      for (const std::string damage :
           {"\x80", "\xC3", "\xE2\x82", "\xFF\xFE"}) {
        const std::string bytes =
            std::string(before, 'a') + damage + std::string(after, 'b');
        BOOST_TEST(AsciiPrefix(bytes) == before);
        BOOST_TEST(Repair(bytes) == Repaired(bytes));
        BOOST_TEST(AsciiPrefix(bytes.substr(0, before)) == before);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_prefix_ends_at_a_character) {
  const std::string text =
      "a\xE2\x82\xAC"
      "b";
  const size_t want[] = {0, 1, 1, 1, 4, 5, 5};
  for (size_t bytes = 0; bytes < 7; ++bytes) {
    BOOST_TEST(Utf8Prefix(text, bytes).size() == want[bytes]);
  }
}

BOOST_AUTO_TEST_CASE(a_character_is_found_from_where_it_ends) {
  const std::string text =
      "a\xE2\x82\xAC"
      "b\xF0\x9F\x98\x80";
  BOOST_TEST(PreviousCharacter(text, 9) == 5U);
  BOOST_TEST(PreviousCharacter(text, 5) == 4U);
  BOOST_TEST(PreviousCharacter(text, 4) == 1U);
  BOOST_TEST(PreviousCharacter(text, 1) == 0U);
}

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
    std::string appended;
    AppendUtf8(c, &appended);
    BOOST_TEST_REQUIRE(appended == text);
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

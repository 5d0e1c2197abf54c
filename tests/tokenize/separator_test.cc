#include "tokenize/separator.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace peaktext {
namespace {

TokenList ListOf(std::initializer_list<std::string_view> tokens) {
  TokenList list;
  for (const std::string_view token : tokens) list.Append(token);
  return list;
}

BOOST_AUTO_TEST_SUITE(separator)

BOOST_AUTO_TEST_CASE(a_byte_is_one_that_no_text_has) {
  const auto find = [](const TokenList& tokens) {
    return std::string(FindSeparator(tokens, /*characters=*/false));
  };
  BOOST_TEST(find(ListOf({})) == "");
  BOOST_TEST(find(ListOf({"a", "\xF4"})) == "");
  BOOST_TEST(find(ListOf({"\xFE\xFE", "a", "\xF5", "a\xF5", "\xF6"})) ==
             "\xF6");
}

BOOST_AUTO_TEST_CASE(a_character_is_the_shortest_of_no_other_token) {
  const auto find = [](const TokenList& tokens) {
    return std::string(FindSeparator(tokens, /*characters=*/true));
  };
  BOOST_TEST(find(ListOf({"a", "ab", "b"})) == "");
  // In tokens twice, but in none alone.
  BOOST_TEST(find(ListOf({"ab", "\u00E9\u00E9"})) == "");
  BOOST_TEST(find(ListOf({"a", "ab", "\U0001F600", "\u4E2D", "\u00E9",
                          "\u00E9a"})) == "\u4E2D");
  BOOST_TEST(find(ListOf({"", "\u4E2D", "\u00E9", "c"})) == "c");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

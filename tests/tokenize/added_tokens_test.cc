#include "tokenize/added_tokens.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace peaktext {
namespace {

using AddedToken = Vocabulary::AddedToken;

// The parts of `text`, then the number of added tokens.
std::vector<std::string> Split(std::vector<AddedToken> tokens,
                               std::string_view text) {
  Vocabulary vocabulary;
  vocabulary.added_tokens = std::move(tokens);
  BOOST_TEST_REQUIRE(CheckAddedTokens(vocabulary).ok());
  const AddedTokenSplitter splitter(vocabulary);
  std::vector<std::string> parts;
  const uint64_t found = splitter.Split(
      text, [&](std::string_view part) { parts.emplace_back(part); });
  parts.push_back(std::to_string(found));
  return parts;
}

AddedToken Token(std::string text) {
  AddedToken token;
  token.text = std::move(text);
  return token;
}

using Parts = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(added_tokens)

BOOST_AUTO_TEST_CASE(text_is_cut_at_added_tokens) {
  const std::vector<AddedToken> tokens = {Token("<e>"), Token("<end>")};
  BOOST_TEST((Split(tokens, "") == Parts{"0"}));
  BOOST_TEST((Split(tokens, "plain") == Parts{"plain", "0"}));
  BOOST_TEST((Split(tokens, "a<e>b<end>") == Parts{"a", "b", "2"}));
  BOOST_TEST((Split(tokens, "<e><e> <e") == Parts{" <e", "2"}));
}

BOOST_AUTO_TEST_CASE(of_tokens_that_start_together_the_longest_is_taken) {
  const std::vector<AddedToken> tokens = {Token("\n"), Token("\n\n\n")};
  BOOST_TEST((Split(tokens, "a\n\n\n\n\nb") == Parts{"a", "b", "3"}));
}

BOOST_AUTO_TEST_CASE(white_space_is_stripped_on_the_sides_that_say_so) {
  AddedToken left = Token("<l>");
  left.lstrip = true;
  AddedToken right = Token("<r>");
  right.rstrip = true;
  BOOST_TEST((Split({left, right}, "a \u3000<l> b") == Parts{"a", " b", "1"}));
  BOOST_TEST(
      (Split({left, right}, "a <r>\u0085\n b") == Parts{"a ", "b", "1"}));
  BOOST_TEST((Split({left, right}, "<r>  <l>") == Parts{"2"}));
}

// As tokenizers 0.23.3 counts; where it fails itself, one is as good as none.
BOOST_AUTO_TEST_CASE(what_lies_in_stripped_white_space_is_found_or_empty) {
  AddedToken right = Token("<r>");
  right.rstrip = true;
  AddedToken left = Token("  ");
  left.lstrip = true;
  BOOST_TEST((Split({right, Token("  ")}, "<r>  ") == Parts{"2"}));
  BOOST_TEST((Split({right, left}, "<r>  ") == Parts{"1"}));
  BOOST_TEST((Split({right, left}, "<r>  a") == Parts{"a", "1"}));
  left.text = " b";
  BOOST_TEST((Split({right, left}, "<r>  b ") == Parts{" ", "2"}));
}

// A million of them take no time.
BOOST_AUTO_TEST_CASE(stripping_is_linear) {
  AddedToken both = Token("\n");
  both.lstrip = both.rstrip = true;
  BOOST_TEST((Split({both}, std::string(1 << 20, '\n')).back() == "1"));
  AddedToken right = Token("\n");
  right.rstrip = true;
  BOOST_TEST((Split({right}, std::string(1 << 20, '\n')).back() == "1048576"));
}

BOOST_AUTO_TEST_CASE(normalized_ones_are_looked_for_in_what_is_left) {
  AddedToken normalized = Token("ab");
  normalized.normalized = true;
  BOOST_TEST((Split({normalized, Token("bc")}, "abcab") == Parts{"a", "2"}));
}

BOOST_AUTO_TEST_CASE(kinds_that_are_not_known_are_refused) {
  Vocabulary vocabulary;
  vocabulary.added_tokens = {Token("word")};
  vocabulary.added_tokens[0].single_word = true;
  BOOST_TEST((CheckAddedTokens(vocabulary).code() == StatusCode::kUnsupported));
  vocabulary.added_tokens[0] = Token("word");
  vocabulary.added_tokens[0].normalized = true;
  BOOST_TEST(CheckAddedTokens(vocabulary).ok());
  vocabulary.normalize_nfc = true;
  BOOST_TEST((CheckAddedTokens(vocabulary).code() == StatusCode::kUnsupported));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

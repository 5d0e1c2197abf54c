#include "tokenize/token_counter.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace peaktext {
namespace {

// All bytes, then "ab", "abc", " the" and what leads to it.
std::unique_ptr<const CountTables> SmallTables(Pattern pattern) {
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = "small";
  vocabulary->pattern = pattern;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary->tokens.Append(std::string(1, static_cast<char>(byte)));
  }
  for (const char* token : {"ab", "abc", "th", " th", " the", "'s"}) {
    vocabulary->tokens.Append(token);
  }
  return BuildCountTables(std::move(vocabulary)).value();
}

uint64_t Count(Pattern pattern, std::string_view text) {
  const std::unique_ptr<const CountTables> tables = SmallTables(pattern);
  const CountTables* const one[] = {tables.get()};
  TokenCounter counter(one);
  uint64_t tokens[1];
  counter.Count(text, tokens);
  return tokens[0];
}

BOOST_AUTO_TEST_SUITE(token_counter)

BOOST_AUTO_TEST_CASE(pretokens_are_merged_one_by_one) {
  BOOST_TEST(Count(Pattern::kO200k, "") == 0);
  BOOST_TEST(Count(Pattern::kO200k, "abcab") == 2);
  BOOST_TEST(Count(Pattern::kO200k, "aB the") == 3);
  // The contraction is part of the word in o200k, a pretoken in cl100k.
  BOOST_TEST(Count(Pattern::kO200k, "abc's") == 2);
  BOOST_TEST(Count(Pattern::kCl100k, "abc's") == 2);
}

BOOST_AUTO_TEST_CASE(what_is_no_utf8_counts_as_replacement_characters) {
  // Each maximal subpart is three bytes, and there is no token for them.
  BOOST_TEST(Count(Pattern::kO200k, "\xFF") == 3);
  BOOST_TEST(Count(Pattern::kO200k, "\xE2\x82") == 3);
  BOOST_TEST(Count(Pattern::kO200k, "\xE2\x82 \xF0\x9F\x98") == 7);
  BOOST_TEST(Count(Pattern::kO200k, "\xED\xA0\x80") == 9);
  BOOST_TEST(Count(Pattern::kO200k, "\xC0\xAF") == 6);
}

BOOST_AUTO_TEST_CASE(any_split_gives_the_same_count) {
  const std::string text =
      "the abc's  \n\n the\t\xE2\x82\xAC\xE2\x82 12345 \xF0\x9F\x98\x80!!\r\n/";
  const std::unique_ptr<const CountTables> tables =
      SmallTables(Pattern::kO200k);
  const CountTables* const one[] = {tables.get()};
  TokenCounter counter(one);
  uint64_t whole[1];
  counter.Count(text, whole);
  for (size_t a = 0; a <= text.size(); ++a) {
    for (size_t b = a; b <= text.size(); ++b) {
      counter.Feed(std::string_view(text).substr(0, a));
      counter.Feed(std::string_view(text).substr(a, b - a));
      counter.Feed(std::string_view(text).substr(b));
      uint64_t parts[1];
      counter.Finish(parts);
      BOOST_TEST_REQUIRE(parts[0] == whole[0]);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

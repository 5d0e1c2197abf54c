#include "tokenize/whole_only_tokens.h"

#include <boost/test/unit_test.hpp>
#include <random>
#include <set>
#include <string>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(whole_only_tokens)

BOOST_AUTO_TEST_CASE(only_what_was_added_is_there) {
  std::mt19937 random(1);
  // Few letters, so that many end alike; one byte, too.
  const auto any = [&random] {
    std::string text(1 + random() % 4, '\0');
    for (char& c : text) c = "ab\xFF\0"[random() % 4];
    return text;
  };
  std::set<std::string> added;
  for (int i = 0; i < 100; ++i) added.insert(any());
  WholeOnlyTokens tokens;
  BOOST_TEST(tokens.empty());
  BOOST_TEST(!tokens.Contains("a"));
  for (const std::string& token : added) tokens.Add(token);
  BOOST_TEST(!tokens.empty());
  for (int i = 0; i < 3000; ++i) {
    const std::string text = any();
    BOOST_TEST_REQUIRE(tokens.Contains(text) == added.contains(text));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

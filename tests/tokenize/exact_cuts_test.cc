// Cuts against their definition: what the tokens themselves say.
#include "tokenize/exact_cuts.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tokenize/token_list.h"

namespace peaktext {
namespace {

std::string ThreeBytes(std::mt19937_64& random) {
  const auto tail = [&random] {
    return static_cast<char>(0x80 | random() % 64);
  };
  const char lead = static_cast<char>(0xE0 | random() % 16);
  return {lead, tail(), tail()};
}

std::string Random(std::mt19937_64& random,
                   const std::vector<std::string>& characters) {
  std::string text;
  for (size_t i = 2 + random() % 3; i > 0; --i) {
    switch (random() % 12) {
      case 0:
        text += "a";
        break;
      case 1:
        text += "\u00E9";
        break;
      case 2:
        text += "\U0001F600";
        break;
      case 3:
        text += ThreeBytes(random);
        break;
      case 4:
        text += static_cast<char>(random());  // what no text has
        break;
      default:
        text += characters[random() % characters.size()];
    }
  }
  // Some begin or end within a character.
  const size_t from = random() % 3 == 0 ? random() % 3 : 0;
  const size_t less = random() % 3 == 0 ? random() % 3 : 0;
  return text.size() > from + less
             ? text.substr(from, text.size() - from - less)
             : text;
}

// True when the token can hold the end of x and the beginning of y.
bool Spans(std::string_view token, std::string_view x, std::string_view y) {
  for (size_t at = 1; at < token.size(); ++at) {
    const std::string_view left = token.substr(0, at);
    const std::string_view right = token.substr(at);
    if ((left.ends_with(x) || x.ends_with(left)) &&
        (right.starts_with(y) || y.starts_with(right))) {
      return true;
    }
  }
  return false;
}

// How many pairs of the characters are cut; none that a token spans.
size_t CheckedCuts(const ExactCuts& cuts, const TokenList& tokens,
                   const std::vector<std::string>& characters,
                   size_t* spanned) {
  size_t cut = 0;
  for (const std::string& x : characters) {
    for (const std::string& y : characters) {
      bool spans = false;
      for (uint32_t i = 0; i < tokens.size() && !spans; ++i) {
        spans = Spans(tokens[i], x, y);
      }
      *spanned += spans ? 1 : 0;
      const std::string text = x + y + "xx";
      if (!cuts.CanCut(text.data())) continue;
      ++cut;
      BOOST_REQUIRE(!spans);
    }
  }
  return cut;
}

BOOST_AUTO_TEST_SUITE(exact_cuts)

BOOST_AUTO_TEST_CASE(only_what_no_token_spans_is_cut) {
  std::mt19937_64 random(1);
  size_t pairs = 0;
  size_t spanned = 0;
  size_t cut = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> characters;
    for (int i = 0; i < 16; ++i) characters.push_back(ThreeBytes(random));
    TokenList tokens;
    for (size_t i = random() % 60; i > 0; --i) {
      tokens.Append(Random(random, characters));
    }
    const ExactCuts cuts(tokens);
    cut += CheckedCuts(cuts, tokens, characters, &spanned);
    pairs += characters.size() * characters.size();
  }
  // Most of the others are.
  BOOST_TEST(spanned * 20 > pairs);
  BOOST_TEST(cut * 10 > (pairs - spanned) * 9);
}

BOOST_AUTO_TEST_CASE(what_is_cut_for_two_is_cut_for_each) {
  std::mt19937_64 random(2);
  size_t cut = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> characters;
    for (int i = 0; i < 16; ++i) characters.push_back(ThreeBytes(random));
    TokenList both;
    ExactCuts cuts;
    for (int vocabulary = 0; vocabulary < 2; ++vocabulary) {
      TokenList tokens;
      for (size_t i = random() % 30; i > 0; --i) {
        const std::string token = Random(random, characters);
        tokens.Append(token);
        both.Append(token);
      }
      if (vocabulary == 0) {
        cuts = ExactCuts(tokens);
      } else {
        cuts.Intersect(ExactCuts(tokens));
      }
    }
    size_t spanned = 0;
    cut += CheckedCuts(cuts, both, characters, &spanned);
  }
  BOOST_TEST(cut > 0U);
}

BOOST_AUTO_TEST_CASE(no_part_is_taken_for_a_pretoken_that_is_a_token) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> characters;
    for (int i = 0; i < 8; ++i) characters.push_back(ThreeBytes(random));
    ExactCuts cuts{TokenList()};
    const std::string whole = Random(random, characters);
    cuts.AddWholeOnly(whole);
    for (const std::string& x : characters) {
      for (const std::string& y : characters) {
        const std::string text = x + y + "xx";
        const bool is_end = whole.ends_with(x) || whole.starts_with(y);
        BOOST_REQUIRE(cuts.CanCut(text.data()) == !is_end);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

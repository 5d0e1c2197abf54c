// Cuts against their definition, and counts against those of uncut texts.
#include "tokenize/whole_text_cuts.h"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "tokenize/count_tables.h"
#include "tokenize/token_counter.h"

namespace peaktext {
namespace {

constexpr std::string_view kUnits[] = {
    "a",      "b",      "0",      " ",      "\n",     "(",
    "\u2581", "\u2019", "\u4E2D", "\u6587", "\u00E9", "\U0001F600"};

std::string RandomText(std::mt19937_64& random, size_t units) {
  const size_t kinds = 1 + random() % std::size(kUnits);
  std::string text;
  for (size_t i = 0; i < units; ++i) text += kUnits[random() % kinds];
  return text;
}

std::unique_ptr<Vocabulary> ByteVocabulary() {
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = "small";
  vocabulary->pattern = Pattern::kWholeText;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary->tokens.Append(std::string(1, static_cast<char>(byte)));
  }
  return vocabulary;
}

// All bytes and some of what such texts have.
std::unique_ptr<Vocabulary> RandomVocabulary(std::mt19937_64& random) {
  auto vocabulary = ByteVocabulary();
  std::set<std::string> known;
  const size_t more = random() % 80;
  for (size_t i = 0; i < more; ++i) {
    const std::string text = RandomText(random, 3);
    const std::string token = text.substr(0, 2 + random() % text.size());
    if (token.size() > 1 && known.insert(token).second) {
      vocabulary->tokens.Append(token);
    }
  }
  return vocabulary;
}

std::string Replaced(std::string_view text, std::string_view replacement) {
  std::string replaced;
  for (const char c : text) {
    if (c == ' ') {
      replaced += replacement;
    } else {
      replaced += c;
    }
  }
  return replaced;
}

BOOST_AUTO_TEST_SUITE(whole_text_cuts)

BOOST_AUTO_TEST_CASE(cuts_are_where_no_token_reaches_across) {
  std::mt19937_64 random(1);
  size_t cut = 0;
  size_t not_cut = 0;
  for (int round = 0; round < 500; ++round) {
    const auto vocabulary = RandomVocabulary(random);
    const TokenList& tokens = vocabulary->tokens;
    const std::string_view space = round % 2 == 0 ? "\u2581" : " ";
    const WholeTextCuts cuts(tokens, space);
    const auto is_in_some_token = [&tokens](std::string_view part) {
      for (uint32_t id = 0; id < tokens.size(); ++id) {
        if (tokens[id].find(part) != std::string_view::npos) return true;
      }
      return false;
    };
    const auto is_end_of_some_token = [&tokens](std::string_view part) {
      for (uint32_t id = 0; id < tokens.size(); ++id) {
        if (tokens[id].ends_with(part)) return true;
      }
      return false;
    };
    const std::string text = RandomText(random, random() % 100);
    std::vector<uint64_t> masks(text.size() / 64 + 1);
    std::string padded = text;
    padded.resize(text.size() + 64, ' ');
    cuts.Find(std::string_view(padded).substr(0, text.size()), nullptr,
              masks.data());
    for (size_t at = 0; at < 64 * masks.size(); ++at) {
      const bool inside =
          at > 0 && at < text.size() && !IsContinuation(text[at]);
      bool expected = false;
      if (inside) {
        const std::string_view behind = std::string_view(text).substr(at - 1);
        expected = !is_in_some_token(behind.substr(0, 2));
        if (behind.substr(1).starts_with(space)) {
          bool reached = is_in_some_token(behind.substr(0, 1 + space.size()));
          for (size_t bytes = 2; bytes <= space.size(); ++bytes) {
            reached |= is_end_of_some_token(behind.substr(0, bytes));
          }
          expected |= !reached;
        }
        ++(expected ? cut : not_cut);
      }
      BOOST_TEST_REQUIRE((masks[at / 64] >> at % 64 & 1) ==
                         (expected ? 1U : 0U));
    }
  }
  BOOST_TEST(cut > 1000U);
  BOOST_TEST(not_cut > 1000U);
}

BOOST_AUTO_TEST_CASE(counts_are_those_of_the_whole) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    const bool replaces = round % 2 == 0;
    const auto build = [&] {
      auto vocabulary = RandomVocabulary(random);
      if (replaces) vocabulary->space_replacement = "\u2581";
      // Else nothing is cut, as most of these cannot be reached by merging.
      vocabulary->whole_pretoken_first = false;
      auto tables = BuildCountTables(std::move(vocabulary)).value();
      BOOST_TEST_REQUIRE((tables->whole_text_cuts() != nullptr));
      return tables;
    };
    const auto first = build();
    const auto second = build();
    const CountTables* const both[] = {first.get(), second.get()};
    BpeScratch scratches[2];
    for (const size_t window_bytes : {4, 64, 32 << 10}) {
      TokenCounter counter(both, {.window_bytes = window_bytes});
      for (int i = 0; i < 6; ++i) {
        const std::string text =
            RandomText(random, random() % (i == 0 ? 2000 : 60));
        const std::string replaced = replaces ? Replaced(text, "\u2581") : text;
        uint64_t expected[2];
        for (size_t k = 0; k < 2; ++k) {
          expected[k] = both[k]->CountPretoken(replaced, &scratches[k]);
        }
        uint64_t whole[2];
        counter.Count(text, whole);
        const size_t middle = random() % (text.size() + 1);
        counter.Feed(std::string_view(text).substr(0, middle));
        counter.Feed(std::string_view(text).substr(middle));
        uint64_t parts[2];
        counter.Finish(parts);
        for (size_t k = 0; k < 2; ++k) {
          BOOST_TEST_REQUIRE(whole[k] == expected[k]);
          BOOST_TEST_REQUIRE(parts[k] == expected[k]);
        }
      }
    }
  }
}

// More than is looked at in one go, in windows of all sizes.
BOOST_AUTO_TEST_CASE(without_a_cut_texts_of_any_size_are_counted) {
  auto vocabulary = ByteVocabulary();
  vocabulary->tokens.Append("aa");
  const auto tables = BuildCountTables(std::move(vocabulary)).value();
  const CountTables* const one[] = {tables.get()};
  TokenCounter usual(one);
  TokenCounter large(one, {.window_bytes = 1 << 20});
  for (const size_t apart : {0, 1, 500, 2000, 3000}) {
    for (size_t size = 20000; size < 140000; size += 251) {
      for (const size_t behind : {0, 1}) {
        TokenCounter& counter = size % 2 == 0 ? usual : large;
        const std::string text = std::string(apart, 'b') +
                                 std::string(size, 'a') +
                                 std::string(behind, 'b');
        uint64_t tokens[1];
        counter.Feed(text);
        counter.Finish(tokens);
        BOOST_TEST_REQUIRE(tokens[0] == apart + (size + 1) / 2 + behind);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

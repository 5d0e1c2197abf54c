#include "tokenize/token_counter.h"

#include <boost/test/unit_test.hpp>
#include <iterator>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "reference/small_vocabularies.h"
#include "tokenize/pretokenizer.h"
#include "tokenize/tokenizer_json.h"

namespace peaktext {
namespace {

// All bytes, then "ab", "abc", " the" and what leads to it.
std::unique_ptr<const CountTables> SmallTables(Pattern pattern,
                                               bool normalize = false) {
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = "small";
  vocabulary->pattern = pattern;
  vocabulary->normalize_nfc = normalize;
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

// Of every kind that patterns tell apart.
constexpr std::string_view kUnits[] = {
    "a",      "s",      "B",          "T",      "1",      "\u00B2",
    "\u0663", " ",      "\n",         "\r\n",   "\t",     "\u00A0",
    "\u3000", "!",      "'",          "/",      "\u2019", "\u00E9",
    "\u00C9", "\u4E2D", "\u0E01",     "\u0301", "\u20DD", "\u01C5",
    "\u02B0", "\u017F", "\U0001F600", "\u200D", "\uFEFF"};

// All pairs of these are tokens, so that nearly every boundary counts.
std::unique_ptr<const CountTables> PairTables(Pattern pattern) {
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = "pairs";
  vocabulary->pattern = pattern;
  std::set<std::pair<size_t, std::string>> tokens;
  for (int byte = 0; byte < 256; ++byte) {
    tokens.emplace(1, std::string(1, static_cast<char>(byte)));
  }
  for (const std::string_view first : kUnits) {
    for (const std::string_view second : kUnits) {
      const std::string pair = std::string(first) + std::string(second);
      for (size_t bytes = 2; bytes <= pair.size(); ++bytes) {
        tokens.emplace(bytes, pair.substr(0, bytes));
      }
    }
  }
  for (const auto& [bytes, token] : tokens) vocabulary->tokens.Append(token);
  return BuildCountTables(std::move(vocabulary)).value();
}

BOOST_AUTO_TEST_CASE(several_vocabularies_count_as_each_alone) {
  constexpr Pattern kPatterns[] = {
      Pattern::kGpt2,  Pattern::kCl100k, Pattern::kQwen2,      Pattern::kQwen35,
      Pattern::kO200k, Pattern::kTekken, Pattern::kDeepSeekV3, Pattern::kO200k};
  constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};
  std::vector<std::unique_ptr<const CountTables>> tables;
  for (const Pattern pattern : kPatterns) tables.push_back(PairTables(pattern));
  std::mt19937_64 random(21);
  for (int round = 0; round < 60; ++round) {
    const CounterOptions options = {.isa = kIsas[round % 3]};
    if (!IsaSupported(options.isa)) continue;
    std::vector<const CountTables*> some;
    for (const auto& table : tables) {
      if (random() % 3 != 0) some.push_back(table.get());
    }
    if (some.empty()) continue;
    TokenCounter together(some, options);
    std::vector<TokenCounter> alone;
    for (const CountTables* const& table : some) {
      alone.emplace_back(std::span(&table, 1), options);
    }
    for (int i = 0; i < 40; ++i) {
      // Some as long as what is looked at at once, and longer.
      const size_t bytes = i == 0 ? 32700 + random() % 200 : random() % 1500;
      std::string text;
      while (text.size() < bytes) text += kUnits[random() % std::size(kUnits)];
      if (random() % 8 == 0) text.insert(random() % (bytes + 1), "\xE4\xB8");
      std::vector<uint64_t> tokens(some.size());
      // After a part of a text nothing is whole.
      const size_t fed = random() % 8 == 0 ? random() % (text.size() + 1) : 0;
      together.Feed(std::string_view(text).substr(0, fed));
      together.Count(std::string_view(text).substr(fed), tokens);
      for (size_t k = 0; k < some.size(); ++k) {
        uint64_t expected = 0;
        alone[k].Count(text, {&expected, 1});
        BOOST_TEST_REQUIRE(tokens[k] == expected);
      }
    }
  }
}

// Mostly short ones, of which many are counted together; in them what is no
// text, and what is too long for that.
std::vector<std::string> ManyTexts(std::mt19937_64* random) {
  std::vector<std::string> texts((*random)() % 700);
  for (std::string& text : texts) {
    const uint64_t kind = (*random)() % 200;
    const size_t most = kind == 0 ? 40000 : kind < 20 ? 3000 : 30;
    const size_t bytes = (*random)() % most;
    while (text.size() < bytes) text += kUnits[(*random)() % std::size(kUnits)];
    if (kind % 16 == 1) text.insert((*random)() % (text.size() + 1), "\xE4");
  }
  return texts;
}

BOOST_AUTO_TEST_CASE(many_texts_count_as_each_alone) {
  constexpr Pattern kPatterns[] = {Pattern::kO200k,      Pattern::kCl100k,
                                   Pattern::kTekken,     Pattern::kGpt2,
                                   Pattern::kDeepSeekV3, Pattern::kWholeText};
  constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};
  std::vector<std::unique_ptr<const CountTables>> tables;
  for (const Pattern pattern : kPatterns) tables.push_back(PairTables(pattern));
  tables.push_back(SmallTables(Pattern::kQwen2, /*normalize=*/true));
  std::mt19937_64 random(22);
  for (int round = 0; round < 45; ++round) {
    const CounterOptions options = {.cache_bytes = 1 << 20,
                                    .isa = kIsas[round % 3]};
    if (!IsaSupported(options.isa)) continue;
    std::vector<const CountTables*> some;
    for (const auto& table : tables) {
      if (random() % 3 == 0) some.push_back(table.get());
    }
    if (some.empty())
      some.push_back(tables[static_cast<size_t>(round % 3)].get());
    const std::vector<std::string> texts = ManyTexts(&random);
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<uint64_t> tokens(texts.size() * some.size(), 7);
    TokenCounter(some, options).CountAll(views, tokens);
    TokenCounter counter(some, options);
    std::vector<uint64_t> expected(some.size());
    for (size_t i = 0; i < texts.size(); ++i) {
      counter.Feed(texts[i]);
      counter.Finish(expected);
      BOOST_TEST_REQUIRE(
          std::equal(expected.begin(), expected.end(),
                     tokens.begin() + static_cast<ptrdiff_t>(i * some.size())));
    }
  }
}

// A token that is only ever a whole pretoken keeps its neighbours from being
// cut off; all else that is cut counts as it would in one piece.
BOOST_AUTO_TEST_CASE(cut_pretokens_count_as_whole_ones) {
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = "whole";
  vocabulary->pattern = Pattern::kCl100k;
  vocabulary->whole_pretoken_first = true;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary->tokens.Append(std::string(1, static_cast<char>(byte)));
  }
  // "日", "本" and "日本" with what leads to them, "文日" and "中文" without.
  for (const char* token :
       {"\xE6\x97", "\xE6\x97\xA5", "\xE6\x9C", "\xE6\x9C\xAC",
        "\xE6\x97\xA5\xE6\x9C\xAC", "文日", "中文"}) {
    vocabulary->tokens.Append(token);
  }
  const std::unique_ptr<const CountTables> tables =
      BuildCountTables(std::move(vocabulary)).value();
  const CountTables* const one[] = {tables.get()};
  TokenCounter counter(one);
  const auto count = [&](std::string_view text) {
    uint64_t tokens[1];
    counter.Count(text, tokens);
    return tokens[0];
  };
  BOOST_TEST(count("日本") == 1);
  BOOST_TEST(count("中文") == 1);
  BOOST_TEST(count("日中文") == 7);
  BOOST_TEST(count("中文日") == 7);
  BpeScratch scratch;
  const char* const characters[] = {"日", "本", "中", "文", "a", " "};
  for (int number = 0; number < 6 * 6 * 6 * 6 * 6 * 6; ++number) {
    std::string text;
    for (int left = number; left != 0; left /= 6) text += characters[left % 6];
    PretokenStep step(Pattern::kCl100k, text, /*final=*/true);
    uint64_t expected = 0;
    for (size_t at = 0; at < text.size();) {
      const size_t end = step.Next(at);
      expected += tables->CountPretoken(
          std::string_view(text).substr(at, end - at), &scratch);
      at = end;
    }
    BOOST_REQUIRE(count(text) == expected);
  }
}

// Pretokens longer than the window are counted in parts.
BOOST_AUTO_TEST_CASE(any_window_gives_the_same_count) {
  const char* const members[] = {"ab",
                                 "c",
                                 "A",
                                 "S",
                                 "'s",
                                 "'",
                                 " ",
                                 "\n",
                                 "\t",
                                 "/",
                                 "!",
                                 "7",
                                 "\xC3\xA9",
                                 "\xC5\xBF",
                                 "th",
                                 "e",
                                 "\x01",
                                 "\xCC\x81",
                                 "\xE4\xB8\xAD",
                                 "\xC2\xA0",
                                 "\xD9\xA5",
                                 "\xF0\x9F\x98\x80",
                                 "\xE2\x80\x8D",
                                 "\xE2\x80\xA8",
                                 "\xFF"};
  std::mt19937_64 random(5);
  for (int kind = 0; kind <= static_cast<int>(Pattern::kWholeText); ++kind) {
    const auto pattern = static_cast<Pattern>(kind);
    const std::unique_ptr<const CountTables> tables = SmallTables(pattern);
    const CountTables* const one[] = {tables.get()};
    TokenCounter whole(one);
    for (const size_t window_bytes : {4, 7, 64, 300}) {
      TokenCounter parts(one, {.window_bytes = window_bytes});
      for (int i = 0; i < 300; ++i) {
        const char* some[4];
        for (const char*& member : some) {
          member = members[random() % std::size(members)];
        }
        std::string text;
        const size_t length = random() % (i % 10 == 0 ? 1000 : 60);
        while (text.size() < length) text += some[random() % 4];
        uint64_t expected[1];
        uint64_t counted[1];
        whole.Count(text, expected);
        parts.Count(text, counted);
        BOOST_TEST_REQUIRE(
            counted[0] == expected[0],
            "pattern " << kind << ", window " << window_bytes << ": " << text);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(endless_marks_to_normalize_are_refused) {
  const std::unique_ptr<const CountTables> tables =
      SmallTables(Pattern::kQwen2, /*normalize=*/true);
  const CountTables* const one[] = {tables.get()};
  std::string marks;
  for (int i = 0; i < 32000; ++i) marks += "\u0316";
  TokenCounter counter(one, {.window_bytes = 64});
  uint64_t tokens[1];
  counter.Count("a" + marks, tokens);
  BOOST_TEST(tokens[0] == 1 + marks.size());
  counter.Feed("a" + marks);
  BOOST_CHECK_THROW(for (int i = 0; i < 4; ++i) counter.Feed(marks),
                    std::length_error);
}

// In one piece, in two, and with bytes that are not UTF-8; what is fed in
// pieces is held whole, up to a ceiling.
BOOST_AUTO_TEST_CASE(added_tokens_are_found_however_a_text_comes) {
  const auto tables =
      BuildCountTables(
          std::make_unique<const Vocabulary>(
              ParseTokenizerJson(
                  TokenizerJson(
                      {.top = R"("added_tokens":[{"id":300,"content":"<x>"},)"
                              R"({"id":301,"content":"<"},)"
                              R"({"id":302,"content":"\u00e9"}],)"}),
                  "small")
                  .value()))
          .value();
  const CountTables* const one[] = {tables.get()};
  TokenCounter counter(one, {.added_tokens = true, .most_whole_bytes = 64});
  const auto counted = [&](std::string_view text, size_t cut) {
    uint64_t tokens[1];
    counter.Feed(text.substr(0, cut));
    counter.Feed(text.substr(cut));
    counter.Finish(tokens);
    uint64_t whole[1];
    counter.Count(text, whole);
    BOOST_TEST(whole[0] == tokens[0]);
    return tokens[0];
  };
  constexpr std::string_view kText = "<x><x<a\u00E9b\xC3<x>";
  for (size_t cut = 0; cut <= kText.size(); ++cut) {
    // <x> < x < a e-acute b U+FFFD (3) <x>
    BOOST_TEST(counted(kText, cut) == 11U);
  }
  uint64_t tokens[1];
  counter.Count(std::string(65, '<'), tokens);
  BOOST_TEST(tokens[0] == 65U);
  counter.Feed(std::string(40, '<'));
  BOOST_CHECK_THROW(counter.Feed(std::string(40, '<')), std::length_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

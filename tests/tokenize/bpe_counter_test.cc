// Counting by valid pairs against merging as it is defined, on vocabularies of
// every kind of disorder: priorities that rise and that do not, tokens that
// cannot be reached, ranks and listed merges.
#include "tokenize/bpe_counter.h"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "reference/small_vocabularies.h"
#include "tokenize/count_tables.h"
#include "tokenize/tokenizer_json.h"
#include "tokenize/vocabulary.h"

namespace peaktext {
namespace {

// The definition: the pair of lowest priority first, the leftmost of equals.
std::vector<uint32_t> MergeNaively(const Vocabulary& vocabulary,
                                   std::string_view text) {
  std::map<std::string, uint32_t, std::less<>> ids;
  for (uint32_t id = 0; id < vocabulary.tokens.size(); ++id) {
    ids.emplace(vocabulary.tokens[id], id);
  }
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> merges;
  for (uint32_t i = 0; i < vocabulary.merges.size(); ++i) {
    merges[{vocabulary.merges[i].left, vocabulary.merges[i].right}] = i;
  }
  std::vector<uint32_t> tokens;
  for (const char c : text) tokens.push_back(ids.at(std::string(1, c)));
  for (;;) {
    uint32_t best = UINT32_MAX;
    size_t best_at = 0;
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
      uint32_t priority = UINT32_MAX;
      if (vocabulary.rule == MergeRule::kRanks) {
        const auto found =
            ids.find(std::string(vocabulary.tokens[tokens[i]]) +
                     std::string(vocabulary.tokens[tokens[i + 1]]));
        if (found != ids.end()) priority = found->second;
      } else {
        const auto found = merges.find({tokens[i], tokens[i + 1]});
        if (found != merges.end()) priority = found->second;
      }
      if (priority < best) {
        best = priority;
        best_at = i;
      }
    }
    if (best == UINT32_MAX) return tokens;
    tokens[best_at] = vocabulary.rule == MergeRule::kRanks
                          ? best
                          : vocabulary.merges[best].result;
    tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
  }
}

// Tokens over the first `letters` letters; in disorder when `shuffled`.
Vocabulary RandomVocabulary(std::mt19937_64& random, MergeRule rule,
                            size_t letters, size_t tokens, bool shuffled,
                            size_t longest = 8) {
  std::vector<std::string> made;
  std::set<std::string> known;
  for (size_t i = 0; i < letters; ++i) {
    made.push_back(std::string(1, static_cast<char>('a' + i)));
  }
  while (made.size() < letters + tokens) {
    const std::string token =
        made[random() % made.size()] + made[random() % made.size()];
    if (token.size() <= longest && known.insert(token).second)
      made.push_back(token);
  }
  made.erase(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(letters));
  if (shuffled) std::shuffle(made.begin(), made.end(), random);
  Vocabulary vocabulary;
  vocabulary.rule = rule;
  std::map<std::string, uint32_t> ids;
  for (int byte = 0; byte < 256; ++byte) {
    made.insert(made.begin() + byte, std::string(1, static_cast<char>(byte)));
  }
  for (const std::string& token : made) {
    ids[token] = vocabulary.tokens.size();
    vocabulary.tokens.Append(token);
  }
  if (rule == MergeRule::kRanks) return vocabulary;
  for (const std::string& token : made) {
    for (size_t cut = 1; cut < token.size(); ++cut) {
      const auto left = ids.find(token.substr(0, cut));
      const auto right = ids.find(token.substr(cut));
      if (left == ids.end() || right == ids.end() || random() % 4 == 0)
        continue;
      vocabulary.merges.push_back({left->second, right->second, ids[token]});
    }
  }
  if (shuffled) {
    std::shuffle(vocabulary.merges.begin(), vocabulary.merges.end(), random);
  }
  return vocabulary;
}

void CheckAll(const Vocabulary& vocabulary, const BpeModel& model,
              size_t letters, size_t length, std::string* text) {
  BpeScratch scratch;
  if (!text->empty()) {
    const size_t expected = MergeNaively(vocabulary, *text).size();
    BOOST_REQUIRE_MESSAGE(CountPiece(model, *text, &scratch) == expected,
                          *text << ", expected " << expected);
  }
  if (text->size() == length) return;
  for (size_t i = 0; i < letters; ++i) {
    text->push_back(static_cast<char>('a' + i));
    CheckAll(vocabulary, model, letters, length, text);
    text->pop_back();
  }
}

BOOST_AUTO_TEST_SUITE(bpe_counter)

BOOST_AUTO_TEST_CASE(all_short_pieces_are_counted_as_merging_does) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 120; ++round) {
    const size_t letters = 1 + random() % 3;
    const size_t tokens = letters == 1 ? 1 + random() % 5 : 2 + random() % 14;
    const MergeRule rule =
        round % 2 == 0 ? MergeRule::kRanks : MergeRule::kMerges;
    const Vocabulary vocabulary = RandomVocabulary(
        random, rule, letters, tokens, /*shuffled=*/round % 4 < 2);
    const Result<BpeModel> model = BpeModel::Build(vocabulary);
    BOOST_REQUIRE_MESSAGE(model.has_value(), "round " << round);
    std::string text;
    const size_t length = letters == 1 ? 40 : letters == 2 ? 8 : 5;
    BOOST_TEST_CONTEXT("round " << round) {
      CheckAll(vocabulary, *model, letters, length, &text);
    }
  }
}

BOOST_AUTO_TEST_CASE(long_random_pieces_are_counted_as_merging_does) {
  std::mt19937_64 random(4);
  constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};
  for (int round = 0; round < 180; ++round) {
    const Isa isa = kIsas[round % 3];
    if (!IsaSupported(isa)) continue;
    BpeScratch scratch(isa);
    // Also longer ones than those that are judged by limits.
    const size_t longest = round % 5 == 0 ? 20 : 8;
    const Vocabulary vocabulary = RandomVocabulary(
        random, round % 2 == 0 ? MergeRule::kRanks : MergeRule::kMerges, 3, 60,
        /*shuffled=*/round % 4 < 2, longest);
    const BpeModel model = BpeModel::Build(vocabulary).value();
    for (int i = 0; i < 10; ++i) {
      std::string text(random() % (i == 0 ? 2000 : 200) + 1, 'a');
      for (char& c : text) c = static_cast<char>('a' + random() % 3);
      BOOST_REQUIRE(CountPiece(model, text, &scratch) ==
                    MergeNaively(vocabulary, text).size());
    }
  }
}

// Where no token has more than five bytes, it is known of some pairs of bytes
// that they merge before all others; and what tokens the next ones are is
// foreseen.
BOOST_AUTO_TEST_CASE(short_tokens_are_counted_as_merging_does) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 600; ++round) {
    const size_t letters = 3 + random() % 6;
    const size_t longest = 3 + random() % 3;
    const Vocabulary vocabulary = RandomVocabulary(
        random, round % 2 == 0 ? MergeRule::kRanks : MergeRule::kMerges,
        letters, 4 + random() % 25, /*shuffled=*/round % 4 < 2, longest);
    const BpeModel model = BpeModel::Build(vocabulary).value();
    std::string text(300 + random() % 400, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % letters);
    const size_t expected = MergeNaively(vocabulary, text).size();
    for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
      if (!IsaSupported(isa)) continue;
      BpeScratch scratch(isa);
      // From the second time on the tokens before are known to be short.
      for (int time = 0; time < 2; ++time) {
        BOOST_REQUIRE_MESSAGE(CountPiece(model, text, &scratch) == expected,
                              "round " << round << ", " << IsaName(isa));
      }
    }
  }
}

// Tokens longer than those parts that limits are known for, than rows, and than
// what is kept of the places before.
BOOST_AUTO_TEST_CASE(long_tokens_are_counted_as_merging_does) {
  std::mt19937_64 random(14);
  constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};
  for (int round = 0; round < 240; ++round) {
    const Isa isa = kIsas[round % 3];
    if (!IsaSupported(isa)) continue;
    BpeScratch scratch(isa);
    constexpr size_t kLongest[] = {12, 24, 40, 400};
    const Vocabulary vocabulary = RandomVocabulary(
        random, round % 2 == 0 ? MergeRule::kRanks : MergeRule::kMerges,
        2 + random() % 2, 40 + random() % 80, /*shuffled=*/round % 8 >= 6,
        kLongest[random() % 4]);
    const BpeModel model = BpeModel::Build(vocabulary).value();
    for (int i = 0; i < 4; ++i) {
      std::string text;
      const size_t bytes = random() % (i == 0 ? 2000 : 300) + 1;
      while (text.size() < bytes) {
        const size_t made = vocabulary.tokens.size() - 256;
        const auto id = static_cast<uint32_t>(256 + random() % made);
        const std::string_view token = vocabulary.tokens[id];
        // Whole ones, and what is left of others.
        const size_t end = random() % 3 == 0 ? random() % token.size() : 400;
        text += token.substr(0, end);
      }
      BOOST_REQUIRE(CountPiece(model, text, &scratch) ==
                    MergeNaively(vocabulary, text).size());
    }
  }
}

// All strings of so many letters, up to `length`.
std::vector<std::string> AllStrings(size_t letters, size_t length) {
  std::vector<std::string> strings;
  for (size_t i = 0; i < letters; ++i) {
    strings.push_back(std::string(1, static_cast<char>('a' + i)));
  }
  for (size_t i = 0; strings[i].size() < length; ++i) {
    for (size_t letter = 0; letter < letters; ++letter) {
      strings.push_back(strings[i] + static_cast<char>('a' + letter));
    }
  }
  return strings;
}

// The kernels, with as many side by side as `together` says.
void CheckSideBySide(const Vocabulary& vocabulary, const MergeWords& words,
                     const std::vector<std::string>& strings,
                     const std::function<size_t()>& together) {
  std::vector<size_t> expected;
  std::vector<std::string> padded;  // 16 bytes can be read
  for (const std::string& string : strings) {
    expected.push_back(MergeNaively(vocabulary, string).size());
    padded.push_back(string + "aaaaabbbbbcccccd");
  }
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (!IsaSupported(isa)) continue;
    for (size_t at = 0; at < strings.size();) {
      const size_t end = std::min(strings.size(), at + together());
      std::vector<std::string_view> pretokens;
      for (size_t i = at; i < end; ++i) {
        pretokens.push_back(
            std::string_view(padded[i]).substr(0, strings[i].size()));
      }
      std::vector<uint32_t> tokens(pretokens.size() + 1, 77);
      MergeFunctionFor(isa)(words, pretokens, tokens.data());
      for (; at < end; ++at) {
        BOOST_REQUIRE_MESSAGE(
            tokens[pretokens.size() - (end - at)] == expected[at],
            IsaName(isa) << ": " << strings[at]);
      }
      BOOST_REQUIRE(tokens.back() == 77);
    }
  }
}

BOOST_AUTO_TEST_CASE(short_pieces_side_by_side_are_counted_as_merging_does) {
  std::mt19937_64 random(21);
  int fit = 0;
  for (int round = 0; round < 120; ++round) {
    const size_t letters = 1 + random() % 4;
    const Vocabulary vocabulary = RandomVocabulary(
        random, round % 2 == 0 ? MergeRule::kRanks : MergeRule::kMerges,
        letters, letters == 1 ? 5 : 2 + random() % 60,
        /*shuffled=*/round % 4 < 2, /*longest=*/round % 3 == 0 ? 30 : 8);
    const BpeModel model = BpeModel::Build(vocabulary).value();
    const std::optional<MergeWords> words = model.merge_words();
    // What is merged earlier may have no lower id.
    if (!words) continue;
    ++fit;
    std::vector<std::string> strings =
        AllStrings(letters, letters == 1   ? kMostMergedBytes
                            : letters == 2 ? 8
                                           : 5);
    for (int i = 0; i < 200; ++i) {
      std::string text(1 + random() % kMostMergedBytes, 'a');
      for (char& c : text) c = static_cast<char>('a' + random() % letters);
      strings.push_back(text);
    }
    BOOST_TEST_CONTEXT("round " << round) {
      CheckSideBySide(vocabulary, *words, strings, [] { return size_t{16}; });
      std::shuffle(strings.begin(), strings.end(), random);
      CheckSideBySide(vocabulary, *words, strings,
                      [&] { return size_t{1} + random() % 40; });
    }
  }
  BOOST_TEST(fit > 60);
}

// What repeats is counted once, wherever it begins and ends.
BOOST_AUTO_TEST_CASE(pieces_that_repeat_are_counted_as_merging_does) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 150; ++round) {
    const Isa isa = round % 2 == 0 ? Isa::kScalar : BestIsa();
    BpeScratch scratch(isa);
    const size_t letters = 1 + random() % 3;
    const Vocabulary vocabulary = RandomVocabulary(
        random, round % 4 < 2 ? MergeRule::kRanks : MergeRule::kMerges, letters,
        letters == 1 ? 5 : 60, /*shuffled=*/round % 8 < 4);
    const BpeModel model = BpeModel::Build(vocabulary).value();
    const auto letter = [&] {
      return static_cast<char>('a' + random() % letters);
    };
    for (int i = 0; i < 4; ++i) {
      std::string unit(1 + random() % (i == 0 ? 70 : 12), 'a');
      for (char& c : unit) c = letter();
      std::string text;
      const size_t bytes = 200 + random() % 800;
      while (text.size() < bytes) {
        text += unit;
        if (random() % 100 == 0) text += letter();
        if (random() % 200 == 0) unit += letter();
      }
      BOOST_REQUIRE(CountPiece(model, text, &scratch) ==
                    MergeNaively(vocabulary, text).size());
    }
  }
}

BOOST_AUTO_TEST_CASE(pieces_counted_together_count_as_each_alone) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 60; ++round) {
    BpeScratch scratch;
    // Without a byte to part pieces by, too.
    const bool joinable = round % 3 != 0;
    auto vocabulary = std::make_unique<Vocabulary>(RandomVocabulary(
        random, round % 2 == 0 ? MergeRule::kRanks : MergeRule::kMerges, 3, 60,
        /*shuffled=*/round % 4 < 2));
    for (int byte = 0xF5; byte <= 0xFF && !joinable; ++byte) {
      vocabulary->tokens.Append(std::string{'a', static_cast<char>(byte)});
    }
    vocabulary->whole_pretoken_first = round % 5 == 0;
    const auto tables = BuildCountTables(std::move(vocabulary)).value();
    for (int i = 0; i < 10; ++i) {
      std::string text(60 * 100 + 16, ' ');
      for (char& c : text) c = static_cast<char>('a' + random() % 3);
      // Some of one letter, which are counted apart.
      for (size_t from = 0; i % 2 == 1 && from + 200 < text.size();) {
        const auto letter = static_cast<char>('a' + random() % 3);
        std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(from),
                    random() % 120, letter);
        from += 200;
      }
      std::vector<std::string_view> pieces(random() % 60);
      size_t at = 0;
      for (std::string_view& piece : pieces) {
        const size_t bytes = random() % (random() % 8 == 0 ? 100 : 12) + 1;
        piece = std::string_view(text).substr(at, bytes);
        at += bytes;
      }
      std::vector<uint32_t> tokens(pieces.size());
      tables->CountPretokens(pieces, tokens.data(), &scratch);
      for (size_t k = 0; k < pieces.size(); ++k) {
        BOOST_TEST_REQUIRE(tokens[k] ==
                           tables->CountPretoken(pieces[k], &scratch));
      }
    }
  }
}

// Of the vocabulary below: "\u00E9" is no token, becomes two, of bytes, and
// parts what is before and behind it.
constexpr std::string_view kNoToken = "\u00E9";

std::string RandomCharacters(std::mt19937_64& random, size_t most,
                             size_t kinds) {
  constexpr std::string_view kCharacters[] = {"a", "b", "c",     "d",
                                              "▁", "e", kNoToken};
  std::string text;
  for (size_t i = random() % most + 1; i > 0; --i) {
    // The last ones seldom.
    text += kCharacters[random() % (random() % 16 == 0 ? kinds : 5)];
  }
  return text;
}

uint64_t CountWithoutNoTokens(const BpeModel& model, std::string_view piece,
                              BpeScratch* scratch) {
  uint64_t tokens = 0;
  while (!piece.empty()) {
    const size_t end = std::min(piece.find(kNoToken), piece.size());
    if (end > 0) tokens += CountPiece(model, piece.substr(0, end), scratch);
    piece.remove_prefix(end);
    if (piece.empty()) break;
    tokens += kNoToken.size();
    piece.remove_prefix(kNoToken.size());
  }
  return tokens;
}

// The one that parts the pieces may be in one of them, too.
BOOST_AUTO_TEST_CASE(pieces_of_characters_count_as_each_alone) {
  const Vocabulary vocabulary =
      ParseTokenizerJson(ByteFallbackTokenizerJson(), "test").value();
  const BpeModel model = BpeModel::Build(vocabulary).value();
  BOOST_TEST_REQUIRE(model.separator() == "e");
  std::mt19937_64 random(22);
  BpeScratch scratch;
  size_t with_rare = 0;  // texts that have the last characters
  for (int round = 0; round < 4000; ++round) {
    const size_t kinds = 5 + random() % 3;
    std::string text;
    std::vector<size_t> ends(1 + random() % 20);
    for (size_t& end : ends) {
      text += RandomCharacters(random, 12, kinds);
      end = text.size();
    }
    with_rare += text.find_first_of("e\u00E9") != std::string::npos ? 1 : 0;
    text += std::string(16, 'a');
    std::vector<std::string_view> pieces;
    for (size_t i = 0; i < ends.size(); ++i) {
      const size_t begin = i == 0 ? 0 : ends[i - 1];
      pieces.push_back(std::string_view(text).substr(begin, ends[i] - begin));
    }
    std::vector<uint32_t> tokens(pieces.size());
    CountPieces(model, pieces, tokens.data(), &scratch);
    for (size_t i = 0; i < pieces.size(); ++i) {
      BOOST_TEST_REQUIRE(tokens[i] ==
                         CountWithoutNoTokens(model, pieces[i], &scratch));
    }
  }
  BOOST_TEST(with_rare > 400U);
  BOOST_TEST(with_rare < 3600U);
}

// Of any length, at once and in parts.
BOOST_AUTO_TEST_CASE(characters_that_are_no_tokens_part_a_piece) {
  const Vocabulary vocabulary =
      ParseTokenizerJson(ByteFallbackTokenizerJson(), "test").value();
  const BpeModel model = BpeModel::Build(vocabulary).value();
  std::mt19937_64 random(23);
  for (int round = 0; round < 300; ++round) {
    BpeScratch scratch;
    LongPieceCounter counter(model, /*window_bytes=*/16);
    std::string text;
    for (size_t parts = random() % 30 + 1; parts > 0; --parts) {
      const std::string part = RandomCharacters(random, 100, 7);
      counter.Feed(part, &scratch);
      text += part;
    }
    const uint64_t tokens = CountWithoutNoTokens(model, text, &scratch);
    BOOST_TEST_REQUIRE(CountPiece(model, text, &scratch) == tokens);
    BOOST_TEST_REQUIRE(counter.Finish(&scratch) == tokens);
  }
}

BOOST_AUTO_TEST_CASE(a_piece_in_parts_counts_as_the_whole) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 100; ++round) {
    BpeScratch scratch;
    const size_t letters = 1 + random() % 3;
    const Vocabulary vocabulary = RandomVocabulary(
        random, round % 2 == 0 ? MergeRule::kRanks : MergeRule::kMerges,
        letters, letters == 1 ? 3 : 60, /*shuffled=*/round % 4 < 2);
    const BpeModel model = BpeModel::Build(vocabulary).value();
    LongPieceCounter counter(model, /*window_bytes=*/16);
    std::string text(random() % 3000 + 1, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % letters);
    for (size_t at = 0; at < text.size();) {
      const size_t bytes = 1 + random() % 100;
      counter.Feed(std::string_view(text).substr(at, bytes), &scratch);
      at += bytes;
    }
    BOOST_REQUIRE(counter.Finish(&scratch) ==
                  CountPiece(model, text, &scratch));
  }
}

// A text that has each pair of 64 letters once, and a vocabulary of these
// pairs, whose ranks fall along it: whether the first two letters merge depends
// on the last one.
struct FallingRanks {
  FallingRanks() {
    constexpr int kLetters = 64;
    std::array<int, kLetters> next = {};
    for (std::vector<int> path = {0}; !path.empty();) {
      int& to = next[static_cast<size_t>(path.back())];
      if (to < kLetters) {
        path.push_back(to++);
      } else {
        text += static_cast<char>('A' + path.back());
        path.pop_back();
      }
    }
    std::reverse(text.begin(), text.end());
    for (int byte = 0; byte < 256; ++byte) {
      vocabulary.tokens.Append(std::string(1, static_cast<char>(byte)));
    }
    for (size_t at = text.size() - 1; at > 0; --at) {
      vocabulary.tokens.Append(std::string_view(text).substr(at - 1, 2));
    }
  }

  std::string text;
  Vocabulary vocabulary;
};

BOOST_AUTO_TEST_CASE(a_piece_that_its_far_end_decides_on_is_refused) {
  const FallingRanks falling;
  const BpeModel model = BpeModel::Build(falling.vocabulary).value();
  BpeScratch scratch;
  LongPieceCounter counter(model, /*window_bytes=*/16);
  const std::string_view near = std::string_view(falling.text).substr(0, 501);
  counter.Feed(near, &scratch);
  BOOST_TEST(counter.Finish(&scratch) == CountPiece(model, near, &scratch));
  counter.Feed(falling.text, &scratch);
  BOOST_CHECK_THROW(counter.Finish(&scratch), std::length_error);
}

BOOST_AUTO_TEST_CASE(merging_in_rounds_gives_what_merging_does) {
  std::mt19937_64 random(24);
  MergeRounds rounds;
  size_t counted = 0;
  for (int round = 0; round < 400; ++round) {
    const size_t letters = 1 + random() % 3;
    const Vocabulary vocabulary = RandomVocabulary(
        random, round % 2 == 0 ? MergeRule::kRanks : MergeRule::kMerges,
        letters, letters == 1 ? 6 : 60, /*shuffled=*/round % 4 < 2,
        /*longest=*/letters == 1 ? 40 : 8);
    const BpeModel model = BpeModel::Build(vocabulary).value();
    const auto words = model.merge_words();
    if (!words) continue;
    for (int i = 0; i < 10; ++i) {
      std::string text;
      for (size_t runs = 1 + random() % 6; runs > 0; --runs) {
        text.append(1 + random() % 60,
                    static_cast<char>('a' + random() % letters));
      }
      for (size_t more = random() % 40; more > 0; --more) {
        text += static_cast<char>('a' + random() % letters);
      }
      const auto tokens = rounds.Count(*words, text);
      if (!tokens) continue;
      ++counted;
      BOOST_TEST_REQUIRE(*tokens == MergeNaively(vocabulary, text).size());
    }
  }
  BOOST_TEST(counted > 2000U);
}

BOOST_AUTO_TEST_CASE(rounds_without_end_are_given_up) {
  const FallingRanks falling;
  const BpeModel model = BpeModel::Build(falling.vocabulary).value();
  const auto words = model.merge_words();
  BOOST_TEST_REQUIRE(words.has_value());
  MergeRounds rounds;
  BOOST_TEST(rounds.Count(*words, "A").value() == 1U);
  BOOST_TEST(rounds.Count(*words, falling.text.substr(0, 20)).has_value());
  BOOST_TEST(!rounds.Count(*words, falling.text).has_value());
}

BOOST_AUTO_TEST_CASE(what_repeats_itself_is_seen) {
  for (const std::string unit : {"-", "=-", "abc", "\u2500\u2501"}) {
    std::string text = "some text before it, of no period at all: ";
    for (int i = 0; i < 40; ++i) text += unit;
    BOOST_TEST(RepeatsItself(text) == (unit.size() <= 4));
  }
  BOOST_TEST(!RepeatsItself(""));
  BOOST_TEST(!RepeatsItself("----------------"));
  BOOST_TEST(!RepeatsItself(std::string(1 << 13, '-')));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

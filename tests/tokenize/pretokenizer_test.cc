// Scanners against the expressions run as such (tests/reference): all short
// strings over one member or more of each cell of the predicates, longer random
// ones, at every offset of a block, for every instruction set.
#include "tokenize/pretokenizer.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "reference/pattern_matcher.h"
#include "tokenize/block_scanner.h"
#include "tokenize/exact_cuts.h"
#include "tokenize/token_list.h"

BOOST_TEST_DONT_PRINT_LOG_VALUE(peaktext::Isa)

namespace peaktext {
namespace {

constexpr Pattern kPatterns[] = {
    Pattern::kGpt2,  Pattern::kCl100k, Pattern::kQwen2,     Pattern::kQwen35,
    Pattern::kO200k, Pattern::kTekken, Pattern::kDeepSeekV3};

// Letters (upper, title, lower, modifier, other; 1 to 4 bytes), marks, numbers,
// white space, signs, controls, unassigned ones.
const std::vector<std::string> kMembers = {
    "A",    "a",      "s",      "S",  "'",      "\u017F", "\u01C5", "\u00C9",
    "я",    "\u00AA", "中",     "ー", "\u0301", "\u0903", "5",      "\u0665",
    "²",    " ",      "\t",     "\n", "\r",     "\u0085", "\u00A0", "\u3000",
    "/",    "!",      "“",      "😀",  "\u180E", "\uFEFF", "𐐀",      "𐐨",
    "\x01", "\x7F",   "\u0378", "l",  "re",     "\u30FB", "\u3099", "\u3040"};
// Of these, the ones that the patterns tell apart most.
const std::vector<std::string> kCore = {"A",  "a", "s",  "'",  "\u017F",
                                        "中", " ", "\n", "\t", "\u0301",
                                        "5",  "/", "!"};

std::vector<size_t> StepEnds(Pattern pattern, std::string_view text) {
  PretokenStep step(pattern, text, /*final=*/true);
  std::vector<size_t> ends;
  for (size_t at = 0; at < text.size(); at = ends.back()) {
    ends.push_back(step.Next(at));
  }
  return ends;
}

std::vector<size_t> BlockEnds(const BlockScanner& scanner,
                              std::string_view text, bool final = true) {
  std::string padded(text);
  padded.append(BlockScanner::kPaddingBytes, '\0');
  static std::vector<uint16_t> positions(BlockScanner::kMaxBytes +
                                         BlockScanner::kSlack);
  const size_t count =
      scanner.Scan(std::string_view(padded).substr(0, text.size()), 0, final,
                   nullptr, positions);
  return {positions.begin() + 1,
          positions.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string Show(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      shown += c;
    } else {
      shown += "\\x" + std::to_string(static_cast<unsigned char>(c));
    }
  }
  return shown;
}

template <class Visit>
void ForAllStrings(const std::vector<std::string>& members, int length,
                   const Visit& visit, const std::string& before = "") {
  if (!before.empty()) visit(before);
  if (length == 0) return;
  for (const std::string& member : members) {
    ForAllStrings(members, length - 1, visit, before + member);
  }
}

std::string RandomString(std::mt19937_64& random, size_t members) {
  std::string text;
  // A few kinds at a time make runs and repeats.
  const std::string* kinds[4];
  for (const std::string*& kind : kinds) {
    kind = &kMembers[random() % kMembers.size()];
  }
  for (size_t i = 0; i < members; ++i) text += *kinds[random() % 4];
  return text;
}

// Places that the masks do not decide, for one pattern or another: some that
// are equally far from one another or not, text without any, and so on.
std::string UnsureText(std::mt19937_64& random) {
  const std::vector<std::string> unsure = {"'s",
                                           "'S",
                                           "a's't",
                                           "'re",
                                           "'\u017F",
                                           "a'\u0179",
                                           "!\n/",
                                           "\x01"
                                           "a",
                                           "\x01\x7F",
                                           "\u30FB",
                                           "!!\u0301",
                                           "\n" + std::string(130, ' ') + "\n"};
  const std::vector<std::string> sure = {"a",  " word",        "\u4E2D\u6587",
                                         "1 ", "\u30A2\u30A4", "\u044F, "};
  std::string text;
  while (text.size() < 3000) {
    const std::string& place = unsure[random() % unsure.size()];
    const size_t longest_gap = size_t{1} << random() % 9;
    const bool is_even = random() % 2 == 0;
    const size_t end = text.size() + random() % 900;
    while (text.size() < end) {
      text += place;
      const size_t gap = is_even ? longest_gap / 2 : random() % longest_gap;
      for (const size_t next = text.size() + gap; text.size() < next;) {
        text += sure[random() % sure.size()];
      }
    }
    for (size_t i = random() % 300; i > 0; --i) {
      text += sure[random() % sure.size()];
    }
  }
  return text;
}

std::vector<Isa> Supported() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (IsaSupported(isa)) isas.push_back(isa);
  }
  return isas;
}

// How many members the strings have that are tried one and all: two, or what
// PEAKTEXT_EXHAUSTIVE says; of the core ones one more. With 5, 772 million
// strings, it takes a quarter of an hour:
//   PEAKTEXT_EXHAUSTIVE=5 nice -n 19 build/test_tokenize
//     --run_test=pretokenizer/all_short_strings_split_as_the_expressions_do
// and half an hour by blocks, with each instruction set:
//     --run_test=pretokenizer/blocks_split_strings_behind_one_another
int Longest() {
  const char* wanted = std::getenv("PEAKTEXT_EXHAUSTIVE");
  return wanted != nullptr ? std::atoi(wanted) : 2;
}

BOOST_AUTO_TEST_SUITE(pretokenizer)

struct Known {
  Pattern pattern;
  const char* text;
  std::vector<size_t> ends;
};

// From the expressions, by hand; each is a trap that somebody fell into.
BOOST_AUTO_TEST_CASE(known_cases) {
  const Known cases[] = {
      {Pattern::kGpt2, "I'm 'S", {1, 3, 5, 6}},
      {Pattern::kCl100k, "I'M 1234", {1, 3, 4, 7, 8}},
      {Pattern::kCl100k, "x'\u017Fun", {1, 4, 6}},
      {Pattern::kCl100k, "a \n  b", {1, 3, 4, 6}},
      {Pattern::kO200k, "HTTPServer's x", {12, 14}},
      {Pattern::kO200k, "don't's", {5, 7}},
      {Pattern::kO200k, "(\n/a", {3, 4}},
      {Pattern::kO200k, "中AB", {3, 5}},
      {Pattern::kO200k, "中ABc", {6}},
      {Pattern::kO200k, "((\u0301a", {4, 5}},
      {Pattern::kTekken, "don't 12", {3, 5, 6, 7, 8}},
      {Pattern::kDeepSeekV3, "a  1", {1, 3, 4}},
      {Pattern::kDeepSeekV3,
       "\x01\x01"
       "a",
       {1, 3}},
      {Pattern::kDeepSeekV3, "ア・イa゠中", {3, 6, 9, 10, 13, 16}},
  };
  for (const Known& known : cases) {
    const std::vector<size_t> ends = StepEnds(known.pattern, known.text);
    BOOST_TEST(ends == known.ends, boost::test_tools::per_element());
    BOOST_TEST(reference::PretokenEnds(known.pattern, known.text) == known.ends,
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(all_short_strings_split_as_the_expressions_do) {
  for (const Pattern pattern : kPatterns) {
    uint64_t strings = 0;
    const auto check = [&](const std::string& text) {
      ++strings;
      if (StepEnds(pattern, text) == reference::PretokenEnds(pattern, text)) {
        return;
      }
      BOOST_FAIL("pattern " << static_cast<int>(pattern) << ": " << Show(text));
    };
    ForAllStrings(kMembers, Longest(), check);
    ForAllStrings(kCore, Longest() + 1, check);
    std::mt19937_64 random(1);
    for (int i = 0; i < 2000; ++i) check(RandomString(random, random() % 60));
    BOOST_TEST(strings > 2000);
    BOOST_TEST_MESSAGE("pattern " << static_cast<int>(pattern) << ": "
                                  << strings << " strings");
  }
}

// Of one kind of characters each, of several lengths.
const std::vector<std::vector<std::string>> kRuns = {
    {"я", "é", "a"},           {"中", "ー", "\u0903"},
    {"É", "Я", "\u01C5", "A"}, {"\u0301", "\u0903"},
    {"😀", "“", "\u200D", "!"}, {"\x01", "\u180E", "\uFEFF", "😀"},
    {"²", "\u0665", "5"},      {"\u3000", "\u00A0", " "}};

BOOST_AUTO_TEST_CASE(long_runs_end_where_the_expressions_say) {
  std::mt19937_64 random(3);
  for (const Pattern pattern : kPatterns) {
    for (const std::vector<std::string>& run : kRuns) {
      for (size_t characters = 10; characters < 150; ++characters) {
        std::string text = kMembers[random() % kMembers.size()];
        for (size_t i = 0; i < characters; ++i) {
          text += run[random() % run.size()];
        }
        // Its end, and what the last characters of a text are.
        for (size_t i = random() % 90; i > 0; --i) {
          text += kMembers[random() % kMembers.size()];
        }
        BOOST_TEST_REQUIRE(
            (StepEnds(pattern, text) == reference::PretokenEnds(pattern, text)),
            "pattern " << static_cast<int>(pattern) << ": " << Show(text));
      }
    }
  }
}

BOOST_DATA_TEST_CASE(blocks_split_as_single_steps_do,
                     boost::unit_test::data::make(Supported()), isa) {
  std::mt19937_64 random(2);
  for (const Pattern pattern : kPatterns) {
    if (!BlockScanner::Supports(pattern)) continue;
    const BlockScanner scanner(pattern, isa);
    const auto check = [&](const std::string& text) {
      if (text.empty()) return;
      if (BlockEnds(scanner, text) == StepEnds(pattern, text)) return;
      BOOST_FAIL("pattern " << static_cast<int>(pattern) << ": " << Show(text));
    };
    const auto check_shifted = [&](const std::string& text) {
      check(text + std::string(random() % 64, "a 1!"[random() % 4]));
      check(std::string(58 + random() % 8, "a 1!"[random() % 4]) + text + "x");
    };
    ForAllStrings(kMembers, Longest(), check_shifted);
    ForAllStrings(kCore, Longest() + 1, check_shifted);
    for (int i = 0; i < 1000; ++i) {
      check(RandomString(random, random() % 300));
    }
    for (size_t offset = 0; offset < 130; ++offset) {
      for (int i = 0; i < 4; ++i) {
        check(std::string(offset, 'x') + RandomString(random, 12));
        check(std::string(offset, ' ') + RandomString(random, 12));
      }
    }
  }
}

// With other classes than its own, as several scanners have them, and cuts.
size_t CheckWithCuts(const BlockScanner& scanner, std::string text,
                     const std::vector<size_t>& ends) {
  static const ExactCuts cuts{TokenList()};  // wherever one can be
  static std::vector<uint16_t> positions(BlockScanner::kMaxBytes +
                                         BlockScanner::kSlack);
  std::vector<ClassMasks> classes(BlockScanner::ClassMasksFor(text.size()));
  const size_t size = text.size();
  text.append(BlockScanner::kPaddingBytes, '\0');
  const std::string_view padded(text.data(), size);
  const size_t masks = scanner.Classify(padded, classes);
  const size_t count = scanner.Scan(padded, 0, /*final=*/true, &cuts, positions,
                                    std::span(classes).first(masks));
  const auto is_three = [&](size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xF0) == 0xE0;
  };
  size_t next = 0;
  for (size_t i = 1; i < count; ++i) {
    if (positions[i] == ends[next]) {
      ++next;
      continue;
    }
    if (positions[i] > ends[next] || !is_three(positions[i]) ||
        !is_three(positions[i] - 3U)) {
      BOOST_FAIL("cut at " << positions[i] << ": " << Show(text));
    }
  }
  BOOST_TEST_REQUIRE(next == ends.size());
  return count - 1 - ends.size();
}

BOOST_DATA_TEST_CASE(unsure_places_close_together_split_as_single_steps_do,
                     boost::unit_test::data::make(Supported()), isa) {
  std::mt19937_64 random(5);
  for (const Pattern pattern : kPatterns) {
    const BlockScanner scanner(pattern, isa);
    size_t cuts = 0;
    for (size_t round = 0; round < size_t{4} * 64; ++round) {
      const std::string text =
          std::string(round % 64, 'x') + UnsureText(random);
      const std::vector<size_t> ends = StepEnds(pattern, text);
      BOOST_TEST_REQUIRE((BlockEnds(scanner, text) == ends), Show(text));
      cuts += CheckWithCuts(scanner, text, ends);
      // Nothing is said too early.
      const std::string_view front =
          Utf8Prefix(text, 4 + random() % (text.size() - 4));
      std::vector<size_t> early = BlockEnds(scanner, front, /*final=*/false);
      if (!early.empty() && early.back() == 0) early.clear();
      BOOST_TEST_REQUIRE(early.size() <= ends.size());
      BOOST_TEST_REQUIRE(std::equal(early.begin(), early.end(), ends.begin()),
                         Show(text));
    }
    BOOST_TEST(cuts > 1000U);
  }
}

// Many strings in a text are faster than one: as long ones, too, as those that
// are compared with the expressions.
BOOST_AUTO_TEST_CASE(blocks_split_strings_behind_one_another) {
  for (const Pattern pattern : kPatterns) {
    if (!BlockScanner::Supports(pattern)) continue;
    std::vector<BlockScanner> scanners;
    for (const Isa isa : Supported()) scanners.emplace_back(pattern, isa);
    uint64_t strings = 0;
    std::string text;
    const auto check = [&] {
      const std::vector<size_t> ends = StepEnds(pattern, text);
      for (const BlockScanner& scanner : scanners) {
        BOOST_TEST_REQUIRE(
            (BlockEnds(scanner, text) == ends),
            "pattern " << static_cast<int>(pattern) << ": " << Show(text));
      }
      text.clear();
    };
    const auto add = [&](const std::string& string) {
      constexpr const char* kBetween[] = {"a", " ", "1", "\n", "!", "x y"};
      text += string;
      text += kBetween[++strings % std::size(kBetween)];
      if (text.size() > 8000) check();
    };
    ForAllStrings(kMembers, Longest(), add);
    ForAllStrings(kCore, Longest() + 1, add);
    check();
    BOOST_TEST(!scanners.empty());
    BOOST_TEST(strings > 2000);
    BOOST_TEST_MESSAGE("pattern " << static_cast<int>(pattern) << ": "
                                  << strings << " strings");
  }
}

// Where a word ends that has letters of all kinds depends on what comes after
// many of them.
BOOST_DATA_TEST_CASE(words_of_all_cases_split_as_single_steps_do,
                     boost::unit_test::data::make(Supported()), isa) {
  const std::vector<std::string> members = {"A", "É", "中", "a",      "\u0301",
                                            "𐐀", "'", "s",  "\u01C5", " "};
  std::mt19937_64 random(4);
  for (const Pattern pattern : {Pattern::kO200k, Pattern::kTekken}) {
    const BlockScanner scanner(pattern, isa);
    size_t said = 0;
    for (int i = 0; i < 20000; ++i) {
      // Runs, too, as long as several blocks.
      const size_t longest = random() % 8 == 0 ? 150 : 1 + random() % 6;
      std::string text(random() % 64, ' ');
      std::vector<size_t> places;
      while (text.size() < 300) {
        const std::string& member = members[random() % members.size()];
        for (size_t n = random() % longest + 1; n > 0; --n) text += member;
        places.push_back(text.size());
      }
      const std::vector<size_t> ends = StepEnds(pattern, text);
      BOOST_TEST_REQUIRE((BlockEnds(scanner, text) == ends), Show(text));
      // Nothing is said too early.
      const std::string_view front =
          std::string_view(text).substr(0, places[random() % places.size()]);
      std::vector<size_t> early = BlockEnds(scanner, front, /*final=*/false);
      if (!early.empty() && early.back() == 0) early.clear();  // no end at all
      BOOST_TEST_REQUIRE(early.size() <= ends.size());
      BOOST_TEST_REQUIRE(std::equal(early.begin(), early.end(), ends.begin()),
                         Show(text));
      said += early.size();
    }
    BOOST_TEST(said > 20000);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

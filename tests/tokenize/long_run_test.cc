// Texts that are one pretoken, or may turn out to be one, for as long as one
// likes: counted in parts they give what they give as a whole, and what is kept
// of them does not grow.
#include "tokenize/long_run.h"

#include <boost/test/unit_test.hpp>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tokenize/token_counter.h"

namespace peaktext {
namespace {

// Letters of each case and of none, digits, white space, newlines, signs,
// marks, CJK (of DeepSeek's range and not), emoji, joiners, what is nothing.
const std::vector<std::string> kMembers = {
    "a",          "B",      "7",      " ",      "\n",     "!",
    "/",          "'",      "\t",     "\r",     "s",      "\u0301",
    "\u4e2d",     "\u30fb", "\u3042", "\u3099", "\u3040", "\u3000",
    "\U0001F468", "\u200d", "\u00e9", "\u00c9", "\u0663", "\x01",
    "\U0001F1E9", "\u02b0", "\u20dd", "\u00bf", "\u05d0", "\u0378",
    "\U00010400", "\u2028",
};

// Half of the pairs of bytes that occur are tokens, and some tokens are joined:
// nearly every boundary shows in the count.
std::unique_ptr<const CountTables> TablesFor(Pattern pattern) {
  std::mt19937_64 random(7);
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = "pairs";
  vocabulary->pattern = pattern;
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) {
    tokens.emplace_back(1, static_cast<char>(byte));
  }
  std::set<std::string> known(tokens.begin(), tokens.end());
  const auto add = [&](const std::string& token) {
    if (known.insert(token).second) tokens.push_back(token);
  };
  for (const std::string& left : kMembers) {
    for (size_t i = 1; i < left.size(); ++i) {
      if (random() % 2 == 0) add(left.substr(i - 1, 2));
    }
    for (const std::string& right : kMembers) {
      if (random() % 2 == 0) add(left.substr(left.size() - 1) + right[0]);
    }
  }
  for (int i = 0; i < 400; ++i) {
    const std::string token = tokens[256 + random() % (tokens.size() - 256)] +
                              tokens[256 + random() % (tokens.size() - 256)];
    if (token.size() <= 8) add(token);
  }
  for (const std::string& token : tokens) vocabulary->tokens.Append(token);
  return BuildCountTables(std::move(vocabulary)).value();
}

std::string Repeat(const std::string& period, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += period;
  return text;
}

class Check {
 public:
  explicit Check(Pattern pattern)
      : tables_(TablesFor(pattern)),
        whole_({&pointer_, 1}),
        parts_({&pointer_, 1}, {.window_bytes = 32}) {}

  // `lead`, then `period` again and again, then `ending`.
  void Count(const std::string& lead, const std::string& period,
             const std::string& ending) {
    constexpr size_t kBytes = 6000;
    const std::string run = Repeat(period, kBytes);
    const auto what = [&] {
      return "pattern " +
             std::to_string(static_cast<int>(tables_->vocabulary().pattern)) +
             ": '" + lead + "', '" + period + "' ..., '" + ending + "'";
    };
    parts_.Feed(lead);
    parts_.Feed(run);
    const uint64_t before = parts_.memory_bytes();
    parts_.Feed(run);
    BOOST_TEST_REQUIRE(parts_.memory_bytes() < before + kBytes / 2, what());
    parts_.Feed(ending);
    uint64_t counted[1];
    uint64_t expected[1];
    parts_.Finish(counted);
    whole_.Count(lead + run + run + ending, expected);
    BOOST_TEST_REQUIRE(counted[0] == expected[0], what());
  }

 private:
  const std::unique_ptr<const CountTables> tables_;
  const CountTables* const pointer_ = tables_.get();
  TokenCounter whole_;
  TokenCounter parts_;
};

const std::string& Any(std::mt19937_64& random) {
  return kMembers[random() % kMembers.size()];
}

BOOST_AUTO_TEST_SUITE(long_run)

BOOST_AUTO_TEST_CASE(endless_runs_of_any_one_after_any_one) {
  std::mt19937_64 random(1);
  for (int kind = 0; kind <= static_cast<int>(Pattern::kWholeText); ++kind) {
    Check check(static_cast<Pattern>(kind));
    for (const std::string& lead : kMembers) {
      for (const std::string& one : kMembers) {
        check.Count(lead, one, Any(random) + Any(random));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(endless_runs_of_pairs_and_triples) {
  std::mt19937_64 random(2);
  for (int kind = 0; kind <= static_cast<int>(Pattern::kWholeText); ++kind) {
    Check check(static_cast<Pattern>(kind));
    for (int i = 0; i < 500; ++i) {
      std::string lead;
      while (random() % 3 != 0) lead += Any(random);
      std::string period = Any(random) + Any(random);
      if (i % 2 == 0) period += Any(random);
      std::string ending;
      while (random() % 3 != 0) ending += Any(random);
      check.Count(lead, period, ending);
    }
  }
}

// Runs longer than the window, one after the other.
BOOST_AUTO_TEST_CASE(one_run_after_another) {
  std::mt19937_64 random(3);
  for (int kind = 0; kind <= static_cast<int>(Pattern::kWholeText); ++kind) {
    Check check(static_cast<Pattern>(kind));
    for (int i = 0; i < 300; ++i) {
      std::string lead;
      for (int run = 0; run < 6; ++run) {
        lead += Repeat(Any(random), random() % 200);
      }
      check.Count(lead, Any(random), Repeat(Any(random), random() % 100));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

#include "tokenize/merge_table.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace peaktext {
namespace {

using Merge = Vocabulary::Merge;

std::array<uint32_t, 256> FirstTokens() {
  std::array<uint32_t, 256> bytes;
  for (uint32_t i = 0; i < 256; ++i) bytes[i] = i;
  return bytes;
}

BOOST_AUTO_TEST_SUITE(merge_table)

BOOST_AUTO_TEST_CASE(each_pair_is_found_and_no_other) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 40; ++round) {
    const auto tokens = static_cast<uint32_t>(256 + random() % 500);
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> pairs;
    std::vector<Merge> merges;
    for (uint32_t merged = 256; merged < tokens; ++merged) {
      // Some tokens are left, or right, in many pairs.
      const uint32_t few = random() % 2 == 0 ? 8 : merged;
      const auto left = static_cast<uint32_t>(random() % few);
      const auto right =
          static_cast<uint32_t>(random() % (round % 2 == 0 ? merged : 9));
      if (!pairs.emplace(std::pair(left, right), merged).second) continue;
      merges.push_back({left, right, merged});
    }
    const MergeTable table(merges, tokens, FirstTokens());
    BOOST_REQUIRE(!table.empty());
    for (uint32_t left = 0; left < tokens; ++left) {
      for (uint32_t right = 0; right < tokens; ++right) {
        const auto found = pairs.find({left, right});
        const uint32_t expected =
            found == pairs.end() ? MergeTable::kNoToken : found->second;
        BOOST_REQUIRE(table.Find(left, right) == expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_vocabulary_without_merges_has_a_table) {
  const MergeTable table({}, 256, FirstTokens());
  BOOST_REQUIRE(!table.empty());
  BOOST_TEST(table.Find(0, 0) == MergeTable::kNoToken);
  BOOST_TEST(table.Find(255, 255) == MergeTable::kNoToken);
}

// The largest that fit, and one more of each kind.
BOOST_AUTO_TEST_CASE(what_does_not_fit_has_no_table) {
  constexpr uint32_t kMostTokens = 1 << MergeWords::kIdBits;
  constexpr uint32_t kColumns = MergeWords::kMostColumns;
  constexpr uint32_t kRows = (1 << MergeWords::kRowBits) - 1;
  const auto merges_of = [](uint32_t lefts, uint32_t rights) {
    std::vector<Merge> merges;
    for (uint32_t i = 0; i < std::max(lefts, rights); ++i) {
      merges.push_back({i % lefts, i % rights, 200000 + i});
    }
    return merges;
  };
  const auto fits = [](const std::vector<Merge>& merges, uint32_t tokens) {
    return !MergeTable(merges, tokens, FirstTokens()).empty();
  };
  BOOST_TEST(fits({}, kMostTokens));
  BOOST_TEST(!fits({}, kMostTokens + 1));
  BOOST_TEST(fits(merges_of(2, kColumns), kMostTokens));
  BOOST_TEST(!fits(merges_of(2, kColumns + 1), kMostTokens));
  BOOST_TEST(fits(merges_of(kRows, 2), kMostTokens));
  BOOST_TEST(!fits(merges_of(kRows + 1, 2), kMostTokens));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

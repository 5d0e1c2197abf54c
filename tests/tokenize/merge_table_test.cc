#include "tokenize/merge_table.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <map>
#include <random>
#include <string_view>
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

BOOST_AUTO_TEST_CASE(order_is_that_of_ids) {
  constexpr uint32_t kMostTokens = 1 << MergeWords::kIdBits;
  for (uint32_t id = 1; id < kMostTokens; ++id) {
    BOOST_REQUIRE(MergeWords::Order(id - 1) <= MergeWords::Order(id));
  }
  BOOST_TEST(MergeWords::Order(127) < MergeWords::Order(128));
  BOOST_TEST(MergeWords::Order(kMostTokens - 1) <
             MergeWords::Order(MergeWords::kNoToken));
}

BOOST_AUTO_TEST_CASE(two_bytes_know_what_keeps_them_apart) {
  constexpr uint32_t kNone = MergeWords::kNoToken;
  const auto check = [](const MergeTable& table, std::string_view two,
                        uint32_t made, uint32_t left, uint32_t right) {
    const MergeWords words = table.words();
    const uint32_t side =
        made == kNone ? MergeWords::kNoSide : words.sides[made];
    uint16_t at;
    std::memcpy(&at, two.data(), sizeof(at));
    BOOST_TEST_CONTEXT(two) {
      BOOST_TEST(words.pairs[at] ==
                 MergeWords::BytePair(side, made, left, right));
    }
  };
  const MergeTable table(std::vector<Merge>{{'x', 'b', 256},
                                            {'b', 'c', 257},
                                            {'a', 'b', 258},
                                            {258, 'c', 259},
                                            {'d', 259, 260},
                                            {'y', 'd', 261},
                                            {261, 'a', 262}},
                         300, FirstTokens());
  check(table, "xb", 256, 256, 256);
  check(table, "bc", 257, 257, 257);
  check(table, "ab", 258, 258, 258);
  check(table, "da", kNone, 262, 260);
  check(table, "cd", kNone, kNone, kNone);
  // What "ab" merges into comes before it, as it may.
  const MergeTable falling(std::vector<Merge>{{'a', 'b', 258}, {258, 'c', 257}},
                           300, FirstTokens());
  check(falling, "ab", kNone, 258, 258);
  check(falling, "bc", kNone, 257, kNone);
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

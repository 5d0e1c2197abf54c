#include "inventory/paragraph_uniques.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>
#include <set>
#include <vector>

#include "temporary_folder.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(paragraph_uniques)

// Any memory, so that nothing, some and all of it is sorted in files; few kinds
// and many; against sets.
BOOST_AUTO_TEST_CASE(firsts_are_those_of_a_set) {
  TemporaryFolder folder;
  std::mt19937_64 random(4);
  for (const uint64_t memory_bytes : {0u, 1u << 18, 1u << 24}) {
    for (const uint64_t kinds : {1u, 7u, 1000u, 1000000u}) {
      ParagraphUniques uniques(folder.path(), memory_bytes);
      std::vector<std::pair<Hash128, bool>> added;
      for (int i = 0; i < 20000; ++i) {
        // Hashes that share a half are still others.
        const uint64_t kind = random() % kinds;
        added.push_back({{kind / 2, kind % 2}, random() % 3 == 0});
        uniques.Add(added.back().first, added.back().second);
      }
      BOOST_REQUIRE(uniques.Finish().ok());
      std::set<Hash128> seen;
      std::set<Hash128> seen_of_survivors;
      for (const auto& [hash, survivor] : added) {
        ParagraphUniques::First first;
        BOOST_REQUIRE(uniques.Next(&first).ok());
        BOOST_REQUIRE(first.of_all == seen.insert(hash).second);
        BOOST_REQUIRE(first.of_survivors ==
                      (survivor && seen_of_survivors.insert(hash).second));
      }
    }
  }
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(none_at_all) {
  TemporaryFolder folder;
  ParagraphUniques uniques(folder.path(), 1 << 20);
  BOOST_TEST(uniques.Finish().ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

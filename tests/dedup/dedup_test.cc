#include "dedup/dedup.h"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <numeric>

#include "base/atomic_file.h"
#include "dedup/corpus.h"
#include "reference/jaccard_reference.h"

namespace peaktext {
namespace {

using namespace testing;  // NOLINT: the tests' own helpers

BOOST_AUTO_TEST_SUITE(dedup)

// What must hold of any answer in survivors mode.
void CheckSound(const std::vector<Decision>& decisions) {
  for (size_t i = 0; i < decisions.size(); ++i) {
    const Decision& decision = decisions[i];
    if (Kept(decision)) {
      BOOST_TEST(decision.survivor == i);
      BOOST_TEST(!decision.exact_copy);
      continue;
    }
    BOOST_REQUIRE(decision.survivor < decisions.size());
    BOOST_TEST(Kept(decisions[decision.survivor]));
    BOOST_TEST(decision.similarity > 0);
    BOOST_TEST(decision.similarity <= 1);
  }
}

BOOST_AUTO_TEST_CASE(answer_agrees_with_brute_force_on_5000_documents) {
  TemporaryFolder folder;
  const std::vector<std::string> texts = MixedCorpus(5000, 20261122);
  DedupReport report;
  const std::vector<Decision> decisions = RunDedup(
      WriteShards(folder.path(), texts, 7), OptionsIn(folder), &report);
  CheckSound(decisions);
  const auto sets = reference::ShingleSets(texts);
  const auto pairs = reference::SimilarPairs(sets, 0.8);
  BOOST_REQUIRE(pairs.size() > 1000);
  size_t resolved = 0;
  for (const reference::SimilarPair& pair : pairs) {
    const bool both = Kept(decisions[pair.a]) && Kept(decisions[pair.b]);
    resolved += both ? 0 : 1;
    if (pair.jaccard > 0.85) {
      BOOST_TEST(!both, "documents " << pair.a << " and " << pair.b << ", "
                                     << pair.jaccard);
    }
  }
  const double recall =
      static_cast<double>(resolved) / static_cast<double>(pairs.size());
  BOOST_TEST(recall >= 0.99);
  for (size_t i = 0; i < texts.size(); ++i) {
    const Decision& decision = decisions[i];
    if (Kept(decision) || sets[i].empty()) continue;
    const double jaccard = reference::Jaccard(sets[i], sets[decision.survivor]);
    BOOST_TEST(jaccard >= 0.75);
    if (decision.verified == Evidence::kText) {
      BOOST_TEST(jaccard >= 0.8 - 1e-6);
      BOOST_TEST(std::abs(jaccard - double{decision.similarity}) < 1e-6);
    }
  }
  BOOST_TEST(report.documents == 5000U);
  BOOST_TEST(report.verified_by_text > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

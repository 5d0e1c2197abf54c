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

struct Machine {
  unsigned threads;
  uint64_t memory_bytes;
  unsigned partitions;
};
std::ostream& operator<<(std::ostream& out, const Machine& machine) {
  return out << machine.threads << " threads, " << machine.memory_bytes
             << " bytes, " << machine.partitions << " partitions";
}
const Machine kMachines[] = {{1, 64 << 20, 0},
                             {2, 64 << 20, 3},
                             {7, 16ULL << 30, 0},
                             {3, 1 << 30, 50},
                             {1, 64 << 20, 1000}};

struct Rule {
  Keep keep;
  Grouping grouping;
  Verify verify;
};
const Rule kRules[] = {
    {Keep::kFirst, Grouping::kSurvivors, Verify::kAuto},
    {Keep::kLongest, Grouping::kSurvivors, Verify::kSketch},
    {Keep::kNewest, Grouping::kComponents, Verify::kAuto},
    {Keep::kFirst, Grouping::kComponents, Verify::kNone},
};

BOOST_AUTO_TEST_CASE(bytes_do_not_depend_on_the_machine) {
  TemporaryFolder folder;
  const std::vector<std::string> texts = MixedCorpus(3000, 5);
  const auto shards = WriteShards(folder.path(), texts, 11);
  for (const Rule& rule : kRules) {
    std::string expected;
    for (const Machine& machine : kMachines) {
      DedupOptions options = OptionsIn(folder);
      options.keep = rule.keep;
      options.grouping = rule.grouping;
      options.verify = rule.verify;
      options.threads = machine.threads;
      options.memory_bytes = machine.memory_bytes;
      options.partitions = machine.partitions;
      BOOST_REQUIRE(Dedup(shards, options).has_value());
      const auto bytes = ReadWholeFile(options.decisions_path);
      BOOST_REQUIRE(bytes.has_value());
      if (expected.empty()) expected = *bytes;
      BOOST_TEST((*bytes == expected), machine);
    }
  }
}

BOOST_AUTO_TEST_CASE(work_folder_is_empty_at_the_end) {
  TemporaryFolder folder;
  const DedupOptions options = OptionsIn(folder);
  RunDedup(WriteShards(folder.path(), MixedCorpus(300, 5), 2), options);
  BOOST_TEST(std::filesystem::is_empty(options.work_folder));
}

BOOST_AUTO_TEST_CASE(no_documents_are_no_decisions) {
  TemporaryFolder folder;
  BOOST_TEST(RunDedup({}, OptionsIn(folder)).empty());
  BOOST_TEST(
      RunDedup(WriteShards(folder.path(), {}, 3), OptionsIn(folder)).empty());
}

BOOST_AUTO_TEST_CASE(exact_copy_names_the_kept_document) {
  TemporaryFolder folder;
  Injector inject(1);
  const Words first = inject.Text(400);
  Words near = first;
  near[200] = "changed";
  const std::string other = Join(inject.Text(50));
  // 0 kept; 1 near 0; 2 copy of 1; 3 copy of 0, white space aside; 4, 5 alike.
  const std::vector<Decision> decisions =
      RunDedup(WriteShards(folder.path(),
                           {Join(first), Join(near), Join(near),
                            "  " + Join(first) + "\n", other, other},
                           3),
               OptionsIn(folder));
  CheckSound(decisions);
  BOOST_TEST(Kept(decisions[0]));
  BOOST_TEST(decisions[1].survivor == 0U);
  BOOST_TEST(!decisions[1].exact_copy);
  // The copy of a near duplicate has its similarity and its evidence.
  BOOST_TEST(decisions[2].exact_copy);
  BOOST_TEST(decisions[2].survivor == 0U);
  BOOST_TEST(decisions[2].similarity == decisions[1].similarity);
  BOOST_TEST((decisions[2].verified == decisions[1].verified));
  BOOST_TEST(decisions[3].survivor == 0U);
  BOOST_TEST((decisions[3].verified == Evidence::kExact));
  BOOST_TEST(decisions[3].similarity == 1.0F);
  BOOST_TEST(decisions[5].survivor == 4U);
}

BOOST_AUTO_TEST_CASE(removal_starts_at_the_threshold) {
  // 24 words hold 20 shingles; with the last k words changed, J is
  // (20-k)/(20+k): 0.818 at 2, 0.739 at 3; at 40 shingles and 4 words changed
  // the 36/44 of 0.818, at 45 and 5 the 40/50 of exactly 0.8.
  TemporaryFolder folder;
  Injector inject(2);
  std::vector<std::string> texts;
  std::vector<bool> same;
  const auto add = [&](size_t words, size_t changed) {
    Words text;
    for (size_t i = 0; i < words; ++i) {
      text.push_back(WordOf(10000 * texts.size() + i));
    }
    texts.push_back(Join(text));
    for (size_t i = words - changed; i < words; ++i) text[i] = "y" + text[i];
    texts.push_back(Join(text));
    const auto shingles = static_cast<double>(words - 4);
    const auto k = static_cast<double>(changed);
    same.push_back((shingles - k) / (shingles + k) >= 0.8 - 1e-12);
  };
  add(24, 2);
  add(24, 3);
  add(44, 4);
  add(49, 5);
  add(49, 6);
  add(5004, 555);
  add(5004, 556);
  DedupOptions options = OptionsIn(folder);
  options.verify = Verify::kExact;
  const std::vector<Decision> decisions =
      RunDedup(WriteShards(folder.path(), texts, 1), options);
  for (size_t i = 0; i < same.size(); ++i) {
    BOOST_TEST(Kept(decisions[2 * i]));
    BOOST_TEST(Kept(decisions[2 * i + 1]) != same[i], i);
  }
}

BOOST_AUTO_TEST_CASE(keep_policies_choose_by_their_key_and_then_by_order) {
  TemporaryFolder folder;
  Injector inject(3);
  const Words words = inject.Text(300);
  // Near duplicates 0-4, of which 3 is longest; copies 5 and 6 of 1.
  std::vector<std::string> texts;
  for (size_t i = 0; i < 5; ++i) {
    Words text = words;
    text[50 * i] = i == 3 ? "averyverylongword" : "x";
    texts.push_back(Join(text));
  }
  texts.push_back(texts[1]);
  texts.push_back(texts[1]);
  const Meta metas[] = {{100, 1},  {0, -5}, {300, 1}, {50, 0},
                        {300, -7}, {20, 9}, {20, 9}};
  const auto shards = WriteShards(folder.path(), texts, 3, true, {},
                                  [&](size_t i) { return metas[i]; });
  const std::pair<Keep, uint64_t> cases[] = {{Keep::kFirst, 0},
                                             {Keep::kLongest, 3},
                                             {Keep::kNewest, 2},
                                             {Keep::kOldest, 5},
                                             {Keep::kPriority, 5}};
  for (const auto& [keep, expected] : cases) {
    for (const Grouping grouping :
         {Grouping::kSurvivors, Grouping::kComponents}) {
      DedupOptions options = OptionsIn(folder);
      options.keep = keep;
      options.grouping = grouping;
      const std::vector<Decision> decisions = RunDedup(shards, options);
      CheckSound(decisions);
      for (const Decision& decision : decisions) {
        BOOST_TEST(decision.survivor == expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(chain_keeps_every_second_document) {
  // Each like the next, no other two: J of neighbours 0.85, of next but one
  // 0.74.
  TemporaryFolder folder;
  constexpr size_t kLinks = 2000;
  constexpr size_t kLength = 304;  // 300 shingles
  constexpr size_t kStep = 24;     // 276/324 = 0.852; 252/348 = 0.724
  std::vector<std::string> texts;
  for (size_t i = 0; i < kLinks; ++i) {
    Words words;
    for (size_t k = 0; k < kLength; ++k) {
      words.push_back(WordOf(i * kStep + k));
    }
    texts.push_back(Join(words));
  }
  DedupReport report;
  const auto shards = WriteShards(folder.path(), texts, 3);
  const std::vector<Decision> decisions =
      RunDedup(shards, OptionsIn(folder), &report);
  CheckSound(decisions);
  size_t out_of_step = 0;
  for (size_t i = 0; i + 1 < kLinks; ++i) {
    out_of_step += Kept(decisions[i]) == Kept(decisions[i + 1]) ? 1 : 0;
  }
  // A link is missed where no band is shared, with probability 0.0001.
  BOOST_TEST(out_of_step <= 4U);
  BOOST_TEST(report.rounds <= 5U);
  // Transitive closure leaves one of all these.
  DedupOptions options = OptionsIn(folder);
  options.grouping = Grouping::kComponents;
  const std::vector<Decision> glued = RunDedup(shards, options);
  BOOST_TEST(std::count_if(glued.begin(), glued.end(), Kept) <= 4);
}

BOOST_AUTO_TEST_CASE(near_identical_pages_leave_one) {
  TemporaryFolder folder;
  Injector inject(4);
  const Words page = inject.Text(200);
  std::vector<std::string> texts;
  for (size_t i = 0; i < 5000; ++i) {
    Words copy = page;
    copy[i % 200] = "n" + WordOf(i);
    texts.push_back(Join(copy));
  }
  DedupReport report;
  const std::vector<Decision> decisions = RunDedup(
      WriteShards(folder.path(), texts, 2), OptionsIn(folder), &report);
  CheckSound(decisions);
  BOOST_TEST(std::count_if(decisions.begin(), decisions.end(), Kept) == 1);
  // Linear: far from the 12 million of all pairs.
  BOOST_TEST(report.candidate_pairs < 5000U * 200U);
  BOOST_TEST(report.disk_bytes <= report.disk_estimate_bytes);
}

// The first members of the bucket are unlike the rest, and half of the rest is
// removed by a document outside it: nothing may be lost by looking at the first
// members only.
BOOST_AUTO_TEST_CASE(large_bucket_is_searched_beyond_its_first_members) {
  TemporaryFolder folder;
  Injector inject(6);
  const Words head = inject.Text(160);
  std::vector<std::string> texts;
  // 60 pages with the head and bodies of their own: alike at about 0.5, enough
  // to share buckets, not to be duplicates.
  for (int i = 0; i < 60; ++i) {
    texts.push_back(Join(inject.Surround(inject.Text(80), head, {})));
  }
  // 400 pages with the head and one body, nearly.
  const Words body = inject.Text(80);
  for (int i = 0; i < 400; ++i) {
    Words nearly = body;
    nearly[static_cast<size_t>(i) % 80] =
        "b" + WordOf(static_cast<uint64_t>(i));
    texts.push_back(Join(inject.Surround(nearly, head, {})));
  }
  const std::vector<Decision> decisions =
      RunDedup(WriteShards(folder.path(), texts, 1), OptionsIn(folder));
  CheckSound(decisions);
  const auto sets = reference::ShingleSets(texts);
  for (const auto& pair : reference::SimilarPairs(sets, 0.85)) {
    BOOST_TEST(!(Kept(decisions[pair.a]) && Kept(decisions[pair.b])));
  }
  for (size_t i = 0; i < 60; ++i) BOOST_TEST(Kept(decisions[i]), i);
  BOOST_TEST(std::count_if(decisions.begin(), decisions.end(), Kept) == 61);
}

BOOST_AUTO_TEST_CASE(documents_without_shingles_are_compared_exactly) {
  TemporaryFolder folder;
  std::vector<std::string> texts;
  for (int i = 0; i < 3000; ++i)
    texts.push_back("word" + std::to_string(i % 1000));
  for (int i = 0; i < 10; ++i) texts.emplace_back(i % 2 == 0 ? "" : " \n");
  DedupReport report;
  const std::vector<Decision> decisions = RunDedup(
      WriteShards(folder.path(), texts, 4), OptionsIn(folder), &report);
  CheckSound(decisions);
  BOOST_TEST(report.too_short == 3010U);
  BOOST_TEST(report.exact_duplicates == 2009U);
  BOOST_TEST(report.near_duplicates == 0U);
  for (size_t i = 0; i < decisions.size(); ++i) {
    BOOST_TEST(decisions[i].too_short);
    BOOST_TEST(decisions[i].survivor == (i < 3000 ? i % 1000 : 3000));
  }
}

BOOST_AUTO_TEST_CASE(documents_of_one_repeated_shingle_are_alike) {
  TemporaryFolder folder;
  std::vector<std::string> texts;
  for (size_t i = 0; i < 2000; ++i) {
    texts.push_back(Join(Words(5 + i, i % 2 == 0 ? "spam" : "ham")));
  }
  const std::vector<Decision> decisions =
      RunDedup(WriteShards(folder.path(), texts, 4), OptionsIn(folder));
  CheckSound(decisions);
  for (size_t i = 0; i < texts.size(); ++i) {
    BOOST_TEST(decisions[i].survivor == i % 2);
  }
}

BOOST_AUTO_TEST_CASE(run_against_an_index_removes_what_it_kept) {
  TemporaryFolder folder;
  const std::vector<std::string> old_texts = MixedCorpus(1000, 8);
  std::vector<std::string> new_texts = MixedCorpus(1000, 9);
  new_texts.insert(new_texts.end(), old_texts.begin(), old_texts.end());
  std::filesystem::create_directory(folder.path("old"));
  const auto old_shards = WriteShards(folder.path("old"), old_texts, 3);
  DedupOptions old_options = OptionsIn(folder);
  old_options.decisions_path = folder.path("old/decisions");
  const std::vector<Decision> old_decisions = RunDedup(old_shards, old_options);
  const auto before = ReadWholeFile(old_options.decisions_path);
  const auto shards = WriteShards(folder.path(), new_texts, 5);
  for (const Keep keep : {Keep::kFirst, Keep::kLongest}) {
    DedupOptions options = OptionsIn(folder);
    options.keep = keep;
    options.against = {{old_shards, old_options.decisions_path}};
    const std::vector<Decision> decisions = RunDedup(shards, options);
    BOOST_REQUIRE(decisions.size() == new_texts.size());
    for (size_t i = 0; i < decisions.size(); ++i) {
      const uint64_t survivor = decisions[i].survivor;
      if (survivor < new_texts.size()) {
        BOOST_TEST(Kept(decisions[survivor]));
      } else {
        BOOST_REQUIRE(survivor - new_texts.size() < old_texts.size());
        BOOST_TEST(Kept(old_decisions[survivor - new_texts.size()]));
      }
      // Every old text is there again: nothing of it may stay.
      if (i >= 1000) BOOST_TEST(survivor >= new_texts.size());
    }
  }
  BOOST_TEST((*before == *ReadWholeFile(old_options.decisions_path)));
}

BOOST_AUTO_TEST_CASE(verification_by_text_without_texts_is_refused) {
  TemporaryFolder folder;
  const auto shards = WriteShards(folder.path(), {"a b c d e f"}, 1, false);
  DedupOptions options = OptionsIn(folder);
  options.verify = Verify::kExact;
  const auto result = Dedup(shards, options);
  BOOST_REQUIRE(!result.has_value());
  BOOST_TEST((result.error().code() == StatusCode::kInvalidArgument));
}

BOOST_AUTO_TEST_CASE(shards_of_different_signatures_are_refused) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("b"));
  auto shards = WriteShards(folder.path(), {"a b c d e f"}, 1);
  const auto others = WriteShards(folder.path("b"), {"a b c d e f"}, 1, true,
                                  SignatureOptions::Fineweb());
  shards.push_back(others[0]);
  const auto result = Dedup(shards, OptionsIn(folder));
  BOOST_REQUIRE(!result.has_value());
  BOOST_TEST((result.error().code() == StatusCode::kInvalidArgument));
}

BOOST_AUTO_TEST_CASE(stop_leaves_no_answer_and_a_second_run_finishes) {
  TemporaryFolder folder;
  const auto shards = WriteShards(folder.path(), MixedCorpus(500, 5), 3);
  DedupOptions options = OptionsIn(folder);
  std::stop_source stop;
  options.stop = stop.get_token();
  options.on_progress = [&](std::string_view stage, uint64_t, uint64_t) {
    if (stage == "edges") stop.request_stop();
  };
  const auto result = Dedup(shards, options);
  BOOST_REQUIRE(!result.has_value());
  BOOST_TEST((result.error().code() == StatusCode::kCancelled));
  BOOST_TEST(!std::filesystem::exists(options.decisions_path));
  options.stop = {};
  options.on_progress = {};
  BOOST_TEST(RunDedup(shards, options).size() == 500U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

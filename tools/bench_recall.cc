// How well dedup finds duplicates: a labelled set is made by a seeded injector,
// and the answer compared with that of brute force over all pairs.
//
//   bench_recall [documents [seed [text-file...]]]
//
// With text files (UTF-8), bodies are passages of them; else they are made up.
// The set: one third texts of their own; exact copies; edits of 1 to 40 % of
// the words; paragraphs re-ordered; templated pages that differ in a few words;
// texts carried over word by word into another language (no duplicates);
// boilerplate around unlike bodies.
//
// Printed for J = 0.7, 0.8, 0.9 and both groupings: precision, recall and F1 of
// the documents removed against the greedy answer on the true similarities; the
// share of removals whose survivor truly has J >= threshold - 0.05; the share
// of pairs at or above some similarities of which not both are kept.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "dedup/decision_file.h"
#include "dedup/dedup.h"
#include "dedup/injector.h"
#include "extract/text_store.h"
#include "sketch/signature_file.h"

namespace {

using namespace peaktext;           // NOLINT: a program of its own
using namespace peaktext::testing;  // NOLINT

class LabelledSet {
 public:
  LabelledSet(uint64_t seed, Words source)
      : inject_(seed), source_(std::move(source)) {
    for (int i = 0; i < 20; ++i) {
      heads_.push_back(Body(30 + inject_.Below(60)));
      templates_.push_back(Body(150 + inject_.Below(200)));
    }
  }

  std::vector<std::string> Make(size_t documents) {
    std::vector<Words> texts;
    while (texts.size() < documents) texts.push_back(One(texts));
    std::vector<std::string> joined;
    for (const Words& words : texts) joined.push_back(Join(words));
    return joined;
  }

 private:
  Words Body(size_t words) {
    if (source_.size() <= words) return inject_.Text(words);
    const size_t at = inject_.Below(source_.size() - words);
    return {source_.begin() + static_cast<long>(at),
            source_.begin() + static_cast<long>(at + words)};
  }

  Words One(const std::vector<Words>& texts) {
    const uint64_t kind = texts.empty() ? 0 : inject_.Below(100);
    const size_t words = 40 + inject_.Below(600);
    if (kind < 34) return Body(words);
    const Words& from = texts[texts.empty() ? 0 : inject_.Below(texts.size())];
    if (kind < 44) return from;
    if (kind < 66) return inject_.Edit(from, 0.01 + 0.39 * Squared());
    if (kind < 74) return inject_.Reorder(from);
    if (kind < 84) {
      return inject_.Edit(templates_[inject_.Below(20)], 0.1 * inject_.Share());
    }
    if (kind < 90) {
      Words translated = from;
      for (std::string& word : translated) word.insert(0, "ü");
      return translated;
    }
    return inject_.Surround(Body(20 + inject_.Below(200)),
                            heads_[inject_.Below(20)],
                            heads_[inject_.Below(20)]);
  }
  double Squared() {
    const double share = inject_.Share();
    return share * share;
  }

  Injector inject_;
  Words source_;
  std::vector<Words> heads_;
  std::vector<Words> templates_;
};

struct TruePair {
  uint32_t later = 0;
  uint32_t earlier = 0;
  double jaccard = 0;
};

// All pairs with at least `least`, later documents rising. Counts the shingles
// in common through lists of the documents that hold each shingle.
std::vector<TruePair> BruteForce(const std::vector<std::vector<uint64_t>>& sets,
                                 double least) {
  std::vector<std::pair<uint64_t, uint32_t>> postings;
  for (uint32_t i = 0; i < sets.size(); ++i) {
    for (const uint64_t shingle : sets[i]) postings.emplace_back(shingle, i);
  }
  std::sort(postings.begin(), postings.end());
  std::vector<uint32_t> common(sets.size());
  std::vector<TruePair> pairs;
  for (uint32_t later = 0; later < sets.size(); ++later) {
    std::vector<uint32_t> touched;
    for (const uint64_t shingle : sets[later]) {
      auto at = std::lower_bound(postings.begin(), postings.end(),
                                 std::pair(shingle, uint32_t{0}));
      for (; at != postings.end() && at->first == shingle && at->second < later;
           ++at) {
        if (common[at->second]++ == 0) touched.push_back(at->second);
      }
    }
    for (const uint32_t earlier : touched) {
      const double both = common[earlier];
      common[earlier] = 0;
      const double jaccard =
          both / (static_cast<double>(sets[later].size()) +
                  static_cast<double>(sets[earlier].size()) - both);
      if (jaccard >= least) pairs.push_back({later, earlier, jaccard});
    }
  }
  return pairs;
}

std::vector<char> GreedyKept(size_t documents,
                             const std::vector<TruePair>& pairs,
                             double threshold) {
  std::vector<char> kept(documents, 1);
  for (const TruePair& pair : pairs) {
    if (pair.jaccard >= threshold && kept[pair.earlier] != 0) {
      kept[pair.later] = 0;
    }
  }
  return kept;
}

std::vector<Decision> Decide(const std::string& folder,
                             const std::vector<DedupShard>& shards,
                             double threshold, Grouping grouping) {
  DedupOptions options;
  options.threshold = threshold;
  options.grouping = grouping;
  options.threads = 2;
  options.work_folder = folder + "/work";
  options.decisions_path = folder + "/decisions";
  auto report = Dedup(shards, options);
  if (!report) {
    fmt::print(stderr, "{}\n", report.error().message());
    std::exit(1);
  }
  auto reader = DecisionReader::Open(options.decisions_path);
  std::vector<Decision> decisions;
  Decision decision;
  while (reader->Next(&decision)) decisions.push_back(decision);
  return decisions;
}

void PrintRow(double threshold, Grouping grouping,
              const std::vector<Decision>& decisions,
              const std::vector<std::vector<uint64_t>>& sets,
              const std::vector<TruePair>& pairs) {
  const std::vector<char> truth =
      GreedyKept(decisions.size(), pairs, threshold);
  size_t removed = 0;
  size_t removed_truly = 0;
  size_t both = 0;
  size_t sound = 0;
  for (size_t i = 0; i < decisions.size(); ++i) {
    const bool ours = decisions[i].verified != Evidence::kKept;
    const bool theirs = truth[i] == 0 || (ours && sets[i].empty());
    removed += ours ? 1 : 0;
    removed_truly += theirs ? 1 : 0;
    both += ours && theirs ? 1 : 0;
    if (ours && ExactJaccard(sets[i], sets[decisions[i].survivor]) >=
                    threshold - 0.05) {
      ++sound;
    }
  }
  const auto resolved = [&](double least) {
    size_t all = 0;
    size_t found = 0;
    for (const TruePair& pair : pairs) {
      if (pair.jaccard < least) continue;
      ++all;
      found += decisions[pair.later].verified != Evidence::kKept ||
                       decisions[pair.earlier].verified != Evidence::kKept
                   ? 1
                   : 0;
    }
    return all == 0 ? 1.0
                    : static_cast<double>(found) / static_cast<double>(all);
  };
  const double precision =
      static_cast<double>(both) / static_cast<double>(removed);
  const double recall =
      static_cast<double>(both) / static_cast<double>(removed_truly);
  fmt::print(
      "{:<10} {:.2f}  {:>7}  {:.5f}  {:.5f}  {:.5f}  {:.5f}  {:.5f}  {:.5f}\n",
      grouping == Grouping::kSurvivors ? "survivors" : "components", threshold,
      removed, precision, recall, 2 * precision * recall / (precision + recall),
      static_cast<double>(sound) / static_cast<double>(removed),
      resolved(threshold), resolved(threshold + 0.05));
}

Words ReadSource(const std::vector<std::string>& paths) {
  Words words;
  for (const std::string& path : paths) {
    auto text = ReadWholeFile(path);
    if (!text) {
      fmt::print(stderr, "{}\n", text.error().message());
      std::exit(1);
    }
    std::istringstream stream(*text);
    for (std::string word; stream >> word;) words.push_back(word);
  }
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const size_t documents =
      words.empty() ? 50000 : std::strtoull(words[0].c_str(), nullptr, 10);
  const uint64_t seed =
      words.size() < 2 ? 1 : std::strtoull(words[1].c_str(), nullptr, 10);
  const Words source =
      words.size() < 3 ? Words() : ReadSource({words.begin() + 2, words.end()});
  const std::vector<std::string> texts =
      LabelledSet(seed, source).Make(documents);

  const std::string folder =
      (std::filesystem::temp_directory_path() / "peaktext-bench-recall")
          .string();
  std::filesystem::create_directories(folder);
  auto signatures = SignatureWriter::Create(folder + "/a.sig", {});
  auto stored = TextStoreWriter::Create(folder + "/a.text");
  std::vector<std::vector<uint64_t>> sets(texts.size());
  Signer signer;
  for (size_t i = 0; i < texts.size(); ++i) {
    SignatureRow row;
    signer.Sign(texts[i], &row.signature);
    signer.Shingles(texts[i], &sets[i]);
    if (!signatures->Append(row).ok() || !stored->Append(texts[i]).ok())
      return 1;
  }
  if (!signatures->Commit().ok() || !stored->Commit().ok()) return 1;
  const std::vector<DedupShard> shards = {
      {folder + "/a.sig", folder + "/a.text"}};

  const std::vector<TruePair> pairs = BruteForce(sets, 0.7);
  fmt::print(
      "{} documents, seed {}, {} words of source text, {} pairs at J >= 0.7\n"
      "grouping      J  removed  precis.  recall   F1       sound    "
      "pairs>=J pairs>=J+.05\n",
      documents, seed, source.size(), pairs.size());
  for (const double threshold : {0.7, 0.8, 0.9}) {
    for (const Grouping grouping :
         {Grouping::kSurvivors, Grouping::kComponents}) {
      PrintRow(threshold, grouping, Decide(folder, shards, threshold, grouping),
               sets, pairs);
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}

// Finds duplicates among all documents of a set of shards and chooses
// survivors. Out of core, deterministic, every removal with its evidence.
//
//   Result<DedupReport> report = Dedup(shards, options);
//
// Documents are numbered in input order: shard by shard, row by row. The answer
// is a decision per document, in that order, in `decisions_path`.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "sketch/signature.h"

namespace peaktext {

// One shard's files as `scan` left them, in priority order.
struct DedupShard {
  std::string signature_path;
  std::string text_path;  // may be empty: then the sketch alone verifies
};

enum class Keep { kFirst, kLongest, kNewest, kOldest, kPriority };
enum class Grouping { kSurvivors, kComponents };
// kAuto: the sketch decides where it is sure (several standard errors from the
// threshold), the text where it is not.
enum class Verify { kNone, kSketch, kAuto, kExact };

struct DedupOptions {
  double threshold = 0.8;  // Jaccard similarity of shingles
  Keep keep = Keep::kFirst;
  Grouping grouping = Grouping::kSurvivors;
  Verify verify = Verify::kAuto;
  uint64_t memory_bytes = 1ULL << 30;
  unsigned threads = 1;
  std::string work_folder;     // intermediate files; resumable
  std::string decisions_path;  // the answer; see decision_file.h
  std::stop_token stop;
  std::function<void(std::string_view stage, uint64_t done, uint64_t total)>
      on_progress;
};

enum class Evidence : uint8_t { kKept = 0, kExact, kSketch, kText, kBands };

// What became of one document.
struct Decision {
  uint64_t survivor = 0;  // number of the kept document; itself when kept
  float similarity = 0;   // as measured by `verified`; 1 for exact
  Evidence verified = Evidence::kKept;
};

struct DedupReport {
  uint64_t documents = 0;
  uint64_t exact_duplicates = 0;
  uint64_t near_duplicates = 0;
  uint64_t too_short = 0;  // without a shingle: compared by exact hash only
  uint64_t candidate_pairs = 0;
  uint64_t verified_by_text = 0;
  uint64_t disk_bytes = 0;  // at the peak, intermediate files
};

Result<DedupReport> Dedup(const std::vector<DedupShard>& shards,
                          const DedupOptions& options);

}  // namespace peaktext

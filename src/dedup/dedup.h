// Finds duplicates among all documents of a set of shards and chooses
// survivors. Out of core, deterministic, every removal with its evidence.
//
//   Result<DedupReport> report = Dedup(shards, options);
//
// Documents are numbered in input order: shard by shard, row by row. The answer
// is a decision per document, in that order, in `decisions_path`. It is a
// function of the signatures, the texts and the options of the first group
// below alone: threads, memory and partitions change how long it takes.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sketch/signature.h"

namespace peaktext {

// One shard's files as `scan` left them, in priority order.
struct DedupShard {
  std::string signature_path;
  std::string text_path;  // may be empty: then the sketch alone verifies
};

// Which of two duplicates stays. Ties: the one that comes first in the input,
// that is by crawl, shard and record. A date of 0 (unknown) loses both ways.
enum class Keep { kFirst, kLongest, kNewest, kOldest, kPriority };
// kSurvivors: a document goes when an earlier *kept* one is its duplicate.
// kComponents: of all that hang together by duplicate pairs, one stays.
enum class Grouping { kSurvivors, kComponents };
// kNone: sharing a band is enough. kSketch: the 64-byte sketch decides. kAuto:
// the sketch decides where it is sure (several standard errors from the
// threshold), the text where it is not. kExact: the text decides always.
enum class Verify { kNone, kSketch, kAuto, kExact };

// What an earlier run kept; its documents stand before all others and are never
// removed by this one.
struct DedupIndex {
  std::vector<DedupShard> shards;
  std::string decisions_path;
};

struct DedupOptions {
  double threshold = 0.8;  // remove at this Jaccard similarity or above
  Keep keep = Keep::kFirst;
  Grouping grouping = Grouping::kSurvivors;
  Verify verify = Verify::kAuto;
  std::vector<DedupIndex> against;
  // How the texts were shingled, for verification against them. The bands and
  // rows are those of the signature files.
  SignatureOptions signature;

  uint64_t memory_bytes = 1ULL << 30;  // at least 64 MiB
  unsigned threads = 1;
  unsigned partitions = 0;     // hash ranges per band; 0: as memory asks
  std::string work_folder;     // intermediate files; resumable
  std::string decisions_path;  // the answer; see decision_file.h
  bool keep_work_folder = false;
  std::stop_token stop;
  // Called from any thread, never from two at once.
  std::function<void(std::string_view stage, uint64_t done, uint64_t total)>
      on_progress;
  // One line for a person, for example the disk space about to be used.
  std::function<void(std::string_view line)> on_note;
};

enum class Evidence : uint8_t { kKept = 0, kExact, kSketch, kText, kBands };

// "kept", "exact", "sketch", "text", "bands".
std::string_view EvidenceName(Evidence evidence);

// What became of one document.
struct Decision {
  // Number of the kept document; itself when kept. Numbers from the count of
  // documents on are documents of `against`: the first of its first index has
  // that number, and so on through all indexes' documents, kept or not.
  uint64_t survivor = 0;
  float similarity = 0;  // as measured by `verified`; 1 for exact, 0 when kept
  Evidence verified = Evidence::kKept;
  // The text equals that of a document earlier in priority order. When that
  // one was itself removed as a near duplicate, `survivor`, `similarity` and
  // `verified` are those of its removal, so this is how to count exact copies.
  bool exact_copy = false;
  bool too_short = false;  // without a shingle: only compared by exact hash
  bool operator==(const Decision&) const = default;
};

struct DedupReport {
  uint64_t documents = 0;
  uint64_t exact_duplicates = 0;  // exact copies, however they were decided
  uint64_t near_duplicates = 0;   // removed, and no exact copies
  uint64_t too_short = 0;  // without a shingle: compared by exact hash only
  uint64_t candidate_pairs = 0;
  uint64_t verified_by_text = 0;
  uint64_t disk_estimate_bytes = 0;  // announced before it starts
  uint64_t disk_bytes = 0;           // at the peak, intermediate files
  uint64_t rounds = 0;               // passes over the undecided documents
};

Result<DedupReport> Dedup(const std::vector<DedupShard>& shards,
                          const DedupOptions& options);

}  // namespace peaktext

// The rule of survivors: documents stand in priority order, and one is removed
// when an earlier document that is kept is its duplicate. So no two kept
// documents are duplicates, and each removed one names a kept one.
//
//   SurvivorSearch search(columns, rules, ...);
//   Status s = search.Run(folder);           // reads "edges" and the buckets
//   search.removals(): sorted by row
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "dedup/column_file.h"
#include "dedup/dedup.h"
#include "dedup/pair_file.h"
#include "dedup/record_sorter.h"
#include "dedup/sketch_filter.h"
#include "dedup/text_compare.h"
#include "dedup/work_folder.h"

namespace peaktext {

// What is known about each row, two bits each.
class RowStates {
 public:
  enum State : uint8_t { kUndecided = 0, kKept = 1, kRemoved = 2 };
  explicit RowStates(uint64_t rows) : words_((rows + 31) / 32) {}
  State Get(uint64_t row) const {
    return static_cast<State>(words_[row / 32] >> (row % 32 * 2) & 3);
  }
  // REQUIRES: undecided so far.
  void Set(uint64_t row, State state) {
    words_[row / 32] |= static_cast<uint64_t>(state) << (row % 32 * 2);
  }

 private:
  std::vector<uint64_t> words_;
};

// A removed row and why.
struct Removal {
  uint64_t row = 0;
  uint64_t survivor = 0;  // a row that is kept
  float similarity = 0;
  Evidence verified = Evidence::kSketch;
  uint64_t SortKey() const { return row; }
  bool operator<(const Removal& other) const { return row < other.row; }
};

// What edges prove.
struct EdgeRules {
  double threshold = 0.8;
  MatchZone zone;
  bool unverified = false;  // Verify::kNone: every edge is proof

  bool Sure(const Edge& edge) const { return edge.matches >= zone.high; }
  // By the sketch or the texts, as far as they are known.
  bool Proved(const Edge& edge) const;
  Removal RemovalBy(const Edge& edge) const;
};

struct SurvivorOptions {
  EdgeRules rules;
  uint64_t old_rows = 0;
  uint64_t memory_bytes = 64 << 20;
  unsigned threads = 1;
  std::stop_token stop;
  std::function<void(uint64_t undecided)> on_round;
};

class SurvivorSearch {
 public:
  // `texts` may be null when no edge needs them.
  SurvivorSearch(const Columns& columns, const SurvivorOptions& options,
                 TextComparer* texts, WorkFolder* folder);

  // Decides all rows. `buckets`: the files of large buckets, by band.
  Status Run(const std::vector<std::string>& bucket_names);

  // Sorted by row after Run(): read with Next().
  RecordSorter<Removal>& removals() { return removals_; }
  uint64_t removed() const { return removed_; }
  uint64_t rounds() const { return round_; }

 private:
  struct Verdict {
    RowStates::State state = RowStates::kUndecided;
    const Edge* by = nullptr;
  };
  Status MarkTruncated(const std::vector<std::string>& bucket_names);
  Status Round(const std::string& edges_name);
  Verdict Judge(std::vector<Edge>* edges) const;
  void Settle(uint64_t row, std::vector<Edge>* edges, EdgeWriter* pending);
  Status PrepareNext(const std::vector<std::string>& bucket_names,
                     std::string* edges_name);

  const Columns& columns_;
  const SurvivorOptions options_;
  TextComparer* const texts_;
  WorkFolder& folder_;
  RowStates states_;
  // By row: it was not compared with all of a large bucket; and that this is
  // what it waits for.
  std::vector<bool> truncated_;
  std::vector<bool> expand_;
  RecordSorter<Removal> removals_;
  uint64_t removed_ = 0;
  uint64_t undecided_ = 0;
  uint64_t round_ = 0;
};

}  // namespace peaktext

// Files of candidate pairs and of edges (pairs with their similarity), sorted
// by the later document and then by the earlier one: some five bytes each.
//
//   PairWriter: Create(path) ... Append(pair) ... Commit()
//   PairReader: Open(path) ... Next(&pair)
// and the same for edges. A pair's documents are rows of Columns.
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "dedup/spill_file.h"

namespace peaktext {

struct Pair {
  uint64_t later = 0;
  uint64_t earlier = 0;  // < later
  auto operator<=>(const Pair&) const = default;
};

// A candidate pair that may be a duplicate, as far as is known.
struct Edge {
  Pair pair;
  uint16_t matches = 0;  // equal values of 256 in the sketches
  bool wanted = false;   // its texts are to be compared
  float text = -1;       // similarity of the texts; -1 while not compared
};

// Both files are a varint stream: later minus the last one's later, later minus
// earlier; an edge adds matches * 4 + wanted * 2 + (has text), and the text's
// similarity as a float when it has one.
class PairWriter {
 public:
  static Result<PairWriter> Create(std::string path) {
    Result<SpillWriter> file = SpillWriter::Create(std::move(path));
    if (!file) return Fail(file.error());
    return PairWriter(std::move(*file));
  }
  // REQUIRES: pairs rise.
  void Append(const Pair& pair) {
    assert(pair.later >= last_later_ && pair.earlier < pair.later);
    file_.AppendVarint(pair.later - last_later_);
    file_.AppendVarint(pair.later - pair.earlier);
    last_later_ = pair.later;
    ++count_;
  }
  void Append(const Edge& edge) {
    Append(edge.pair);
    const bool has_text = edge.text >= 0;
    file_.AppendVarint(edge.matches * 4ULL + (edge.wanted ? 2U : 0U) +
                       (has_text ? 1U : 0U));
    if (has_text) file_.Append(&edge.text, sizeof(edge.text));
  }
  Status Commit() { return file_.Commit(); }
  uint64_t count() const { return count_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }

 private:
  explicit PairWriter(SpillWriter file) : file_(std::move(file)) {}
  SpillWriter file_;
  uint64_t last_later_ = 0;
  uint64_t count_ = 0;
};

class PairReader {
 public:
  static Result<PairReader> Open(std::string path) {
    Result<SpillReader> file = SpillReader::Open(std::move(path));
    if (!file) return Fail(file.error());
    return PairReader(std::move(*file));
  }
  // False at the end or on failure; then ask status().
  bool Next(Pair* pair) {
    uint64_t later = 0;
    uint64_t distance = 0;
    if (!file_.ReadVarint(&later) || !file_.ReadVarint(&distance)) return false;
    last_later_ += later;
    *pair = {last_later_, last_later_ - distance};
    return true;
  }
  bool Next(Edge* edge) {
    uint64_t code = 0;
    if (!Next(&edge->pair) || !file_.ReadVarint(&code)) return false;
    edge->matches = static_cast<uint16_t>(code >> 2);
    edge->wanted = (code & 2) != 0;
    edge->text = -1;
    return (code & 1) == 0 || file_.Read(&edge->text, sizeof(edge->text));
  }
  const Status& status() const { return file_.status(); }

 private:
  explicit PairReader(SpillReader file) : file_(std::move(file)) {}
  SpillReader file_;
  uint64_t last_later_ = 0;
};

// The union of several pair files, each pair once.
class PairMerger {
 public:
  static Result<PairMerger> Open(const std::vector<std::string>& paths);
  bool Next(Pair* pair);
  const Status& status() const { return status_; }

 private:
  struct Head {
    Pair pair;
    size_t reader;
  };
  static bool Later(const Head& a, const Head& b) { return b.pair < a.pair; }

  std::vector<PairReader> readers_;
  std::vector<Head> heap_;
  Pair last_{};
  Status status_;
};

}  // namespace peaktext

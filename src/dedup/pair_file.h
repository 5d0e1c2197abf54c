// Files of candidate pairs and of edges (pairs with their similarity), sorted
// by the later document and then by the earlier one.
//
//   PairWriter: Create(path) ... Append(pair) ... Commit()
//   PairReader: Open(path) ... Next(&pair)
// and EdgeWriter, EdgeReader the same. A pair's documents are rows of Columns.
//
// A document's pairs take some five bytes if it has one, two more for each
// other that is near; two bytes for all of them when they are with the same
// documents as a recent one's: the many pairs of a large bucket with its first
// members. An edge takes some six bytes.
#pragma once

#include <array>
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
  uint64_t SortKey() const { return later; }
  auto operator<=>(const Pair&) const = default;
};

// A candidate pair that may be a duplicate, as far as is known.
struct Edge {
  Pair pair;
  uint16_t matches = 0;  // equal values of 256 in the sketches
  bool wanted = false;   // its texts are to be compared
  float text = -1;       // similarity of the texts; -1 while not compared
};

// The earlier documents of recent groups of pairs; writer and reader keep the
// same ones.
class RecentGroups {
 public:
  static constexpr size_t kSlots = 256;
  // Smaller groups take as little room as a slot's number.
  static constexpr size_t kLeastSize = 2;
  using Group = std::vector<uint64_t>;

  static size_t SlotOf(const Group& group);
  const Group& Get(size_t slot) const { return groups_[slot]; }
  void Put(const Group& group) {
    if (group.size() >= kLeastSize) groups_[SlotOf(group)] = group;
  }

 private:
  std::array<Group, kSlots> groups_;
};

// A varint stream: for each later document its distance from the last one × 4 +
// a kind, then
//   0: later - earlier, of its only pair
//   1: slot of a recent group whose earlier documents are its own, too
//   2: number of pairs, later - first earlier, each earlier - the one before
class PairWriter {
 public:
  static Result<PairWriter> Create(std::string path) {
    Result<SpillWriter> file = SpillWriter::Create(std::move(path));
    if (!file) return Fail(file.error());
    return PairWriter(std::move(*file));
  }
  // REQUIRES: pairs rise.
  void Append(const Pair& pair) {
    assert(pair.later >= later_ && pair.earlier < pair.later);
    if (pair.later != later_) {
      FlushGroup();
      later_ = pair.later;
    }
    group_.push_back(pair.earlier);
    ++count_;
  }
  Status Commit() {
    FlushGroup();
    return file_.Commit();
  }
  uint64_t count() const { return count_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }

 private:
  explicit PairWriter(SpillWriter file) : file_(std::move(file)) {}
  void FlushGroup();

  SpillWriter file_;
  uint64_t later_ = 0;          // of the group at hand
  RecentGroups::Group group_;   // its earlier documents
  uint64_t written_later_ = 0;  // of the group before
  RecentGroups recent_;
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
    if (at_ == group_.size() && !ReadGroup()) return false;
    *pair = {later_, group_[at_++]};
    return true;
  }
  const Status& status() const { return file_.status(); }

 private:
  explicit PairReader(SpillReader file) : file_(std::move(file)) {}
  bool ReadGroup();

  SpillReader file_;
  uint64_t later_ = 0;
  RecentGroups::Group group_;
  size_t at_ = 0;
  RecentGroups recent_;
};

// A varint stream: later minus the last one's later, later minus earlier,
// matches * 4 + wanted * 2 + (has text), and the text's similarity as a float
// when it has one.
class EdgeWriter {
 public:
  static Result<EdgeWriter> Create(std::string path) {
    Result<SpillWriter> file = SpillWriter::Create(std::move(path));
    if (!file) return Fail(file.error());
    return EdgeWriter(std::move(*file));
  }
  // REQUIRES: edges rise by their pairs.
  void Append(const Edge& edge) {
    const Pair& pair = edge.pair;
    assert(pair.later >= last_later_ && pair.earlier < pair.later);
    file_.AppendVarint(pair.later - last_later_);
    file_.AppendVarint(pair.later - pair.earlier);
    last_later_ = pair.later;
    const bool has_text = edge.text >= 0;
    file_.AppendVarint(edge.matches * 4ULL + (edge.wanted ? 2U : 0U) +
                       (has_text ? 1U : 0U));
    if (has_text) file_.Append(&edge.text, sizeof(edge.text));
  }
  Status Commit() { return file_.Commit(); }
  uint64_t size_bytes() const { return file_.size_bytes(); }

 private:
  explicit EdgeWriter(SpillWriter file) : file_(std::move(file)) {}
  SpillWriter file_;
  uint64_t last_later_ = 0;
};

class EdgeReader {
 public:
  static Result<EdgeReader> Open(std::string path) {
    Result<SpillReader> file = SpillReader::Open(std::move(path));
    if (!file) return Fail(file.error());
    return EdgeReader(std::move(*file));
  }
  // False at the end or on failure; then ask status().
  bool Next(Edge* edge) {
    uint64_t later = 0;
    uint64_t distance = 0;
    uint64_t code = 0;
    if (!file_.ReadVarint(&later) || !file_.ReadVarint(&distance) ||
        !file_.ReadVarint(&code)) {
      return false;
    }
    last_later_ += later;
    edge->pair = {last_later_, last_later_ - distance};
    edge->matches = static_cast<uint16_t>(code >> 2);
    edge->wanted = (code & 2) != 0;
    edge->text = -1;
    return (code & 1) == 0 || file_.Read(&edge->text, sizeof(edge->text));
  }
  const Status& status() const { return file_.status(); }

 private:
  explicit EdgeReader(SpillReader file) : file_(std::move(file)) {}
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

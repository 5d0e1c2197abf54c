// What lies in the folder of a run, and where:
//
//   DIR/plan.json             inputs and options; written first
//   DIR/shards/000007.docs    document table of the eighth input
//   DIR/shards/000007.sig     its signatures
//   DIR/shards/000007.text    its texts
//   DIR/shards/000007.para    its paragraphs, when they are counted
//   DIR/shards/000007.done    marker: written last, names the files' checksums
//   DIR/shards/000007.failed  instead: why the input could not be read
//   DIR/dedup/                decisions of dedup, its intermediate files, and
//                             markers of what dedup and inventory have done
//   DIR/inventory.json, DIR/documents.jsonl.zst
//
// A shard is finished when its marker is there; a marker whose plan or files
// are others than the folder's counts for nothing. A plain value; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "base/status.h"
#include "inventory/inventory.h"

namespace peaktext {

// What is scanned, and how. Two plans with equal options_json give the same
// bytes for the same input.
struct ScanPlan {
  std::vector<std::string> vocabularies;
  std::string options_json = "{}";  // all that changes the result of a scan
  std::vector<std::string> inputs;  // shard i is inputs[i]
  std::vector<FailedInput> failed;  // arguments that gave no input

  // Of options_json, 16 hex digits.
  std::string OptionsHash() const;
};

// One file of a finished shard.
struct ShardFile {
  std::string suffix;  // ".docs"
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;  // XXH3-64
};

struct ShardMarker {
  std::string input;
  std::string options_hash;
  // What the input looked like: size and time of change, or "" where that is
  // not known (stdin, remote).
  std::string input_state;
  uint64_t documents = 0;
  ReadTotals read = {};
  DropCounts dropped = {};
  std::vector<ShardFile> files = {};
};

class ScanFolder {
 public:
  explicit ScanFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string PlanPath() const { return path_ + "/plan.json"; }
  std::string ShardsPath() const { return path_ + "/shards"; }
  std::string DedupPath() const { return path_ + "/dedup"; }
  std::string DecisionsPath() const { return path_ + "/dedup/decisions"; }
  std::string DedupWorkPath() const { return path_ + "/dedup/work"; }
  std::string DedupMarkerPath() const { return path_ + "/dedup/done.json"; }
  std::string InventoryPath() const { return path_ + "/inventory.json"; }
  std::string DocumentsPath() const { return path_ + "/documents.jsonl.zst"; }
  std::string InventoryMarkerPath() const {
    return path_ + "/dedup/inventory.json";
  }
  std::string ShardPath(size_t shard, std::string_view suffix) const;

  bool HasPlan() const;
  Result<ScanPlan> ReadPlan() const;
  // Makes the folders.
  Status WritePlan(const ScanPlan& plan) const;

  // kNotFound when the shard is not finished; kCorrupt when its marker cannot
  // be read or its files are not those that the marker names (their sizes are
  // looked at, their checksums with the blocks as they are read).
  Result<ShardMarker> ReadMarker(size_t shard) const;
  // Forgets a failure of the same shard.
  Status WriteMarker(size_t shard, const ShardMarker& marker) const;

  // Why a shard could not be read; empty when it was not tried or did not fail.
  std::string ReadFailure(size_t shard) const;
  Status WriteFailure(size_t shard, std::string_view message) const;

  // Every shard's marker, in order, an empty one (no files) for each that
  // failed. Fails when one was never finished.
  Result<std::vector<ShardMarker>> ReadAllMarkers(const ScanPlan& plan) const;

  // Removes the scan's and the dedup's files, and nothing else.
  Status Clear() const;

 private:
  std::string path_;
};

// A hash of all that finished shards hold: the decisions of dedup belong to one
// such state. 16 hex digits.
std::string StateHash(const ScanPlan& plan,
                      const std::vector<ShardMarker>& markers);

// "SIZE:NANOSECONDS" of a local file, "" for anything else.
std::string InputState(const std::string& input);

}  // namespace peaktext

// Joins the paragraph tables of a folder with what became of their documents:
// paragraphs in all and unique, for an inventory.
//
//   ParagraphJoin join(folder, markers, memory_bytes);
//   if (join.wanted()) join.Start();
//   join.OpenShard(shard); join.Add(row, survivor, sums) ... join.CloseShard();
//   join.AddUniques(&inventory);              // when all shards are through
//
// The tables are read twice: once for the hashes, which are sorted within half
// the memory or on disk in the folder's dedup/paragraphs, once for the sizes of
// those that are the first of their kind. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "inventory/inventory.h"
#include "inventory/paragraph_table.h"
#include "inventory/paragraph_uniques.h"
#include "inventory/scan_folder.h"

namespace peaktext {

class ParagraphJoin {
 public:
  ParagraphJoin(const ScanFolder& folder,
                const std::vector<ShardMarker>& markers, uint64_t memory_bytes,
                std::stop_token stop)
      : folder_(folder),
        markers_(markers),
        memory_bytes_(memory_bytes),
        stop_(std::move(stop)) {}
  ~ParagraphJoin();

  // Whether the scan counted paragraphs.
  bool wanted() const;
  // REQUIRES of these: wanted(). In the order of shards and rows.
  Status Start();
  Status OpenShard(size_t shard);
  // The paragraphs of one document, into every one of `sums`.
  Status Add(uint64_t document, bool survivor, std::span<Totals* const> sums);
  Status CloseShard();

  // Adds what is unique to the totals, by_language and by_input, which have an
  // entry for each finished shard.
  Status AddUniques(Inventory* inventory);

 private:
  Status AddUniquesOfShard(size_t shard, Totals* of_input,
                           Inventory* inventory);
  void TakeRow(const ParagraphRow& row);

  const ScanFolder& folder_;
  const std::vector<ShardMarker>& markers_;
  const uint64_t memory_bytes_;
  const std::stop_token stop_;
  std::string work_path_;  // when started
  std::unique_ptr<ParagraphUniques> uniques_;
  std::optional<ParagraphTableReader> table_;
  Tally one_;  // the paragraph at hand
};

}  // namespace peaktext

// The candidate pairs of one band: documents that stand in the same bucket.
//
//   BandMemory memory;
//   Status s =
//       JoinBand(columns, band, options, &memory, pairs_path, buckets_path);
//
// A bucket of up to kSmallBucket documents gives all its pairs. A larger one
// gives each document's pairs with the bucket's first kFirstMembers only, and
// is itself written to `buckets_path`, so that a document whom none of those
// removes is compared with the rest later (big_buckets.h).
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/huge_array.h"
#include "base/status.h"
#include "dedup/column_file.h"
#include "dedup/spill_file.h"

namespace peaktext {

inline constexpr size_t kSmallBucket = 8;
inline constexpr size_t kFirstMembers = 4;
static_assert(kSmallBucket >= 2 * kFirstMembers);

struct BandJoinOptions {
  uint64_t old_rows = 0;  // pairs of two old documents are of no interest
  // Pairs that connect all of a bucket, each with its neighbours, in place of
  // those that compare it.
  bool chain = false;
  // In a large bucket, a document's pairs with the kFirstMembers before it too.
  bool neighbours = false;
  uint64_t memory_bytes = 64 << 20;
  unsigned partitions = 0;  // at least so many passes over the band
  std::string folder;       // for sorting
  std::stop_token stop;
};

// What a thread uses again for its next band: memory that is new to a process
// costs more than what is done with it here.
struct BandMemory {
  HugeArray<uint64_t> tuples;
};

Status JoinBand(const Columns& columns, uint32_t band,
                const BandJoinOptions& options, BandMemory* memory,
                const std::string& pairs_path, const std::string& buckets_path);

// Reads the buckets that JoinBand wrote.
class BucketReader {
 public:
  static Result<BucketReader> Open(std::string path);
  // Calls member(row) for each document of the next bucket, rows rising. False
  // at the end or on failure; then ask status().
  bool Next(const std::function<void(uint64_t row)>& member);
  const Status& status() const { return file_.status(); }

 private:
  explicit BucketReader(SpillReader file) : file_(std::move(file)) {}
  SpillReader file_;
};

}  // namespace peaktext

// Large buckets, looked at again for the documents that their first members did
// not remove.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "dedup/column_file.h"
#include "dedup/survivors.h"
#include "dedup/work_folder.h"

namespace peaktext {

struct BigBucketOptions {
  uint16_t low = 0;        // edges have at least so many matches
  uint64_t max_edges = 8;  // of one document in one bucket
  uint64_t memory_bytes = 64 << 20;
  unsigned threads = 1;
  std::stop_token stop;
};

// Compares each row of `wanted` with the earlier rows of its large buckets that
// are not removed, in order, up to `max_edges` finds in a bucket; leaves the
// edges in `folder` as `edges_name`. `truncated` then says of each wanted row
// whether that limit cut a search short.
Status SearchBigBuckets(const Columns& columns, const RowStates& states,
                        const std::vector<bool>& wanted,
                        const std::vector<std::string>& bucket_names,
                        const BigBucketOptions& options, WorkFolder* folder,
                        const std::string& edges_name,
                        std::vector<bool>* truncated);

}  // namespace peaktext

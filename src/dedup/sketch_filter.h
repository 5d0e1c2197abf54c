// Candidate pairs to edges: each pair's two sketches are compared, and pairs
// that are surely unlike are dropped.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "dedup/column_file.h"
#include "dedup/dedup.h"
#include "dedup/work_folder.h"

namespace peaktext {

// What a number of equal values (of 256) says about a pair at a threshold.
struct MatchZone {
  uint16_t low = 0;   // below: surely no duplicate
  uint16_t high = 0;  // from here on: surely one; between: the text decides
};

// `rows` are those of a band. `has_texts`: whether texts can be compared.
MatchZone ZoneOf(double threshold, Verify verify, uint32_t rows,
                 bool has_texts);

// The similarity that `matches` equal values of 256 stand for:
// SketchSimilarity.
double SimilarityOfMatches(uint32_t matches);

struct SketchFilterOptions {
  uint16_t low = 0;
  uint64_t memory_bytes = 64 << 20;
  unsigned threads = 1;
  std::stop_token stop;
};

// Merges the pair files named and leaves the edges in `folder` as "edges".
// Returns the number of distinct pairs.
Result<uint64_t> FilterPairs(const Columns& columns,
                             const std::vector<std::string>& pair_names,
                             const SketchFilterOptions& options,
                             WorkFolder* folder);

}  // namespace peaktext

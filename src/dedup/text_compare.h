// The true similarity of candidate pairs, from their texts: for those that the
// sketch cannot decide.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "dedup/column_file.h"
#include "dedup/dedup_input.h"
#include "dedup/pair_file.h"

namespace peaktext {

// In place of a similarity: a text is too large to be held, the sketch decides.
inline constexpr float kTextTooLarge = 2;

// Texts beyond this are not compared: their shingles alone would be several
// times as much memory. A constant, so that the answer does not depend on the
// memory granted.
inline constexpr uint64_t kMaxComparedBytes = 2 << 20;

class TextComparer {
 public:
  // REQUIRES: input.has_texts(), unless Compare() is never called.
  TextComparer(const DedupInput& input, const Columns& columns,
               uint64_t memory_bytes, unsigned threads);
  ~TextComparer();

  // Fills in `text` of the edges that are `wanted`, on several threads. Fastest
  // when edges with a document in common are neighbours.
  Status Compare(std::vector<Edge>* edges, const std::stop_token& stop);

  uint64_t compared() const { return compared_; }

 private:
  class Worker;
  std::vector<std::unique_ptr<Worker>> workers_;
  uint64_t compared_ = 0;
};

}  // namespace peaktext

// MinHash coordinates over 64-bit shingle hashes: each lane puts all possible
// shingles on a circle in its own random way, and keeps of those it has seen
// the ones next to two opposite points, on both sides: four coordinates.
//
//   LaneKeys keys = MakeLaneKeys(seed, 120);
//   MinhashLanes lanes(isa);
//   for (const LaneKey& key : keys) lanes.Append(key);
//   lanes.Add(shingles, cells);                     // any number of times
//   uint64_t coordinate = lanes.value(0, 3);
//   lanes.Restart(keys.size());                     // a new document
//
// How: the lowest 16 bits of a shingle, its cell, are permuted by the lane
// (odd multiplier and addend mod 2^16: 16-bit lanes, twice as many to a vector
// as 32-bit ones, at half the instructions); shingles of equal cell rank by
// bits 16...47, the same for all lanes. The vector kernel finds each lane's
// first cell; a pass over the shingles then finds the first one in these few
// cells. In short texts a cell rarely holds two shingles; in texts of 10^5 and
// more the 65,536 firsts of the cells are what the lanes choose from. Either
// way two documents' coordinates agree with probability J; RMSE and hit rates
// are those of independent permutations from 30 to 60,000 shingles
// (tests/sketch). The four ends of a lane are drawn without replacement, so
// they agree together a little less often than independent ones would: whoever
// needs that takes one end of each lane.
//
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "simd/minhash_kernels.h"

namespace peaktext {

struct LaneKey {
  uint16_t multiplier = 1;  // odd
  uint16_t inverse = 1;     // of the multiplier, mod 2^16
  uint16_t addend = 0;
};
using LaneKeys = std::vector<LaneKey>;
LaneKeys MakeLaneKeys(uint64_t seed, size_t lanes);

class MinhashLanes {
 public:
  explicit MinhashLanes(Isa isa);

  // Forgets all lanes from number `lanes` on. REQUIRES: lanes <= lanes().
  void Truncate(size_t lanes) { lanes_ = lanes; }
  // The same, and the others forget what they have seen: a new document.
  void Restart(size_t lanes);
  // What a lane has seen so far.
  struct Seen {
    std::array<uint16_t, kLaneEnds> bounds = {0xFFFF, 0, 0x7FFF, 0x8000};
    std::array<uint32_t, kLaneEnds> rests = {~0U, ~0U, ~0U, ~0U};
  };
  // Appends a lane that has seen nothing, or goes on from what it had.
  void Append(const LaneKey& key, Seen seen);
  void Append(const LaneKey& key) { Append(key, Seen()); }
  // Takes in shingles, by their hashes and their doubled cells (mix_shingles).
  // REQUIRES: as many of both, at least one.
  void Add(std::span<const uint64_t> shingles, std::span<const uint32_t> cells);

  size_t lanes() const { return lanes_; }
  // The cell of the shingle at an end (16 bits) · bits 16...47 of it (32 bits).
  // REQUIRES: Add() was called since the lane was new.
  uint64_t value(size_t lane, size_t end) const {
    return uint64_t{CellOf(lane, end)} << 32 | rests_[end][lane];
  }
  Seen seen(size_t lane) const {
    Seen seen;
    for (size_t end = 0; end < kLaneEnds; ++end) {
      seen.bounds[end] = bounds_[end][lane];
      seen.rests[end] = rests_[end][lane];
    }
    return seen;
  }

 private:
  uint16_t CellOf(size_t lane, size_t end) const {
    return static_cast<uint16_t>((bounds_[end][lane] - addends_[lane]) *
                                 inverses_[lane]);
  }
  void FindFirstOfCells(std::span<const uint64_t> shingles,
                        std::span<const uint32_t> cells);

  const MinhashKernels& kernels_;
  size_t lanes_ = 0;
  std::vector<uint16_t> multipliers_;
  std::vector<uint16_t> addends_;
  std::vector<uint16_t> inverses_;  // of the multipliers, mod 2^16
  std::array<std::vector<uint16_t>, kLaneEnds> bounds_;
  std::array<std::vector<uint16_t>, kLaneEnds> bounds_before_;
  std::array<std::vector<uint32_t>, kLaneEnds> rests_;
  // Of the bounds, during Add().
  std::array<std::vector<uint16_t>, kLaneEnds> cells_of_lanes_;
  std::vector<uint64_t> wanted_;      // a bit per cell; all 0 between calls
  std::vector<uint32_t> cell_rests_;  // per cell; only those wanted count
  std::vector<uint32_t> found_;       // shingles in wanted cells
  // Invariants: the per-lane vectors are padded to whole steps of lanes.
};

}  // namespace peaktext

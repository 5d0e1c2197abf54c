#include "sketch/minhash_lanes.h"

#include <algorithm>
#include <cassert>

#include "base/hash.h"

namespace peaktext {
namespace {

constexpr uint32_t kNoRest = 0xFFFFFFFF;
constexpr uint64_t kGoldenRatio = 0x9e3779b97f4a7c15ULL;

// The inverse of an odd number mod 2^16, by Newton's iteration: each step
// doubles the bits that are right, and 3 are to begin with.
uint16_t Inverse(uint16_t odd) {
  uint32_t inverse = odd;
  for (int i = 0; i < 3; ++i) inverse *= 2 - odd * inverse;
  return static_cast<uint16_t>(inverse);
}

}  // namespace

LaneKeys MakeLaneKeys(uint64_t seed, size_t lanes) {
  LaneKeys keys;
  uint64_t state = Mix64(seed);
  for (size_t i = 0; i < lanes; ++i) {
    state += kGoldenRatio;
    const uint64_t random = Mix64(state);
    const auto multiplier = static_cast<uint16_t>((random >> 48) | 1);
    keys.push_back(
        {multiplier, Inverse(multiplier), static_cast<uint16_t>(random >> 32)});
  }
  return keys;
}

MinhashLanes::MinhashLanes(Isa isa)
    : kernels_(MinhashKernelsFor(isa)),
      wanted_(65536 / 64),
      cell_rests_(65536) {}

void MinhashLanes::Append(const LaneKey& key, Seen seen) {
  if (lanes_ == multipliers_.size()) {
    const size_t padded = lanes_ + kLanesPerStep;
    for (std::vector<uint16_t>* values :
         {&multipliers_, &addends_, &inverses_}) {
      values->resize(padded);
    }
    for (size_t end = 0; end < kLaneEnds; ++end) {
      bounds_[end].resize(padded);
      bounds_before_[end].resize(padded);
      cells_of_lanes_[end].resize(padded);
      rests_[end].resize(padded);
    }
  }
  multipliers_[lanes_] = key.multiplier;
  addends_[lanes_] = key.addend;
  inverses_[lanes_] = key.inverse;
  for (size_t end = 0; end < kLaneEnds; ++end) {
    bounds_[end][lanes_] = seen.bounds[end];
    rests_[end][lanes_] = seen.rests[end];
  }
  ++lanes_;
}

void MinhashLanes::Restart(size_t lanes) {
  Truncate(lanes);
  for (size_t end = 0; end < kLaneEnds; ++end) {
    std::fill_n(bounds_[end].begin(), lanes, Seen().bounds[end]);
    std::fill_n(rests_[end].begin(), lanes, Seen().rests[end]);
  }
}

void MinhashLanes::Add(std::span<const uint64_t> shingles,
                       std::span<const uint32_t> cells) {
  assert(shingles.size() == cells.size() && !shingles.empty());
  for (size_t end = 0; end < kLaneEnds; ++end) {
    std::copy_n(bounds_[end].begin(), lanes_, bounds_before_[end].begin());
  }
  const size_t padded =
      (lanes_ + kLanesPerStep - 1) / kLanesPerStep * kLanesPerStep;
  uint16_t* const bounds[kLaneEnds] = {bounds_[0].data(), bounds_[1].data(),
                                       bounds_[2].data(), bounds_[3].data()};
  kernels_.bound_lanes(cells.data(), cells.size(), multipliers_.data(),
                       addends_.data(), padded, bounds);
  FindFirstOfCells(shingles, cells);
}

// A bound that stayed keeps the rest it had: shingles of its cell may have come
// before. A bound that is new has a cell that never came before, or it would
// have been the bound then; so bounds of one cell always agree on the rest.
// (The values that a new lane starts with may be bounds, too; then the rest is
// the highest, which is right as well.)
void MinhashLanes::FindFirstOfCells(std::span<const uint64_t> shingles,
                                    std::span<const uint32_t> cells) {
  for (size_t end = 0; end < kLaneEnds; ++end) {
    uint16_t* const cells_of_lanes = cells_of_lanes_[end].data();
    const uint16_t* const bounds = bounds_[end].data();
    const uint16_t* const before = bounds_before_[end].data();
    uint32_t* const rests = rests_[end].data();
    for (size_t lane = 0; lane < lanes_; ++lane) {
      if (bounds[lane] != before[lane]) rests[lane] = kNoRest;
      const uint16_t cell = CellOf(lane, end);
      cells_of_lanes[lane] = cell;
      wanted_[cell / 64] |= 1ULL << (cell % 64);
      cell_rests_[cell] = rests[lane];
    }
  }
  if (found_.size() < shingles.size() + kLanesPerStep) {
    found_.resize(shingles.size() + kLanesPerStep);
  }
  const size_t found = kernels_.find_cells(cells.data(), cells.size(),
                                           wanted_.data(), found_.data());
  for (size_t i = 0; i < found; ++i) {
    const uint64_t shingle = shingles[found_[i]];
    uint32_t& rest = cell_rests_[static_cast<uint16_t>(shingle)];
    rest = std::min(rest, static_cast<uint32_t>(shingle >> 16));
  }
  for (size_t end = 0; end < kLaneEnds; ++end) {
    for (size_t lane = 0; lane < lanes_; ++lane) {
      const uint16_t cell = cells_of_lanes_[end][lane];
      rests_[end][lane] = cell_rests_[cell];
      wanted_[cell / 64] = 0;
    }
  }
}

}  // namespace peaktext

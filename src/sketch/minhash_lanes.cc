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
  if (lanes_ == minima_.size()) {
    const size_t padded = lanes_ + kLanesPerStep;
    for (std::vector<uint16_t>* values :
         {&multipliers_, &addends_, &inverses_, &minima_, &minima_before_,
          &cells_of_lanes_}) {
      values->resize(padded);
    }
    rests_.resize(padded);
  }
  multipliers_[lanes_] = key.multiplier;
  addends_[lanes_] = key.addend;
  inverses_[lanes_] = key.inverse;
  minima_[lanes_] = seen.minimum;
  rests_[lanes_] = seen.rest;
  ++lanes_;
}

void MinhashLanes::Restart(size_t lanes) {
  Truncate(lanes);
  std::fill_n(minima_.begin(), lanes, Seen().minimum);
  std::fill_n(rests_.begin(), lanes, Seen().rest);
}

void MinhashLanes::Add(std::span<const uint64_t> shingles,
                       std::span<const uint32_t> cells) {
  assert(shingles.size() == cells.size() && !shingles.empty());
  std::copy_n(minima_.begin(), lanes_, minima_before_.begin());
  const size_t padded =
      (lanes_ + kLanesPerStep - 1) / kLanesPerStep * kLanesPerStep;
  kernels_.min_lanes(cells.data(), cells.size(), multipliers_.data(),
                     addends_.data(), padded, minima_.data());
  FindFirstOfCells(shingles, cells);
}

// A lane whose minimum stayed keeps the rest it had: shingles of its cell may
// have come before. A lane whose minimum is new has a cell that never came
// before, or it would have been the minimum then; so lanes of one cell always
// agree on the rest. (65,535 is also what a new lane starts with; then its rest
// is the highest, which is right as well.)
void MinhashLanes::FindFirstOfCells(std::span<const uint64_t> shingles,
                                    std::span<const uint32_t> cells) {
  for (size_t lane = 0; lane < lanes_; ++lane) {
    cells_of_lanes_[lane] = CellOf(lane);
  }
  for (size_t lane = 0; lane < lanes_; ++lane) {
    if (minima_[lane] != minima_before_[lane]) rests_[lane] = kNoRest;
    const uint16_t cell = cells_of_lanes_[lane];
    wanted_[cell / 64] |= 1ULL << (cell % 64);
    cell_rests_[cell] = rests_[lane];
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
  for (size_t lane = 0; lane < lanes_; ++lane) {
    const uint16_t cell = cells_of_lanes_[lane];
    rests_[lane] = cell_rests_[cell];
    wanted_[cell / 64] = 0;
  }
}

}  // namespace peaktext

// Comparing sketches: how many of their 256 two-bit values are equal.
//
//   CountMatches(a, b)                      // one pair
//   FindMatch(a, sketches, 0, low)          // the first that is like `a`
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dedup/column_file.h"
#include "simd/isa.h"

namespace peaktext {

// The kernels of one instruction set. kScalar is the specification.
struct MatchKernels {
  const char* name;
  uint32_t (*count)(const Sketch& a, const Sketch& b);
  // The least i >= from with count(a, sketches[i]) >= low, or sketches.size().
  size_t (*find)(const Sketch& a, std::span<const Sketch> sketches, size_t from,
                 uint32_t low);
};

// REQUIRES: IsaSupported(isa).
const MatchKernels& MatchKernelsOf(Isa isa);
// Those of BestIsa(), chosen once.
const MatchKernels& BestMatchKernels();

inline uint32_t CountMatches(const Sketch& a, const Sketch& b) {
  return BestMatchKernels().count(a, b);
}
inline size_t FindMatch(const Sketch& a, std::span<const Sketch> sketches,
                        size_t from, uint32_t low) {
  return BestMatchKernels().find(a, sketches, from, low);
}

}  // namespace peaktext

// Two values of two bits are equal when both bits of their exclusive or are 0:
// or-ing the odd bits onto the even ones leaves a bit per value that differs.
//
// The processor's own bit count makes this some ten times as fast as the
// portable one; wider registers gain nothing more where a pair is one cache
// line against another.
#include "dedup/sketch_match.h"

#include <bit>

namespace peaktext {
namespace {

constexpr uint64_t kEvenBits = 0x5555555555555555ULL;

uint32_t CountScalar(const Sketch& a, const Sketch& b) {
  uint32_t different = 0;
  for (int i = 0; i < 8; ++i) {
    const uint64_t bits = a.words[i] ^ b.words[i];
    different +=
        static_cast<uint32_t>(std::popcount((bits | bits >> 1) & kEvenBits));
  }
  return 256 - different;
}

size_t FindScalar(const Sketch& a, std::span<const Sketch> sketches,
                  size_t from, uint32_t low) {
  while (from < sketches.size() && CountScalar(a, sketches[from]) < low) ++from;
  return from;
}

[[gnu::target("popcnt")]] inline uint32_t CountPopcnt(const Sketch& a,
                                                      const Sketch& b) {
  uint64_t different = 0;
  for (int i = 0; i < 8; ++i) {
    const uint64_t bits = a.words[i] ^ b.words[i];
    different += static_cast<uint64_t>(
        __builtin_popcountll((bits | bits >> 1) & kEvenBits));
  }
  return 256 - static_cast<uint32_t>(different);
}

[[gnu::target("popcnt")]] size_t FindPopcnt(const Sketch& a,
                                            std::span<const Sketch> sketches,
                                            size_t from, uint32_t low) {
  const Sketch* const data = sketches.data();
  const size_t size = sketches.size();
  while (from < size && CountPopcnt(a, data[from]) < low) ++from;
  return from;
}

constexpr MatchKernels kScalarKernels = {"scalar", CountScalar, FindScalar};
constexpr MatchKernels kPopcntKernels = {"popcnt", CountPopcnt, FindPopcnt};

}  // namespace

const MatchKernels& MatchKernelsOf(Isa isa) {
  // Isa::kAvx2 stands for POPCNT too.
  return isa == Isa::kScalar ? kScalarKernels : kPopcntKernels;
}

const MatchKernels& BestMatchKernels() {
  static const MatchKernels& best = MatchKernelsOf(BestIsa());
  return best;
}

}  // namespace peaktext

#include <algorithm>

#include "simd/merge_kernels.h"

namespace peaktext {
namespace {

uint32_t CountOne(const MergeWords& words, std::string_view pretoken) {
  uint32_t sides[kMostMergedBytes];
  uint32_t merged[kMostMergedBytes];  // what each part and the next become
  size_t parts = pretoken.size();
  const auto look = [&](size_t part) {
    merged[part] = part + 1 < parts ? MergeWords::Find(words.slots, sides[part],
                                                       sides[part + 1])
                                    : MergeWords::kNoToken;
  };
  for (size_t i = 0; i < parts; ++i) {
    sides[i] = words.byte_sides[static_cast<unsigned char>(pretoken[i])];
  }
  for (size_t i = 0; i < parts; ++i) look(i);
  for (;;) {
    // The first of the lowest.
    const uint32_t* const best = std::min_element(merged, merged + parts);
    if (*best == MergeWords::kNoToken) return static_cast<uint32_t>(parts);
    const auto at = static_cast<size_t>(best - merged);
    sides[at] = words.sides[*best];
    std::copy(sides + at + 2, sides + parts, sides + at + 1);
    std::copy(merged + at + 2, merged + parts, merged + at + 1);
    --parts;
    look(at);
    if (at > 0) look(at - 1);
  }
}

}  // namespace

void CountMergedScalar(const MergeWords& words,
                       std::span<const std::string_view> pretokens,
                       uint32_t* tokens) {
  for (const std::string_view pretoken : pretokens) {
    *tokens++ = CountOne(words, pretoken);
  }
}

MergeFunction* MergeFunctionFor(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return CountMergedScalar;
    case Isa::kAvx2:
      return CountMergedAvx2;
    case Isa::kAvx512:
      return CountMergedAvx512;
  }
  return CountMergedScalar;
}

}  // namespace peaktext

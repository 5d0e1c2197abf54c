// Sorts hashes: numbers spread evenly over 64 bits, as comparing sorts cannot
// know. Their top bits say where each belongs, to within a few places.
//
//   std::vector<uint64_t> scratch;
//   SortHashes(&hashes, &scratch);
//
// Right for any numbers, fast for spread ones: some ten times std::sort.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace peaktext {

// Leaves `hashes` rising; `scratch` is memory to reuse.
inline void SortHashes(std::vector<uint64_t>* hashes,
                       std::vector<uint64_t>* scratch) {
  constexpr size_t kFew = 64;
  const size_t size = hashes->size();
  if (size <= kFew) {
    std::sort(hashes->begin(), hashes->end());
    return;
  }
  // Bins of about four; one step of a radix sort.
  const auto bits = static_cast<unsigned>(std::bit_width(size / 4));
  const unsigned shift = 64 - bits;
  std::vector<uint32_t> ends((size_t{1} << bits) + 1);
  for (const uint64_t hash : *hashes) ++ends[(hash >> shift) + 1];
  for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  scratch->resize(size);
  // Afterwards ends[i] is where bin i ends.
  for (const uint64_t hash : *hashes) (*scratch)[ends[hash >> shift]++] = hash;
  const auto begin = scratch->begin();
  uint32_t from = 0;
  for (const uint32_t to : ends) {
    if (to - from > 1) std::sort(begin + from, begin + to);
    from = to;
  }
  hashes->swap(*scratch);
}

}  // namespace peaktext

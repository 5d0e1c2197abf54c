// Counts the tokens of a piece that repeats itself, such as a line of dashes:
// merges it literally, in each round all pairs of the lowest priority. Of such
// a piece little is left after a few rounds, while to look for valid pairs
// (bpe_counter.h) is slow there: tokens of every length begin at every place.
//
//   MergeRounds rounds;
//   if (RepeatsItself(piece)) tokens = rounds.Count(words, piece);
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "simd/merge_kernels.h"

namespace peaktext {

// Whether one to four bytes repeat somewhere, for some 32 bytes or more; false
// for long pieces, of which there are few, and others take care of them.
inline bool RepeatsItself(std::string_view piece) {
  constexpr size_t kStride = 16;
  constexpr size_t kMostPeriod = 4;
  constexpr size_t kMostBytes = 4096;
  if (piece.size() > kMostBytes) return false;
  for (size_t at = 0; at + kStride + kMostPeriod <= piece.size();
       at += kStride) {
    const char* const text = piece.data() + at;
    for (size_t period = 1; period <= kMostPeriod; ++period) {
      if (std::memcmp(text, text + period, kStride) == 0) return true;
    }
  }
  return false;
}

class MergeRounds {
 public:
  // nullopt where it would take long, as few pairs are alike.
  std::optional<uint64_t> Count(const MergeWords& words,
                                std::string_view piece);

 private:
  size_t MergeAll(const MergeWords& words, uint32_t merged, size_t parts);

  std::vector<uint32_t> sides_;  // of the parts
  // What each part and the next merge into, MergeWords::kNoToken: nothing.
  std::vector<uint32_t> keys_;
};

}  // namespace peaktext

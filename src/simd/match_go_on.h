// MatchKernels::go_on, and what its forms share. Private to the match kernels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simd/match_kernels.h"

namespace peaktext {

void GoOnScalar(const TrieWords& trie, std::string_view text,
                MatchBuffer* buffer, size_t first, OpenPlaces* open);

// The open places that are not too near to the end of a text of `text_bytes` to
// have a token of `bytes`. They are in order.
inline size_t PlacesBefore(const OpenPlaces& open, size_t text_bytes,
                           size_t bytes) {
  size_t count = open.count;
  while (count > 0 && open.places[count - 1] + bytes > text_bytes) --count;
  return count;
}

// Tokens of one length that were found.
struct FoundTokens {
  uint8_t places[OpenPlaces::kMost + 64];
  uint32_t marks[OpenPlaces::kMost + 16];
  size_t count = 0;

  // REQUIRES: they are longer than all that there was.
  void AddTo(MatchBuffer* buffer, size_t first, size_t bytes) const {
    // Lengths that lie across no boundary have no row.
    const size_t plane = (bytes - 2) / 4;
    for (size_t i = 0; i < count; ++i) {
      const size_t place = first + places[i];
      const auto mark = static_cast<int32_t>(marks[i]);
      buffer->second[place] = buffer->longest[place];
      buffer->longest[place] = uint64_t{bytes} << 32 | marks[i];
      buffer->lowest[place] = std::min(buffer->lowest[place], mark);
      if (plane >= MatchBuffer::kPlanes) continue;
      buffer->rows[plane][MatchBuffer::kBefore + place].marks[(bytes - 2) % 4] =
          mark;
    }
    // Shorter ones are in the first rows.
    if (bytes > 5 && count > 0) {
      buffer->long_end =
          std::max(buffer->long_end, first + places[count - 1] + 1);
    }
  }
};

}  // namespace peaktext

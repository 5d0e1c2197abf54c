// Sizes of buffers and of what is looked at at once. Fuzzers are built with all
// of them small (PEAKTEXT_SMALL_BUFFERS), so that their small inputs cross
// every border, and cost no pages of fresh memory.
#pragma once

#include <cstddef>

namespace peaktext {

constexpr size_t BufferBytes(size_t bytes) {
#ifdef PEAKTEXT_SMALL_BUFFERS
  return bytes >> 6;
#else
  return bytes;
#endif
}

}  // namespace peaktext

// Sizes of buffers and of what is looked at at once. Fuzzers are built with all
// of them small (PEAKTEXT_SMALL_BUFFERS), so that their small inputs cross
// every border, and cost no pages of fresh memory.
#pragma once

#include <cstddef>

namespace peaktext {

#ifdef PEAKTEXT_SMALL_BUFFERS
constexpr int kSmallerByLog = 6;
#else
constexpr int kSmallerByLog = 0;
#endif

constexpr size_t BufferBytes(size_t bytes) { return bytes >> kSmallerByLog; }

}  // namespace peaktext

// Where the characters of 64 bytes end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace peaktext {

// How many of the 64 bytes at `text`, valid UTF-8 that a character begins,
// belong to characters that end within them. Without branches, and from the
// last bytes alone: what follows waits for it.
[[gnu::always_inline]] inline unsigned WholeBytes(const char* text) {
  const auto* last = reinterpret_cast<const unsigned char*>(text) + 63;
  unsigned bytes = 64;
  bytes = last[-2] >= 0xF0 ? 61 : bytes;
  bytes = last[-1] >= 0xE0 ? 62 : bytes;
  return last[0] >= 0xC0 ? 63 : bytes;
}

}  // namespace peaktext

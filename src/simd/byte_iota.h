// The numbers of the 64 bytes of a block. Private to the kernels.
#pragma once

#include <cstdint>

namespace peaktext {

struct ByteIota {
  alignas(64) uint8_t of[64];
};

inline constexpr ByteIota kByteIota = [] {
  ByteIota iota{};
  for (uint8_t i = 0; i < 64; ++i) iota.of[i] = i;
  return iota;
}();

}  // namespace peaktext

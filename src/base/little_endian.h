// Numbers as bytes, least significant first: how all our files store them.
//
//   std::string bytes;
//   AppendLittle<uint32_t>(&bytes, 7);
//   uint32_t seven = LoadLittle<uint32_t>(bytes.data());
#pragma once

#include <bit>
#include <cstring>
#include <string>

namespace peaktext {

static_assert(std::endian::native == std::endian::little,
              "a big-endian machine needs byte swaps here");

template <class T>
void AppendLittle(std::string* bytes, T value) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
}

// REQUIRES: sizeof(T) bytes at `from`.
template <class T>
T LoadLittle(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace peaktext

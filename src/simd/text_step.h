// Steps that all instruction sets share: a character from bytes, a word's hash.
// Private to the text kernels.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace peaktext::text_step {

static_assert(std::endian::native == std::endian::little);

struct Decoded {
  char32_t character;  // kBad when the byte starts no valid sequence
  uint32_t size;       // bytes taken; 1 when bad
};
inline constexpr char32_t kBad = 0xFFFFFFFF;

// The character at the start of the `size` > 0 bytes, strictly: no overlong
// forms, no surrogates (Unicode 16.0, table 3-7).
inline Decoded Decode(const uint8_t* p, size_t size) {
  const auto tail = [&](size_t i) {
    return static_cast<uint32_t>(p[i] ^ 0x80);
  };  // < 64 iff a continuation byte
  const uint32_t lead = p[0];
  if (lead < 0x80) return {lead, 1};
  if (lead >= 0xC2 && lead <= 0xDF && size >= 2 && tail(1) < 64) {
    return {((lead & 0x1F) << 6) | tail(1), 2};
  }
  if ((lead & 0xF0) == 0xE0 && size >= 3 && tail(1) < 64 && tail(2) < 64) {
    const uint32_t c = ((lead & 0x0F) << 12) | (tail(1) << 6) | tail(2);
    if (c >= 0x800 && (c < 0xD800 || c > 0xDFFF)) return {c, 3};
  }
  if (lead >= 0xF0 && lead <= 0xF4 && size >= 4 && tail(1) < 64 &&
      tail(2) < 64 && tail(3) < 64) {
    const uint32_t c =
        ((lead & 0x07) << 18) | (tail(1) << 12) | (tail(2) << 6) | tail(3);
    if (c >= 0x10000 && c < 0x110000) return {c, 4};
  }
  return {kBad, 1};
}

// Writes `c` as UTF-8; gives the number of bytes. REQUIRES: room for 4.
inline size_t Encode(char32_t c, uint8_t* out) {
  if (c < 0x80) {
    out[0] = static_cast<uint8_t>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<uint8_t>(0xC0 | (c >> 6));
    out[1] = static_cast<uint8_t>(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<uint8_t>(0xE0 | (c >> 12));
    out[1] = static_cast<uint8_t>(0x80 | ((c >> 6) & 0x3F));
    out[2] = static_cast<uint8_t>(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = static_cast<uint8_t>(0xF0 | (c >> 18));
  out[1] = static_cast<uint8_t>(0x80 | ((c >> 12) & 0x3F));
  out[2] = static_cast<uint8_t>(0x80 | ((c >> 6) & 0x3F));
  out[3] = static_cast<uint8_t>(0x80 | (c & 0x3F));
  return 4;
}

inline bool IsSpace(char32_t c) {
  return c == 0x20 || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Both halves of a 128-bit product, folded: the mixer of wyhash. (g++ 12 takes
// a 128-bit integer through memory here.)
inline uint64_t Fold128(uint64_t a, uint64_t b) {
#if defined(__x86_64__)
  uint64_t high;
  __asm__("mulq %2" : "+a"(a), "=d"(high) : "r"(b) : "cc");
  return a ^ high;
#else
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
#endif
}

// Digits of pi: numbers with nothing up their sleeve.
inline constexpr uint64_t kWordKeyLow = 0x243f6a8885a308d3ULL;
inline constexpr uint64_t kWordKeyHigh = 0x13198a2e03707345ULL;

inline uint64_t HashBlock(uint64_t hash, uint64_t low, uint64_t high) {
  return Fold128(low ^ kWordKeyLow ^ hash, high ^ kWordKeyHigh);
}

}  // namespace peaktext::text_step

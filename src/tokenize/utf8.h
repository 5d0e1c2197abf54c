// UTF-8 as the counter sees it: sequences are valid, because SanitizeUtf8 put
// U+FFFD in place of each maximal subpart that is not (WHATWG Encoding, "UTF-8
// decoder"; Unicode 16.0, section 3.9, "U+FFFD Substitution of Maximal
// Subparts": what decoding a Python `bytes` with errors="replace" gives).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace peaktext {

// Length in bytes of the sequence that the lead byte of valid UTF-8 opens.
inline size_t Utf8Length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

// The character at `p`. REQUIRES: valid UTF-8.
inline char32_t DecodeUtf8(const char* p) {
  const auto byte = [p](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(p[i]));
  };
  if (byte(0) < 0x80) return byte(0);
  if (byte(0) < 0xE0) return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
  if (byte(0) < 0xF0) {
    return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  }
  return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 |
         (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
}

// The same where the lengths of characters cannot be foreseen: it takes no
// branch. Adds the length to *at. REQUIRES: four bytes can be read.
inline char32_t DecodeUtf8Blindly(const char* text, size_t* at) {
  const auto lead = static_cast<unsigned char>(text[*at]);
  const unsigned behind = (lead >= 0xC0 ? 1U : 0U) + (lead >= 0xE0 ? 1U : 0U) +
                          (lead >= 0xF0 ? 1U : 0U);
  static constexpr uint32_t kMasks[4] = {0x7F, 0x1F3F, 0x0F3F3F, 0x073F3F3F};
  uint32_t bytes;
  std::memcpy(&bytes, text + *at, sizeof(bytes));
  bytes = __builtin_bswap32(bytes) >> (24 - 8 * behind) & kMasks[behind];
  *at += 1 + behind;
  return (bytes & 0x7F) | (bytes & 0x3F00) >> 2 | (bytes & 0x3F0000) >> 4 |
         (bytes & 0x7000000) >> 6;
}

// The top bits of eight bytes, side by side.
inline uint64_t TopBits(uint64_t bytes) {
  return (bytes >> 7 & 0x0101010101010101) * 0x0102040810204080 >> 56;
}

inline bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// `bytes` without an unfinished character at the end, if it is valid UTF-8.
std::optional<std::string_view> ValidPart(std::string_view bytes);

// Appends `bytes` to *out, made valid. Returns how many bytes were taken: all
// of them, or all but the last 1 to 3 when those may still become a character;
// with `final` they are taken too, as one U+FFFD.
size_t SanitizeUtf8(std::string_view bytes, bool final, std::string* out);

}  // namespace peaktext

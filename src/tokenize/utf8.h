// UTF-8 as the counter sees it: sequences are valid, because SanitizeUtf8 put
// U+FFFD in place of each maximal subpart that is not (WHATWG Encoding, "UTF-8
// decoder"; Unicode 16.0, section 3.9, "U+FFFD Substitution of Maximal
// Subparts": what decoding a Python `bytes` with errors="replace" gives).
#pragma once

#include <cstddef>
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

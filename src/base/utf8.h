// UTF-8: makes text valid, and decodes what is.
//
//   if (!IsValidUtf8(bytes)) replaced += AppendRepairedUtf8(bytes, &text);
//
// Each maximal subpart of an ill-formed sequence becomes one U+FFFD (Unicode
// 16, 3.9, "U+FFFD Substitution of Maximal Subparts"; the WHATWG UTF-8 decoder
// and tiktoken's do the same, and so does a Python `bytes` that is decoded with
// errors="replace").
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace peaktext {

// 18 GB/s (simdjson).
bool IsValidUtf8(std::string_view bytes);

// Appends `bytes` with what is ill-formed replaced; returns how many U+FFFD it
// put in.
uint64_t AppendRepairedUtf8(std::string_view bytes, std::string* out);

// How many bytes at the end of `bytes` may be the beginning of a character that
// the next piece completes: 0 to 3.
size_t IncompleteUtf8Suffix(std::string_view bytes);

// `text`, valid UTF-8, cut to at most `bytes` at a character border.
std::string_view Utf8Prefix(std::string_view text, size_t bytes);

void AppendUtf8(char32_t code_point, std::string* out);

// How many bytes of ASCII `bytes` begins with.
size_t AsciiPrefix(std::string_view bytes);

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

// Offset of the character that ends before `offset`. REQUIRES: offset > 0.
inline size_t PreviousCharacter(std::string_view text, size_t offset) {
  do {
    --offset;
  } while (offset > 0 && IsContinuation(text[offset]));
  return offset;
}

}  // namespace peaktext

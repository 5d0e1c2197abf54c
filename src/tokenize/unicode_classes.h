// The character classes that pretokenizer patterns speak of, as of Unicode
// 16.0: the version that both references, tiktoken (Rust's regex-syntax) and
// Hugging Face's tokenizers (Oniguruma), had when each code point was tried on
// them. Do not take them from another library: ICU 72 is Unicode 15, PCRE2
// 10.42 is Unicode 14, and `\s` means something else in each.
//
//   if (UnicodeFlags(U'é') & kUnicodeLower) ...
//
// A code point has a class id below kUnicodeClassCount (small enough for a
// table in one vector register) and each id a set of flags.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace peaktext {

enum UnicodeFlag : uint16_t {
  kUnicodeUpper = 1 << 0,        // \p{Lu} \p{Lt}
  kUnicodeLower = 1 << 1,        // \p{Ll}
  kUnicodeOtherLetter = 1 << 2,  // \p{Lm} \p{Lo}
  kUnicodeMark = 1 << 3,         // \p{M}
  kUnicodeNumber = 1 << 4,       // \p{N}
  kUnicodeSpace = 1 << 5,        // \s, the property White_Space
  kUnicodePunctuation = 1 << 6,  // \p{P}
  kUnicodeSymbol = 1 << 7,       // \p{S}
  // [\u4e00-\u9fa5\u3040-\u30ff], beside one of the others or alone.
  kUnicodeDeepSeekCjk = 1 << 8,
  // All of \p{L}.
  kUnicodeLetter = kUnicodeUpper | kUnicodeLower | kUnicodeOtherLetter,
};

inline constexpr size_t kUnicodeClassCount = 16;

namespace unicode_internal {
// The last six bits of a code point are the last byte of its UTF-8, so that a
// block of 64 code points is what shares all bytes but the last.
extern const uint16_t kBlockOf[0x110000 / 64];
extern const uint8_t kClassIds[][64];
}  // namespace unicode_internal

// Flags of each class id. Ids that do not occur have none.
extern const std::array<uint16_t, kUnicodeClassCount> kUnicodeClassFlags;

// REQUIRES: code_point <= 0x10FFFF.
inline uint8_t UnicodeClassId(char32_t code_point) {
  return unicode_internal::kClassIds
      [unicode_internal::kBlockOf[code_point >> 6]][code_point & 63];
}
inline uint16_t UnicodeFlags(char32_t code_point) {
  return kUnicodeClassFlags[UnicodeClassId(code_point)];
}

}  // namespace peaktext

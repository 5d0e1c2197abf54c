// The character references of HTML in text (not in attributes).
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace peaktext {

// No name is longer, ';' counted and '&' not.
inline constexpr size_t kLongestEntity = 32;

struct Entity {
  std::string_view name;   // without '&', with its ';' where it has one
  std::string_view value;  // UTF-8; empty: none found
};

// The longest name that `text` (what follows '&') starts with: "notit;" finds
// "not", as the standard wants it in text.
Entity FindEntity(std::string_view text);

// The code point that &#number; stands for: numbers 0x80 to 0x9F mean
// windows-1252, what is no character is U+FFFD.
char32_t NumericReference(uint32_t number);

}  // namespace peaktext

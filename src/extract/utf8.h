// Makes text valid UTF-8: each maximal subpart of an ill-formed sequence
// becomes one U+FFFD (Unicode 16, 3.9, "U+FFFD Substitution of Maximal
// Subparts"; the WHATWG UTF-8 decoder and tiktoken's do the same).
//
//   if (!IsValidUtf8(bytes)) replaced += AppendRepairedUtf8(bytes, &text);
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
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

}  // namespace peaktext

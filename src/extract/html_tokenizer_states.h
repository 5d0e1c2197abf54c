// What the two parts of HtmlTokenizer share: its states and classes of bytes.
// Included by html_tokenizer.cc and html_tokenizer_text.cc only.
#pragma once

#include <cstring>

#include "extract/html_tokenizer.h"

namespace peaktext {

enum class HtmlTokenizer::State : uint8_t {
  kData,
  kRcdata,
  kRawtext,
  kScriptData,
  kPlaintext,
  kTagOpen,
  kEndTagOpen,
  kTagName,
  kBeforeAttributeName,
  kAttributeName,
  kAfterAttributeName,
  kBeforeAttributeValue,
  kAttributeValueDoubleQuoted,
  kAttributeValueSingleQuoted,
  kAttributeValueUnquoted,
  kAfterAttributeValueQuoted,
  kSelfClosingStartTag,
  kMarkupDeclarationOpen,
  kMarkupDeclarationDash,
  kBogusComment,  // and DOCTYPE
  kCommentStart,
  kCommentStartDash,
  kComment,
  kCommentEndDash,
  kCommentEnd,
  kCommentEndBang,
  kCharacterReference,
  kNamedReference,
  kNumericReference,
  kHexadecimalStart,
  kHexadecimalReference,
  kDecimalReference,
  kRawLessThan,
  kRawEndTagOpen,
  kRawEndTagName,
  kScriptEscapeStart,
  kScriptEscapeStartDash,
  kScriptEscaped,
  kScriptEscapedDash,
  kScriptEscapedDashDash,
  kScriptEscapedLessThan,
  kScriptDoubleEscapeStart,
  kScriptDoubleEscaped,
  kScriptDoubleEscapedDash,
  kScriptDoubleEscapedDashDash,
  kScriptDoubleEscapedLessThan,
  kScriptDoubleEscapeEnd,
};

namespace html {

inline bool IsSpace(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r';
}
inline char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
inline bool IsLetter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z';
}
inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsHexDigit(char c) {
  return IsDigit(c) || (Lower(c) >= 'a' && Lower(c) <= 'f');
}
// What ends a tag's name, in raw text too.
inline bool EndsName(char c) { return IsSpace(c) || c == '/' || c == '>'; }

inline const char* Find(const char* at, const char* end, char c) {
  const void* const found = std::memchr(at, c, static_cast<size_t>(end - at));
  return found == nullptr ? end : static_cast<const char*>(found);
}

inline std::string_view View(const char* from, const char* to) {
  return {from, static_cast<size_t>(to - from)};
}

}  // namespace html
}  // namespace peaktext

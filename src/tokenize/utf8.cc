#include "tokenize/utf8.h"

#include <simdjson.h>

#include <algorithm>

namespace peaktext {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Sequence {
  size_t bytes;  // of the character, or of the maximal subpart
  enum { kValid, kInvalid, kCut } kind;
};

// What stands at the start of `text`, which is not empty.
Sequence Inspect(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, Sequence::kValid};
  if (lead < 0xC2 || lead > 0xF4) return {1, Sequence::kInvalid};
  const size_t length = Utf8Length(lead);
  // The second byte's range is narrower after four of the leads.
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (size_t i = 1; i < length; ++i) {
    if (i == text.size()) return {i, Sequence::kCut};
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < low || byte > high) return {i, Sequence::kInvalid};
    low = 0x80;
    high = 0xBF;
  }
  return {length, Sequence::kValid};
}

// Where an unfinished sequence at the end of `bytes` begins, or its size.
size_t UnfinishedTail(std::string_view bytes) {
  const size_t size = bytes.size();
  for (size_t back = 1; back <= std::min<size_t>(3, size); ++back) {
    if (IsContinuation(bytes[size - back])) continue;
    const Sequence last = Inspect(bytes.substr(size - back));
    return last.kind == Sequence::kCut ? size - back : size;
  }
  return size;
}

}  // namespace

std::optional<std::string_view> ValidPart(std::string_view bytes) {
  const std::string_view whole = bytes.substr(0, UnfinishedTail(bytes));
  if (!simdjson::validate_utf8(whole.data(), whole.size())) return std::nullopt;
  return whole;
}

size_t SanitizeUtf8(std::string_view bytes, bool final, std::string* out) {
  const size_t whole = UnfinishedTail(bytes);
  if (simdjson::validate_utf8(bytes.data(), whole)) {
    out->append(bytes.substr(0, whole));
  } else {
    size_t run = 0;  // start of the valid bytes not yet appended
    size_t at = 0;
    while (at < whole) {
      const Sequence sequence = Inspect(bytes.substr(at, whole - at));
      if (sequence.kind != Sequence::kValid) {
        out->append(bytes.substr(run, at - run)).append(kReplacement);
        run = at + sequence.bytes;
      }
      at += sequence.bytes;
    }
    out->append(bytes.substr(run, whole - run));
  }
  if (!final || whole == bytes.size()) return whole;
  out->append(kReplacement);
  return bytes.size();
}

}  // namespace peaktext

#include "extract/http_message.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

namespace peaktext {
namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The line at `*at`, without its line end (LF and the CRs before it); moves
// `*at` behind it. A last line without line end counts.
std::string_view TakeLine(std::string_view text, size_t* at) {
  const size_t start = *at;
  size_t end = text.find('\n', start);
  *at = end == std::string_view::npos ? text.size() : end + 1;
  if (end == std::string_view::npos) end = text.size();
  while (end > start && text[end - 1] == '\r') --end;
  return text.substr(start, end - start);
}

bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         EqualsIgnoreCase(text.substr(0, prefix.size()), prefix);
}

// The first run of exactly three digits that stands as a word in the first
// line; "0" and other lengths are no status that anybody means.
int StatusOf(std::string_view line) {
  size_t at = 0;
  while (at < line.size()) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    const size_t start = at;
    while (at < line.size() && !IsBlank(line[at])) ++at;
    const std::string_view word = line.substr(start, at - start);
    if (word.size() >= 3 && IsDigit(word[0]) && IsDigit(word[1]) &&
        IsDigit(word[2]) && (word.size() == 3 || !IsDigit(word[3]))) {
      return (word[0] - '0') * 100 + (word[1] - '0') * 10 + (word[2] - '0');
    }
    // Only the version may stand before it.
    if (!StartsWithIgnoreCase(word, "HTTP") &&
        !StartsWithIgnoreCase(word, "ICY")) {
      break;
    }
  }
  return 0;
}

bool IsRequestLine(std::string_view line) {
  const size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos || space > 16) return false;
  for (const char c : line.substr(0, space)) {
    if (c < 'A' || c > 'Z') return false;
  }
  return line.find(" HTTP/", space) != std::string_view::npos;
}

// Field name, then ':'; no blanks in the name.
bool IsFieldLine(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  for (const char c : line.substr(0, colon)) {
    if (c <= ' ' || c == '<' || c == '"' || c == 0x7f) return false;
  }
  return true;
}

// Calls `use(value)` for each field called `name` until it returns false.
template <class Use>
void EachField(std::string_view fields, std::string_view name, Use use) {
  size_t at = 0;
  while (at < fields.size()) {
    const size_t start = at;
    TakeLine(fields, &at);
    // Folded lines belong to the field before them.
    while (at < fields.size() && (fields[at] == ' ' || fields[at] == '\t')) {
      TakeLine(fields, &at);
    }
    const std::string_view field = fields.substr(start, at - start);
    const size_t colon = field.find(':');
    if (colon == std::string_view::npos) continue;
    if (!EqualsIgnoreCase(TrimBlanks(field.substr(0, colon)), name)) continue;
    if (!use(TrimBlanks(field.substr(colon + 1)))) return;
  }
}

// A chunk's first line: hexadecimal size, blanks, extension. None when it is
// no such line. `cut` is set when the line has no line end.
std::optional<uint64_t> ChunkSize(std::string_view body, size_t* at,
                                  bool* cut) {
  uint64_t size = 0;
  size_t digits = 0;
  size_t i = *at;
  for (; i < body.size() && digits < 16; ++i, ++digits) {
    const char c = Lower(body[i]);
    const int value = IsDigit(c)             ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                             : -1;
    if (value < 0) break;
    size = size * 16 + static_cast<uint64_t>(value);
  }
  if (digits == 0) return std::nullopt;
  while (i < body.size() && (body[i] == ' ' || body[i] == '\t')) ++i;
  if (i < body.size() && body[i] == ';') {
    const size_t end = body.find('\n', i);
    i = end == std::string_view::npos ? body.size() : end;
  }
  while (i < body.size() && body[i] == '\r') ++i;
  *cut = i == body.size();
  if (!*cut && body[i] != '\n') return std::nullopt;
  *at = *cut ? i : i + 1;
  return size;
}

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

HttpMessage ParseHttpMessage(std::string_view block) {
  HttpMessage message;
  size_t at = 0;
  const std::string_view first = TakeLine(block, &at);
  const int status = StatusOf(first);
  const bool starts_like_http = StartsWithIgnoreCase(first, "HTTP") ||
                                StartsWithIgnoreCase(first, "ICY ");
  if (!starts_like_http && status == 0 && !IsRequestLine(first)) {
    // No status line. Fields may still be there (HTTP/0.9 proxies, cut
    // captures); else all of it is the body.
    if (!IsFieldLine(first)) {
      message.body = block;
      return message;
    }
    at = 0;
  }
  message.has_head = true;
  message.has_status_line = starts_like_http || status != 0;
  message.status = status;
  // A folded status line goes on in the next one.
  if (at > 0) {
    while (at < block.size() && (block[at] == ' ' || block[at] == '\t')) {
      const std::string_view more = TakeLine(block, &at);
      if (TrimBlanks(more).empty()) break;
      if (message.status == 0) message.status = StatusOf(more);
    }
  }
  const size_t fields_start = at;
  while (at < block.size()) {
    const size_t line_start = at;
    if (!TakeLine(block, &at).empty()) continue;
    message.fields = block.substr(fields_start, line_start - fields_start);
    message.body = block.substr(at);
    return message;
  }
  message.fields = block.substr(fields_start);  // no body
  return message;
}

std::string_view FieldValue(std::string_view fields, std::string_view name) {
  std::string_view found;
  EachField(fields, name, [&](std::string_view value) {
    found = value;
    return found.empty();
  });
  return found;
}

std::string_view HttpMessage::Field(std::string_view name) const {
  return FieldValue(fields, name);
}

std::string HttpMessage::JoinedField(std::string_view name) const {
  std::string joined;
  EachField(fields, name, [&](std::string_view value) {
    if (!joined.empty()) joined += ", ";
    joined += value;
    return true;
  });
  return joined;
}

bool HttpMessage::HasField(std::string_view name) const {
  bool found = false;
  EachField(fields, name, [&](std::string_view) {
    found = true;
    return false;
  });
  return found;
}

bool HttpMessage::IsChunked() const {
  if (HasField("X-Crawler-Transfer-Encoding")) return false;
  const std::string codings = JoinedField("Transfer-Encoding");
  for (size_t at = 0; at + 7 <= codings.size(); ++at) {
    if (EqualsIgnoreCase(std::string_view(codings).substr(at, 7), "chunked")) {
      return true;
    }
  }
  return false;
}

size_t DecodeChunkedInPlace(std::span<char> body) {
  const std::string_view text(body.data(), body.size());
  size_t read = 0;
  size_t written = 0;
  const auto keep = [&](size_t count) {
    std::memmove(body.data() + written, body.data() + read, count);
    written += count;
    read += count;
  };
  while (read < body.size()) {
    size_t data = read;
    bool cut = false;
    const std::optional<uint64_t> size = ChunkSize(text, &data, &cut);
    if (!size) {
      keep(body.size() - read);  // never chunked, or no longer
      break;
    }
    if (*size == 0 && read > 0) break;  // the last chunk; trailers are ignored
    if (cut) {
      // A number alone is a body of its own; after chunks it is a cut one.
      if (read == 0) keep(body.size());
      break;
    }
    if (*size == 0) break;
    read = data;
    keep(static_cast<size_t>(std::min<uint64_t>(*size, body.size() - data)));
    if (text.substr(read).starts_with("\r\n")) {
      read += 2;
    } else if (read < body.size() && body[read] == '\n') {
      ++read;
    }
  }
  return written;
}

}  // namespace peaktext

// An HTTP message as crawlers keep it: a head (status line and fields) and a
// body. Reads what real servers send: LF for CRLF, folded fields, a status line
// without reason, without version, or none at all.
//
//   HttpMessage message = ParseHttpMessage(block);
//   if (message.status / 100 == 2) Use(message.Field("content-type"));
//
// Thread-safe; views into the block.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace peaktext {

struct HttpMessage {
  bool has_head = false;  // false: no status or request line, all is body
  bool has_status_line = false;
  int status = 0;           // 0: none that can be read, or a request
  std::string_view fields;  // the lines after the first one
  std::string_view body;

  // The value of the first field called `name` (any case), trimmed; folded
  // values keep their line end inside. Empty when absent.
  std::string_view Field(std::string_view name) const;
  // All values of `name`, joined by ", " as RFC 9110, 5.2 allows.
  std::string JoinedField(std::string_view name) const;
  bool HasField(std::string_view name) const;

  // True when the body is announced as chunked and was not stored decoded (see
  // X-Crawler-Transfer-Encoding in extractor.cc).
  bool IsChunked() const;
};

HttpMessage ParseHttpMessage(std::string_view block);

// HttpMessage::Field for any block of "Name: value" lines, a WARC header too.
std::string_view FieldValue(std::string_view fields, std::string_view name);

// Takes the chunk framing (RFC 9112, 7.1) out of `body` in place and returns
// how many bytes are left. Tolerates LF line ends, spaces after the size, chunk
// extensions, a cut last chunk; ignores trailers. Where the framing stops
// making sense, the rest is kept as it is: a body that was never chunked, in
// spite of its header, comes back unchanged.
size_t DecodeChunkedInPlace(std::span<char> body);

// ASCII, any case.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
// Without spaces and tabs, and CR and LF, at both ends.
std::string_view TrimBlanks(std::string_view text);

}  // namespace peaktext

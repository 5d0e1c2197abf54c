// The header values that resuming and waiting hang on. Pure functions over
// foreign text; curl has split the headers already.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace peaktext {

// Content-Range: "bytes 5-9/100", "bytes 5-9/*", "bytes */100".
struct ContentRange {
  std::optional<uint64_t> first;
  std::optional<uint64_t> last;
  std::optional<uint64_t> total;
  bool operator==(const ContentRange&) const = default;
};
// nullopt where it is none, or contradicts itself.
std::optional<ContentRange> ParseContentRange(std::string_view value);

// Retry-After: seconds, or a date, from which `now` is taken: the server's own
// Date where it sent one (`date`), for clocks differ, else `now`. Never
// negative; nullopt where it is neither.
std::optional<double> ParseRetryAfter(const std::string& value,
                                      const std::string& date, time_t now);

// May be used with If-Range (RFC 9110, 13.1.5): quoted and not weak.
bool IsStrongEtag(std::string_view etag);

// Percent-encodes what may not stand in a URL's path or query (blanks, control
// bytes, non-ASCII), and leaves the rest, %XX too, as it is.
std::string EncodeUrl(std::string_view url);

// One line of printable text out of whatever a server said, at most `limit`
// bytes.
std::string OneLine(std::string_view text, size_t limit = 200);

}  // namespace peaktext

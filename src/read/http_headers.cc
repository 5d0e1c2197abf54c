#include "read/http_headers.h"

#include <curl/curl.h>  // curl_getdate reads the three date forms of HTTP
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace peaktext {
namespace {

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<ContentRange> ParseContentRange(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  if (!value.starts_with(kUnit)) return std::nullopt;
  value.remove_prefix(kUnit.size());
  const size_t slash = value.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  ContentRange range;
  const std::string_view total = value.substr(slash + 1);
  if (total != "*") {
    range.total = ParseNumber(total);
    if (!range.total) return std::nullopt;
  }
  const std::string_view bytes = value.substr(0, slash);
  if (bytes == "*") return range;
  const size_t dash = bytes.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  range.first = ParseNumber(bytes.substr(0, dash));
  range.last = ParseNumber(bytes.substr(dash + 1));
  if (!range.first || !range.last || *range.first > *range.last ||
      (range.total && *range.last >= *range.total)) {
    return std::nullopt;
  }
  return range;
}

std::optional<double> ParseRetryAfter(const std::string& value,
                                      const std::string& date, time_t now) {
  if (const std::optional<uint64_t> seconds = ParseNumber(value)) {
    return static_cast<double>(*seconds);
  }
  const time_t then = ::curl_getdate(value.c_str(), nullptr);
  if (value.empty() || then == -1) return std::nullopt;
  if (const time_t theirs = ::curl_getdate(date.c_str(), nullptr);
      !date.empty() && theirs != -1) {
    now = theirs;
  }
  return std::max(0.0, ::difftime(then, now));
}

bool IsStrongEtag(std::string_view etag) {
  return etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
}

std::string EncodeUrl(std::string_view url) {
  // A host name is no matter of percent signs: curl takes it to IDNA.
  const size_t scheme = url.find("://");
  const size_t path = url.find_first_of(
      "/?", scheme == std::string_view::npos ? 0 : scheme + 3);
  if (path == std::string_view::npos) return std::string(url);
  std::string encoded(url.substr(0, path));
  for (const char c : url.substr(path)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f ||
        std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos) {
      encoded += fmt::format("%{:02X}", byte);
    } else {
      encoded += c;
    }
  }
  return encoded;
}

std::string OneLine(std::string_view text, size_t limit) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool blank = byte <= 0x20;
    if (blank && (line.empty() || line.back() == ' ')) continue;
    if (line.size() == limit) {
      line += "...";
      break;
    }
    line += blank ? ' ' : byte < 0x7f ? c : '?';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace peaktext

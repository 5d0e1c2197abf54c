// One GET over http(s), taken in as it comes: the small layer over libcurl that
// everything remote shares. Nothing is repeated or followed here.
//
//   Result<std::unique_ptr<HttpTransfer>> transfer =
//       HttpTransfer::Start({.url = url}, options);
//   Result<HttpHead> head = (*transfer)->WaitForHead();
//   while (size_t n = *(*transfer)->Read(buffer)) Use(buffer.first(n));
//
// Not thread-safe. The network moves on in the caller's thread, within Read();
// between calls the kernel's socket buffer takes what comes, and of what curl
// has handed over at most SourceOptions::buffer_bytes (and one piece) is held:
// then the transfer pauses. HTTP/1.1, one connection for one transfer, so that
// a ceiling on connections is one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "read/source_options.h"

namespace peaktext {

struct HttpRequest {
  std::string url;                   // as it goes out: encoded
  std::vector<std::string> headers;  // "Name: value"
};

// The parts of a response's head that matter here.
struct HttpHead {
  int status = 0;
  std::optional<uint64_t> content_length;
  std::string etag;
  std::string last_modified;
  std::string content_range;
  std::string retry_after;
  std::string date;
  std::string redirect_url;   // absolute; empty: none
  std::string bucket_region;  // x-amz-bucket-region
};

// Codes of failure: kUnavailable where another attempt may do better (a cut, a
// stall, no connection), kCancelled, kInvalidArgument (no URL), kIo (a TLS
// certificate that does not hold, say).
class HttpTransfer {
 public:
  // Opens the connection lazily: nothing is sent before WaitForHead().
  static Result<std::unique_ptr<HttpTransfer>> Start(
      const HttpRequest& request, const SourceOptions& options);
  virtual ~HttpTransfer() = default;

  // Sends the request and waits for the head of the response.
  virtual Result<HttpHead> WaitForHead() = 0;

  // Reads 1..buffer.size() bytes of the body; 0 = its end as HTTP frames it.
  // REQUIRES: WaitForHead() succeeded.
  virtual Result<size_t> Read(std::span<char> buffer) = 0;
};

// "host" or "host:port", in lower case; what limits are kept by. Fails with
// kInvalidArgument for what is no http(s) URL.
Result<std::string> HostOfUrl(const std::string& url);

}  // namespace peaktext

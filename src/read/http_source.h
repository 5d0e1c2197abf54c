// A shard over http(s): one large sequential GET, taken up where it stopped.
//
//   Result<std::unique_ptr<ByteSource>> source = OpenHttpSource(url, options);
//
// Nothing is asked before the first Read(). After a cut or a stall the rest is
// asked for with Range and If-Range; the bytes handed out are those of one
// version of the object, or Read() fails with kIo and says that it changed.
// The body is never shorter than announced: a short one is a cut. It is handed
// out as stored: Content-Encoding is not decoded.
//
// What an answer means:
// | answer | what is done |
// |---|---|
// | 200, 206 | read |
// | 301, 302, 303, 307, 308 | followed, 10 times, never from https to http |
// | 408, 425, 429, 5xx, no answer, a cut, a stall | again from where it
//   stopped, after a wait that doubles, or Retry-After, which holds for all
//   sources that share the limiter |
// | 403 from Common Crawl | the host is left in peace for blocked_seconds |
// | 404, 410 | kNotFound |
// | 401, 403 | kPermission |
// | else | kIo |
// Still failing after SourceOptions::max_attempts without a byte of progress:
// kUnavailable. Every failure is sticky.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "read/byte_source.h"
#include "read/http_client.h"

namespace peaktext {

Result<std::unique_ptr<ByteSource>> OpenHttpSource(
    const std::string& url, const SourceOptions& options);

// For what speaks http with rules of its own (S3).
struct HttpObject {
  std::string name;  // in messages
  // The request for the whole object, made anew for each attempt.
  std::function<Result<HttpRequest>()> make_request;
  // Looks at a refusal (status >= 300) and its body. True: it has learnt from
  // it, the next request will be another; asked at most once.
  std::function<bool(const HttpHead& head, std::string_view body)> learn;
  bool follow_redirects = true;
};
std::unique_ptr<ByteSource> MakeHttpSource(HttpObject object,
                                           const SourceOptions& options);

}  // namespace peaktext

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
// Codes of failure: kNotFound (404, 410), kPermission (401, 403), kUnavailable
// (still failing after SourceOptions::max_attempts), kCancelled, kIo, and
// kInvalidArgument for what is no URL.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "read/byte_source.h"

namespace peaktext {

Result<std::unique_ptr<ByteSource>> OpenHttpSource(
    const std::string& url, const SourceOptions& options);

}  // namespace peaktext

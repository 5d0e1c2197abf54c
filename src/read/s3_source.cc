#include "read/s3_source.h"

namespace peaktext {

Result<std::unique_ptr<ByteSource>> OpenS3Source(const std::string& url,
                                                 const SourceOptions&) {
  return Fail(StatusCode::kUnsupported, url + ": s3 is not built in yet");
}

Status ListS3(const std::string& url, const SourceOptions&,
              const std::function<bool(const S3Object&)>&) {
  return {StatusCode::kUnsupported, url + ": s3 is not built in yet"};
}

}  // namespace peaktext

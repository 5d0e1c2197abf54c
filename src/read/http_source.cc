#include "read/http_source.h"

namespace peaktext {

Result<std::unique_ptr<ByteSource>> OpenHttpSource(const std::string& url,
                                                   const SourceOptions&) {
  return Fail(StatusCode::kUnsupported, url + ": http is not built in yet");
}

}  // namespace peaktext

// What an S3 gateway may answer: listings and errors.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "read/s3_xml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto page = ParseS3Page(text)) {
    if (page->truncated && page->continuation_token.empty()) std::abort();
  }
  ParseS3Error(text);
  return 0;
}

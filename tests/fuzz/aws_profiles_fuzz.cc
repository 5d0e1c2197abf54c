// AWS profile files.
#include <cstdint>
#include <string>

#include "read/aws_credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(ParseAwsProfiles("file", text));
  return 0;
}

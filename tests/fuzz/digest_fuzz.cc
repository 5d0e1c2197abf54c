// Any digest header, over a fixed payload.
#include <cstdint>
#include <string_view>

#include "extract/digest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view payload = "abc";
  (void)peaktext::CheckDigest({reinterpret_cast<const char*>(data), size},
                              payload);
  return 0;
}

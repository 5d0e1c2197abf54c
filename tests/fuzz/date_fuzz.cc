// Any date.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "extract/date.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int64_t seconds =
      peaktext::ParseDate({reinterpret_cast<const char*>(data), size});
  // Years 1 to 9999, and at most 99:99 of a zone.
  if (seconds < -62135596800 - 400000 || seconds > 253402300800 + 400000) {
    std::abort();
  }
  return 0;
}

// Header values and URLs from servers.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "read/http_client.h"
#include "read/http_headers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto range = ParseContentRange(text)) {
    if (range->first && *range->first > *range->last) std::abort();
  }
  if (const auto wait = ParseRetryAfter(text, text, 784111777)) {
    if (!(*wait >= 0)) std::abort();
  }
  IsStrongEtag(text);
  static_cast<void>(HostOfUrl(EncodeUrl(text)));
  static_cast<void>(HostOfUrl(EncodeUrl("http://" + text)));
  for (const char c : OneLine(text)) {
    if (c < 0x20 || c > 0x7e) std::abort();
  }
  return 0;
}

// Any bytes in any charset: valid UTF-8, and the same however cut. The first
// byte chooses the charset, the second the size of the pieces.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/utf8.h"
#include "extract/charset.h"
#include "extract/charset_labels.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2,
                               size - 2);
  (void)ChooseCharset(bytes.substr(0, 64), bytes);
  const std::string_view name =
      kCharsetLabelTable[data[0] % kCharsetLabels].name;
  std::string whole, cut;
  CharsetDecoder one(name), two(name);
  one.Decode(bytes, &whole);
  one.Finish(&whole);
  const size_t piece = 1 + data[1];
  for (size_t at = 0; at < bytes.size(); at += piece) {
    two.Decode(bytes.substr(at, piece), &cut);
  }
  two.Finish(&cut);
  if (whole != cut || !IsValidUtf8(whole)) std::abort();
  return 0;
}

// HTML to text against the slow reference, whole and in two pieces.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/utf8.h"
#include "extract/html_to_text.h"
#include "reference/html_reference.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  if (size == 0) return 0;
  const size_t cut = data[0];
  std::string html;
  AppendRepairedUtf8({reinterpret_cast<const char*>(data) + 1, size - 1},
                     &html);
  HtmlToText converter;
  std::string text;
  converter.Feed(std::string_view(html).substr(0, cut), &text);
  if (cut < html.size())
    converter.Feed(std::string_view(html).substr(cut), &text);
  converter.Finish(&text);
  if (text != reference::HtmlToText(html) || !IsValidUtf8(text)) std::abort();
  return 0;
}

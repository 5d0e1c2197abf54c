// The slow truth about HTML: the standard's tokenizer written down state by
// state over the whole input, one character at a time, and the WET rules as
// string surgery. For comparison with src/extract only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peaktext::reference {

struct HtmlToken {
  enum Kind { kText, kStart, kEnd } kind;
  std::string value;
  bool operator==(const HtmlToken&) const = default;
};

// Adjacent text is one token.
std::vector<HtmlToken> TokenizeHtml(std::string_view html);

std::string HtmlToText(std::string_view html);

}  // namespace peaktext::reference

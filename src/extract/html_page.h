// A stored page to its text: charset chosen, converted to UTF-8, HTML to text.
//
//   HtmlPage page;
//   std::string_view text = page.ToText("text/html; charset=koi8-r", body);
//
// Not thread-safe; keeps its buffers from call to call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "extract/html_to_text.h"

namespace peaktext {

class HtmlPage {
 public:
  // The text lives until the next call, or as long as `body`: a large body is
  // overwritten with its own text, which is hardly ever longer.
  std::string_view ToText(std::string_view content_type, std::span<char> body);
  // U+FFFD that the last ToText() put in.
  uint64_t replaced() const { return replaced_; }
  // Gives memory back that an uncommonly large page took.
  void ShrinkBeyond(size_t bytes);

 private:
  std::string_view InPlace(std::string_view charset, bool valid_utf8,
                           std::span<char> body, size_t from);

  HtmlToText converter_;
  std::string text_;
  std::string utf8_;  // a piece
  uint64_t replaced_ = 0;
};

}  // namespace peaktext

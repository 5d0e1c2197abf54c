// HTML to plain text by the rules of Common Crawl's WET files, so that the text
// of a response record equals the WET record made from it: block elements break
// lines, some inline elements ("spacing") leave a space, scripts and styles go,
// character references are decoded, white space is folded, nothing is judged to
// be boilerplate.
//
//   HtmlToText converter;
//   converter.Feed(utf8, &text); ... converter.Finish(&text);
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "extract/html_tokenizer.h"

namespace peaktext {

// Makes text of tokens. In detail:
//  - a block element's tag, start or end, trims the spaces before it and ends
//  the
//    line; several give one line end, none stands at the start of the text;
//  - the tag of a spacing element leaves one space;
//  - ASCII controls and U+00A0 count as a space; of a run of white space (the
//    Unicode kinds too) its first character stays, none at the start of a line;
//  - in <pre> text stays as it is, save that CR LF is LF and controls are
//  spaces;
//  - the text of script, style, iframe, noembed and noframes is left out.
class WetTextSink final : public HtmlTokenSink {
 public:
  void set_output(std::string* out) { out_ = out; }
  void Text(std::string_view text) override;
  void StartTag(std::string_view name) override;
  void EndTag(std::string_view name) override;
  // Trailing spaces are dropped; ready for another document.
  void Finish();

 private:
  enum class Last : uint8_t { kNothing, kNewline, kWhiteSpace, kText };

  void Fold(std::string_view text);
  void Keep(std::string_view text);
  void Append(std::string_view text, Last last);
  void Break();
  void Space();

  std::string* out_ = nullptr;
  std::string
      held_;  // the first bytes of a character that the next Text() ends
  size_t spaces_ = 0;  // seen, not yet written: a line end would trim them
  Last last_ = Last::kNothing;  // of what is written
  bool pre_ = false;
  bool dropping_ = false;
  bool after_cr_ = false;
};

class HtmlToText {
 public:
  HtmlToText() : tokenizer_(&sink_) {}
  HtmlToText(const HtmlToText&) = delete;
  HtmlToText& operator=(const HtmlToText&) = delete;

  // Appends to *text. REQUIRES: valid UTF-8, taken over all pieces.
  void Feed(std::string_view html, std::string* text) {
    sink_.set_output(text);
    tokenizer_.Feed(html);
  }
  void Finish(std::string* text) {
    sink_.set_output(text);
    tokenizer_.Finish();
    sink_.Finish();
  }

 private:
  WetTextSink sink_;
  HtmlTokenizer tokenizer_;
};

}  // namespace peaktext

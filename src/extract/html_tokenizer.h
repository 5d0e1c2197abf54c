// HTML to tokens, as the tokenization section of the standard has it
// (https://html.spec.whatwg.org/#tokenization): the same text, tags and raw
// text elements as in a browser, whatever the markup. Streaming: the input may
// be cut anywhere, the tokens are the same.
//
//   HtmlTokenizer tokenizer(&sink);
//   tokenizer.Feed(piece); ... tokenizer.Finish();
//
// There is no tree, so what the standard lets the tree builder decide is
// decided by the start tag's name alone: title and textarea are RCDATA; style,
// xmp, iframe, noembed and noframes RAWTEXT; script is script data; plaintext
// has no end. noscript is parsed (scripting is off). A CDATA section is a bogus
// comment, as it is outside of foreign content. Attributes are recognised, so
// that a '>' in quotes ends no tag, and passed over.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace peaktext {

class HtmlTokenSink {
 public:
  virtual ~HtmlTokenSink() = default;
  // Text, character references decoded; one run of it may come in any number of
  // calls, but a character is never split unless the input's piece splits it.
  virtual void Text(std::string_view text) = 0;
  // `name` in lower case; cut to kLongestTagName bytes (no element known to
  // HTML is that long).
  virtual void StartTag(std::string_view name) = 0;
  virtual void EndTag(std::string_view name) = 0;
};

inline constexpr size_t kLongestTagName = 31;

class HtmlTokenizer {
 public:
  // The sink must outlive the tokenizer.
  explicit HtmlTokenizer(HtmlTokenSink* sink) : sink_(sink) {}

  // REQUIRES: UTF-8 (or any ASCII superset whose other bytes are not ASCII).
  void Feed(std::string_view piece);
  // The end of the input. The tokenizer can then be used for another document.
  void Finish();

 private:
  enum class State : uint8_t;
  enum class Content : uint8_t {
    kData,
    kRcdata,
    kRawtext,
    kScript,
    kPlaintext
  };

  const char* Step(const char* at, const char* end);
  const char* StepContent(const char* at, const char* end);
  const char* StepTag(const char* at, const char* end);
  const char* StepAttribute(const char* at, const char* end);
  const char* StepAttributeValue(const char* at, const char* end);
  const char* StepComment(const char* at, const char* end);
  const char* StepReference(const char* at, const char* end);
  const char* StepDigits(const char* at, const char* end);
  const char* StepRawEndTag(const char* at, const char* end);
  const char* StepScript(const char* at, const char* end);
  const char* StepDoubleEscape(const char* at, const char* end);
  const char* StepEscapedText(const char* at, const char* end);

  void Put(std::string_view text) {
    if (!text.empty()) sink_->Text(text);
  }
  State ContentState() const;
  void AddToName(char c);
  void EmitTag();
  void EndNamedReference();
  void EndNumericReference();

  HtmlTokenSink* sink_;
  State state_{};
  Content content_ = Content::kData;
  State raw_state_{};  // the text that a reference or a '<' stands in
  bool is_end_tag_ = false;
  size_t name_size_ = 0;
  std::array<char, kLongestTagName + 1> name_{};
  std::string raw_element_;  // whose end tag ends RCDATA, RAWTEXT, script data
  std::string pending_;      // what may have to be given out as text
  uint32_t number_ = 0;      // of a numeric reference
  const char* next_less_than_ = nullptr;  // in the current piece

  // Invariants: between two Feed() no text is held back save in pending_, which
  // is never longer than kLongestTagName or kLongestEntity and a few.
};

}  // namespace peaktext

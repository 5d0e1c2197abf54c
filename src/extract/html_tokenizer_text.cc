// HtmlTokenizer, second part: character references, the ends of raw text
// elements, script data, the end of the input.
#include <algorithm>

#include "base/utf8.h"
#include "extract/html_entities.h"
#include "extract/html_tokenizer.h"
#include "extract/html_tokenizer_states.h"
#include "extract/http_message.h"

namespace peaktext {

using namespace html;  // NOLINT: the byte classes

const char* HtmlTokenizer::StepReference(const char* at, const char* end) {
  const char c = *at;
  switch (state_) {
    case State::kCharacterReference:
      pending_.clear();
      number_ = 0;
      if (IsLetter(c) || IsDigit(c)) {
        state_ = State::kNamedReference;
        return at;
      }
      if (c == '#') {
        pending_ = "&#";
        state_ = State::kNumericReference;
        return at + 1;
      }
      Put("&");
      state_ = raw_state_;
      return at;
    case State::kNamedReference:
      while (at < end && pending_.size() < kLongestEntity &&
             (IsLetter(*at) || IsDigit(*at))) {
        pending_.push_back(*at++);
      }
      if (at == end) return end;
      if (pending_.size() < kLongestEntity && *at == ';') {
        pending_.push_back(*at++);
      }
      EndNamedReference();
      return at;
    case State::kNumericReference:
    case State::kHexadecimalStart:
      if (state_ == State::kNumericReference && Lower(c) == 'x') {
        pending_.push_back(c);
        state_ = State::kHexadecimalStart;
        return at + 1;
      }
      if (state_ == State::kHexadecimalStart ? IsHexDigit(c) : IsDigit(c)) {
        state_ = state_ == State::kHexadecimalStart
                     ? State::kHexadecimalReference
                     : State::kDecimalReference;
        return at;
      }
      Put(pending_);
      state_ = raw_state_;
      return at;
    default:
      return StepDigits(at, end);
  }
}

const char* HtmlTokenizer::StepDigits(const char* at, const char* end) {
  const bool hexadecimal = state_ == State::kHexadecimalReference;
  const uint32_t base = hexadecimal ? 16 : 10;
  while (at < end && (hexadecimal ? IsHexDigit(*at) : IsDigit(*at))) {
    const char c = Lower(*at++);
    const int digit = IsDigit(c) ? c - '0' : c - 'a' + 10;
    // Saturates: anything beyond Unicode is the same error.
    number_ = std::min<uint32_t>(number_ * base + static_cast<uint32_t>(digit),
                                 0x110000);
  }
  if (at == end) return end;
  EndNumericReference();
  return *at == ';' ? at + 1 : at;
}

void HtmlTokenizer::EndNamedReference() {
  const Entity entity = FindEntity(pending_);
  if (entity.value.empty()) {
    Put("&");
    Put(pending_);
  } else {
    Put(entity.value);
    Put(std::string_view(pending_).substr(entity.name.size()));
  }
  pending_.clear();
  state_ = raw_state_;
}

void HtmlTokenizer::EndNumericReference() {
  pending_.clear();
  AppendUtf8(NumericReference(number_), &pending_);
  Put(pending_);
  pending_.clear();
  state_ = raw_state_;
}

const char* HtmlTokenizer::StepRawEndTag(const char* at, const char* end) {
  const char c = *at;
  switch (state_) {
    case State::kRawLessThan:
      if (c == '/') {
        state_ = State::kRawEndTagOpen;
        return at + 1;
      }
      if (c == '!' && raw_state_ == State::kScriptData) {
        Put("<!");
        state_ = State::kScriptEscapeStart;
        return at + 1;
      }
      Put("<");
      state_ = raw_state_;
      return at;
    case State::kRawEndTagOpen:
      pending_ = "</";
      state_ = IsLetter(c) ? State::kRawEndTagName : raw_state_;
      if (state_ == raw_state_) Put(pending_);
      return at;
    default:
      break;
  }
  // Longer than the element's name, it cannot be its end.
  while (at < end && IsLetter(*at) &&
         pending_.size() < raw_element_.size() + 3) {
    pending_.push_back(*at++);
  }
  if (at == end) return end;
  const std::string_view name = std::string_view(pending_).substr(2);
  if (EndsName(*at) && EqualsIgnoreCase(name, raw_element_)) {
    is_end_tag_ = true;
    name_size_ = raw_element_.copy(name_.data(), kLongestTagName);
    if (*at == '>') {
      EmitTag();
    } else {
      state_ = *at == '/' ? State::kSelfClosingStartTag
                          : State::kBeforeAttributeName;
    }
    return at + 1;
  }
  Put(pending_);
  state_ = raw_state_;
  return at;
}

const char* HtmlTokenizer::StepScript(const char* at, const char* end) {
  const char c = *at;
  switch (state_) {
    case State::kScriptEscapeStart:
    case State::kScriptEscapeStartDash:
      if (c != '-') {
        state_ = State::kScriptData;
        return at;
      }
      Put("-");
      state_ = state_ == State::kScriptEscapeStart
                   ? State::kScriptEscapeStartDash
                   : State::kScriptEscapedDashDash;
      return at + 1;
    case State::kScriptEscapedLessThan:
      raw_state_ = State::kScriptEscaped;
      if (c == '/') {
        state_ = State::kRawEndTagOpen;
        return at + 1;
      }
      Put("<");
      name_size_ = 0;
      state_ =
          IsLetter(c) ? State::kScriptDoubleEscapeStart : State::kScriptEscaped;
      return at;
    case State::kScriptDoubleEscapedLessThan:
      name_size_ = 0;
      if (c != '/') {
        state_ = State::kScriptDoubleEscaped;
        return at;
      }
      Put("/");
      state_ = State::kScriptDoubleEscapeEnd;
      return at + 1;
    case State::kScriptDoubleEscapeStart:
    case State::kScriptDoubleEscapeEnd:
      return StepDoubleEscape(at, end);
    default:
      return StepEscapedText(at, end);
  }
}

// The name that starts or ends double escaping: "script" does.
const char* HtmlTokenizer::StepDoubleEscape(const char* at, const char* end) {
  const bool starts = state_ == State::kScriptDoubleEscapeStart;
  const char* const from = at;
  while (at < end && IsLetter(*at)) AddToName(*at++);
  Put(View(from, at));
  if (at == end) return end;
  const bool is_script = std::string_view(name_.data(), name_size_) == "script";
  if (!EndsName(*at)) {
    state_ = starts ? State::kScriptEscaped : State::kScriptDoubleEscaped;
    return at;
  }
  state_ =
      is_script == starts ? State::kScriptDoubleEscaped : State::kScriptEscaped;
  Put(View(at, at + 1));
  return at + 1;
}

// Escaped and double escaped script data: after zero, one, or two dashes.
const char* HtmlTokenizer::StepEscapedText(const char* at, const char* end) {
  const bool twice = state_ >= State::kScriptDoubleEscaped;
  const State none =
      twice ? State::kScriptDoubleEscaped : State::kScriptEscaped;
  const State one =
      twice ? State::kScriptDoubleEscapedDash : State::kScriptEscapedDash;
  const State two = twice ? State::kScriptDoubleEscapedDashDash
                          : State::kScriptEscapedDashDash;
  const char* const from = at;
  if (state_ == none) {
    while (at < end && *at != '-' && *at != '<') ++at;
    Put(View(from, at));
    if (at == end) return end;
  }
  if (*at == '<') {
    if (twice) Put("<");
    state_ = twice ? State::kScriptDoubleEscapedLessThan
                   : State::kScriptEscapedLessThan;
    return at + 1;
  }
  Put(View(at, at + 1));
  if (*at == '-') {
    state_ = state_ == none ? one : two;
  } else {
    state_ = state_ == two && *at == '>' ? State::kScriptData : none;
  }
  return at + 1;
}

void HtmlTokenizer::Finish() {
  switch (state_) {
    case State::kTagOpen:
    case State::kRawLessThan:
    case State::kScriptEscapedLessThan:
      Put("<");
      break;
    case State::kEndTagOpen:
    case State::kRawEndTagOpen:
      Put("</");
      break;
    case State::kRawEndTagName:
    case State::kNumericReference:
    case State::kHexadecimalStart:
      Put(pending_);
      break;
    case State::kCharacterReference:
      Put("&");
      break;
    case State::kNamedReference:
      EndNamedReference();
      break;
    case State::kHexadecimalReference:
    case State::kDecimalReference:
      EndNumericReference();
      break;
    default:  // a tag or comment that does not end is none
      break;
  }
  state_ = State::kData;
  content_ = Content::kData;
}

}  // namespace peaktext

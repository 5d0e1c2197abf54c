// The states bear the standard's names. Three simplifications change no token:
// DOCTYPEs and bogus comments both end at the first '>', so they share a state;
// the "comment less-than sign" states only tell parse errors apart; attributes
// are passed over, so character references in them need no state (they never
// take a quote or a '>').
#include "extract/html_tokenizer.h"

#include "extract/html_tokenizer_states.h"

namespace peaktext {

using namespace html;  // NOLINT: the byte classes

HtmlTokenizer::State HtmlTokenizer::ContentState() const {
  switch (content_) {
    case Content::kRcdata:
      return State::kRcdata;
    case Content::kRawtext:
      return State::kRawtext;
    case Content::kScript:
      return State::kScriptData;
    case Content::kPlaintext:
      return State::kPlaintext;
    case Content::kData:
      break;
  }
  return State::kData;
}

void HtmlTokenizer::Feed(std::string_view piece) {
  const char* at = piece.data();
  const char* const end = at + piece.size();
  next_less_than_ = nullptr;
  while (at < end) at = Step(at, end);
}

// Takes at least one byte, or changes the state and takes none ("reconsume").
const char* HtmlTokenizer::Step(const char* at, const char* end) {
  if (state_ <= State::kPlaintext) return StepContent(at, end);
  if (state_ <= State::kTagName) return StepTag(at, end);
  if (state_ <= State::kSelfClosingStartTag) return StepAttribute(at, end);
  if (state_ <= State::kCommentEndBang) return StepComment(at, end);
  if (state_ <= State::kDecimalReference) return StepReference(at, end);
  if (state_ <= State::kRawEndTagName) return StepRawEndTag(at, end);
  return StepScript(at, end);
}

const char* HtmlTokenizer::StepContent(const char* at, const char* end) {
  const char* stop = end;
  if (state_ != State::kPlaintext) {
    // Remembered from call to call: text full of references and without any '<'
    // would be searched again and again.
    if (next_less_than_ == nullptr || next_less_than_ < at) {
      next_less_than_ = Find(at, end, '<');
    }
    stop = next_less_than_;
  }
  if (state_ == State::kData || state_ == State::kRcdata) {
    stop = Find(at, stop, '&');
  }
  Put(View(at, stop));
  if (stop == end) return end;
  raw_state_ = state_;
  if (*stop == '&') {
    state_ = State::kCharacterReference;
  } else {
    state_ = state_ == State::kData ? State::kTagOpen : State::kRawLessThan;
  }
  return stop + 1;
}

const char* HtmlTokenizer::StepTag(const char* at, const char* end) {
  switch (state_) {
    case State::kTagOpen:
      if (IsLetter(*at)) {
        is_end_tag_ = false;
        name_size_ = 0;
        state_ = State::kTagName;
        return at;
      }
      if (*at == '/') {
        state_ = State::kEndTagOpen;
        return at + 1;
      }
      if (*at == '!') {
        state_ = State::kMarkupDeclarationOpen;
        return at + 1;
      }
      if (*at == '?') {
        state_ = State::kBogusComment;
        return at;
      }
      Put("<");
      state_ = State::kData;
      return at;
    case State::kEndTagOpen:
      if (IsLetter(*at)) {
        is_end_tag_ = true;
        name_size_ = 0;
        state_ = State::kTagName;
        return at;
      }
      state_ = *at == '>' ? State::kData : State::kBogusComment;
      return *at == '>' ? at + 1 : at;
    default:
      while (at < end && !EndsName(*at)) AddToName(*at++);
      if (at == end) return end;
      if (*at == '>') {
        EmitTag();
      } else {
        state_ = *at == '/' ? State::kSelfClosingStartTag
                            : State::kBeforeAttributeName;
      }
      return at + 1;
  }
}

void HtmlTokenizer::AddToName(char c) {
  if (name_size_ < kLongestTagName) name_[name_size_++] = Lower(c);
}

void HtmlTokenizer::EmitTag() {
  const std::string_view name(name_.data(), name_size_);
  content_ = Content::kData;
  if (is_end_tag_) {
    sink_->EndTag(name);
  } else {
    if (name == "title" || name == "textarea") {
      content_ = Content::kRcdata;
    } else if (name == "script") {
      content_ = Content::kScript;
    } else if (name == "style" || name == "xmp" || name == "iframe" ||
               name == "noembed" || name == "noframes") {
      content_ = Content::kRawtext;
    } else if (name == "plaintext") {
      content_ = Content::kPlaintext;
    }
    if (content_ != Content::kData) raw_element_ = name;
    sink_->StartTag(name);
  }
  state_ = ContentState();
}

const char* HtmlTokenizer::StepAttribute(const char* at, const char* end) {
  switch (state_) {
    case State::kBeforeAttributeName:
      while (at < end && IsSpace(*at)) ++at;
      if (at == end) return end;
      state_ = *at == '/' || *at == '>' ? State::kAfterAttributeName
                                        : State::kAttributeName;
      // A '=' here begins a name.
      return *at == '=' ? at + 1 : at;
    case State::kAttributeName:
      while (at < end && !EndsName(*at) && *at != '=') ++at;
      if (at == end) return end;
      if (*at != '=') {
        state_ = State::kAfterAttributeName;
        return at;
      }
      state_ = State::kBeforeAttributeValue;
      return at + 1;
    case State::kAfterAttributeName:
      while (at < end && IsSpace(*at)) ++at;
      if (at == end) return end;
      if (*at == '/') {
        state_ = State::kSelfClosingStartTag;
      } else if (*at == '=') {
        state_ = State::kBeforeAttributeValue;
      } else if (*at == '>') {
        EmitTag();
      } else {
        state_ = State::kAttributeName;
        return at;
      }
      return at + 1;
    case State::kBeforeAttributeValue:
      while (at < end && IsSpace(*at)) ++at;
      if (at == end) return end;
      if (*at == '"') {
        state_ = State::kAttributeValueDoubleQuoted;
      } else if (*at == '\'') {
        state_ = State::kAttributeValueSingleQuoted;
      } else if (*at == '>') {
        EmitTag();
      } else {
        state_ = State::kAttributeValueUnquoted;
        return at;
      }
      return at + 1;
    default:
      return StepAttributeValue(at, end);
  }
}

const char* HtmlTokenizer::StepAttributeValue(const char* at, const char* end) {
  switch (state_) {
    case State::kAttributeValueDoubleQuoted:
    case State::kAttributeValueSingleQuoted:
      at = Find(at, end,
                state_ == State::kAttributeValueDoubleQuoted ? '"' : '\'');
      if (at == end) return end;
      state_ = State::kAfterAttributeValueQuoted;
      return at + 1;
    case State::kAttributeValueUnquoted:
      while (at < end && !IsSpace(*at) && *at != '>') ++at;
      if (at == end) return end;
      if (*at == '>') {
        EmitTag();
      } else {
        state_ = State::kBeforeAttributeName;
      }
      return at + 1;
    case State::kAfterAttributeValueQuoted:
      if (*at == '/') {
        state_ = State::kSelfClosingStartTag;
        return at + 1;
      }
      if (*at != '>') {
        state_ = State::kBeforeAttributeName;
        return at;
      }
      EmitTag();
      return at + 1;
    default:  // kSelfClosingStartTag
      if (*at != '>') {
        state_ = State::kBeforeAttributeName;
        return at;
      }
      EmitTag();
      return at + 1;
  }
}

const char* HtmlTokenizer::StepComment(const char* at, const char* end) {
  const char c = *at;
  switch (state_) {
    case State::kMarkupDeclarationOpen:
      state_ = c == '-' ? State::kMarkupDeclarationDash : State::kBogusComment;
      return c == '-' ? at + 1 : at;
    case State::kMarkupDeclarationDash:
      state_ = c == '-' ? State::kCommentStart : State::kBogusComment;
      return c == '-' ? at + 1 : at;
    case State::kBogusComment:
      at = Find(at, end, '>');
      if (at == end) return end;
      state_ = State::kData;
      return at + 1;
    case State::kCommentStart:
    case State::kCommentStartDash:
      if (c == '-') {
        state_ = state_ == State::kCommentStart ? State::kCommentStartDash
                                                : State::kCommentEnd;
        return at + 1;
      }
      state_ = c == '>' ? State::kData : State::kComment;
      return c == '>' ? at + 1 : at;
    case State::kComment:
      at = Find(at, end, '-');
      if (at == end) return end;
      state_ = State::kCommentEndDash;
      return at + 1;
    case State::kCommentEndDash:
      state_ = c == '-' ? State::kCommentEnd : State::kComment;
      return c == '-' ? at + 1 : at;
    case State::kCommentEnd:
      if (c == '-') return at + 1;
      if (c == '!') {
        state_ = State::kCommentEndBang;
        return at + 1;
      }
      state_ = c == '>' ? State::kData : State::kComment;
      return c == '>' ? at + 1 : at;
    default:  // kCommentEndBang
      if (c == '-') {
        state_ = State::kCommentEndDash;
        return at + 1;
      }
      state_ = c == '>' ? State::kData : State::kComment;
      return c == '>' ? at + 1 : at;
  }
}

}  // namespace peaktext

#include "reference/html_reference.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace peaktext::reference {
namespace {

constexpr int kEof = -1;

struct Named {
  std::string_view name, value;
};
constexpr Named kNamed[] = {
#include "extract/html_entities.inc"
};

void PutUtf8(unsigned c, std::string* out) {
  if (c < 0x80) {
    *out += static_cast<char>(c);
  } else if (c < 0x800) {
    *out += static_cast<char>(0xC0 | c >> 6);
    *out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    *out += static_cast<char>(0xE0 | c >> 12);
    *out += static_cast<char>(0x80 | (c >> 6 & 63));
    *out += static_cast<char>(0x80 | (c & 63));
  } else {
    *out += static_cast<char>(0xF0 | c >> 18);
    *out += static_cast<char>(0x80 | (c >> 12 & 63));
    *out += static_cast<char>(0x80 | (c >> 6 & 63));
    *out += static_cast<char>(0x80 | (c & 63));
  }
}

bool Space(int c) {
  return c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}
bool Alpha(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool Digit(int c) { return c >= '0' && c <= '9'; }
bool Hex(int c) {
  return Digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
int Low(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

// The numbers and names are those of the standard's subsections of 13.2.5.
enum State {
  kData,
  kRcdata,
  kRawtext,
  kScript,
  kPlaintext,
  kTagOpen,
  kEndTagOpen,
  kTagName,
  kRcdataLess,
  kRcdataEndOpen,
  kRcdataEndName,
  kRawLess,
  kRawEndOpen,
  kRawEndName,
  kScriptLess,
  kScriptEndOpen,
  kScriptEndName,
  kEscStart,
  kEscStartDash,
  kEsc,
  kEscDash,
  kEscDashDash,
  kEscLess,
  kEscEndOpen,
  kEscEndName,
  kDoubleStart,
  kDouble,
  kDoubleDash,
  kDoubleDashDash,
  kDoubleLess,
  kDoubleEnd,
  kBeforeAttr,
  kAttrName,
  kAfterAttr,
  kBeforeValue,
  kDoubleQuoted,
  kSingleQuoted,
  kUnquoted,
  kAfterQuoted,
  kSelfClosing,
  kBogus,
  kDeclaration,
  kCommentStart,
  kCommentStartDash,
  kComment,
  kCommentLess,
  kCommentLessBang,
  kCommentLessBangDash,
  kCommentLessBangDashDash,
  kCommentEndDash,
  kCommentEnd,
  kCommentEndBang,
  kDoctype,
};

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view html) : html_(html) {}

  std::vector<HtmlToken> Run() {
    bool done = false;
    while (!done) {
      const int c =
          i_ < html_.size() ? static_cast<unsigned char>(html_[i_]) : kEof;
      ++i_;
      done = Text(c) || Tags(c) || Raw(c) || Script(c) || Attributes(c) ||
             Comments(c);
    }
    return tokens_;
  }

 private:
  void Emit(const std::string& text) {
    if (text.empty()) return;
    if (tokens_.empty() || tokens_.back().kind != HtmlToken::kText) {
      tokens_.push_back({HtmlToken::kText, ""});
    }
    tokens_.back().value += text;
  }
  void Emit(int c) { Emit(std::string(1, static_cast<char>(c))); }
  void Reconsume(State state) {
    state_ = state;
    --i_;
  }

  void EmitTag() {
    tokens_.push_back({end_tag_ ? HtmlToken::kEnd : HtmlToken::kStart, name_});
    state_ = kData;
    if (end_tag_) return;
    last_start_ = name_;
    static const std::set<std::string> raw = {"style", "xmp", "iframe",
                                              "noembed", "noframes"};
    if (name_ == "title" || name_ == "textarea") state_ = kRcdata;
    if (raw.contains(name_)) state_ = kRawtext;
    if (name_ == "script") state_ = kScript;
    if (name_ == "plaintext") state_ = kPlaintext;
  }

  // 13.2.5.72 and on: at the character after '&'.
  std::string Reference(bool in_attribute) {
    const std::string_view rest = html_.substr(std::min(i_, html_.size()));
    if (rest.empty()) return "&";
    if (Alpha(static_cast<unsigned char>(rest[0])) ||
        Digit(static_cast<unsigned char>(rest[0]))) {
      static const auto all = [] {
        std::map<std::string_view, const Named*> names;
        for (const Named& named : kNamed) names[named.name] = &named;
        return names;
      }();
      const Named* best = nullptr;
      for (size_t length = 1; length <= 32 && length <= rest.size(); ++length) {
        const auto it = all.find(rest.substr(0, length));
        if (it != all.end()) best = it->second;
      }
      if (best == nullptr) return "&";
      if (in_attribute && best->name.back() != ';' &&
          rest.size() > best->name.size()) {
        const int next = static_cast<unsigned char>(rest[best->name.size()]);
        if (next == '=' || Alpha(next) || Digit(next)) return "&";
      }
      i_ += best->name.size();
      return std::string(best->value);
    }
    if (rest[0] != '#') return "&";
    size_t at = 1;
    const bool hex = at < rest.size() && (rest[at] == 'x' || rest[at] == 'X');
    if (hex) ++at;
    const size_t first = at;
    unsigned long long code = 0;
    while (at < rest.size() && (hex ? Hex(rest[at]) : Digit(rest[at]))) {
      const int digit =
          Digit(rest[at]) ? rest[at] - '0' : Low(rest[at]) - 'a' + 10;
      code = code * (hex ? 16 : 10) + static_cast<unsigned long long>(digit);
      if (code > 0x10FFFF) code = 0x110000;
      ++at;
    }
    if (at == first) {
      i_ += at;
      return "&" + std::string(rest.substr(0, at));
    }
    if (at < rest.size() && rest[at] == ';') ++at;
    i_ += at;
    static const std::map<unsigned, unsigned> table = {
        {0x80, 0x20AC}, {0x82, 0x201A}, {0x83, 0x0192}, {0x84, 0x201E},
        {0x85, 0x2026}, {0x86, 0x2020}, {0x87, 0x2021}, {0x88, 0x02C6},
        {0x89, 0x2030}, {0x8A, 0x0160}, {0x8B, 0x2039}, {0x8C, 0x0152},
        {0x8E, 0x017D}, {0x91, 0x2018}, {0x92, 0x2019}, {0x93, 0x201C},
        {0x94, 0x201D}, {0x95, 0x2022}, {0x96, 0x2013}, {0x97, 0x2014},
        {0x98, 0x02DC}, {0x99, 0x2122}, {0x9A, 0x0161}, {0x9B, 0x203A},
        {0x9C, 0x0153}, {0x9E, 0x017E}, {0x9F, 0x0178}};
    auto value = static_cast<unsigned>(code);
    if (value == 0 || value > 0x10FFFF ||
        (value >= 0xD800 && value <= 0xDFFF)) {
      value = 0xFFFD;
    }
    if (const auto it = table.find(value); it != table.end())
      value = it->second;
    std::string out;
    PutUtf8(value, &out);
    return out;
  }

  // Each group returns true at the end of the file.
  bool Text(int c) {
    if (state_ > kPlaintext || skip_) return false;
    if (c == kEof) return true;
    if (c == '&' && (state_ == kData || state_ == kRcdata)) {
      Emit(Reference(false));
    } else if (c == '<' && state_ != kPlaintext) {
      state_ = state_ == kData     ? kTagOpen
               : state_ == kRcdata ? kRcdataLess
               : state_ == kScript ? kScriptLess
                                   : kRawLess;
    } else {
      Emit(c);
    }
    skip_ = true;
    return false;
  }

  bool Tags(int c) {
    if (skip_) return false;
    switch (state_) {
      case kTagOpen:
        if (c == '!') {
          state_ = kDeclaration;
        } else if (c == '/') {
          state_ = kEndTagOpen;
        } else if (Alpha(c)) {
          end_tag_ = false;
          name_.clear();
          Reconsume(kTagName);
        } else if (c == '?') {
          Reconsume(kBogus);
        } else {
          Emit('<');
          if (c == kEof) return true;
          Reconsume(kData);
        }
        break;
      case kEndTagOpen:
        if (Alpha(c)) {
          end_tag_ = true;
          name_.clear();
          Reconsume(kTagName);
        } else if (c == '>') {
          state_ = kData;
        } else if (c == kEof) {
          Emit("</");
          return true;
        } else {
          Reconsume(kBogus);
        }
        break;
      case kTagName:
        if (c == kEof) return true;
        if (Space(c)) {
          state_ = kBeforeAttr;
        } else if (c == '/') {
          state_ = kSelfClosing;
        } else if (c == '>') {
          EmitTag();
        } else {
          name_ += static_cast<char>(Low(c));
        }
        break;
      default:
        return false;
    }
    skip_ = true;
    return false;
  }

  bool EndName(int c, State back) {
    const bool appropriate = name_ == last_start_;
    if (appropriate && Space(c)) {
      state_ = kBeforeAttr;
    } else if (appropriate && c == '/') {
      state_ = kSelfClosing;
    } else if (appropriate && c == '>') {
      EmitTag();
    } else if (Alpha(c)) {
      name_ += static_cast<char>(Low(c));
      temporary_ += static_cast<char>(c);
    } else {
      Emit("</" + temporary_);
      if (c == kEof) return true;
      Reconsume(back);
    }
    return false;
  }
  bool EndOpen(int c, State name_state, State back) {
    if (Alpha(c)) {
      end_tag_ = true;
      name_.clear();
      temporary_.clear();
      Reconsume(name_state);
      return false;
    }
    Emit("</");
    if (c == kEof) return true;
    Reconsume(back);
    return false;
  }

  bool Raw(int c) {
    if (skip_) return false;
    bool eof = false;
    switch (state_) {
      case kRcdataLess:
      case kRawLess:
        if (c == '/') {
          temporary_.clear();
          state_ = state_ == kRcdataLess ? kRcdataEndOpen : kRawEndOpen;
        } else {
          Emit('<');
          if (c == kEof) return true;
          Reconsume(state_ == kRcdataLess ? kRcdata : kRawtext);
        }
        break;
      case kRcdataEndOpen:
        eof = EndOpen(c, kRcdataEndName, kRcdata);
        break;
      case kRcdataEndName:
        eof = EndName(c, kRcdata);
        break;
      case kRawEndOpen:
        eof = EndOpen(c, kRawEndName, kRawtext);
        break;
      case kRawEndName:
        eof = EndName(c, kRawtext);
        break;
      case kScriptEndOpen:
        eof = EndOpen(c, kScriptEndName, kScript);
        break;
      case kScriptEndName:
        eof = EndName(c, kScript);
        break;
      case kEscEndOpen:
        eof = EndOpen(c, kEscEndName, kEsc);
        break;
      case kEscEndName:
        eof = EndName(c, kEsc);
        break;
      default:
        return false;
    }
    skip_ = true;
    return eof;
  }

  bool Script(int c) {
    if (skip_) return false;
    switch (state_) {
      case kScriptLess:
        if (c == '/') {
          temporary_.clear();
          state_ = kScriptEndOpen;
        } else if (c == '!') {
          state_ = kEscStart;
          Emit("<!");
        } else {
          Emit('<');
          if (c == kEof) return true;
          Reconsume(kScript);
        }
        break;
      case kEscStart:
      case kEscStartDash:
        if (c == '-') {
          state_ = state_ == kEscStart ? kEscStartDash : kEscDashDash;
          Emit('-');
        } else {
          if (c == kEof) return true;
          Reconsume(kScript);
        }
        break;
      case kEsc:
      case kEscDash:
      case kEscDashDash:
        if (c == kEof) return true;
        if (c == '-') {
          state_ = state_ == kEsc ? kEscDash : kEscDashDash;
          Emit('-');
        } else if (c == '<') {
          state_ = kEscLess;
        } else if (c == '>' && state_ == kEscDashDash) {
          state_ = kScript;
          Emit('>');
        } else {
          state_ = kEsc;
          Emit(c);
        }
        break;
      case kEscLess:
        if (c == '/') {
          temporary_.clear();
          state_ = kEscEndOpen;
        } else if (Alpha(c)) {
          temporary_.clear();
          Emit('<');
          Reconsume(kDoubleStart);
        } else {
          Emit('<');
          if (c == kEof) return true;
          Reconsume(kEsc);
        }
        break;
      case kDoubleStart:
      case kDoubleEnd: {
        const bool starting = state_ == kDoubleStart;
        if (Space(c) || c == '/' || c == '>') {
          const bool script = temporary_ == "script";
          state_ = script == starting ? kDouble : kEsc;
          Emit(c);
        } else if (Alpha(c)) {
          temporary_ += static_cast<char>(Low(c));
          Emit(c);
        } else {
          if (c == kEof) return true;
          Reconsume(starting ? kEsc : kDouble);
        }
        break;
      }
      case kDouble:
      case kDoubleDash:
      case kDoubleDashDash:
        if (c == kEof) return true;
        Emit(c);
        if (c == '-') {
          state_ = state_ == kDouble ? kDoubleDash : kDoubleDashDash;
        } else if (c == '<') {
          state_ = kDoubleLess;
        } else if (c == '>' && state_ == kDoubleDashDash) {
          state_ = kScript;
        } else {
          state_ = kDouble;
        }
        break;
      case kDoubleLess:
        if (c == '/') {
          temporary_.clear();
          state_ = kDoubleEnd;
          Emit('/');
        } else {
          if (c == kEof) return true;
          Reconsume(kDouble);
        }
        break;
      default:
        return false;
    }
    skip_ = true;
    return false;
  }

  bool Attributes(int c) {
    if (skip_) return false;
    if (state_ >= kBeforeAttr && state_ <= kSelfClosing && c == kEof)
      return true;
    switch (state_) {
      case kBeforeAttr:
        if (Space(c)) break;
        if (c == '/' || c == '>') {
          Reconsume(kAfterAttr);
        } else if (c == '=') {
          state_ = kAttrName;
        } else {
          Reconsume(kAttrName);
        }
        break;
      case kAttrName:
        if (Space(c) || c == '/' || c == '>') {
          Reconsume(kAfterAttr);
        } else if (c == '=') {
          state_ = kBeforeValue;
        }
        break;
      case kAfterAttr:
        if (Space(c)) break;
        if (c == '/') {
          state_ = kSelfClosing;
        } else if (c == '=') {
          state_ = kBeforeValue;
        } else if (c == '>') {
          EmitTag();
        } else {
          Reconsume(kAttrName);
        }
        break;
      case kBeforeValue:
        if (Space(c)) break;
        if (c == '"') {
          state_ = kDoubleQuoted;
        } else if (c == '\'') {
          state_ = kSingleQuoted;
        } else if (c == '>') {
          EmitTag();
        } else {
          Reconsume(kUnquoted);
        }
        break;
      case kDoubleQuoted:
      case kSingleQuoted:
        if (c == (state_ == kDoubleQuoted ? '"' : '\'')) {
          state_ = kAfterQuoted;
        } else if (c == '&') {
          Reference(true);
        }
        break;
      case kUnquoted:
        if (Space(c)) {
          state_ = kBeforeAttr;
        } else if (c == '&') {
          Reference(true);
        } else if (c == '>') {
          EmitTag();
        }
        break;
      case kAfterQuoted:
        if (Space(c)) {
          state_ = kBeforeAttr;
        } else if (c == '/') {
          state_ = kSelfClosing;
        } else if (c == '>') {
          EmitTag();
        } else {
          Reconsume(kBeforeAttr);
        }
        break;
      case kSelfClosing:
        if (c == '>') {
          EmitTag();
        } else {
          Reconsume(kBeforeAttr);
        }
        break;
      default:
        return false;
    }
    skip_ = true;
    return false;
  }

  bool Comments(int c) {
    if (std::exchange(skip_, false)) return false;
    if (state_ == kDeclaration) {
      const std::string_view rest = html_.substr(i_ - 1);
      if (c != kEof && rest.starts_with("--")) {
        ++i_;
        state_ = kCommentStart;
      } else if (c != kEof && rest.size() >= 7 &&
                 Lower(rest.substr(0, 7)) == "doctype") {
        i_ += 6;
        state_ = kDoctype;
      } else {
        // "[CDATA[" too: there is no foreign content here.
        Reconsume(kBogus);
      }
      return false;
    }
    if (c == kEof) return true;
    switch (state_) {
      case kBogus:
      case kDoctype:  // every state of a DOCTYPE ends it at '>'
        if (c == '>') state_ = kData;
        break;
      case kCommentStart:
        if (c == '-') {
          state_ = kCommentStartDash;
        } else if (c == '>') {
          state_ = kData;
        } else {
          Reconsume(kComment);
        }
        break;
      case kCommentStartDash:
        if (c == '-') {
          state_ = kCommentEnd;
        } else if (c == '>') {
          state_ = kData;
        } else {
          Reconsume(kComment);
        }
        break;
      case kComment:
        if (c == '<') {
          state_ = kCommentLess;
        } else if (c == '-') {
          state_ = kCommentEndDash;
        }
        break;
      case kCommentLess:
        if (c == '!') {
          state_ = kCommentLessBang;
        } else if (c != '<') {
          Reconsume(kComment);
        }
        break;
      case kCommentLessBang:
        if (c == '-') {
          state_ = kCommentLessBangDash;
        } else {
          Reconsume(kComment);
        }
        break;
      case kCommentLessBangDash:
        if (c == '-') {
          state_ = kCommentLessBangDashDash;
        } else {
          Reconsume(kCommentEndDash);
        }
        break;
      case kCommentLessBangDashDash:
        Reconsume(kCommentEnd);
        break;
      case kCommentEndDash:
        if (c == '-') {
          state_ = kCommentEnd;
        } else {
          Reconsume(kComment);
        }
        break;
      case kCommentEnd:
        if (c == '>') {
          state_ = kData;
        } else if (c == '!') {
          state_ = kCommentEndBang;
        } else if (c != '-') {
          Reconsume(kComment);
        }
        break;
      case kCommentEndBang:
        if (c == '-') {
          state_ = kCommentEndDash;
        } else if (c == '>') {
          state_ = kData;
        } else {
          Reconsume(kComment);
        }
        break;
      default:
        break;
    }
    return false;
  }

  static std::string Lower(std::string_view text) {
    std::string out;
    for (const char c : text) out += static_cast<char>(Low(c));
    return out;
  }

  std::string_view html_;
  size_t i_ = 0;
  State state_ = kData;
  bool skip_ = false;  // this character has been dealt with
  bool end_tag_ = false;
  std::string name_, temporary_, last_start_;
  std::vector<HtmlToken> tokens_;
};

const std::set<std::string> kBlock = {
    "address",  "article", "aside",    "blockquote", "body",     "br",
    "button",   "canvas",  "caption",  "col",        "colgroup", "dd",
    "div",      "dl",      "dt",       "embed",      "fieldset", "figcaption",
    "figure",   "footer",  "form",     "h1",         "h2",       "h3",
    "h4",       "h5",      "h6",       "header",     "hgroup",   "hr",
    "li",       "map",     "noscript", "object",     "ol",       "output",
    "p",        "pre",     "progress", "section",    "table",    "tbody",
    "textarea", "tfoot",   "th",       "thead",      "title",    "tr",
    "ul",       "video"};
const std::set<std::string> kSpacing = {
    "address", "cite",  "details", "datalist", "iframe", "img",
    "input",   "label", "legend",  "optgroup", "q",      "select",
    "summary", "tbody", "td",      "time"};
const std::set<std::string> kNoText = {"script", "style", "iframe", "noembed",
                                       "noframes"};

std::u32string Decode(std::string_view utf8) {
  std::u32string out;
  for (size_t i = 0; i < utf8.size();) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    const size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    char32_t value = length == 1 ? c : c & (0x7Fu >> length);
    for (size_t k = 1; k < length && i + k < utf8.size(); ++k) {
      value = value << 6 | (static_cast<unsigned char>(utf8[i + k]) & 0x3Fu);
    }
    out += value;
    i += length;
  }
  return out;
}

bool WhiteSpace(char32_t c) {
  return c == ' ' || c == '\n' || c == '\t' || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A && c != 0x2007) || c == 0x2028 ||
         c == 0x2029 || c == 0x205F || c == 0x3000;
}

}  // namespace

std::vector<HtmlToken> TokenizeHtml(std::string_view html) {
  return Tokenizer(html).Run();
}

std::string HtmlToText(std::string_view html) {
  std::u32string text;
  bool pre = false;
  bool drop = false;
  for (const HtmlToken& token : TokenizeHtml(html)) {
    if (token.kind != HtmlToken::kText) {
      const bool start = token.kind == HtmlToken::kStart;
      const std::string& name = token.value;
      drop = start && kNoText.contains(name);
      if (name == "pre") pre = start;
      if (kBlock.contains(name)) {
        if (name == "title" && start) continue;
        while (!text.empty() && text.back() == ' ') text.pop_back();
        if (!text.empty() && text.back() != '\n') text += '\n';
      } else if (kSpacing.contains(name)) {
        if (!text.empty() && text.back() != ' ' && text.back() != '\n')
          text += ' ';
      }
      continue;
    }
    if (drop) continue;
    char32_t before = 0;
    for (char32_t c : Decode(token.value)) {
      if (pre) {
        if (c == '\n' && before == '\r') {
          before = c;
          continue;
        }
        before = c;
        if (c == '\r') c = '\n';
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) c = ' ';
        text += c;
        continue;
      }
      if (c < 0x20 || c == 0x7F || c == 0xA0) c = ' ';
      const bool after_space = text.empty() || WhiteSpace(text.back());
      if (!after_space || !WhiteSpace(c)) text += c;
    }
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  std::string out;
  for (const char32_t c : text) PutUtf8(c, &out);
  return out;
}

}  // namespace peaktext::reference

// Source of the rules and of the two element lists: commoncrawl/ia-web-commons,
// ExtractingParseObserver.java, whose output WETExtractorOutput.java writes.
#include "extract/html_to_text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/utf8.h"

namespace peaktext {
namespace {

enum ElementFlags : uint8_t {
  kBreakBefore = 1,
  kBreakAfter = 2,
  kBlock = kBreakBefore | kBreakAfter,
  kSpacing = 4,
  kPre = 8,
  kDropped = 16,
};

struct Element {
  std::string_view name;
  uint8_t flags;
};
// address and tbody are in both of the original's lists; the first one wins. A
// title breaks the line only at its end.
constexpr Element kElements[] = {
    {"address", kBlock},    {"article", kBlock},
    {"aside", kBlock},      {"blockquote", kBlock},
    {"body", kBlock},       {"br", kBlock},
    {"button", kBlock},     {"canvas", kBlock},
    {"caption", kBlock},    {"col", kBlock},
    {"colgroup", kBlock},   {"dd", kBlock},
    {"div", kBlock},        {"dl", kBlock},
    {"dt", kBlock},         {"embed", kBlock},
    {"fieldset", kBlock},   {"figcaption", kBlock},
    {"figure", kBlock},     {"footer", kBlock},
    {"form", kBlock},       {"h1", kBlock},
    {"h2", kBlock},         {"h3", kBlock},
    {"h4", kBlock},         {"h5", kBlock},
    {"h6", kBlock},         {"header", kBlock},
    {"hgroup", kBlock},     {"hr", kBlock},
    {"li", kBlock},         {"map", kBlock},
    {"noscript", kBlock},   {"object", kBlock},
    {"ol", kBlock},         {"output", kBlock},
    {"p", kBlock},          {"pre", kBlock | kPre},
    {"progress", kBlock},   {"section", kBlock},
    {"table", kBlock},      {"tbody", kBlock},
    {"textarea", kBlock},   {"tfoot", kBlock},
    {"th", kBlock},         {"thead", kBlock},
    {"title", kBreakAfter}, {"tr", kBlock},
    {"ul", kBlock},         {"video", kBlock},
    {"cite", kSpacing},     {"details", kSpacing},
    {"datalist", kSpacing}, {"iframe", kSpacing | kDropped},
    {"img", kSpacing},      {"input", kSpacing},
    {"label", kSpacing},    {"legend", kSpacing},
    {"optgroup", kSpacing}, {"q", kSpacing},
    {"select", kSpacing},   {"summary", kSpacing},
    {"td", kSpacing},       {"time", kSpacing},
    {"script", kDropped},   {"style", kDropped},
    {"noembed", kDropped},  {"noframes", kDropped},
};

// A table by hash: a tag comes every thirty bytes or so.
constexpr size_t kSlots = 256;
constexpr size_t Slot(std::string_view name) {
  size_t hash = name.size() * 7;
  hash += size_t{61} * static_cast<unsigned char>(name[0]);
  hash += size_t{11} * static_cast<unsigned char>(name[name.size() - 1]);
  hash += size_t{29} * static_cast<unsigned char>(name[name.size() / 2]);
  return hash % kSlots;
}
constexpr auto kElementTable = [] {
  std::array<Element, kSlots> table{};
  for (const Element& element : kElements) {
    size_t slot = Slot(element.name);
    while (!table[slot].name.empty()) slot = (slot + 1) % kSlots;
    table[slot] = element;
  }
  return table;
}();

uint8_t FlagsOf(std::string_view name) {
  if (name.empty()) return 0;
  for (size_t slot = Slot(name); !kElementTable[slot].name.empty();
       slot = (slot + 1) % kSlots) {
    if (kElementTable[slot].name == name) return kElementTable[slot].flags;
  }
  return 0;
}

// Bytes that folding has to look at: controls, space, and those that may begin
// U+00A0 or Unicode's white space (U+1680, U+2000.., U+3000).
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t byte = 0x21; byte < 256; ++byte) plain[byte] = true;
  for (const size_t byte : {0x7FU, 0xC2U, 0xE1U, 0xE2U, 0xE3U})
    plain[byte] = false;
  return plain;
}();

bool IsPlain(char c) { return kPlain[static_cast<unsigned char>(c)]; }
bool IsAsciiSpace(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
}

// The length of the white space character that `text` starts with (Java's
// Character.isWhitespace beyond ASCII: all of Zs, Zl, Zp but the no-break
// ones), or 0.
size_t UnicodeSpace(std::string_view text) {
  if (text.size() < 3) return 0;
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  switch (byte(0) << 8 | byte(1)) {
    case 0xE380:
    case 0xE19A:
      return byte(2) == 0x80 ? 3 : 0;
    case 0xE280:
      return (byte(2) <= 0x8A && byte(2) != 0x87) || byte(2) == 0xA8 ||
                     byte(2) == 0xA9
                 ? 3
                 : 0;
    case 0xE281:
      return byte(2) == 0x9F ? 3 : 0;
    default:
      return 0;
  }
}

bool IsNoBreakSpace(std::string_view text) {
  return text.starts_with("\xC2\xA0");
}

// The end of the longest run at `at` that folding leaves as it is.
const char* FoldedRun(const char* at, const char* end) {
  const char* const start = at;
  while (true) {
    while (at < end && IsPlain(*at)) ++at;
    if (at == end) return end;
    if (*at == ' ') {
      // One space between words: the common case.
      if (at == start || end - at < 2 || !IsPlain(at[1])) return at;
      at += 2;
    } else if ((*at & 0x80) != 0) {
      // A lead byte; what follows it is plain.
      const std::string_view rest(at, static_cast<size_t>(end - at));
      if (UnicodeSpace(rest) > 0 || IsNoBreakSpace(rest)) return at;
      ++at;
    } else {
      return at;
    }
  }
}

}  // namespace

void WetTextSink::StartTag(std::string_view name) {
  const uint8_t flags = FlagsOf(name);
  after_cr_ = false;
  if ((flags & kPre) != 0) pre_ = true;
  if ((flags & kBreakBefore) != 0) Break();
  if ((flags & kSpacing) != 0) Space();
  dropping_ = (flags & kDropped) != 0;
}

void WetTextSink::EndTag(std::string_view name) {
  const uint8_t flags = FlagsOf(name);
  after_cr_ = false;
  dropping_ = false;
  if ((flags & kBreakAfter) != 0) Break();
  if ((flags & kSpacing) != 0) Space();
  if ((flags & kPre) != 0) pre_ = false;
}

void WetTextSink::Break() {
  spaces_ = 0;
  if (last_ == Last::kNothing || last_ == Last::kNewline) return;
  out_->push_back('\n');
  last_ = Last::kNewline;
}

void WetTextSink::Space() {
  if (last_ == Last::kNothing || last_ == Last::kNewline) return;
  spaces_ = std::max<size_t>(spaces_, 1);
}

void WetTextSink::Append(std::string_view text, Last last) {
  if (spaces_ > 0) {
    out_->append(spaces_, ' ');
    spaces_ = 0;
  }
  out_->append(text);
  last_ = last;
}

void WetTextSink::Text(std::string_view text) {
  if (dropping_ || text.empty()) return;
  if (!held_.empty()) {
    while (!text.empty() && IncompleteUtf8Suffix(held_) == held_.size()) {
      held_.push_back(text.front());
      text.remove_prefix(1);
    }
    if (IncompleteUtf8Suffix(held_) == held_.size()) return;
    const std::string character = std::exchange(held_, {});
    pre_ ? Keep(character) : Fold(character);
  }
  if (text.empty()) return;
  if ((text.back() & 0x80) != 0) {
    const size_t incomplete = IncompleteUtf8Suffix(text);
    held_.assign(text.substr(text.size() - incomplete));
    text.remove_suffix(incomplete);
  }
  pre_ ? Keep(text) : Fold(text);
}

void WetTextSink::Fold(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const char* const stop = FoldedRun(at, end);
    if (stop > at) {
      Append({at, static_cast<size_t>(stop - at)}, Last::kText);
    }
    at = stop;
    while (at < end) {
      const std::string_view rest(at, static_cast<size_t>(end - at));
      const size_t unicode = UnicodeSpace(rest);
      const bool first = spaces_ == 0 && last_ == Last::kText;
      if (unicode > 0) {
        if (first) Append(rest.substr(0, unicode), Last::kWhiteSpace);
        at += unicode;
      } else if (IsAsciiSpace(*at) || IsNoBreakSpace(rest)) {
        if (first) spaces_ = 1;
        at += IsAsciiSpace(*at) ? 1 : 2;
      } else {
        break;
      }
    }
  }
}

void WetTextSink::Keep(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool skipped = after_cr_ && c == '\n';
    after_cr_ = c == '\r';
    if (skipped) {
      ++at;
    } else if (c == '\n' || c == '\r') {
      Append("\n", Last::kNewline);
      ++at;
    } else if (c == '\t') {
      Append("\t", Last::kWhiteSpace);
      ++at;
    } else if (IsAsciiSpace(c)) {
      ++spaces_;
      ++at;
    } else if (const size_t unicode = UnicodeSpace(text.substr(at))) {
      Append(text.substr(at, unicode), Last::kWhiteSpace);
      at += unicode;
    } else {
      const size_t start = at++;
      while (at < text.size() && IsPlain(text[at])) ++at;
      Append(text.substr(start, at - start), Last::kText);
    }
  }
}

void WetTextSink::Finish() {
  if (!held_.empty()) {
    Append("\xEF\xBF\xBD", Last::kText);
    held_.clear();
  }
  spaces_ = 0;
  last_ = Last::kNothing;
  pre_ = dropping_ = after_cr_ = false;
}

}  // namespace peaktext

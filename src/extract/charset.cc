#include "extract/charset.h"

#include <uchardet/uchardet.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "extract/charset_labels.h"
#include "extract/http_message.h"

namespace peaktext {
namespace {

// The detector's guess does not get better with more.
constexpr size_t kDetectBytes = 256 << 10;

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}
char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
bool IsLetter(char c) { return Lower(c) >= 'a' && Lower(c) <= 'z'; }

size_t FindIgnoreCase(std::string_view text, std::string_view lower,
                      size_t from) {
  for (size_t at = from; at + lower.size() <= text.size(); ++at) {
    if (EqualsIgnoreCase(text.substr(at, lower.size()), lower)) return at;
  }
  return std::string_view::npos;
}

struct Attribute {
  std::string_view name, value;
};

// "Get an attribute" of the prescan: false at the end of the tag (`*at` is then
// at its '>') or of the bytes.
bool TakeAttribute(std::string_view html, size_t* at, Attribute* attribute) {
  size_t i = *at;
  while (i < html.size() && (IsSpace(html[i]) || html[i] == '/')) ++i;
  *at = i;
  if (i >= html.size() || html[i] == '>') return false;
  const size_t name_start = i;
  while (i < html.size() && (html[i] != '=' || i == name_start) &&
         !IsSpace(html[i]) && html[i] != '/' && html[i] != '>') {
    ++i;
  }
  attribute->name = html.substr(name_start, i - name_start);
  attribute->value = {};
  while (i < html.size() && IsSpace(html[i])) ++i;
  *at = i;
  if (i >= html.size() || html[i] != '=') return i < html.size();
  ++i;
  while (i < html.size() && IsSpace(html[i])) ++i;
  if (i < html.size() && (html[i] == '"' || html[i] == '\'')) {
    const size_t end = html.find(html[i], i + 1);
    if (end == std::string_view::npos) {
      *at = html.size();
      return false;
    }
    attribute->value = html.substr(i + 1, end - i - 1);
    *at = end + 1;
    return true;
  }
  const size_t value_start = i;
  while (i < html.size() && !IsSpace(html[i]) && html[i] != '>') ++i;
  attribute->value = html.substr(value_start, i - value_start);
  *at = i;
  return true;
}

// The charset that a <meta> tag whose attributes start at `*at` names, or
// empty.
std::string_view MetaCharset(std::string_view html, size_t* at) {
  bool got_pragma = false;
  bool need_pragma = false;
  std::string_view name;
  bool has_name = false;
  Attribute attribute;
  while (TakeAttribute(html, at, &attribute)) {
    if (EqualsIgnoreCase(attribute.name, "http-equiv")) {
      got_pragma |= EqualsIgnoreCase(attribute.value, "content-type");
    } else if (EqualsIgnoreCase(attribute.name, "content") && !has_name) {
      const std::string_view label = CharsetParameter(attribute.value);
      if (label.empty()) continue;
      name = CanonicalCharset(label);
      has_name = true;
      need_pragma = true;
    } else if (EqualsIgnoreCase(attribute.name, "charset")) {
      name = CanonicalCharset(attribute.value);
      has_name = true;
      need_pragma = false;
    }
  }
  return need_pragma && !got_pragma ? std::string_view() : name;
}

std::string_view XmlDeclarationCharset(std::string_view html) {
  if (!html.starts_with("<?xml")) return {};
  const std::string_view declaration = html.substr(0, html.find('>'));
  size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  at += 8;
  while (at < declaration.size() && IsSpace(declaration[at])) ++at;
  if (at >= declaration.size() || declaration[at] != '=') return {};
  ++at;
  while (at < declaration.size() && IsSpace(declaration[at])) ++at;
  if (at >= declaration.size()) return {};
  const char quote = declaration[at];
  if (quote != '"' && quote != '\'') return {};
  const size_t end = declaration.find(quote, at + 1);
  if (end == std::string_view::npos) return {};
  return CanonicalCharset(declaration.substr(at + 1, end - at - 1));
}

// In markup that can be read at all as bytes, UTF-16 is a lie.
std::string_view AsMetaMeansIt(std::string_view name) {
  return name.starts_with("utf-16") ? std::string_view("utf-8") : name;
}

std::string_view GuessCharset(std::string_view bytes) {
  // Detection starts shortly before the first byte that is not ASCII.
  const auto first = std::find_if(bytes.begin(), bytes.end(),
                                  [](char c) { return (c & 0x80) != 0; });
  const auto skipped = static_cast<size_t>(first - bytes.begin());
  bytes.remove_prefix(skipped > 1024 ? skipped - 1024 : 0);
  const std::unique_ptr<uchardet, decltype(&uchardet_delete)> detector(
      uchardet_new(), &uchardet_delete);
  if (!detector) return {};
  const size_t count = std::min(bytes.size(), kDetectBytes);
  if (uchardet_handle_data(detector.get(), bytes.data(), count) != 0) return {};
  uchardet_data_end(detector.get());
  const std::string_view name =
      CanonicalCharset(uchardet_get_charset(detector.get()));
  // The bytes are known not to be UTF-8 and to have no byte order mark.
  return name == "utf-8" || name.starts_with("utf-16") ? std::string_view()
                                                       : name;
}

}  // namespace

std::string_view CanonicalCharset(std::string_view label) {
  label = TrimBlanks(label);
  std::array<char, 32> lower{};
  if (label.empty() || label.size() > lower.size()) return {};
  std::transform(label.begin(), label.end(), lower.begin(), Lower);
  const std::string_view key(lower.data(), label.size());
  const auto it =
      std::lower_bound(kCharsetLabelTable.begin(), kCharsetLabelTable.end(),
                       key, [](const CharsetLabel& row, std::string_view k) {
                         return row.label < k;
                       });
  if (it == kCharsetLabelTable.end() || it->label != key) return {};
  return it->name;
}

std::string_view CharsetParameter(std::string_view content_type) {
  size_t at = 0;
  while (true) {
    at = FindIgnoreCase(content_type, "charset", at);
    if (at == std::string_view::npos) return {};
    at += 7;
    while (at < content_type.size() && IsSpace(content_type[at])) ++at;
    if (at < content_type.size() && content_type[at] == '=') break;
  }
  ++at;
  while (at < content_type.size() && IsSpace(content_type[at])) ++at;
  if (at >= content_type.size()) return {};
  const char quote = content_type[at];
  if (quote == '"' || quote == '\'') {
    const size_t end = content_type.find(quote, at + 1);
    if (end == std::string_view::npos) return {};
    return content_type.substr(at + 1, end - at - 1);
  }
  const size_t end = std::min(content_type.find_first_of("; \t\r\n\f,", at),
                              content_type.size());
  return content_type.substr(at, end - at);
}

std::string_view PrescanCharset(std::string_view html) {
  html = html.substr(0, kPrescanBytes);
  const std::string_view declared = XmlDeclarationCharset(html);
  size_t at = 0;
  while ((at = html.find('<', at)) != std::string_view::npos) {
    const std::string_view rest = html.substr(at);
    if (rest.starts_with("<!--")) {
      // "<!-->" is a comment of its own.
      const size_t end = html.find("-->", at + 2);
      if (end == std::string_view::npos) break;
      at = end + 3;
    } else if (rest.size() > 5 &&
               EqualsIgnoreCase(rest.substr(0, 5), "<meta") &&
               (IsSpace(rest[5]) || rest[5] == '/')) {
      at += 5;
      const std::string_view name = MetaCharset(html, &at);
      if (!name.empty()) return AsMetaMeansIt(name);
    } else if (rest.size() > 2 &&
               (IsLetter(rest[1]) || (rest[1] == '/' && IsLetter(rest[2])))) {
      at = std::min(html.find_first_of(" \t\n\f\r>", at), html.size());
      Attribute ignored;
      while (TakeAttribute(html, &at, &ignored)) {
      }
    } else if (rest.size() > 1 &&
               (rest[1] == '!' || rest[1] == '/' || rest[1] == '?')) {
      at = html.find('>', at);
      if (at == std::string_view::npos) break;
    } else {
      ++at;
    }
  }
  return AsMetaMeansIt(declared);
}

Charset ChooseCharset(std::string_view content_type, std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF"))
    return {"utf-8", CharsetSource::kBom, 3};
  if (bytes.starts_with("\xFE\xFF"))
    return {"utf-16be", CharsetSource::kBom, 2};
  if (bytes.starts_with("\xFF\xFE"))
    return {"utf-16le", CharsetSource::kBom, 2};
  std::string_view name = CanonicalCharset(CharsetParameter(content_type));
  if (!name.empty()) return {name, CharsetSource::kHttp};
  name = PrescanCharset(bytes);
  if (!name.empty()) return {name, CharsetSource::kMeta};
  if (IsValidUtf8(bytes)) return {"utf-8", CharsetSource::kValidUtf8};
  name = GuessCharset(bytes);
  if (!name.empty()) return {name, CharsetSource::kDetector};
  return {"windows-1252", CharsetSource::kDefault};
}

}  // namespace peaktext

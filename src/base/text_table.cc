#include "base/text_table.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/utf8.h"

namespace peaktext {
namespace {

// Characters of UTF-8 text: bytes that are no continuation. Wide and combining
// ones are taken for one column, which is right for most names.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

void TextTable::AddRow(std::vector<std::string> cells) {
  rows_.push_back(std::move(cells));
}

std::string TextTable::Render() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - Width(row[i]), ' ');
      if (i > 0) line += "  ";
      line += i == left_column_ ? row[i] + pad : pad + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string WithSeparators(uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string Percent(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) /
                                    static_cast<double>(whole));
}

std::string Printable(std::string_view name) {
  std::string text;
  AppendRepairedUtf8(name, &text);
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = DecodeUtf8(text.data() + at);
    const size_t length = Utf8Length(static_cast<unsigned char>(text[at]));
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
      out += '?';
    } else {
      out.append(text, at, length);
    }
    at += length;
  }
  return out;
}

}  // namespace peaktext

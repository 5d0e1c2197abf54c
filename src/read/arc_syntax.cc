// ARC v1 and v2 headers: one line before each block.
//
//   v1: URL IP date media-type length
//   v2: URL IP date media-type result-code checksum location offset file length
//
// URLs and media types with spaces in them occur, so the line is understood
// from its date: digits with an address before them. The file's first record,
// filedesc://..., has the file's own description as its block.
// https://archive.org/web/researcher/ArcFileFormat.php
#include <algorithm>
#include <array>

#include "read/block_syntax.h"
#include "read/parse_number.h"

namespace peaktext {
namespace {

constexpr size_t kMaxLine = 64 << 10;
constexpr size_t kMinDate = 8, kMaxDate = 28;  // 28 were seen in the wild
constexpr size_t kFieldsAfterDateV2 = 7;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsDigits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), IsDigit);
}

// IPv4, IPv6 or "-".
bool IsAddress(std::string_view s) {
  if (s == "-") return true;
  return s.find_first_of(".:") != std::string_view::npos &&
         s.find_first_not_of("0123456789abcdefABCDEF.:") ==
             std::string_view::npos;
}

bool HasScheme(std::string_view s) {
  const size_t colon = s.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon > 16) return false;
  return std::all_of(
      s.begin(), s.begin() + static_cast<ptrdiff_t>(colon), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) ||
               c == '+' || c == '-' || c == '.';
      });
}

bool HasUsualScheme(std::string_view s) {
  return s.starts_with("http:") || s.starts_with("https:") ||
         s.starts_with("ftp:") || s.starts_with("dns:");
}

struct Line {
  std::string_view uri, date, media_type, length;
};

// The next token from the right end of *rest, which loses it.
std::string_view TakeLast(std::string_view* rest) {
  while (rest->ends_with(' ')) rest->remove_suffix(1);
  const size_t space = rest->rfind(' ');
  const size_t begin = space == std::string_view::npos ? 0 : space + 1;
  const std::string_view token = rest->substr(begin);
  rest->remove_suffix(token.size());
  return token;
}

std::string_view TrimSpaces(std::string_view s) {
  while (s.starts_with(' ')) s.remove_prefix(1);
  while (s.ends_with(' ')) s.remove_suffix(1);
  return s;
}

// How surely `date` with `address` before it are what they seem; 0: not at all.
// The location and offset fields of v2 can look like "-" and a date too.
int DateRank(std::string_view date, std::string_view address, bool in_doubt) {
  if (!IsDigits(date) || date.size() > kMaxDate || !IsAddress(address)) {
    return 0;
  }
  if (date.size() < kMinDate) return in_doubt || address == "-" ? 0 : 1;
  return address == "-" ? 2 : 3;
}

bool ParseLine(std::string_view line, bool in_doubt, Line* out) {
  if (!HasScheme(line)) return false;
  std::string_view rest = line;
  out->length = TakeLast(&rest);
  const char* const type_end = rest.data() + rest.size();
  // After the date come 1 (v1, or as many as the media type has words) to 7.
  std::array<std::string_view, 16> after;
  int best = 0;
  for (size_t count = 0; count < after.size(); ++count) {
    const std::string_view token = TakeLast(&rest);
    if (token.empty()) break;
    std::string_view before = rest;
    const int rank = DateRank(token, TakeLast(&before), in_doubt);
    if (rank > best) {
      best = rank;
      out->date = token;
      out->uri = TrimSpaces(before);
      const char* const type_begin = token.data() + token.size();
      out->media_type =
          count + 1 >= kFieldsAfterDateV2
              ? after[count - 1]
              : TrimSpaces(
                    {type_begin, static_cast<size_t>(type_end - type_begin)});
    }
    after[count] = token;
  }
  return best > 0 && (!in_doubt || ParseLength(out->length).has_value());
}

// The line at the start of `data` without its end; kMore: not there yet.
Match TakeLine(std::string_view data, std::string_view* line, size_t* bytes) {
  const size_t newline = data.substr(0, kMaxLine).find('\n');
  if (newline == std::string_view::npos) {
    return data.size() < kMaxLine ? Match::kMore : Match::kNo;
  }
  *line = data.substr(0, newline);
  while (line->ends_with('\r')) line->remove_suffix(1);
  *bytes = newline + 1;
  return Match::kYes;
}

class Syntax final : public BlockSyntax {
 public:
  RecordFormat format() const override { return RecordFormat::kArc; }
  std::string_view default_type() const override { return "arc"; }

  Match StartsHere(std::string_view data, bool in_doubt) const override {
    std::string_view text;
    size_t bytes = 0;
    if (!HasScheme(data.substr(0, 24)) && data.size() >= 24) return Match::kNo;
    const Match found = TakeLine(data, &text, &bytes);
    if (found != Match::kYes) return found;
    Line line;
    return ParseLine(text, in_doubt, &line) ? Match::kYes : Match::kNo;
  }

  size_t FindCandidate(std::string_view data, size_t from) const override {
    // Headers stand at the start of a line even amid junk: there is no magic
    // number to go by.
    if (from > 0 && from <= data.size() && data[from - 1] != '\n') {
      const size_t newline = data.find('\n', from);
      if (newline == std::string_view::npos) return newline;
      from = newline + 1;
    }
    while (from < data.size()) {
      const std::string_view head = data.substr(from, 24);
      if (HasScheme(head) || head.size() < 24) return from;
      const size_t newline = data.find('\n', from);
      if (newline == std::string_view::npos) return newline;
      from = newline + 1;
    }
    return std::string_view::npos;
  }

  // A block's length that is too large by a byte or two makes "ttp://" of the
  // next header, which is a scheme too.
  bool IsInsideHeader(std::string_view data, size_t from,
                      size_t at) const override {
    if (at <= from || HasUsualScheme(data.substr(at))) return false;
    const size_t newline = data.rfind('\n', at - 1);
    if (newline == std::string_view::npos || newline + 1 < from) return false;
    const std::string_view line = data.substr(newline + 1);
    return newline + 1 < at && HasUsualScheme(line) &&
           StartsHere(line, true) == Match::kYes;
  }

  Match ParseHeader(std::span<char> bytes, BlockHeader* header) const override {
    *header = {};
    const std::string_view data(bytes.data(), bytes.size());
    std::string_view text;
    const Match found = TakeLine(data, &text, &header->bytes);
    if (found != Match::kYes) return found;
    Line line;
    if (!ParseLine(text, false, &line)) return Match::kNo;
    const auto range = [&](std::string_view part) {
      return FieldRange{static_cast<uint32_t>(part.data() - data.data()),
                        static_cast<uint32_t>(part.size())};
    };
    header->uri = range(line.uri);
    header->date = range(line.date);
    header->media_type = range(line.media_type);
    const std::optional<uint64_t> length = ParseLength(line.length);
    header->length_state = length ? LengthState::kGood : LengthState::kBad;
    header->length = length.value_or(0);
    return Match::kYes;
  }
};

}  // namespace

const BlockSyntax& ArcSyntax() {
  static const Syntax syntax;
  return syntax;
}

}  // namespace peaktext

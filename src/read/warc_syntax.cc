// WARC headers (ISO 28500, 0.17 to 2.0), read leniently:
//
//   WARC/1.0 CRLF
//   Name: value CRLF            any case, any order; lines may end in LF, CR LF
//    continued CRLF             or CR CR LF; those without a colon are ignored
//   CRLF
//   block, Content-Length bytes
//   CRLF CRLF
#include <strings.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>

#include "read/block_syntax.h"
#include "read/decoded_window.h"
#include "read/parse_number.h"

namespace peaktext {
namespace {

constexpr std::string_view kVersionStart = "WARC/";
constexpr size_t kSlashAt = 4;
constexpr size_t kTellingAt = 5;
constexpr size_t kMaxVersionLine = 32;
constexpr int kMaxDoubtLines = 16;
constexpr size_t kMaxDoubtBytes = 64 << 10;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool SameName(std::string_view name, std::string_view wanted) {
  return name.size() == wanted.size() &&
         (name == wanted ||
          ::strncasecmp(name.data(), wanted.data(), wanted.size()) == 0);
}

// The same, quickly, of fields: their lengths and sixth letters differ.
bool IsField(std::string_view name, std::string_view wanted) {
  return name.size() == wanted.size() &&
         (name[kTellingAt] | 0x20) == (wanted[kTellingAt] | 0x20) &&
         SameName(name, wanted);
}

// "WARC/" number ["." number] blanks CR* LF; *end is after the LF.
Match MatchVersionLine(std::string_view data, size_t* end) {
  const std::string_view start = data.substr(0, kVersionStart.size());
  if (start != kVersionStart &&
      !SameName(start, kVersionStart.substr(0, start.size()))) {
    return Match::kNo;
  }
  size_t i = kVersionStart.size();
  size_t digits = 0;
  for (; i < data.size() && (IsDigit(data[i]) || data[i] == '.'); ++i) ++digits;
  if (i < data.size() && digits == 0) return Match::kNo;
  while (i < data.size() && (IsBlank(data[i]) || data[i] == '\r')) ++i;
  if (i > kMaxVersionLine) return Match::kNo;
  if (i >= data.size()) return Match::kMore;
  *end = i + 1;
  return data[i] == '\n' ? Match::kYes : Match::kNo;
}

// In doubt one of the first lines must be a field that WARC headers have.
Match HasTellingField(std::string_view data) {
  size_t at = 0;
  for (int line = 0; line < kMaxDoubtLines; ++line) {
    for (const std::string_view start : {"WARC-", "Content-"}) {
      const std::string_view head = data.substr(at, start.size());
      if (SameName(head, start)) return Match::kYes;
      if (at + head.size() == data.size() && head.size() < start.size() &&
          SameName(head, start.substr(0, head.size()))) {
        return Match::kMore;
      }
    }
    const size_t newline = data.find('\n', at);
    if (newline == std::string_view::npos) {
      return data.size() < kMaxDoubtBytes ? Match::kMore : Match::kNo;
    }
    if (newline - at <= 2 &&
        data.substr(at, newline - at).find_first_not_of('\r') ==
            std::string_view::npos) {
      return Match::kNo;  // the blank line
    }
    at = newline + 1;
  }
  return Match::kNo;
}

class Syntax final : public BlockSyntax {
 public:
  RecordFormat format() const override { return RecordFormat::kWarc; }
  std::string_view default_type() const override { return {}; }

  Match StartsHere(std::string_view data, bool in_doubt) const override {
    size_t end = 0;
    const Match version = MatchVersionLine(data, &end);
    if (!in_doubt || version != Match::kYes) return version;
    return HasTellingField(data.substr(end));
  }

  size_t FindCandidate(std::string_view data, size_t from) const override {
    const size_t at = data.find(kVersionStart, from);
    if (at != std::string_view::npos) return at;
    // The last bytes may be the first ones of it.
    size_t tail = data.size() - std::min(data.size(), kVersionStart.size() - 1);
    tail = std::max(tail, from);
    while (tail < data.size() &&
           !kVersionStart.starts_with(data.substr(tail))) {
      ++tail;
    }
    return tail < data.size() ? tail : std::string_view::npos;
  }

  bool IsInsideHeader(std::string_view, size_t, size_t) const override {
    return false;  // the version's word is telling enough
  }

  Match ParseHeader(std::span<char> data, BlockHeader* header) const override;
};

struct Field {
  std::string_view name;
  FieldRange BlockHeader::*range;
};

constexpr Field kFields[] = {
    {"WARC-Type", &BlockHeader::type},
    {"WARC-Record-ID", &BlockHeader::id},
    {"WARC-Date", &BlockHeader::date},
    {"WARC-Target-URI", &BlockHeader::uri},
    {"Content-Type", &BlockHeader::media_type},
    {"WARC-Identified-Content-Language", &BlockHeader::language},
    {"WARC-Truncated", &BlockHeader::truncated},
};

void TakeLength(std::string_view value, BlockHeader* header) {
  const std::optional<uint64_t> length = ParseLength(value);
  if (header->length_state == LengthState::kMissing) {
    if (value.empty()) return;
    header->length_state = length ? LengthState::kGood : LengthState::kBad;
    header->length = length.value_or(0);
  } else if (!length || *length != header->length) {
    header->length_state = LengthState::kBad;  // two that differ
  }
}

// One header line [begin, end) with its colon; the range of its value in
// *value.
void TakeLine(const char* data, size_t begin, size_t colon, FieldRange value,
              BlockHeader* header) {
  std::string_view name(data + begin, colon - begin);
  while (!name.empty() && IsBlank(name.back())) name.remove_suffix(1);
  for (const Field& field : kFields) {
    if (!IsField(name, field.name)) continue;
    if ((header->*field.range).bytes == 0) header->*field.range = value;
    return;
  }
  if (IsField(name, "Content-Length")) {
    TakeLength({data + value.begin, value.bytes}, header);
  }
}

// The lines of a header, 64 bytes at a time. REQUIRES: kSlackBytes can be read
// after `data`.
class Lines {
 public:
  static constexpr size_t kNone = ~size_t{0};

  explicit Lines(std::string_view data) : data_(data) { Load(); }

  // Where the next LF is and, before it, the line's first colon.
  struct Line {
    size_t newline = kNone;
    size_t colon = kNone;
  };
  Line Next() {
    Line line;
    for (; base_ < data_.size(); base_ += kBlock, Load()) {
      const uint64_t own = newlines_ ^ (newlines_ - 1);  // all, without one
      if (line.colon == kNone && (colons_ & own) != 0) line.colon = At(colons_);
      if (newlines_ != 0) {
        line.newline = At(newlines_);
        colons_ &= ~own;
        newlines_ &= ~own;
        break;
      }
    }
    return line;
  }

 private:
  static constexpr size_t kBlock = 64;
  static_assert(kBlock <= DecodedWindow::kSlackBytes);

  size_t At(uint64_t bits) const {
    return base_ + static_cast<size_t>(std::countr_zero(bits));
  }
  uint64_t BitsOf(char c) const {
    const char* const block = data_.data() + base_;
    uint64_t bits = 0;
#if defined(__SSE2__)
    for (size_t i = 0; i < kBlock; i += sizeof(__m128i)) {
      const __m128i bytes =
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
      const int same =
          _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
      bits |= static_cast<uint64_t>(same) << i;
    }
#else
    for (size_t i = 0; i < kBlock; ++i) {
      bits |= uint64_t{block[i] == c} << i;
    }
#endif
    return bits;
  }
  void Load() {
    if (base_ >= data_.size()) return;
    const size_t left = data_.size() - base_;
    const uint64_t valid =
        left < kBlock ? (uint64_t{1} << left) - 1 : ~uint64_t{0};
    newlines_ = BitsOf('\n') & valid;
    colons_ = BitsOf(':') & valid;
  }

  std::string_view data_;
  size_t base_ = 0;  // of the block whose bits these are, what is past left out
  uint64_t newlines_ = 0;
  uint64_t colons_ = 0;
};

Match Syntax::ParseHeader(std::span<char> bytes, BlockHeader* header) const {
  *header = {};
  char* const data = bytes.data();
  const size_t size = bytes.size();
  Lines lines({data, size});
  size_t at = 0;
  // A line is looked at when the next one shows that it is not continued.
  size_t begin = 0;  // of the pending line; 0: none
  size_t end = 0;
  size_t colon = Lines::kNone;
  const auto take_pending = [&] {
    if (begin == 0 || colon == Lines::kNone) return;
    size_t from = colon + 1;
    size_t to = end;
    while (from < to && IsBlank(data[from])) ++from;
    while (to > from && IsBlank(data[to - 1])) --to;
    TakeLine(data, begin, colon,
             {static_cast<uint32_t>(from), static_cast<uint32_t>(to - from)},
             header);
  };
  while (at < size) {
    const Lines::Line line = lines.Next();
    if (line.newline == Lines::kNone) return Match::kMore;
    size_t line_end = line.newline;
    while (line_end > at && data[line_end - 1] == '\r') --line_end;
    if (at > 0 && line_end > at && IsBlank(data[at]) && begin > 0) {
      std::fill(data + end, data + at, ' ');
      end = line_end;
      if (colon == Lines::kNone) colon = line.colon;
    } else if (at > 0) {
      take_pending();
      if (line_end == at) {
        header->bytes = line.newline + 1;
        return Match::kYes;
      }
      size_t ignored = 0;
      if (data[at] == kVersionStart[0] && line_end - at > kSlashAt &&
          data[at + kSlashAt] == '/' &&
          MatchVersionLine({data + at, size - at}, &ignored) == Match::kYes) {
        header->bytes = at;  // a record that was cut, and the next one
        return Match::kNo;
      }
      begin = at;
      end = line_end;
      colon = line.colon;
    }
    at = line.newline + 1;
  }
  return Match::kMore;
}

}  // namespace

const BlockSyntax& WarcSyntax() {
  static const Syntax syntax;
  return syntax;
}

size_t FindRecordStart(const BlockSyntax& syntax, std::string_view data,
                       size_t from, size_t* undecided) {
  for (;;) {
    from = syntax.FindCandidate(data, from);
    if (from == std::string_view::npos) {
      *undecided = data.size();
      return from;
    }
    switch (syntax.StartsHere(data.substr(from), true)) {
      case Match::kYes:
        return from;
      case Match::kMore:
        *undecided = from;
        return std::string_view::npos;
      case Match::kNo:
        ++from;
        break;
    }
  }
}

}  // namespace peaktext

#include "read/jsonl_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "read/json_fields.h"

namespace peaktext {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kGrantBytes = 8 << 20;  // longer lines ask for memory

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

class JsonlReader final : public RecordReader {
 public:
  explicit JsonlReader(std::unique_ptr<RecordStream> stream)
      : stream_(std::move(stream)), s_(*stream_), parser_(s_.options()) {}

  bool Next(Record* record) override;
  const Status& status() const override { return s_.status(); }
  const ReadStats& stats() const override { return s_.stats(); }
  RecordFormat format() const override { return RecordFormat::kJsonl; }

 private:
  enum class Line { kWhole, kLast, kTooLarge };

  bool SkipBlankLines();
  Line FindLine(size_t* bytes);
  void SkipLarge();
  bool TakeLine(size_t line_bytes, bool last, Record* record);
  void DropLine(size_t bytes, bool last, const JsonFault& fault);

  std::unique_ptr<RecordStream> stream_;
  RecordStream& s_;
  JsonFieldParser parser_;
  MemoryBudget::Grant grant_;
  size_t line_bytes_ = 0;  // of the line handed out
  uint64_t line_number_ = 0;
  bool after_gap_ = false;
};

bool JsonlReader::Next(Record* record) {
  s_.Use(std::exchange(line_bytes_, 0));
  grant_.Release();
  for (;;) {
    if (!s_.Need(1)) {
      if (s_.gap() == nullptr) break;
      s_.CrossGap();
      after_gap_ = true;
      continue;
    }
    if (s_.position() == 0 && s_.Need(kByteOrderMark.size()) &&
        s_.view().starts_with(kByteOrderMark)) {
      s_.Pad(kByteOrderMark.size());
      continue;
    }
    if (SkipBlankLines()) continue;
    size_t bytes = 0;
    const Line line = FindLine(&bytes);
    ++line_number_;
    if (line == Line::kTooLarge) {
      SkipLarge();
    } else if (TakeLine(bytes, line == Line::kLast, record)) {
      s_.CountRecord();
      return true;
    }
    grant_.Release();
  }
  s_.Finish();
  return false;
}

// Those at hand, at once: there may be millions.
bool JsonlReader::SkipBlankLines() {
  const std::string_view data = s_.view();
  size_t end = 0;
  for (size_t i = 0; i < data.size() && IsBlank(data[i]); ++i) {
    if (data[i] != '\n') continue;
    ++line_number_;
    end = i + 1;
  }
  s_.Pad(end);
  return end > 0;
}

// The line at the start of the data; *bytes includes its newline.
JsonlReader::Line JsonlReader::FindLine(size_t* bytes) {
  size_t searched = 0;
  for (;;) {
    const std::string_view data = s_.view();
    const void* const newline =
        std::memchr(data.data() + searched, '\n', data.size() - searched);
    if (newline != nullptr) {
      *bytes =
          static_cast<size_t>(static_cast<const char*>(newline) - data.data()) +
          1;
      return *bytes > s_.options().max_record_bytes ? Line::kTooLarge
                                                    : Line::kWhole;
    }
    searched = data.size();
    if (searched > s_.options().max_record_bytes) return Line::kTooLarge;
    if (searched > kGrantBytes && searched > grant_.bytes() &&
        s_.options().budget != nullptr) {
      grant_.Release();
      grant_ = s_.options().budget->Take(
          std::min<uint64_t>(2 * searched, s_.options().max_record_bytes));
    }
    if (!s_.More()) {
      *bytes = s_.view().size();
      return Line::kLast;
    }
  }
}

void JsonlReader::SkipLarge() {
  s_.Drop(0, "too_large",
          fmt::format("line {}: {}", line_number_, s_.options().OverLimit()));
  do {
    const size_t newline = s_.view().find('\n');
    if (newline != std::string_view::npos) {
      s_.DropMore(newline + 1);
      return;
    }
    s_.DropMore(s_.view().size());
  } while (s_.More());
}

bool JsonlReader::TakeLine(size_t line_bytes, bool last, Record* record) {
  const std::span<char> line = s_.data().first(line_bytes);
  size_t begin = 0;
  size_t end = line_bytes;
  while (begin < end && IsBlank(line[begin])) ++begin;
  while (end > begin && IsBlank(line[end - 1])) --end;
  // Files that were put together have their marks in the middle.
  if (s_.view().substr(begin, end - begin).starts_with(kByteOrderMark)) {
    begin += kByteOrderMark.size();
  }
  if (begin == end) {
    s_.Pad(line_bytes);
    return false;
  }
  JsonFields fields;
  const JsonFault fault =
      parser_.Parse(line.subspan(begin, end - begin), &fields);
  if (fault.reason != nullptr) {
    DropLine(line_bytes, last, fault);
    return false;
  }
  after_gap_ = false;
  *record = {};
  record->format = RecordFormat::kJsonl;
  record->offset = s_.StoredOffset();
  record->decoded_offset = s_.position();
  record->stored_bytes = s_.plain() ? line_bytes : 0;
  record->type = "json";
  record->id = fields.id;
  record->uri = fields.url;
  record->language = fields.language;
  record->date = fields.date;
  record->priority = fields.priority;
  record->body = fields.text;
  line_bytes_ = line_bytes;
  return true;
}

void JsonlReader::DropLine(size_t bytes, bool last, const JsonFault& fault) {
  if (last && s_.gap() != nullptr) {
    s_.DropToGap();  // the line is cut by the damage
    after_gap_ = true;
  } else if (std::exchange(after_gap_, false)) {
    s_.DropMore(bytes);  // the end of such a line
  } else if (last && std::string_view(fault.reason) == "bad_json") {
    s_.Drop(bytes, "truncated",
            fmt::format("line {}: the last line is cut off", line_number_));
  } else {
    s_.Drop(bytes, fault.reason,
            fmt::format("line {}: {}", line_number_, fault.message));
  }
}

}  // namespace

std::unique_ptr<RecordReader> NewJsonlReader(
    std::unique_ptr<RecordStream> stream) {
  return std::make_unique<JsonlReader>(std::move(stream));
}

}  // namespace peaktext

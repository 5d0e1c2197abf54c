#include "read/text_reader.h"

#include <algorithm>
#include <utility>

namespace peaktext {
namespace {

constexpr uint64_t kMinPieceBytes = 16;

// The last place at or before `at` that is not inside a UTF-8 character.
size_t CharacterStart(std::string_view text, size_t at) {
  for (size_t back = 0; back < 4 && back < at; ++back) {
    if ((static_cast<unsigned char>(text[at - back]) & 0xc0) != 0x80) {
      return at - back;
    }
  }
  return at;  // not UTF-8
}

class TextReader final : public RecordReader {
 public:
  explicit TextReader(std::unique_ptr<RecordStream> stream)
      : stream_(std::move(stream)), s_(*stream_) {}

  bool Next(Record* record) override;
  const Status& status() const override { return s_.status(); }
  const ReadStats& stats() const override { return s_.stats(); }
  RecordFormat format() const override { return RecordFormat::kText; }

 private:
  std::unique_ptr<RecordStream> stream_;
  RecordStream& s_;
  size_t piece_bytes_ = 0;  // of the piece handed out
  bool begun_ = false;
  bool more_ = false;  // said so of the last piece
};

bool TextReader::Next(Record* record) {
  s_.Use(std::exchange(piece_bytes_, 0));
  const size_t limit =
      static_cast<size_t>(std::max(s_.options().piece_bytes, kMinPieceBytes));
  s_.Need(limit + 1);
  while (s_.view().empty() && s_.gap() != nullptr) {
    s_.CrossGap();
    s_.Need(limit + 1);
  }
  if (s_.view().empty() && !more_) {
    s_.Finish();
    return false;
  }
  size_t n = s_.view().size();
  if (n > limit) n = CharacterStart(s_.view(), limit);
  // After damage the text may go on; when it does not, an empty piece ends it.
  more_ = s_.view().size() > n || s_.gap() != nullptr;
  *record = {};
  record->format = RecordFormat::kText;
  record->offset = s_.StoredOffset();
  record->decoded_offset = s_.position();
  record->stored_bytes = s_.plain() ? n : 0;
  record->type = "text";
  record->body = s_.data().first(n);
  record->continued = begun_;
  record->more = more_;
  if (!begun_) s_.CountRecord();
  begun_ = true;
  piece_bytes_ = n;
  return true;
}

}  // namespace

std::unique_ptr<RecordReader> NewTextReader(
    std::unique_ptr<RecordStream> stream) {
  return std::make_unique<TextReader>(std::move(stream));
}

}  // namespace peaktext

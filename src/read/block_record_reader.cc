#include "read/block_record_reader.h"

#include <algorithm>
#include <utility>

#include "read/buffer_sizes.h"

namespace peaktext {
namespace {

constexpr size_t kMaxHeaderBytes = 16 << 20;
constexpr size_t kMaxLineEnds = 64;  // after a block; more are blank space
constexpr size_t kOwnLineEnds = 2;   // of a record; more are padding
constexpr size_t kLookAhead = BufferBytes(64 << 10);
constexpr uint64_t kGrantBytes = 8 << 20;  // larger records ask for memory

bool IsLineEnd(char c) { return c == '\r' || c == '\n'; }
bool IsBlank(char c) {
  return IsLineEnd(c) || c == '\0' || c == ' ' || c == '\t';
}

class BlockRecordReader final : public RecordReader {
 public:
  BlockRecordReader(std::unique_ptr<RecordStream> stream,
                    const BlockSyntax& syntax)
      : stream_(std::move(stream)), s_(*stream_), syntax_(syntax) {}

  bool Next(Record* record) override;
  const Status& status() const override { return s_.status(); }
  const ReadStats& stats() const override { return s_.stats(); }
  RecordFormat format() const override { return syntax_.format(); }

 private:
  enum class Fill { kDone, kShort, kLie };

  void SkipBlank();
  bool AtRecord();
  // Each of these gives true when *record is filled; else something was
  // dropped.
  bool ReadRecord(Record* record);
  bool TakeBlock(Record* record);
  bool TakeByMember(const char* why, Record* record);
  bool Deliver(size_t block_end, size_t end, Record* record);
  bool ReadHeader();
  Fill FillBlock(size_t total);
  bool RecordStartsAt(size_t at);
  bool EndsRight(size_t total, size_t* end);
  bool IsAloneInDamage(size_t end);
  void SkipLarge(uint64_t total);
  void SkipToRecord(const char* reason, const char* why, size_t from);
  size_t SkipLineEnds(size_t at);

  std::unique_ptr<RecordStream> stream_;
  RecordStream& s_;
  const BlockSyntax& syntax_;
  MemoryBudget::Grant grant_;
  BlockHeader header_;
  bool at_member_ = false;    // the record starts its member
  uint64_t begin_ = 0;        // its decoded position
  size_t record_bytes_ = 0;   // of the record handed out, and of the line ends
  size_t padding_bytes_ = 0;  // after it
  bool after_gap_ = false;    // what is dropped now, the gap has cost too
};

bool BlockRecordReader::Next(Record* record) {
  s_.Use(std::exchange(record_bytes_, 0));
  s_.Pad(std::exchange(padding_bytes_, 0));
  grant_.Release();
  for (;;) {
    SkipBlank();
    if (!s_.Need(1)) {
      if (s_.gap() == nullptr) break;
      s_.CrossGap();
      after_gap_ = true;
    } else if (!AtRecord()) {
      SkipToRecord("garbage", "no record starts here", 1);
    } else if (ReadRecord(record)) {
      s_.CountRecord();
      return true;
    }
  }
  s_.Finish();
  return false;
}

// Line ends, zeros, spaces and byte order marks before a record.
void BlockRecordReader::SkipBlank() {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  while (s_.Need(1)) {
    const std::string_view data = s_.view();
    size_t i = 0;
    while (i < data.size() && IsBlank(data[i])) ++i;
    if (i == 0 && data[0] == kByteOrderMark[0] && s_.Need(3) &&
        s_.view().starts_with(kByteOrderMark)) {
      i = kByteOrderMark.size();
    }
    if (i == 0) return;
    s_.Pad(i);
  }
}

bool BlockRecordReader::AtRecord() {
  for (;;) {
    const Match match = syntax_.StartsHere(s_.view(), false);
    if (match != Match::kMore || !s_.More()) return match != Match::kNo;
  }
}

bool BlockRecordReader::ReadHeader() {
  for (;;) {
    const Match match = syntax_.ParseHeader(s_.data(), &header_);
    if (match == Match::kYes && header_.bytes <= kMaxHeaderBytes) return true;
    if (match == Match::kNo) {
      s_.Drop(std::max<size_t>(header_.bytes, 1), "bad_header",
              "the header is cut by the next record's");
      return false;
    }
    const size_t size = s_.view().size();
    if (match == Match::kYes || size > kMaxHeaderBytes) {
      SkipToRecord("bad_header", "the header is too long", 1);
      return false;
    }
    // Twice as much each time: the work stays linear.
    if (!s_.Need(2 * size) && s_.view().size() == size) {
      s_.DropToGap();
      return false;
    }
  }
}

bool BlockRecordReader::ReadRecord(Record* record) {
  after_gap_ = false;
  begin_ = s_.position();
  at_member_ = !s_.plain() && s_.IsMemberStart(0);
  if (!ReadHeader()) return false;
  if (header_.length_state == LengthState::kGood) return TakeBlock(record);
  // Without a length: nothing, where the next record follows at once.
  const size_t end = SkipLineEnds(header_.bytes);
  s_.Need(end + kLookAhead);
  const bool named = header_.type.bytes + header_.id.bytes > 0;
  if (syntax_.StartsHere(s_.view().substr(end), true) == Match::kYes) {
    if (named) return Deliver(header_.bytes, end, record);
    s_.Drop(end, "bad_header", "the header names nothing");
    return false;
  }
  return TakeByMember(header_.length_state == LengthState::kMissing
                          ? "the record's length is missing"
                          : "the record's length is no length",
                      record);
}

bool BlockRecordReader::TakeBlock(Record* record) {
  const uint64_t total = header_.bytes + header_.length;
  const std::optional<uint64_t> left = s_.RemainingPlainBytes();
  constexpr const char* kLie = "the record's length is wrong";
  if (left && total > *left) {
    // More than there is: cut off, if no record starts inside.
    s_.Need(header_.bytes + kLookAhead);
    if (header_.length > s_.options().max_record_bytes) {
      SkipToRecord("bad_length", kLie, header_.bytes);
      return false;
    }
  } else if (header_.length > s_.options().max_record_bytes) {
    SkipLarge(total);
    return false;
  }
  switch (FillBlock(total)) {
    case Fill::kLie:
      return TakeByMember(kLie, record);
    case Fill::kShort: {
      size_t undecided = 0;
      const bool whole_member =
          s_.gap() == nullptr && at_member_ &&
          s_.FirstMemberEnd() == s_.view().size() &&
          (s_.view().ends_with("\r\n\r\n") || s_.view().ends_with("\n\n"));
      if (whole_member ||
          FindRecordStart(syntax_, s_.view(), header_.bytes, &undecided) !=
              std::string_view::npos) {
        return TakeByMember(kLie, record);
      }
      s_.DropToGap();
      return false;
    }
    case Fill::kDone:
      break;
  }
  size_t end = 0;
  if (!EndsRight(total, &end)) return TakeByMember(kLie, record);
  if (IsAloneInDamage(end)) {
    s_.DropToGap();
    return false;
  }
  return Deliver(total, end, record);
}

// A member that is damaged and holds this record alone: which of its bytes are
// wrong nobody can say. Where it holds several, most of them are right, and
// they are kept.
bool BlockRecordReader::IsAloneInDamage(size_t end) {
  const Gap* const gap = s_.gap();
  if (gap == nullptr || !gap->in_member || gap->member_decoded != begin_) {
    return false;
  }
  size_t undecided = 0;
  return FindRecordStart(syntax_, s_.view(), end, &undecided) ==
         std::string_view::npos;
}

// Decodes up to `total` bytes of the record, unless a record starts where a
// member does before that.
BlockRecordReader::Fill BlockRecordReader::FillBlock(size_t total) {
  if (total > kGrantBytes && s_.options().budget != nullptr) {
    grant_ = s_.options().budget->Take(total);
  }
  size_t looked = 0;  // for members that end before this
  for (;;) {
    while (!s_.plain()) {
      const std::optional<size_t> end = s_.FirstMemberEnd(looked);
      if (!end || *end >= total) break;
      if (RecordStartsAt(*end)) return Fill::kLie;
      looked = *end;
    }
    if (s_.view().size() >= total) return Fill::kDone;
    if (!s_.More()) return Fill::kShort;
  }
}

bool BlockRecordReader::RecordStartsAt(size_t at) {
  for (;;) {
    const Match match = syntax_.StartsHere(s_.view().substr(at), true);
    if (match != Match::kMore || !s_.More()) return match == Match::kYes;
  }
}

size_t BlockRecordReader::SkipLineEnds(size_t at) {
  const size_t limit = at + kMaxLineEnds;
  while (at < limit && !(!s_.plain() && s_.IsMemberEnd(at)) &&
         s_.Need(at + 1) && IsLineEnd(s_.view()[at])) {
    ++at;
  }
  return at;
}

// Whether what follows the block bears its length out. *end is after the line
// ends that follow.
bool BlockRecordReader::EndsRight(size_t total, size_t* end) {
  *end = SkipLineEnds(total);
  if (!s_.plain() && s_.IsMemberEnd(*end)) return true;
  if (!s_.Need(*end + 1)) return true;
  if (syntax_.StartsHere(s_.view().substr(*end), false) != Match::kNo) {
    return !syntax_.IsInsideHeader(s_.view(), header_.bytes, *end);
  }
  const std::string_view after = s_.view().substr(total, *end - total);
  if (after.starts_with("\r\n\r\n") || after.starts_with("\n\n")) return true;
  if (at_member_) {
    // A member of its own, and sound: its end is the record's.
    const std::optional<size_t> member_end = s_.FirstMemberEnd();
    if (member_end && *member_end >= total) {
      size_t ignored = 0;
      return FindRecordStart(syntax_, s_.view().substr(0, *member_end),
                             header_.bytes, &ignored) != std::string_view::npos;
    }
  }
  s_.Need(total + kLookAhead);
  size_t undecided = 0;
  return FindRecordStart(syntax_, s_.view(), header_.bytes, &undecided) >=
         total;
}

// The length is of no use: where the record has a member of its own, that says
// where it ends.
bool BlockRecordReader::TakeByMember(const char* why, Record* record) {
  const uint64_t limit = s_.options().max_record_bytes + header_.bytes;
  while (at_member_ && !s_.FirstMemberEnd() && s_.view().size() <= limit &&
         s_.More()) {
  }
  const std::optional<size_t> member_end =
      at_member_ ? s_.FirstMemberEnd() : std::nullopt;
  size_t undecided = 0;
  // (A header that goes on into the next member leaves it no member of its
  // own.)
  if (!member_end || *member_end < header_.bytes || *member_end > limit ||
      FindRecordStart(syntax_, s_.view().substr(0, *member_end), header_.bytes,
                      &undecided) != std::string_view::npos) {
    SkipToRecord("bad_length", why, header_.bytes);
    return false;
  }
  size_t block_end = *member_end;
  for (size_t i = 0; i < kOwnLineEnds && block_end > header_.bytes; ++i) {
    if (s_.view()[block_end - 1] != '\n') break;
    --block_end;
    if (block_end > header_.bytes && s_.view()[block_end - 1] == '\r') {
      --block_end;
    }
  }
  s_.Report("bad_length", why);
  return Deliver(block_end, *member_end, record);
}

bool BlockRecordReader::Deliver(size_t block_end, size_t end, Record* record) {
  const std::span<char> data = s_.data();
  size_t own_end = block_end;
  for (size_t lines = 0; own_end < end && lines < kOwnLineEnds; ++own_end) {
    if (data[own_end] == '\n') ++lines;
  }
  record_bytes_ = own_end;
  padding_bytes_ = end - own_end;
  const auto field = [&](FieldRange range) {
    return std::string_view(data.data() + range.begin, range.bytes);
  };
  const auto unbracketed = [&](FieldRange range) {
    std::string_view value = field(range);
    if (value.starts_with('<') && value.ends_with('>') && value.size() > 1) {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  };
  for (char& c : data.subspan(header_.type.begin, header_.type.bytes)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  record->format = syntax_.format();
  record->offset = s_.StoredOffset();
  record->decoded_offset = begin_;
  record->stored_bytes = s_.plain() ? own_end : 0;
  if (at_member_ && s_.IsMemberEnd(end)) {
    record->stored_bytes = s_.StoredEnd(end) - record->offset;
  }
  record->type =
      header_.type.bytes > 0 ? field(header_.type) : syntax_.default_type();
  record->id = unbracketed(header_.id);
  record->date = field(header_.date);
  record->uri = unbracketed(header_.uri);
  record->media_type = field(header_.media_type);
  record->language = field(header_.language);
  record->truncated = field(header_.truncated);
  record->header = {data.data(), header_.bytes};
  record->body = data.subspan(header_.bytes, block_end - header_.bytes);
  record->continued = false;
  record->more = false;
  return true;
}

// Drops a record that is over the limit without ever holding it.
void BlockRecordReader::SkipLarge(uint64_t total) {
  s_.Drop(0, "too_large", "a record " + s_.options().OverLimit());
  for (;;) {
    const size_t size = s_.view().size();
    const size_t n = static_cast<size_t>(std::min<uint64_t>(size, total));
    const bool boundary = n == size && !s_.plain() && s_.IsMemberEnd(size);
    s_.DropMore(n);
    total -= n;
    if (total == 0 || !s_.More()) return;
    if (boundary && s_.Need(1)) {
      s_.Need(kLookAhead);
      if (syntax_.StartsHere(s_.view(), true) == Match::kYes) return;
    }
  }
}

// Drops all before the next true record after `from`.
void BlockRecordReader::SkipToRecord(const char* reason, const char* why,
                                     size_t from) {
  if (!std::exchange(after_gap_, false)) s_.Drop(0, reason, why);
  for (;;) {
    size_t undecided = 0;
    const size_t at = FindRecordStart(
        syntax_, s_.view(), std::min(from, s_.view().size()), &undecided);
    if (at != std::string_view::npos) {
      s_.DropMore(at);
      return;
    }
    s_.DropMore(undecided);
    if (!s_.More()) break;
    from = 0;
  }
  s_.DropMore(s_.view().size());
}

}  // namespace

std::unique_ptr<RecordReader> NewBlockRecordReader(
    std::unique_ptr<RecordStream> stream, const BlockSyntax& syntax) {
  return std::make_unique<BlockRecordReader>(std::move(stream), syntax);
}

}  // namespace peaktext

// The decoded bytes between a decompressor and a record parser, with the story
// of where they came from. Decoders append bytes, each stretch with a Segment;
// at damage they append a Gap: nothing after it joins on to what was before.
//
//   char* to = window.Reserve(bytes);
//   const size_t n = Inflate(to, window.free_bytes());
//   window.Commit({.decoded_bytes = n, .stored_begin = ..., ...});
//
// Not thread-safe.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "read/buffer_sizes.h"

namespace peaktext {

enum class SegmentKind : uint8_t {
  kData,     // decoded from the stored bytes; identity for plain files
  kPadding,  // stored bytes that stand for nothing (zeros between members)
};

struct Segment {
  SegmentKind kind = SegmentKind::kData;
  bool ends_member = false;  // the last of its member, which is sound
  uint64_t decoded_bytes = 0;
  uint64_t stored_begin = 0;
  uint64_t stored_end = 0;
  uint64_t member_stored = 0;   // where its member starts: stored offset,
  uint64_t member_decoded = 0;  // and decoded position
  uint64_t decoded_end = 0;     // set by Commit()
  uint64_t decoded_begin() const { return decoded_end - decoded_bytes; }
};

// A break in the stream.
struct Gap {
  const char* reason = "";
  std::string message;        // without input and offset
  uint64_t stored_begin = 0;  // what could not be decoded at all
  uint64_t stored_end = 0;
  uint64_t member_decoded = 0;  // where the damaged member starts, if one does
  bool in_member = false;
  uint64_t fault_stored = 0;  // for the message
};

class DecodedWindow {
 public:
  DecodedWindow() = default;

  char* begin() { return base_ + begin_; }
  size_t size() const { return end_ - begin_; }
  // Decoded position of begin() and of the end.
  uint64_t position() const { return position_; }
  uint64_t end_position() const { return position_ + size(); }

  // Room for `bytes` after the end; moves what is unread where it must, so that
  // pointers into the window are void. Some bytes past the end of the window
  // can always be read (kSlackBytes).
  char* Reserve(size_t bytes) {
    if (capacity_ - end_ < bytes + kSlackBytes) {
      MakeRoom(bytes);
    } else if (begin_ >= kFarBytes && size() <= begin_ / 16) {
      MoveToFront();  // the same lines of the cache again
    }
    return base_ + end_;
  }
  size_t free_bytes() const {
    return capacity_ < end_ + kSlackBytes ? 0 : capacity_ - end_ - kSlackBytes;
  }
  // Makes room for a record of so many bytes at once.
  void Expect(size_t bytes) {
    if (bytes > size() && !borrows()) Reserve(bytes - size());
  }
  // Instead of Reserve() and a copy: Commit() will append these bytes where
  // they lie. False when they do not continue what is unread; then copy them.
  // REQUIRES: they are ours to change, as long as the window shows them, and
  // kSlackBytes more can be read.
  bool Borrow(std::span<char> bytes);
  // Appends what was written after the end. A plain stretch that continues the
  // last one is joined to it.
  void Commit(Segment segment);
  // Takes back segments at the end that lie beyond `stored_end`, down to
  // segment number `keep`.
  void CutSegments(uint64_t stored_end, size_t keep);
  // REQUIRES: no gap yet.
  void CommitGap(Gap gap) {
    assert(!gap_);
    gap_ = std::move(gap);
  }

  // For the reader's side.
  void Advance(size_t bytes) {
    assert(bytes <= size());
    begin_ += bytes;
    position_ += bytes;
    if (begin_ == end_ && !borrows()) begin_ = end_ = 0;
  }
  bool has_segment() const { return first_segment_ < segments_.size(); }
  size_t segment_count() const { return segments_.size() - first_segment_; }
  Segment& segment(size_t i) { return segments_[first_segment_ + i]; }
  void PopSegment();
  const std::optional<Gap>& gap() const { return gap_; }
  void ClearGap() { gap_.reset(); }

  static constexpr size_t kSlackBytes = 64;  // simdjson reads past a line's end

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  static constexpr size_t kFarBytes = BufferBytes(64 << 10);
  bool borrows() const { return base_ != buffer_.get(); }
  void MoveToFront();
  void MakeRoom(size_t bytes);

  // From malloc: realloc() moves large ones by their page tables, so growing to
  // a record of 300 MB neither copies nor touches more than 300 MB.
  std::unique_ptr<char, Free> buffer_;
  size_t buffer_bytes_ = 0;
  char* base_ = nullptr;  // buffer_, or borrowed bytes
  size_t capacity_ = 0;   // of what is at base_
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t position_ = 0;
  std::vector<Segment> segments_;
  size_t first_segment_ = 0;
  std::optional<Gap> gap_;
  // Invariants: the segments' decoded bytes end at end_position(); the unread
  // part of the first one may be less than its decoded_bytes.
};

// Decompresses one input.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends a stretch, a padding or a gap. False at the end of the input, or
  // when the source has failed. REQUIRES: the window has no gap.
  virtual bool Decode(DecodedWindow* window) = 0;
  // After a gap: what the next stretch starts with, as far as a trial shows it.
  // The view lives until the next call.
  virtual std::string_view PeekBehindGap() { return {}; }
};

}  // namespace peaktext

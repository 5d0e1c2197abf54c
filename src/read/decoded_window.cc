#include "read/decoded_window.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "read/buffer_sizes.h"

namespace peaktext {
namespace {

// A buffer that grew beyond this for one record is given back after it.
constexpr size_t kKeptBytes = BufferBytes(16 << 20);
constexpr size_t kFirstBytes = BufferBytes(1 << 20);

}  // namespace

bool DecodedWindow::Borrow(std::span<char> bytes) {
  if (size() == 0) {
    base_ = bytes.data();
    begin_ = end_ = 0;
  } else if (!borrows() || base_ + end_ != bytes.data()) {
    return false;
  }
  capacity_ = end_ + bytes.size() + kSlackBytes;
  return true;
}

// Into the buffer, if it is not there.
void DecodedWindow::MoveToFront() {
  std::memmove(buffer_.get(), base_ + begin_, size());
  base_ = buffer_.get();
  capacity_ = buffer_bytes_;
  end_ -= begin_;
  begin_ = 0;
}

void DecodedWindow::MakeRoom(size_t bytes) {
  const bool borrowed = borrows();
  if (begin_ > 0 && !borrowed) MoveToFront();
  const size_t needed = size() + bytes + kSlackBytes;
  const bool oversized =
      buffer_bytes_ > kKeptBytes && needed <= kKeptBytes / 4 && size() == 0;
  if (needed > buffer_bytes_ || oversized) {
    if (oversized) buffer_.reset();
    buffer_bytes_ = std::max(
        {kFirstBytes, needed, oversized ? size_t{0} : 2 * buffer_bytes_});
    void* const larger = std::realloc(buffer_.get(), buffer_bytes_);
    if (larger == nullptr) throw std::bad_alloc();
    (void)buffer_.release();
    buffer_.reset(static_cast<char*>(larger));
    if (!borrowed) base_ = buffer_.get();
    capacity_ = buffer_bytes_;
  }
  if (borrowed) MoveToFront();
}

void DecodedWindow::Commit(Segment segment) {
  assert(segment.decoded_bytes <= free_bytes() || segment.decoded_bytes == 0);
  end_ += segment.decoded_bytes;
  segment.decoded_end = end_position();
  if (has_segment()) {
    Segment& last = segments_.back();
    const bool identity =
        segment.kind == SegmentKind::kData && last.kind == segment.kind &&
        segment.stored_end - segment.stored_begin == segment.decoded_bytes &&
        last.stored_end - last.stored_begin == last.decoded_bytes;
    if (identity && last.stored_end == segment.stored_begin &&
        last.member_stored == segment.member_stored && !last.ends_member) {
      last.decoded_bytes += segment.decoded_bytes;
      last.decoded_end = segment.decoded_end;
      last.stored_end = segment.stored_end;
      last.ends_member = segment.ends_member;
      return;
    }
  }
  segments_.push_back(segment);
}

void DecodedWindow::CutSegments(uint64_t stored_end, size_t keep) {
  while (segment_count() > keep && segments_.back().stored_end > stored_end) {
    assert(size() >= segments_.back().decoded_bytes);
    end_ -= segments_.back().decoded_bytes;
    segments_.pop_back();
  }
}

void DecodedWindow::PopSegment() {
  assert(has_segment());
  ++first_segment_;
  if (first_segment_ == segments_.size()) {
    segments_.clear();
    first_segment_ = 0;
  } else if (first_segment_ >= 64) {
    segments_.erase(segments_.begin(),
                    segments_.begin() + static_cast<ptrdiff_t>(first_segment_));
    first_segment_ = 0;
  }
}

}  // namespace peaktext

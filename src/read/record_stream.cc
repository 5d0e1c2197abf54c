#include "read/record_stream.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace peaktext {

RecordStream::RecordStream(std::unique_ptr<StoredInput> input,
                           std::unique_ptr<Decoder> decoder, bool plain,
                           const ReadOptions& options)
    : input_(std::move(input)),
      decoder_(std::move(decoder)),
      plain_(plain),
      options_(options) {}

bool RecordStream::More() {
  const uint64_t before = window_.end_position();
  while (!ended_ && !window_.gap()) {
    if (!decoder_->Decode(&window_)) {
      ended_ = true;
      break;
    }
    if (window_.end_position() != before) {
      stats_.decoded_bytes += window_.end_position() - before;
      return true;
    }
    if (window_.size() == 0) PopFinishedSegments(Fate::kUsed);
  }
  return false;
}

bool RecordStream::IsMemberEnd(size_t i) {
  const uint64_t place = position() + i;
  // Backwards: the question is nearly always about the last segment.
  for (size_t k = window_.segment_count(); k-- > 0;) {
    const Segment& segment = window_.segment(k);
    if (segment.decoded_end < place) return false;
    if (segment.decoded_end == place && segment.ends_member) return true;
  }
  return false;
}

bool RecordStream::IsMemberStart(size_t i) {
  const uint64_t place = position() + i;
  for (size_t k = window_.segment_count(); k-- > 0;) {
    const Segment& segment = window_.segment(k);
    if (segment.decoded_begin() > place || segment.decoded_bytes == 0) continue;
    return segment.member_decoded == place;
  }
  return false;
}

std::optional<size_t> RecordStream::FirstMemberEnd(size_t after) {
  // By halves: a record may be spread over any number of members.
  size_t first = 0;
  for (size_t count = window_.segment_count(); count > 0;) {
    const size_t half = count / 2;
    if (window_.segment(first + half).decoded_end > position() + after) {
      count = half;
    } else {
      first += half + 1;
      count -= half + 1;
    }
  }
  for (size_t k = first; k < window_.segment_count(); ++k) {
    const Segment& segment = window_.segment(k);
    if (segment.ends_member) {
      return segment.decoded_end - position();
    }
  }
  return std::nullopt;
}

uint64_t RecordStream::StoredOffset() {
  for (size_t k = 0; k < window_.segment_count(); ++k) {
    const Segment& segment = window_.segment(k);
    if (segment.decoded_end <= position()) continue;
    if (!plain_) return segment.member_stored;
    return segment.stored_begin + (position() - segment.decoded_begin());
  }
  return stored_cursor_;
}

uint64_t RecordStream::StoredEnd(size_t i) {
  const uint64_t place = position() + i;
  uint64_t end = stored_cursor_;
  for (size_t k = 0; k < window_.segment_count(); ++k) {
    const Segment& segment = window_.segment(k);
    if (segment.decoded_end > place) break;
    if (segment.kind == SegmentKind::kData) end = segment.stored_end;
    if (segment.decoded_end == place && segment.ends_member) break;
  }
  return end;
}

void RecordStream::Book(uint64_t stored_to, Fate fate) {
  if (stored_to <= stored_cursor_) return;
  const uint64_t bytes = stored_to - stored_cursor_;
  stored_cursor_ = stored_to;
  stats_.stored_bytes = stored_to;
  switch (fate) {
    case Fate::kUsed:
      stats_.used_bytes += bytes;
      break;
    case Fate::kPadding:
      stats_.padding_bytes += bytes;
      break;
    case Fate::kDropped:
      pending_->dropped_bytes += bytes;
      break;
  }
}

// Segments that hold no unread byte: `fate` is for what their last bytes cost
// beyond the proportion (a member's trailer).
void RecordStream::PopFinishedSegments(Fate fate) {
  while (window_.has_segment()) {
    const Segment& segment = window_.segment(0);
    if (segment.decoded_end > position()) return;
    Book(segment.stored_end,
         segment.kind == SegmentKind::kPadding ? Fate::kPadding : fate);
    window_.PopSegment();
  }
}

void RecordStream::Account(size_t bytes, Fate fate) {
  if (fate == Fate::kUsed) Flush();
  while (bytes > 0) {
    // Empty segments in front are nobody's bytes.
    while (window_.segment(0).decoded_end == position()) {
      Book(window_.segment(0).stored_end,
           window_.segment(0).kind == SegmentKind::kPadding ? Fate::kPadding
                                                            : fate);
      window_.PopSegment();
    }
    const Segment& segment = window_.segment(0);
    const size_t take = static_cast<size_t>(
        std::min<uint64_t>(bytes, segment.decoded_end - position()));
    window_.Advance(take);
    bytes -= take;
    const uint64_t done = position() - segment.decoded_begin();
    const uint64_t stored = segment.stored_end - segment.stored_begin;
    using Wide = unsigned __int128;
    Book(segment.stored_begin +
             static_cast<uint64_t>(static_cast<Wide>(stored) * done /
                                   segment.decoded_bytes),
         fate);
  }
  PopFinishedSegments(fate);
}

std::string RecordStream::Describe(uint64_t offset,
                                   std::string_view why) const {
  return fmt::format("{}: offset {}: {}", name(), offset, why);
}

void RecordStream::Flush() {
  if (!pending_) return;
  stats_.dropped.Add(pending_->reason, pending_->dropped_bytes);
  if (options_.on_issue) options_.on_issue(*pending_);
  pending_.reset();
}

void RecordStream::Drop(size_t bytes, const char* reason,
                        std::string_view why) {
  Flush();
  pending_ = ReadIssue{.reason = reason,
                       .offset = stored_cursor_,
                       .dropped_bytes = 0,
                       .message = Describe(stored_cursor_, why)};
  Account(bytes, Fate::kDropped);
}

void RecordStream::DropMore(size_t bytes) {
  assert(pending_);
  Account(bytes, Fate::kDropped);
}

void RecordStream::DropToGap() {
  if (!window_.gap()) {
    Drop(window_.size(), "truncated", "cut off by the end of the input");
    return;
  }
  const char* const reason = window_.gap()->reason;
  const std::string message = window_.gap()->message;
  Drop(window_.size(), reason, message);
  Book(window_.gap()->stored_end, Fate::kDropped);
  window_.ClearGap();
}

void RecordStream::CrossGap() {
  assert(window_.size() == 0);
  PopFinishedSegments(Fate::kUsed);
  Flush();
  const Gap& gap = *window_.gap();
  pending_ = ReadIssue{.reason = gap.reason,
                       .offset = stored_cursor_,
                       .dropped_bytes = 0,
                       .message = Describe(gap.fault_stored, gap.message)};
  Book(gap.stored_end, Fate::kDropped);
  window_.ClearGap();
}

void RecordStream::Report(const char* reason, std::string_view why) {
  Flush();
  if (!options_.on_issue) return;
  options_.on_issue({.reason = reason,
                     .offset = stored_cursor_,
                     .dropped_bytes = 0,
                     .message = Describe(stored_cursor_, why)});
}

void RecordStream::Finish() {
  PopFinishedSegments(Fate::kUsed);
  Flush();
}

std::optional<uint64_t> RecordStream::RemainingPlainBytes() const {
  const std::optional<uint64_t> unread = input_->remaining_bytes();
  if (!plain_ || !unread) return std::nullopt;
  return *unread + window_.size();
}

}  // namespace peaktext

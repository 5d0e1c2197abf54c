// Decoded bytes for a record parser, and the account of the stored ones: every
// decoded byte is used, padding or dropped for a reason, and the stored bytes
// it came from are booked with it in proportion, so that nothing is ever
// counted twice or left out.
//
//   while (stream.Need(kHeaderBytes)) {
//     std::span<char> data = stream.data();
//     ... stream.Use(n) / stream.Pad(n) / stream.Drop(n, "bad_json", "why");
//   }
//   if (stream.gap()) stream.CrossGap(); else the input has ended.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "read/decoded_window.h"
#include "read/record_reader.h"
#include "read/stored_input.h"

namespace peaktext {

class RecordStream {
 public:
  // `plain`: stored and decoded bytes are the same. `decoder` reads from
  // `input`, which the stream keeps for it.
  RecordStream(std::unique_ptr<StoredInput> input,
               std::unique_ptr<Decoder> decoder, bool plain,
               const ReadOptions& options);

  // The unread bytes, up to a gap at most. Valid until Need() or More().
  std::span<char> data() { return {window_.begin(), window_.size()}; }
  std::string_view view() { return {window_.begin(), window_.size()}; }
  uint64_t position() const { return window_.position(); }
  // Decodes more. False when data() ends at a gap or at the end of the input.
  bool More();
  // True when data() has at least `bytes`.
  bool Need(size_t bytes) {
    while (window_.size() < bytes) {
      if (!More()) return false;
    }
    return true;
  }
  // Makes room for a record of so many bytes at once.
  void Expect(size_t bytes) { window_.Expect(bytes); }
  // The break that data() ends at; nullptr at the end, or not yet decoded.
  const Gap* gap() const { return window_.gap() ? &*window_.gap() : nullptr; }

  // What comes behind the gap, as far as a trial shows it.
  std::string_view PeekBehindGap() { return decoder_->PeekBehindGap(); }

  // About the place data()[i]; i == data().size() asks about what ends there.
  // True where a sound member ends.
  bool IsMemberEnd(size_t i);
  // True where a member starts, or the stream after a gap.
  bool IsMemberStart(size_t i);
  // The first end of a sound member after data()[after].
  std::optional<size_t> FirstMemberEnd(size_t after = 0);
  // Stored offset of data()[0], or of its member where it is compressed, and of
  // the end of the member that ends at data()[i] (IsMemberEnd(i)).
  uint64_t StoredOffset();
  uint64_t StoredEnd(size_t i);

  // Books the next `bytes` of data() and moves past them.
  void Use(size_t bytes) {
    if (bytes > 0) Account(bytes, Fate::kUsed);
  }
  void Pad(size_t bytes) {
    if (bytes > 0) Account(bytes, Fate::kPadding);
  }
  // Each Drop() is one fault; DropMore() adds to the last one.
  void Drop(size_t bytes, const char* reason, std::string_view why);
  void DropMore(size_t bytes);
  // Drops all that is left before the gap, and the gap, as one fault; where
  // there is no gap, as cut off by the end of the input.
  void DropToGap();
  // Goes past the gap; its fault is counted. REQUIRES: data() is empty.
  void CrossGap();
  // Tells of a fault that costs no bytes.
  void Report(const char* reason, std::string_view why);
  // After the last record: reports what is pending.
  void Finish();

  bool plain() const { return plain_; }
  // Stored bytes that are surely all that is left, from data()[0] on.
  std::optional<uint64_t> RemainingPlainBytes() const;
  const ReadOptions& options() const { return options_; }
  const std::string& name() const { return input_->source().name(); }
  const Status& status() const { return input_->status(); }
  const ReadStats& stats() const { return stats_; }
  void CountRecord() { ++stats_.records; }

 private:
  enum class Fate { kUsed, kPadding, kDropped };
  void Account(size_t bytes, Fate fate);
  void Book(uint64_t stored_to, Fate fate);
  void PopFinishedSegments(Fate fate);
  void Flush();
  std::string Describe(uint64_t offset, std::string_view why) const;

  std::unique_ptr<StoredInput> input_;
  std::unique_ptr<Decoder> decoder_;
  const bool plain_;
  ReadOptions options_;
  DecodedWindow window_;
  ReadStats stats_;
  uint64_t stored_cursor_ = 0;        // all before it is booked
  std::optional<ReadIssue> pending_;  // the last fault, while it may grow
  bool ended_ = false;
  // Invariants: used + padding + dropped == stored_cursor_ ==
  // stats_.stored_bytes, where dropped includes pending_.
};

}  // namespace peaktext

// The stored bytes of an input with a look ahead: decoders see a window of what
// is not consumed yet and know its offset. An input that lies in memory whole
// is seen where it lies; any other is read into one buffer in large blocks.
// (Files are read, not mapped: a mapped file that shrinks kills the process
// with SIGBUS, and its pages count as ours.)
//
//   StoredInput input(std::move(source));
//   while (input.Fill(kWanted), !input.data().empty()) {
//     input.Skip(Decode(input.data()));
//   }
//   if (!input.status().ok()) ...
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/status.h"
#include "read/byte_source.h"

namespace peaktext {

class StoredInput {
 public:
  explicit StoredInput(std::unique_ptr<ByteSource> source);

  // What is at hand, from offset() on. The view lives until the next Fill().
  std::string_view data() const { return {begin_, size_}; }
  uint64_t offset() const { return offset_; }
  // Nothing will come after data(): the end, or the source has failed.
  bool at_end() const { return at_end_; }

  // Reads until data() has `wanted` bytes or the input ends. True when it has.
  bool Fill(size_t wanted) {
    return size_ >= wanted || (!at_end_ && FillSlowly(wanted));
  }
  // REQUIRES: bytes <= data().size().
  void Skip(size_t bytes) {
    begin_ += bytes;
    size_ -= bytes;
    offset_ += bytes;
  }
  // Up to `limit` bytes of data() that are whole() in memory and have `slack`
  // more behind them; else none.
  std::span<char> Lent(size_t limit, size_t slack) const;
  // Moves up to `limit` bytes out, past the window where it is empty. 0 = end.
  size_t Read(char* buffer, size_t limit);

  const Status& status() const { return status_; }
  const ByteSource& source() const { return *source_; }
  std::span<const char> whole() const { return whole_; }
  // Bytes left before the end, as far as that is known beforehand.
  std::optional<uint64_t> remaining_bytes() const;

 private:
  bool FillSlowly(size_t wanted);

  std::unique_ptr<ByteSource> source_;
  std::span<char> whole_;  // of source_, if it has it
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  const char* begin_ = nullptr;
  size_t size_ = 0;
  uint64_t offset_ = 0;
  bool at_end_ = false;
  Status status_;
  // Invariants: [begin_, begin_ + size_) lies in buffer_ or in
  // whole_; !status_.ok() implies at_end_.
};

}  // namespace peaktext

// The intermediate files of dedup: streams of bytes in checksummed blocks, so
// that a short or damaged file is noticed before it is believed. They appear
// whole (AtomicFile) and are read in order.
//
//   Result<SpillWriter> writer = SpillWriter::Create(path);
//   writer->AppendVarint(n); writer->Append(bytes, size);
//   Status committed = writer->Commit();
//
//   Result<SpillReader> reader = SpillReader::Open(path);
//   while (reader->ReadVarint(&n)) ...;
//   if (!reader->status().ok()) return reader->status();
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "base/status.h"

namespace peaktext {

inline constexpr size_t kSpillBlockBytes = 64 << 10;

// Failures are sticky and come out of Commit(), so that appending is cheap.
class SpillWriter {
 public:
  static Result<SpillWriter> Create(std::string path);

  void Append(const void* bytes, size_t size) {
    if (block_.size() + size > kSpillBlockBytes) {
      AppendAcrossBlocks(static_cast<const char*>(bytes), size);
      return;
    }
    const char* from = static_cast<const char*>(bytes);
    block_.insert(block_.end(), from, from + size);
  }
  // LEB128: seven bits to a byte, the low ones first.
  void AppendVarint(uint64_t value) {
    char bytes[10];
    size_t size = 0;
    while (value >= 0x80) {
      bytes[size++] = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    bytes[size++] = static_cast<char>(value);
    Append(bytes, size);
  }
  const Status& status() const { return status_; }
  // The file appears. Its size is then size_bytes().
  Status Commit();
  uint64_t size_bytes() const { return file_.size_bytes(); }
  const std::string& path() const { return file_.path(); }

 private:
  explicit SpillWriter(AtomicFile file);
  void AppendAcrossBlocks(const char* bytes, size_t size);
  void FlushBlock();

  AtomicFile file_;
  std::vector<char> block_;
  uint64_t blocks_ = 0;
  Status status_;
};

class SpillReader {
 public:
  static Result<SpillReader> Open(std::string path);

  // False at the end or on failure; then ask status(). An end inside the value
  // is a failure.
  bool ReadVarint(uint64_t* value) {
    if (end_ - at_ < 10) return ReadVarintAcrossBlocks(value);
    uint64_t result = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const auto byte = static_cast<uint8_t>(block_[at_++]);
      result |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    *value = result;
    return true;
  }
  bool Read(void* to, size_t size) {
    if (end_ - at_ < size)
      return ReadAcrossBlocks(static_cast<char*>(to), size);
    std::memcpy(to, block_.data() + at_, size);
    at_ += size;
    return true;
  }
  const Status& status() const { return status_; }

 private:
  explicit SpillReader(InputFile file);
  bool ReadVarintAcrossBlocks(uint64_t* value);
  bool ReadAcrossBlocks(char* to, size_t size);
  bool NextBlock();
  bool Fetch(char* to, size_t size);

  InputFile file_;
  ReadBuffer buffer_;
  std::string_view window_;  // read, not yet in a block
  uint64_t window_end_ = 0;  // where it ends in the file
  std::vector<char> block_;
  size_t at_ = 0;
  size_t end_ = 0;
  uint64_t offset_ = 0;  // of the next block
  uint64_t blocks_ = 0;
  bool at_end_ = false;
  Status status_;
  // Invariants: block_[at_, end_) is checked and not yet handed out.
};

}  // namespace peaktext

// The file, numbers little-endian: blocks, each
//   4  payload bytes, up to 65536; 0 in the last block
//   4  0
//   8  XXH3-64 of the payload, seeded with the block's index
//      the payload
// The last block is empty: a file without it was cut.
#include "dedup/spill_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace peaktext {
namespace {

constexpr size_t kHeadBytes = 16;
constexpr uint64_t kWindowBytes = 128 << 10;

}  // namespace

Result<SpillWriter> SpillWriter::Create(std::string path) {
  Result<AtomicFile> file =
      AtomicFile::Create(std::move(path), PageCache::kPass);
  if (!file) return Fail(file.error());
  return SpillWriter(std::move(*file));
}

SpillWriter::SpillWriter(AtomicFile file) : file_(std::move(file)) {
  block_.reserve(kSpillBlockBytes);
}

void SpillWriter::AppendAcrossBlocks(const char* bytes, size_t size) {
  while (size > 0) {
    const size_t part = std::min(size, kSpillBlockBytes - block_.size());
    block_.insert(block_.end(), bytes, bytes + part);
    bytes += part;
    size -= part;
    if (block_.size() == kSpillBlockBytes) FlushBlock();
  }
}

void SpillWriter::FlushBlock() {
  char head[kHeadBytes] = {};
  const auto size = static_cast<uint32_t>(block_.size());
  const uint64_t checksum =
      HashBytes64({block_.data(), block_.size()}, blocks_);
  std::memcpy(head, &size, 4);
  std::memcpy(head + 8, &checksum, 8);
  if (status_.ok()) status_ = file_.Write({head, kHeadBytes});
  if (status_.ok()) status_ = file_.Write({block_.data(), block_.size()});
  block_.clear();
  ++blocks_;
}

Status SpillWriter::Commit() {
  if (!block_.empty()) FlushBlock();
  FlushBlock();
  if (!status_.ok()) return status_;
  return file_.Commit();
}

Result<SpillReader> SpillReader::Open(std::string path) {
  Result<InputFile> file = InputFile::Open(std::move(path), PageCache::kPass);
  if (!file) return Fail(file.error());
  return SpillReader(std::move(*file));
}

SpillReader::SpillReader(InputFile file)
    : file_(std::move(file)), block_(kSpillBlockBytes) {}

// False when the file ends before, or on failure.
bool SpillReader::Fetch(char* to, size_t size) {
  while (size > 0) {
    if (window_.empty()) {
      const uint64_t next =
          std::min(kWindowBytes, file_.size_bytes() - window_end_);
      if (next == 0) return false;
      status_ = file_.ReadAround(window_end_, next, &buffer_, &window_);
      if (!status_.ok()) return false;
      window_end_ += next;
    }
    const size_t part = std::min(size, window_.size());
    std::memcpy(to, window_.data(), part);
    window_.remove_prefix(part);
    to += part;
    size -= part;
  }
  return true;
}

bool SpillReader::NextBlock() {
  if (at_end_ || !status_.ok()) return false;
  char head[kHeadBytes] = {};
  uint32_t size = 0;
  uint64_t checksum = 0;
  bool whole = Fetch(head, kHeadBytes);
  std::memcpy(&size, head, 4);
  std::memcpy(&checksum, head + 8, 8);
  whole = whole && size <= kSpillBlockBytes && Fetch(block_.data(), size) &&
          HashBytes64({block_.data(), size}, blocks_) == checksum;
  if (!status_.ok()) return false;
  if (!whole) {
    status_ = {StatusCode::kCorrupt,
               fmt::format("{}: cut or damaged, block at offset {}",
                           file_.path(), offset_)};
    return false;
  }
  at_ = 0;
  end_ = size;
  offset_ += kHeadBytes + size;
  ++blocks_;
  at_end_ = size == 0;
  return !at_end_;
}

bool SpillReader::ReadAcrossBlocks(char* to, size_t size) {
  bool started = false;
  while (size > 0) {
    if (at_ == end_ && !NextBlock()) {
      if (started && status_.ok()) {
        status_ = {StatusCode::kCorrupt,
                   fmt::format("{}: ends inside a value, at offset {}",
                               file_.path(), offset_)};
      }
      return false;
    }
    const size_t part = std::min(size, end_ - at_);
    std::memcpy(to, block_.data() + at_, part);
    at_ += part;
    to += part;
    size -= part;
    started = true;
  }
  return true;
}

bool SpillReader::ReadVarintAcrossBlocks(uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    char byte = 0;
    if (!ReadAcrossBlocks(&byte, 1)) {
      if (shift > 0 && status_.ok()) {
        status_ = {StatusCode::kCorrupt,
                   file_.path() + ": ends inside a number"};
      }
      return false;
    }
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  *value = result;
  return true;
}

}  // namespace peaktext

// The file, numbers little-endian: blocks, each
//   4  payload bytes, up to 65536; 0 in the last block
//   4  0
//   8  XXH3-64 of the payload, seeded with the block's index
//      the payload
// The last block is empty: a file without it was cut.
#include "dedup/spill_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/hash.h"

namespace peaktext {
namespace {

constexpr size_t kHeadBytes = 16;

}  // namespace

Result<SpillWriter> SpillWriter::Create(std::string path) {
  Result<AtomicFile> file = AtomicFile::Create(std::move(path));
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
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(SystemError(errno, "open " + path));
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return SpillReader(std::move(path), fd);
}

SpillReader::SpillReader(std::string path, int fd)
    : path_(std::move(path)), fd_(fd), block_(kHeadBytes + kSpillBlockBytes) {}

SpillReader::SpillReader(SpillReader&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      block_(std::move(other.block_)),
      at_(other.at_),
      end_(other.end_),
      offset_(other.offset_),
      blocks_(other.blocks_),
      at_end_(other.at_end_),
      status_(std::move(other.status_)) {}

SpillReader& SpillReader::operator=(SpillReader&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
    block_ = std::move(other.block_);
    at_ = other.at_;
    end_ = other.end_;
    offset_ = other.offset_;
    blocks_ = other.blocks_;
    at_end_ = other.at_end_;
    status_ = std::move(other.status_);
  }
  return *this;
}

SpillReader::~SpillReader() {
  if (fd_ >= 0) ::close(fd_);
}

bool SpillReader::NextBlock() {
  if (at_end_ || !status_.ok()) return false;
  size_t have = 0;
  while (have < block_.size()) {
    const ssize_t got = ::pread(fd_, block_.data() + have, block_.size() - have,
                                static_cast<off_t>(offset_ + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      status_ = SystemError(errno, "read " + path_);
      return false;
    }
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  uint32_t size = 0;
  uint64_t checksum = 0;
  if (have >= kHeadBytes) {
    std::memcpy(&size, block_.data(), 4);
    std::memcpy(&checksum, block_.data() + 8, 8);
  }
  if (have < kHeadBytes || size > have - kHeadBytes ||
      HashBytes64({block_.data() + kHeadBytes, size}, blocks_) != checksum) {
    status_ = {
        StatusCode::kCorrupt,
        fmt::format("{}: cut or damaged, block at offset {}", path_, offset_)};
    return false;
  }
  at_ = kHeadBytes;
  end_ = kHeadBytes + size;
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
                   fmt::format("{}: ends inside a value, at offset {}", path_,
                               offset_)};
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
        status_ = {StatusCode::kCorrupt, path_ + ": ends inside a number"};
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

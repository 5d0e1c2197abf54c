#include "read/stored_input.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "read/buffer_sizes.h"

namespace peaktext {
namespace {

// One read() of a file; measured: smaller ones cost system calls, larger ones
// fall out of the second-level cache before they are decoded.
constexpr size_t kBlockBytes = BufferBytes(256 << 10);

}  // namespace

StoredInput::StoredInput(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)) {
  if (const std::optional<std::span<char>> whole = source_->whole()) {
    whole_ = *whole;
    begin_ = whole_.data();
    size_ = whole_.size();
    at_end_ = true;
  }
}

std::span<char> StoredInput::Lent(size_t limit, size_t slack) const {
  if (whole_.empty() || size_ <= slack) return {};
  return whole_.last(size_).first(std::min(limit, size_ - slack));
}

std::optional<uint64_t> StoredInput::remaining_bytes() const {
  if (at_end_) return size_;
  const std::optional<uint64_t> all = source_->size_bytes();
  if (!all || *all < offset_ + size_) return std::nullopt;
  return *all - offset_;
}

bool StoredInput::FillSlowly(size_t wanted) {
  if (capacity_ < wanted + kBlockBytes) {
    capacity_ = wanted + kBlockBytes;
    std::unique_ptr<char[]> larger(new char[capacity_]);
    if (size_ > 0) std::memcpy(larger.get(), begin_, size_);
    buffer_ = std::move(larger);
  } else if (size_ > 0) {
    std::memmove(buffer_.get(), begin_, size_);
  }
  begin_ = buffer_.get();
  while (size_ < wanted) {
    char* const end = buffer_.get() + size_;
    const Result<size_t> n = source_->Read({end, capacity_ - size_});
    if (!n) status_ = n.error();
    if (!n || *n == 0) {
      at_end_ = true;
      return false;
    }
    size_ += *n;
  }
  return true;
}

size_t StoredInput::Read(char* buffer, size_t limit) {
  if (size_ == 0 && !at_end_) {
    const Result<size_t> n = source_->Read({buffer, limit});
    if (!n) status_ = n.error();
    at_end_ = !n || *n == 0;
    if (at_end_) return 0;
    offset_ += *n;
    return *n;
  }
  const size_t n = std::min(limit, size_);
  if (n > 0) std::memcpy(buffer, begin_, n);
  Skip(n);
  return n;
}

}  // namespace peaktext

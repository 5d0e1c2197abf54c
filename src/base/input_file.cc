#include "base/input_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace peaktext {

char* ReadBuffer::Reserve(size_t size) {
  if (size > size_) {
    size_ = (size + kUnit - 1) / kUnit * kUnit;
    bytes_.reset();
    bytes_.reset(static_cast<char*>(std::aligned_alloc(kUnit, size_)));
    if (bytes_ == nullptr) throw std::bad_alloc();
  }
  return bytes_.get();
}

Result<InputFile> InputFile::Open(std::string path, PageCache cache,
                                  uint64_t pass_from_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(SystemError(errno, "open " + path));
  struct stat info = {};
  if (::fstat(fd, &info) != 0) {
    const int error_number = errno;
    ::close(fd);
    return Fail(SystemError(error_number, "stat " + path));
  }
  const auto size_bytes = static_cast<uint64_t>(info.st_size);
  InputFile file(std::move(path), fd, size_bytes, /*direct=*/false);
  file.direct_ =
      WayOf(cache, size_bytes, pass_from_bytes) == PageCache::kPass &&
      file.StartDirect();
  return file;
}

InputFile::InputFile(std::string path, int fd, uint64_t size_bytes, bool direct)
    : path_(std::move(path)),
      fd_(fd),
      size_bytes_(size_bytes),
      direct_(direct) {}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_bytes_(other.size_bytes_),
      direct_(other.direct_) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
    size_bytes_ = other.size_bytes_;
    direct_ = other.direct_;
  }
  return *this;
}

InputFile::~InputFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool InputFile::StartDirect() const {
  const int flags = ::fcntl(fd_, F_GETFL);
  return flags >= 0 && ::fcntl(fd_, F_SETFL, flags | O_DIRECT) == 0;
}

bool InputFile::StopDirect() const {
  const int flags = ::fcntl(fd_, F_GETFL);
  return flags >= 0 && (flags & O_DIRECT) != 0 &&
         ::fcntl(fd_, F_SETFL, flags & ~O_DIRECT) == 0;
}

Status InputFile::EndsEarly(uint64_t offset) const {
  return {StatusCode::kCorrupt,
          fmt::format("{}: offset {}: the file ends too early", path_, offset)};
}

Status InputFile::ReadAt(uint64_t offset, void* bytes, size_t size) const {
  if (direct_ && size > 0) {
    ReadBuffer buffer;
    std::string_view read;
    if (Status s = ReadAround(offset, size, &buffer, &read); !s.ok()) return s;
    std::memcpy(bytes, read.data(), size);
    return {};
  }
  char* out = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t got = ::pread(fd_, out, size, static_cast<off_t>(offset));
    if (got < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno,
                         fmt::format("read {}: offset {}", path_, offset));
    }
    if (got == 0) return EndsEarly(offset);
    out += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<size_t>(got);
  }
  return {};
}

Status InputFile::ReadAround(uint64_t offset, size_t size, ReadBuffer* buffer,
                             std::string_view* bytes) const {
  constexpr uint64_t kUnit = ReadBuffer::kUnit;
  const uint64_t first = offset / kUnit * kUnit;
  const uint64_t end = (offset + size + kUnit - 1) / kUnit * kUnit;
  char* const out = buffer->Reserve(end - first);
  uint64_t at = first;
  while (at < offset + size) {
    const ssize_t got =
        ::pread(fd_, out + (at - first), end - at, static_cast<off_t>(at));
    if (got < 0) {
      if (errno == EINTR || (errno == EINVAL && StopDirect())) continue;
      return SystemError(errno, fmt::format("read {}: offset {}", path_, at));
    }
    at += static_cast<uint64_t>(got);
    // A read that stops in the middle of a unit stopped at the end.
    if (got == 0 || (direct_ && at % kUnit != 0 && at < offset + size)) {
      return EndsEarly(at);
    }
  }
  *bytes = {out + (offset - first), size};
  return {};
}

}  // namespace peaktext

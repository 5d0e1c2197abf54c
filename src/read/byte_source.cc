#include "read/byte_source.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "read/http_source.h"
#include "read/s3_source.h"

namespace peaktext {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(std::string name, int fd, std::optional<uint64_t> size)
      : name_(std::move(name)), fd_(fd), size_bytes_(size) {}
  ~FileSource() override {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  Result<size_t> Read(std::span<char> buffer) override {
    for (;;) {
      const ssize_t n = ::read(fd_, buffer.data(), buffer.size());
      if (n >= 0) {
        offset_ += static_cast<uint64_t>(n);
        return static_cast<size_t>(n);
      }
      if (errno == EINTR) continue;
      return Fail(
          SystemError(errno, fmt::format("{}: offset {}", name_, offset_)));
    }
  }
  std::optional<uint64_t> size_bytes() const override { return size_bytes_; }
  int file_descriptor() const override { return size_bytes_ ? fd_ : -1; }
  const std::string& name() const override { return name_; }

 private:
  std::string name_;
  int fd_;
  std::optional<uint64_t> size_bytes_;
  uint64_t offset_ = 0;
};

class BytesInMemory final : public ByteSource {
 public:
  BytesInMemory(std::string name, std::string bytes)
      : name_(std::move(name)), bytes_(std::move(bytes)) {}

  Result<size_t> Read(std::span<char> buffer) override {
    const size_t n = std::min(buffer.size(), bytes_.size() - position_);
    if (n > 0) std::memcpy(buffer.data(), bytes_.data() + position_, n);
    position_ += n;
    return n;
  }
  std::optional<std::span<char>> whole() override { return bytes_; }
  std::optional<uint64_t> size_bytes() const override { return bytes_.size(); }
  const std::string& name() const override { return name_; }

 private:
  std::string name_;
  std::string bytes_;
  size_t position_ = 0;
};

Result<std::unique_ptr<ByteSource>> OpenFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(SystemError(errno, path));
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) {
    const int error = errno;
    ::close(fd);
    return Fail(SystemError(error, path));
  }
  if (S_ISDIR(facts.st_mode)) {
    ::close(fd);
    return Fail(SystemError(EISDIR, path));
  }
  std::optional<uint64_t> size;
  // Files under /proc say 0 and hold more: no size is known of an empty one.
  if (S_ISREG(facts.st_mode) && facts.st_size > 0) {
    size = static_cast<uint64_t>(facts.st_size);
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  return std::make_unique<FileSource>(path, fd, size);
}

}  // namespace

Result<std::unique_ptr<ByteSource>> OpenSource(const std::string& input,
                                               const SourceOptions& options) {
  if (input == "-") {
    return std::make_unique<FileSource>("-", STDIN_FILENO, std::nullopt);
  }
  if (input.starts_with("http://") || input.starts_with("https://")) {
    return OpenHttpSource(input, options);
  }
  if (input.starts_with("s3://")) return OpenS3Source(input, options);
  return OpenFile(input);
}

std::unique_ptr<ByteSource> MemorySource(std::string name, std::string bytes) {
  return std::make_unique<BytesInMemory>(std::move(name), std::move(bytes));
}

}  // namespace peaktext

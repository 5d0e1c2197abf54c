#include "read/random_access.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "read/buffer_sizes.h"

namespace peaktext {
namespace {

constexpr size_t kCopyBytes = BufferBytes(1 << 20);

class Memory final : public RandomAccess {
 public:
  explicit Memory(std::span<const char> bytes) : bytes_(bytes) {}
  uint64_t size_bytes() const override { return bytes_.size(); }
  Status ReadAt(uint64_t offset, std::span<char> buffer) override {
    std::memcpy(buffer.data(), bytes_.data() + offset, buffer.size());
    return {};
  }

 private:
  std::span<const char> bytes_;
};

class File final : public RandomAccess {
 public:
  // Closes `fd` at the end where `owned`.
  File(std::string name, int fd, bool owned, uint64_t size_bytes)
      : name_(std::move(name)),
        fd_(fd),
        owned_(owned),
        size_bytes_(size_bytes) {}
  ~File() override {
    if (owned_) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  uint64_t size_bytes() const override { return size_bytes_; }
  Status ReadAt(uint64_t offset, std::span<char> buffer) override {
    while (!buffer.empty()) {
      const ssize_t got = ::pread(fd_, buffer.data(), buffer.size(),
                                  static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        return SystemError(errno, fmt::format("{}: offset {}", name_, offset));
      }
      if (got == 0) {
        return {StatusCode::kIo,
                fmt::format("{}: offset {}: shorter than when it was opened",
                            name_, offset)};
      }
      offset += static_cast<uint64_t>(got);
      buffer = buffer.subspan(static_cast<size_t>(got));
    }
    return {};
  }

 private:
  const std::string name_;
  const int fd_;
  const bool owned_;
  const uint64_t size_bytes_;
};

Status WriteAll(int fd, std::span<const char> bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(errno, what);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return {};
}

// Copies all of `input` to a file without a name, which ends with its
// descriptor.
Result<std::unique_ptr<RandomAccess>> Spool(StoredInput* input) {
  const std::string& name = input->source().name();
  const char* folder = std::getenv("TMPDIR");
  if (folder == nullptr || *folder == '\0') folder = "/tmp";
  const std::string what = fmt::format("copy {} to {}", name, folder);
  std::string path = fmt::format("{}/peaktext-XXXXXX", folder);
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return Fail(SystemError(errno, what));
  ::unlink(path.c_str());
  std::vector<char> buffer(kCopyBytes);
  uint64_t size = 0;
  Status status;
  while (status.ok()) {
    const size_t got = input->Read(buffer.data(), buffer.size());
    if (got == 0) break;
    status = WriteAll(fd, {buffer.data(), got}, what);
    size += got;
  }
  if (status.ok()) status = input->status();
  if (!status.ok()) {
    ::close(fd);
    return Fail(std::move(status));
  }
  return std::make_unique<File>(name, fd, true, size);
}

}  // namespace

Result<std::unique_ptr<RandomAccess>> OpenRandomAccess(StoredInput* input) {
  const ByteSource& source = input->source();
  if (!input->whole().empty()) return std::make_unique<Memory>(input->whole());
  struct stat file {};
  const int fd = source.file_descriptor();
  if (fd >= 0 && ::fstat(fd, &file) == 0 && S_ISREG(file.st_mode)) {
    return std::make_unique<File>(source.name(), fd, false,
                                  static_cast<uint64_t>(file.st_size));
  }
  return Spool(input);
}

}  // namespace peaktext

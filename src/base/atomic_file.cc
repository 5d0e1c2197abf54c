#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>

namespace peaktext {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 1 << 20;
constexpr std::string_view kTemporary = ".tmp.";
constexpr int kNames = 100;  // that are tried for a temporary file
// No process that lives writes to its file so rarely.
constexpr std::chrono::hours kOld(1);

Status WriteAll(int fd, std::string_view bytes, PageCache cache,
                const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = Write(fd, bytes.data(), bytes.size(), cache);
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, "write " + path);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

std::string FolderOf(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Status SyncFolderOf(const std::string& path) {
  const std::string folder = FolderOf(path);
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(errno, "open folder " + folder);
  const int failed = ::fsync(fd);
  const int error_number = errno;
  ::close(fd);
  // Some file systems cannot sync a folder and say EINVAL: not a failure.
  if (failed != 0 && error_number != EINVAL) {
    return SystemError(error_number, "fsync folder " + folder);
  }
  return {};
}

}  // namespace

Result<AtomicFile> AtomicFile::Create(std::string path, PageCache cache) {
  auto number = static_cast<uint32_t>(::getpid());
  for (int names = 0; names < kNames; ++names) {
    std::string temporary = fmt::format("{}{}{}", path, kTemporary, number);
    const int fd = ::open(temporary.c_str(),
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      return AtomicFile(std::move(path), std::move(temporary), fd, cache);
    }
    if (errno != EEXIST) break;
    number = std::random_device()();
  }
  return Fail(SystemError(errno, "create " + path));
}

AtomicFile::AtomicFile(std::string path, std::string temporary, int fd,
                       PageCache cache)
    : path_(std::move(path)),
      temporary_(std::move(temporary)),
      fd_(fd),
      cache_(cache),
      hash_state_(cache == PageCache::kKeep ? XXH3_createState() : nullptr) {
  buffer_.reserve(kBufferBytes);
  if (hash_state_ != nullptr) {
    XXH3_64bits_reset(static_cast<XXH3_state_t*>(hash_state_));
  }
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)),
      cache_(other.cache_),
      buffer_(std::move(other.buffer_)),
      size_bytes_(other.size_bytes_),
      hash_state_(std::exchange(other.hash_state_, nullptr)),
      status_(std::move(other.status_)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this != &other) {
    Discard();
    path_ = std::move(other.path_);
    temporary_ = std::move(other.temporary_);
    fd_ = std::exchange(other.fd_, -1);
    cache_ = other.cache_;
    buffer_ = std::move(other.buffer_);
    size_bytes_ = other.size_bytes_;
    hash_state_ = std::exchange(other.hash_state_, nullptr);
    status_ = std::move(other.status_);
  }
  return *this;
}

AtomicFile::~AtomicFile() { Discard(); }

void AtomicFile::Discard() {
  if (fd_ >= 0) {
    ::close(fd_);
    ::unlink(temporary_.c_str());
    fd_ = -1;
  }
  if (hash_state_ != nullptr) {
    XXH3_freeState(static_cast<XXH3_state_t*>(hash_state_));
    hash_state_ = nullptr;
  }
}

Status AtomicFile::FlushBuffer() {
  if (status_.ok() && !buffer_.empty()) {
    status_ = WriteAll(fd_, {buffer_.data(), buffer_.size()},
                       WayOf(cache_, size_bytes_), path_);
    buffer_.clear();
  }
  return status_;
}

Status AtomicFile::Write(std::string_view bytes) {
  if (!status_.ok()) return status_;
  if (hash_state_ != nullptr) {
    XXH3_64bits_update(static_cast<XXH3_state_t*>(hash_state_), bytes.data(),
                       bytes.size());
  }
  size_bytes_ += bytes.size();
  if (buffer_.size() + bytes.size() > kBufferBytes) {
    if (Status flushed = FlushBuffer(); !flushed.ok()) return flushed;
  }
  if (bytes.size() >= kBufferBytes) {
    status_ = WriteAll(fd_, bytes, WayOf(cache_, size_bytes_), path_);
  } else {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }
  return status_;
}

Status AtomicFile::Commit() {
  if (Status flushed = FlushBuffer(); !flushed.ok()) return flushed;
  if (::fsync(fd_) != 0) return SystemError(errno, "fsync " + path_);
  if (::close(std::exchange(fd_, -1)) != 0) {
    ::unlink(temporary_.c_str());
    return SystemError(errno, "close " + path_);
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error_number = errno;
    ::unlink(temporary_.c_str());
    return SystemError(error_number, "rename to " + path_);
  }
  return SyncFolderOf(path_);
}

uint64_t AtomicFile::checksum() const {
  assert(hash_state_ != nullptr);
  return XXH3_64bits_digest(static_cast<const XXH3_state_t*>(hash_state_));
}

Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  Result<AtomicFile> file = AtomicFile::Create(path);
  if (!file) return file.error();
  if (Status written = file->Write(bytes); !written.ok()) return written;
  return file->Commit();
}

Result<std::string> ReadWholeFile(const std::string& path,
                                  uint64_t limit_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(SystemError(errno, "open " + path));
  std::string bytes;
  Status status;
  while (true) {
    const size_t before = bytes.size();
    bytes.resize(before + kBufferBytes);
    const ssize_t got = ::read(fd, bytes.data() + before, kBufferBytes);
    bytes.resize(before + static_cast<size_t>(got > 0 ? got : 0));
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      status = SystemError(errno, "read " + path);
      break;
    }
    if (bytes.size() > limit_bytes) {
      status = Status(StatusCode::kUnsupported,
                      fmt::format("{}: larger than the limit of {} bytes", path,
                                  limit_bytes));
      break;
    }
  }
  ::close(fd);
  if (!status.ok()) return Fail(std::move(status));
  return bytes;
}

bool IsTemporaryName(std::string_view name) {
  const size_t at = name.rfind(kTemporary);
  if (at == std::string_view::npos) return false;
  const std::string_view number = name.substr(at + kTemporary.size());
  return !number.empty() &&
         number.find_first_not_of("0123456789") == std::string_view::npos;
}

void RemoveLeftovers(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (IsTemporaryName(entry.path().filename().string())) {
      fs::remove(entry.path(), ignored);
    }
  }
}

void RemoveOldLeftovers(const std::string& path) {
  const fs::path file = fs::path(path).filename();
  const fs::file_time_type old = fs::file_time_type::clock::now() - kOld;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(FolderOf(path), error)) {
    const std::string name = entry.path().filename().string();
    if (!IsTemporaryName(name)) continue;
    const fs::path target = name.substr(0, name.rfind(kTemporary));
    if (target != file && target.stem() != file) continue;
    if (entry.symlink_status(error).type() == fs::file_type::regular &&
        entry.last_write_time(error) < old && !error) {
      fs::remove(entry.path(), error);
    }
  }
}

}  // namespace peaktext

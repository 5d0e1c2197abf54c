// A file of our own, read at any offset: pread, no shared position, nothing
// mapped, so that memory stays what the caller asked for and a file cut under
// us is an error rather than a signal.
//
//   Result<InputFile> file = InputFile::Open(path);
//   if (!file) return file.error();
//   Status s = file->ReadAt(offset, &bytes, sizeof bytes);
//
// Thread-safe after Open().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/page_cache.h"
#include "base/status.h"

namespace peaktext {

// Memory that ReadAround() reads into, to be used again. It grows.
class ReadBuffer {
 public:
  // Offsets, sizes and addresses of reads past the page cache are multiples.
  static constexpr size_t kUnit = 4096;
  // At a multiple of kUnit. What it held is lost when it grows.
  char* Reserve(size_t size);

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<char, Free> bytes_;
  size_t size_ = 0;
};

class InputFile {
 public:
  // kPass: files of `pass_from_bytes` and more are read past the page cache
  // where the file system can do so. Then reads should be large, of 100 KB and
  // more.
  static Result<InputFile> Open(std::string path,
                                PageCache cache = PageCache::kKeep,
                                uint64_t pass_from_bytes = kPassFromBytes);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  // Fills all of `bytes`; fewer in the file is kCorrupt, naming file and
  // offset.
  Status ReadAt(uint64_t offset, void* bytes, size_t size) const;
  // The same without a copy: *bytes lives until the buffer's next use.
  Status ReadAround(uint64_t offset, size_t size, ReadBuffer* buffer,
                    std::string_view* bytes) const;

  uint64_t size_bytes() const { return size_bytes_; }
  const std::string& path() const { return path_; }

 private:
  InputFile(std::string path, int fd, uint64_t size_bytes, bool direct);
  Status EndsEarly(uint64_t offset) const;
  bool StartDirect() const;  // false where the file system cannot
  // For a file system that wants larger units than ours. False the second time.
  bool StopDirect() const;

  std::string path_;
  int fd_ = -1;
  uint64_t size_bytes_ = 0;
  bool direct_ = false;  // with O_DIRECT
};

}  // namespace peaktext

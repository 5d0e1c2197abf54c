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
#include <string>

#include "base/status.h"

namespace peaktext {

class InputFile {
 public:
  static Result<InputFile> Open(std::string path);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  // Fills all of `bytes`; fewer in the file is kCorrupt, naming file and
  // offset.
  Status ReadAt(uint64_t offset, void* bytes, size_t size) const;

  uint64_t size_bytes() const { return size_bytes_; }
  const std::string& path() const { return path_; }

 private:
  InputFile(std::string path, int fd, uint64_t size_bytes);

  std::string path_;
  int fd_ = -1;
  uint64_t size_bytes_ = 0;
};

}  // namespace peaktext

// A file that appears whole or not at all: written under a temporary name in
// the same folder, then flushed, fsynced and renamed. A crash, a kill or a full
// disk leaves no file of that name behind (the temporary one is swept by
// RemoveLeftovers at the next start, or later by RemoveOldLeftovers).
//
//   Result<AtomicFile> file = AtomicFile::Create(path);
//   if (!file) return file.error();
//   if (Status s = file->Write(bytes); !s.ok()) return s;
//   return file->Commit();
//
// Not thread-safe. Buffered (1 MiB).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/page_cache.h"
#include "base/status.h"

namespace peaktext {

class AtomicFile {
 public:
  // Opens a new file `path` + ".tmp.<number>" for writing. The number is the
  // pid or, where another machine or container has that file, a random one.
  static Result<AtomicFile> Create(std::string path,
                                   PageCache cache = PageCache::kKeep);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  // Removes the temporary file unless Commit() came first.
  ~AtomicFile();

  // Appends. Once it has failed, every later call fails the same way.
  Status Write(std::string_view bytes);
  // Flushes, fsyncs, renames, fsyncs the folder. REQUIRES: called once.
  Status Commit();

  uint64_t size_bytes() const { return size_bytes_; }
  // XXH3-64 over all bytes written so far. REQUIRES: PageCache::kKeep; files
  // that pass by are large and have checksums of their own.
  uint64_t checksum() const;
  const std::string& path() const { return path_; }

 private:
  AtomicFile(std::string path, std::string temporary, int fd, PageCache cache);
  Status FlushBuffer();
  void Discard();

  std::string path_;
  std::string temporary_;
  int fd_ = -1;
  PageCache cache_;
  std::vector<char> buffer_;
  uint64_t size_bytes_ = 0;
  void* hash_state_ = nullptr;  // XXH3_state_t, owned; none with kPass
  Status status_;
  // Invariants: fd_ >= 0 iff the temporary file exists and is ours.
};

// Writes `bytes` to `path` atomically.
Status WriteFileAtomically(const std::string& path, std::string_view bytes);

// Reads a whole file. For small files of our own; fails over `limit_bytes`.
Result<std::string> ReadWholeFile(const std::string& path,
                                  uint64_t limit_bytes = 1ULL << 30);

// Whether an AtomicFile under way may be called so: "*.tmp.<number>".
bool IsTemporaryName(std::string_view name);

// Removes all that are called so in `folder` (not recursive). REQUIRES: nobody
// else writes there.
void RemoveLeftovers(const std::string& folder);

// The same in a folder that others may write to at this moment: removes what
// killed processes have left of `path` and of its companions (`path` +
// ".<word>", such as FILE.tables beside FILE), if an hour has passed since they
// wrote to it. Reads the whole folder: not for every file of many.
void RemoveOldLeftovers(const std::string& path);

}  // namespace peaktext

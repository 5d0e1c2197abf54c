// Keeps a second process out of a run's folder while one works in it: two would
// sweep away each other's unfinished files. Ends with the process, however that
// ends.
//
//   Result<FolderLock> lock = FolderLock::Take(out);
//   if (!lock) return lock.error();
#pragma once

#include <string>

#include "base/status.h"

namespace peaktext {

class FolderLock {
 public:
  // Makes the folder where it is not there. kUnavailable when another process
  // holds the lock. On file systems without locks everyone gets it.
  static Result<FolderLock> Take(const std::string& folder);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  FolderLock(const FolderLock&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace peaktext

// The folder of a run's intermediate files. A file stands there under its final
// name only when it is complete, so a run that was killed goes on at the first
// one that is missing. A folder of another run (other inputs, other options) is
// emptied first.
//
//   Result<WorkFolder> folder = WorkFolder::Open(path, input.Fingerprint(...));
//   if (!folder->Has("exact")) ...;
//
// Not thread-safe, but for Path() and Has().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace peaktext {

class WorkFolder {
 public:
  static Result<WorkFolder> Open(std::string path, uint64_t fingerprint);

  const std::string& path() const { return path_; }
  std::string Path(std::string_view name) const;
  bool Has(std::string_view name) const;
  void Remove(std::string_view name) const;
  // All that this class and its users have put there.
  void RemoveAll() const;

  // Notes how much the folder holds now.
  void Measure();
  uint64_t peak_bytes() const { return peak_bytes_; }

 private:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
  uint64_t peak_bytes_ = 0;
};

}  // namespace peaktext

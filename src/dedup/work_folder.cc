#include "dedup/work_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"

namespace peaktext {
namespace {

constexpr std::string_view kKeyName = "dedup.key";

}  // namespace

Result<WorkFolder> WorkFolder::Open(std::string path, uint64_t fingerprint) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return Fail(SystemError(error.value(), "create folder " + path));
  }
  WorkFolder folder(std::move(path));
  const std::string key = fmt::format("{:016x}\n", fingerprint);
  const std::string key_path = folder.Path(kKeyName);
  Result<std::string> found = ReadWholeFile(key_path, 1 << 10);
  if (!found || *found != key) {
    folder.RemoveAll();
    if (Status s = WriteFileAtomically(key_path, key); !s.ok()) return Fail(s);
  }
  RemoveLeftovers(folder.path());
  // Runs of a sort are of no use to the next attempt.
  for (const auto& entry :
       std::filesystem::directory_iterator(folder.path(), error)) {
    if (entry.path().filename().string().starts_with("dedup-sort-")) {
      std::filesystem::remove(entry.path(), error);
    }
  }
  folder.Measure();
  return folder;
}

std::string WorkFolder::Path(std::string_view name) const {
  return fmt::format("{}/{}{}", path_, name == kKeyName ? "" : "dedup-", name);
}

bool WorkFolder::Has(std::string_view name) const {
  std::error_code ignored;
  return std::filesystem::exists(Path(name), ignored);
}

void WorkFolder::Remove(std::string_view name) const {
  std::error_code ignored;
  std::filesystem::remove(Path(name), ignored);
}

void WorkFolder::RemoveAll() const {
  std::error_code ignored;
  // First the key: what is left of a removal cut short is of no run.
  std::filesystem::remove(Path(kKeyName), ignored);
  for (const auto& entry :
       std::filesystem::directory_iterator(path_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("dedup-")) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

void WorkFolder::Measure() {
  uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator(path_, ignored)) {
    const uint64_t size = entry.file_size(ignored);
    if (!ignored) bytes += size;
  }
  peak_bytes_ = std::max(peak_bytes_, bytes);
}

}  // namespace peaktext

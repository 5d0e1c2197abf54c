// A file of exported documents, in one of two formats.
//
//   Result<std::unique_ptr<ExportFile>> file =
//       CreateExportFile(ExportFormat::kParquet, path, vocabularies);
//   (*file)->Append(row) ...
//   (*file)->Commit();
//
// Not thread-safe. Without Commit() nothing is left behind.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace peaktext {

enum class ExportFormat { kJsonl, kParquet };

// One document. All strings are valid UTF-8.
struct ExportRow {
  std::string_view id, input, url, language, text;
  uint64_t offset = 0;
  uint64_t bytes = 0;                // of the text
  std::span<const uint64_t> tokens;  // by vocabulary
  uint64_t duplicates = 0;
  std::span<const std::string> duplicate_ids;
};

class ExportFile {
 public:
  virtual ~ExportFile() = default;
  virtual Status Append(const ExportRow& row) = 0;
  // The file appears. REQUIRES: called once, last.
  virtual Status Commit() = 0;
};

// kUnsupported for Parquet where this build has no Arrow.
Result<std::unique_ptr<ExportFile>> CreateExportFile(
    ExportFormat format, const std::string& path,
    const std::vector<std::string>& vocabularies);

Result<std::unique_ptr<ExportFile>> CreateParquetExport(
    const std::string& path, const std::vector<std::string>& vocabularies);

// ".jsonl.zst" or ".parquet".
std::string_view ExportSuffix(ExportFormat format);

}  // namespace peaktext

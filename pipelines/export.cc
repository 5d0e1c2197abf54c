#include "pipelines/export.h"

#include <fmt/core.h>

#include <filesystem>
#include <optional>
#include <vector>

#include "base/atomic_file.h"
#include "dedup/decision_file.h"
#include "dedup/record_sorter.h"
#include "extract/text_store.h"
#include "inventory/document_table.h"
#include "inventory/scan_folder.h"
#include "pipelines/dedup.h"
#include "pipelines/display_name.h"
#include "pipelines/survivor_names.h"

namespace peaktext {
namespace {

// A removed document, sorted by what it was removed for.
struct Duplicate {
  uint64_t survivor = 0;
  uint64_t number = 0;
  uint64_t SortKey() const { return survivor; }
  auto operator<=>(const Duplicate&) const = default;
};

class Exporter {
 public:
  Exporter(const ScanFolder& folder, const ScanPlan& plan,
           const std::vector<ShardMarker>& markers, const std::string& to,
           const ExportOptions& options)
      : folder_(folder),
        plan_(plan),
        markers_(markers),
        to_(to),
        options_(options),
        duplicates_(to, "duplicates", options.memory_bytes / 2) {
    names_.AddFolder(folder, markers);
  }

  Result<ExportReport> Run();

 private:
  std::string FilePath(size_t shard) const {
    return fmt::format("{}/{:06}{}", to_, shard, ExportSuffix(options_.format));
  }
  Status SortDuplicates();
  // Passes over the duplicates of documents before `number`.
  void SkipTo(uint64_t number) {
    while (more_ && next_.survivor < number) more_ = duplicates_.Next(&next_);
  }
  Status ExportShard(size_t shard, uint64_t first_number);
  Status WriteDocument(const DocumentRow& row, std::string_view input,
                       std::string_view text, uint64_t number, ExportFile* out);

  const ScanFolder& folder_;
  const ScanPlan& plan_;
  const std::vector<ShardMarker>& markers_;
  const std::string to_;
  const ExportOptions& options_;
  SurvivorNames names_;
  RecordSorter<Duplicate> duplicates_;
  Duplicate next_;
  bool more_ = false;
  std::optional<DecisionReader> decisions_;
  ExportReport report_;
  // Invariants: next_ is the first duplicate not passed over, if more_.
};

Status Exporter::SortDuplicates() {
  Decision decision;
  for (uint64_t number = 0; decisions_->Next(&decision); ++number) {
    if (decision.verified != Evidence::kKept) {
      duplicates_.Add({decision.survivor, number});
    }
  }
  if (!decisions_->status().ok()) return decisions_->status();
  if (Status s = duplicates_.Finish(); !s.ok()) return s;
  more_ = duplicates_.Next(&next_);
  return duplicates_.status();
}

Status Exporter::WriteDocument(const DocumentRow& row, std::string_view input,
                               std::string_view text, uint64_t number,
                               ExportFile* out) {
  SkipTo(number);
  uint64_t count = 0;
  std::vector<std::string> ids;
  for (; more_ && next_.survivor == number; ++count) {
    if (count < options_.max_duplicate_ids) {
      Result<std::string> id = names_.Id(next_.number);
      if (!id) return id.error();
      ids.push_back(DisplayName(*id));
    }
    more_ = duplicates_.Next(&next_);
  }
  const std::string id = DisplayName(row.id);
  const std::string input_name = DisplayName(input);
  const std::string url = DisplayName(row.url);
  return out->Append({.id = id,
                      .input = input_name,
                      .url = url,
                      .language = row.language,
                      .text = text,
                      .offset = row.offset,
                      .bytes = row.bytes,
                      .tokens = row.tokens,
                      .duplicates = count,
                      .duplicate_ids = ids});
}

Status Exporter::ExportShard(size_t shard, uint64_t first_number) {
  const std::string& input = markers_[shard].input;
  Result<DocumentTableReader> table =
      DocumentTableReader::Open(folder_.ShardPath(shard, ".docs"), input);
  if (!table) return table.error();
  Result<TextStoreReader> texts =
      TextStoreReader::Open(folder_.ShardPath(shard, ".text"));
  if (!texts) return texts.error();
  Result<std::unique_ptr<ExportFile>> out =
      CreateExportFile(options_.format, FilePath(shard), plan_.vocabularies);
  if (!out) return out.error();
  DocumentRow row;
  std::string text;
  for (uint64_t i = 0; table->Next(&row); ++i) {
    Decision decision;
    if (first_number + i >= decisions_->rows() || i >= texts->rows()) {
      return {StatusCode::kCorrupt,
              fmt::format("{}: more documents than texts or decisions",
                          folder_.ShardPath(shard, ".docs"))};
    }
    if (Status s = decisions_->Read(first_number + i, &decision); !s.ok()) {
      return s;
    }
    options_.events.on_bytes(row.bytes);
    if (decision.verified != Evidence::kKept) continue;
    if (Status s = texts->Read(i, &text); !s.ok()) return s;
    if (Status s =
            WriteDocument(row, input, text, first_number + i, out->get());
        !s.ok()) {
      return s;
    }
    ++report_.documents;
    if (options_.stop.stop_requested()) {
      return {StatusCode::kCancelled, "interrupted"};
    }
  }
  if (!table->status().ok()) return table->status();
  if (!duplicates_.status().ok()) return duplicates_.status();
  return (*out)->Commit();
}

Result<ExportReport> Exporter::Run() {
  Result<DecisionReader> decisions =
      DecisionReader::Open(folder_.DecisionsPath());
  if (!decisions) return Fail(decisions.error());
  decisions_.emplace(std::move(*decisions));
  if (Status s = SortDuplicates(); !s.ok()) return Fail(s);
  options_.events.on_stage("export", 0);
  uint64_t number = 0;
  for (size_t shard = 0; shard < markers_.size(); ++shard) {
    if (markers_[shard].files.empty()) continue;  // could not be read
    ++report_.files;
    if (std::filesystem::exists(FilePath(shard))) {
      ++report_.skipped;
    } else if (Status s = ExportShard(shard, number); !s.ok()) {
      return Fail(s);
    }
    number += markers_[shard].documents;
  }
  return report_;
}

// The folder is this export's: a new one, or one that an earlier call began.
Status Claim(const std::string& to, const std::string& key, bool force) {
  std::error_code error;
  std::filesystem::create_directories(to, error);
  if (error) return SystemError(error.value(), "create folder " + to);
  RemoveLeftovers(to);
  const std::string path = to + "/export.json";
  Result<std::string> found = ReadWholeFile(path, 1 << 20);
  if (found && *found == key) return {};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(to, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(ExportSuffix(ExportFormat::kJsonl)) ||
        name.ends_with(ExportSuffix(ExportFormat::kParquet))) {
      files.push_back(entry.path());
    }
  }
  if (!files.empty() && !force) {
    return {StatusCode::kInvalidArgument,
            fmt::format("{}: holds other files: --force replaces them", to)};
  }
  std::filesystem::remove(path, error);
  for (const auto& file : files) std::filesystem::remove(file, error);
  return WriteFileAtomically(path, key);
}

}  // namespace

Result<ExportReport> Export(const std::string& from, const std::string& to,
                            const ExportOptions& options) {
  const ScanFolder folder(from);
  const Result<ScanPlan> plan = folder.ReadPlan();
  if (!plan) return Fail(plan.error());
  const Result<std::vector<ShardMarker>> markers = folder.ReadAllMarkers(*plan);
  if (!markers) return Fail(markers.error());
  const Result<DedupMarker> dedup = ReadDedupMarker(folder);
  if (!dedup || dedup->state_hash != StateHash(*plan, *markers)) {
    return Fail(StatusCode::kNotFound,
                fmt::format("{}: its documents are not decided upon yet: run "
                            "peaktext dedup {}",
                            from, from));
  }
  for (size_t shard = 0; shard < markers->size(); ++shard) {
    if (!(*markers)[shard].files.empty() &&
        !std::filesystem::exists(folder.ShardPath(shard, ".text"))) {
      return Fail(StatusCode::kInvalidArgument,
                  from +
                      ": the scan kept no texts, there is nothing to "
                      "export");
    }
  }
  const std::string key = fmt::format(
      "{{\"schema\":1,\"state\":\"{}\",\"dedup\":{},\"max_duplicate_ids\":{},"
      "\"files\":\"{}\"}}\n",
      dedup->state_hash, dedup->options_json, options.max_duplicate_ids,
      ExportSuffix(options.format));
  if (Status s = Claim(to, key, options.force); !s.ok()) return Fail(s);
  return Exporter(folder, *plan, *markers, to, options).Run();
}

}  // namespace peaktext

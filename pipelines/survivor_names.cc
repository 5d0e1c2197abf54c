#include "pipelines/survivor_names.h"

#include <fmt/core.h>

#include <algorithm>

namespace peaktext {

void SurvivorNames::AddFolder(const ScanFolder& folder,
                              const std::vector<ShardMarker>& markers) {
  for (size_t shard = 0; shard < markers.size(); ++shard) {
    if (markers[shard].documents == 0) continue;
    shards_.push_back({.first_document = documents_,
                       .table_path = folder.ShardPath(shard, ".docs"),
                       .input = markers[shard].input});
    documents_ += markers[shard].documents;
  }
}

Result<std::string> SurvivorNames::Id(uint64_t document) {
  if (document >= documents_) {
    return Fail(StatusCode::kCorrupt,
                fmt::format("a survivor's number is {}, of {} documents",
                            document, documents_));
  }
  const auto after = std::upper_bound(shards_.begin(), shards_.end(), document,
                                      [](uint64_t number, const Shard& shard) {
                                        return number < shard.first_document;
                                      });
  const auto shard = static_cast<size_t>(after - shards_.begin()) - 1;
  Result<DocumentTableReader*> table = Open(shard);
  if (!table) return Fail(table.error());
  return (*table)->ReadId(document - shards_[shard].first_document);
}

Result<DocumentTableReader*> SurvivorNames::Open(size_t shard) {
  const auto found =
      std::find_if(open_.begin(), open_.end(),
                   [&](const OpenTable& open) { return open.shard == shard; });
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return &open_.front().table;
  }
  Result<DocumentTableReader> table = DocumentTableReader::Open(
      shards_[shard].table_path, shards_[shard].input);
  if (!table) return Fail(table.error());
  if (open_.size() == kOpenTables) open_.pop_back();
  open_.push_front({shard, std::move(*table)});
  return &open_.front().table;
}

}  // namespace peaktext

// The ids of documents by their number in a run, without holding them: one
// small read per name, from the document tables.
//
//   SurvivorNames names;
//   names.AddFolder(folder, plan, markers);
//   Result<std::string> id = names.Id(decision.survivor);
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "base/status.h"
#include "inventory/document_table.h"
#include "inventory/scan_folder.h"

namespace peaktext {

class SurvivorNames {
 public:
  // Adds a folder's documents after those that are there already.
  void AddFolder(const ScanFolder& folder,
                 const std::vector<ShardMarker>& markers);

  Result<std::string> Id(uint64_t document);

 private:
  // Tables that stay open; the last used comes first.
  static constexpr size_t kOpenTables = 64;
  struct Shard {
    uint64_t first_document;
    std::string table_path;
    std::string input;
  };
  struct OpenTable {
    size_t shard;
    DocumentTableReader table;
  };
  Result<DocumentTableReader*> Open(size_t shard);

  std::vector<Shard> shards_;
  uint64_t documents_ = 0;
  std::list<OpenTable> open_;
};

}  // namespace peaktext

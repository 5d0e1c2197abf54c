// inventory: joins a folder's document tables with the decisions of dedup into
// the totals (inventory.json) and a line per document (documents.jsonl.zst).
//
//   Result<Inventory> inventory = MakeInventory("out", {});
//
// Needs memory for the totals alone, but for paragraphs (paragraph_join.h). A
// folder whose inventory is of these very decisions is left as it is.
#pragma once

#include <stop_token>
#include <string>

#include "base/status.h"
#include "inventory/inventory.h"
#include "pipelines/options.h"

namespace peaktext {

struct InventoryOptions {
  uint64_t memory_bytes = 1ULL
                          << 30;  // for paragraphs, where they were counted
  std::stop_token stop;
  FlowEvents events;
};

// Fails with kNotFound, saying what to run, where the scan is not finished or
// its documents are not decided upon.
Result<Inventory> MakeInventory(const std::string& folder,
                                const InventoryOptions& options);

// The same of a scan that is not decided upon: totals of all documents, and
// lines without `survivor`, `similarity` and `verified`. Does nothing where
// dedup has decided on this very scan. Fails with kNotFound where the scan is
// not finished.
Status MakeScanInventory(const std::string& folder,
                         const InventoryOptions& options);

}  // namespace peaktext

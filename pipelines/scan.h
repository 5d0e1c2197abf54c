// scan: one pass over the shards. Each input's records become documents, are
// counted and signed, and end in files of that shard alone (scan_folder.h).
//
//   Result<ScanReport> report = Scan({"a.warc.gz", "b.wet.gz"}, "out",
//   options);
//
// A folder in which this was begun before is gone on with: finished shards are
// left as they are. Shards run side by side; where there are fewer shards than
// threads, several threads work on one. The files are the same for any number
// of threads.
#pragma once

#include <span>
#include <string>

#include "base/status.h"
#include "inventory/inventory.h"
#include "pipelines/options.h"

namespace peaktext {

struct ScanReport {
  uint64_t inputs = 0;
  uint64_t skipped = 0;  // were finished already
  uint64_t documents = 0;
  DropCounts dropped;
  std::vector<FailedInput> failed;
};

// `arguments` are expanded (see ExpandInputs); what cannot be read is reported
// and listed in the report, and the rest is scanned. Fails when the folder
// holds another scan and force is off (kInvalidArgument), cannot be written, a
// vocabulary is missing, or when stopped.
Result<ScanReport> Scan(std::span<const std::string> arguments,
                        const std::string& out, const ScanOptions& options);

// Every option that changes what a scan gives, as a JSON object.
std::string ScanOptionsJson(const ScanOptions& options,
                            std::span<const std::string> vocabulary_hashes);

}  // namespace peaktext

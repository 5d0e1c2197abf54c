// dedup: finds the duplicates among the documents of a scanned folder and
// leaves a decision about each in DIR/dedup/decisions, beside a marker that
// names the options and the scan that they belong to.
//
//   Result<DedupOutcome> outcome = DedupFolder("out", settings);
//
// A folder whose decisions are of this very scan and these options is left as
// it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dedup/dedup.h"
#include "inventory/scan_folder.h"

namespace peaktext {

struct DedupOutcome {
  DedupReport report;
  bool was_done = false;  // by an earlier call
};

// What the caller wants of the scan's signatures; 0: whatever they are.
struct WantedBands {
  uint32_t bands = 0;
  uint32_t rows = 0;
};

// The paths and the signature options are the folder's own, the rest of
// `options` the caller's. Signatures of another number of bands or rows than
// `wanted` are kInvalidArgument, naming those the scan has. What the folders
// `against` kept stands before all documents of this one. Where the scan kept
// no texts, Verify::kAuto and kExact fail with kInvalidArgument.
Result<DedupOutcome> DedupFolder(const std::string& folder,
                                 DedupOptions options,
                                 const std::vector<std::string>& against = {},
                                 WantedBands wanted = {});

// What lies in DIR/dedup/done.json: which scan was decided upon, and how.
struct DedupMarker {
  std::string options_json;               // all that changes the decisions
  std::string state_hash;                 // of the scan, see StateHash
  std::vector<std::string> against = {};  // folders
  DedupReport report = {};
};
Result<DedupMarker> ReadDedupMarker(const ScanFolder& folder);

// The words of the command line and of inventory.json.
std::string_view KeepName(Keep keep);
std::string_view GroupingName(Grouping grouping);
std::string_view VerifyName(Verify verify);

}  // namespace peaktext

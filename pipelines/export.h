// export: the surviving documents of a folder as JSONL.zst, a file per input in
// the inputs' order, a line per kept document:
//
//   {"id","input","offset","url","language","bytes","tokens":{},"text",
//    "duplicates":n,"duplicate_ids":[...]}
//
//   Result<ExportReport> report = Export("out", "kept", options);
//
// `duplicates` counts the documents that were removed for this one, of which
// the first `max_duplicate_ids` are named.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/status.h"
#include "pipelines/export_file.h"
#include "pipelines/options.h"

namespace peaktext {

struct ExportOptions {
  ExportFormat format = ExportFormat::kJsonl;
  uint64_t max_duplicate_ids = 1000;
  uint64_t memory_bytes = 1ULL << 30;
  bool force = false;  // where `to` holds the export of another run
  std::stop_token stop;
  FlowEvents events;
};

struct ExportReport {
  uint64_t documents = 0;  // written by this call
  uint64_t files = 0;      // in all
  uint64_t skipped = 0;    // of them finished by an earlier call
};

// A file that is there is finished: a call that was killed goes on at the first
// one missing. kInvalidArgument where `to` holds the export of another run and
// force is off, or where the scan kept no texts.
Result<ExportReport> Export(const std::string& from, const std::string& to,
                            const ExportOptions& options);

}  // namespace peaktext

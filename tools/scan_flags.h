// The flags of `scan` and `run`: where to, how it is read, counted and signed.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "commands.h"
#include "flags.h"
#include "pipelines/options.h"
#include "progress.h"
#include "read/rate_limiter.h"

namespace peaktext {

struct ScanFlags {
  InputFlags inputs;
  ReadFlags read;
  OutputFlags output;
  std::string out;
  bool no_texts = false;
  bool force = false;
  // The rest lies where it is used.
  ScanOptions scan;
};

void AddScanFlags(CLI::App& command, ScanFlags& flags);

// What a flow tells goes to `progress`, which outlives it.
FlowEvents EventsTo(Progress& progress);

// The limiter that all sources of a program share.
RateLimiter MakeRateLimiter(const SourceOptions& source);

// The options as the flags say; `limiter` and `progress` outlive them.
ScanOptions MakeScanOptions(const ScanFlags& flags,
                            const CommandContext& context, Progress& progress,
                            RateLimiter& limiter);

}  // namespace peaktext

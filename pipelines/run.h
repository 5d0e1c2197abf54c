// run: scan, dedup and inventory of inputs, the main job. Each step goes on
// where an earlier, interrupted run stopped.
//
//   Result<Inventory> inventory = Run({"crawl/"}, "out", scan, dedup);
#pragma once

#include <span>
#include <string>

#include "base/status.h"
#include "dedup/dedup.h"
#include "inventory/inventory.h"
#include "pipelines/options.h"

namespace peaktext {

// Threads, memory and stop of `dedup` are those of `scan`.
Result<Inventory> Run(std::span<const std::string> arguments,
                      const std::string& out, const ScanOptions& scan,
                      DedupOptions dedup);

// Dedup's progress and notes to a person.
void TellTo(const FlowEvents& events, DedupOptions* dedup);

}  // namespace peaktext

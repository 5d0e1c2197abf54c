#include "pipelines/run.h"

#include <fmt/core.h>

#include "inventory/print_inventory.h"
#include "run_main.h"
#include "scan_flags.h"

namespace peaktext {
namespace {

struct RunFlags {
  ScanFlags scan;
  DedupOptions dedup;
};

int RunRun(const RunFlags& flags, const CommandContext& context) {
  const OutputFlags& output = flags.scan.output;
  Progress progress(!output.no_progress);
  RateLimiter limiter = MakeRateLimiter(flags.scan.inputs.source);
  const Result<Inventory> inventory =
      Run(flags.scan.inputs.inputs, flags.scan.out,
          MakeScanOptions(flags.scan, context, progress, limiter), flags.dedup);
  progress.Clear();
  if (!inventory) return ReportFailure(inventory.error());
  fmt::print("{}", output.json ? InventoryToJson(*inventory)
                               : PrintInventory(*inventory));
  FlushResults();
  progress.Finish(InventorySummary(*inventory));
  const bool strict = output.strict && !inventory->dropped.empty();
  return inventory->inputs_failed.empty() && !strict ? kExitDone : kExitFailed;
}

}  // namespace

void AddRunCommand(CLI::App& app, CommandContext& context) {
  RunFlags& flags = context.Keep<RunFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "run",
       .sentence = "Scan, dedup and inventory in one: how many unique tokens "
                   "the inputs hold.",
       .assumes =
           "near duplicates are those whose 5-word shingles are alike to "
           "--threshold, found by MinHash (998 of 1,000 at 0.8 with the "
           "default bands) and verified. Every step goes on where a "
           "killed run stopped. Leaves inventory.json, "
           "documents.jsonl.zst and the shards' files in DIR.",
       .memory = "within --memory in every step; a record that does not fit is "
                 "skipped and counted as too_large.",
       .examples = {"peaktext run crawl/*.warc.gz --out out",
                    "peaktext run wet/ --out out --vocab o200k_base --vocab "
                    "cl100k_base --threads 8 --memory 4G"},
       .writes_files = true},
      [&flags, &context] { return RunRun(flags, context); });
  AddPresetFlag(*command, flags.scan.scan.signature, flags.dedup);
  AddScanFlags(*command, flags.scan);
  AddDedupFlags(*command, flags.dedup);
  AddJsonFlag(*command, flags.scan.output);
}

}  // namespace peaktext

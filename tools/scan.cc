#include "pipelines/scan.h"

#include <fmt/core.h>

#include "base/text_table.h"
#include "inventory/print_inventory.h"
#include "pipelines/inventory.h"
#include "run_main.h"
#include "scan_flags.h"

namespace peaktext {
namespace {

int RunScan(const ScanFlags& flags, const CommandContext& context) {
  Progress progress(!flags.output.no_progress);
  RateLimiter limiter = MakeRateLimiter(flags.inputs.source);
  const Result<ScanReport> report =
      Scan(flags.inputs.inputs, flags.out,
           MakeScanOptions(flags, context, progress, limiter));
  if (!report) {
    progress.Clear();
    return ReportFailure(report.error());
  }
  const Status made =
      MakeScanInventory(flags.out, {.memory_bytes = flags.scan.memory_bytes,
                                    .stop = context.stop,
                                    .events = EventsTo(progress)});
  if (!made.ok()) {
    progress.Clear();
    return ReportFailure(made);
  }
  progress.Finish(fmt::format(
      "scanned {} documents of {} inputs ({} finished before), {}",
      WithSeparators(report->documents), WithSeparators(report->inputs),
      WithSeparators(report->skipped),
      LossSummary(report->dropped, report->failed.size())));
  const bool strict = flags.output.strict && !report->dropped.empty();
  return report->failed.empty() && !strict ? kExitDone : kExitFailed;
}

}  // namespace

void AddScanCommand(CLI::App& app, CommandContext& context) {
  ScanFlags& flags = context.Keep<ScanFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "scan",
       .sentence = "Reads every input once and keeps what is needed of it: "
                   "counts, hashes, signatures, texts.",
       .assumes =
           "the first of the three steps of `run`; `dedup` and "
           "`inventory` follow, which know what is unique: until then "
           "inventory.json and documents.jsonl.zst in DIR hold the "
           "totals and documents alone. Each input leaves files of its own, a "
           "marker last: killed at any moment and started again, the "
           "finished ones are not read again.",
       .memory = "within --memory: tables and caches of the vocabularies, then "
                 "large records; one that does not fit is skipped and counted "
                 "as too_large.",
       .examples = {"peaktext scan crawl/*.warc.gz --out out",
                    "peaktext scan cc:CC-MAIN-2026-43/wet[0:100] --out out "
                    "--memory 4G"},
       .writes_files = true},
      [&flags, &context] { return RunScan(flags, context); });
  AddScanFlags(*command, flags);
}

}  // namespace peaktext

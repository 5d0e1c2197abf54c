#include "pipelines/inventory.h"

#include <fmt/core.h>

#include "inventory/print_inventory.h"
#include "run_main.h"
#include "scan_flags.h"

namespace peaktext {
namespace {

struct InventoryFlags {
  std::vector<std::string> folders;
  uint64_t memory_bytes = InventoryOptions().memory_bytes;
  OutputFlags output;
};

int RunInventory(const InventoryFlags& flags, const CommandContext& context) {
  Progress progress(!flags.output.no_progress);
  bool failed = false;
  std::string summary;
  for (const std::string& folder : flags.folders) {
    const Result<Inventory> inventory =
        MakeInventory(folder, {.memory_bytes = flags.memory_bytes,
                               .stop = context.stop,
                               .events = EventsTo(progress)});
    progress.Clear();
    if (!inventory) {
      if (!summary.empty()) progress.Finish(summary);
      return ReportFailure(inventory.error());
    }
    if (flags.output.json) {
      fmt::print("{}", InventoryToJson(*inventory));
    } else {
      if (flags.folders.size() > 1) fmt::print("{}\n", folder);
      fmt::print("{}", PrintInventory(*inventory));
      if (flags.folders.size() > 1) fmt::print("\n");
    }
    FlushResults();
    failed = failed || !inventory->inputs_failed.empty() ||
             (flags.output.strict && !inventory->dropped.empty());
    summary = InventorySummary(*inventory);
  }
  progress.Finish(summary);
  return failed ? kExitFailed : kExitDone;
}

}  // namespace

void AddInventoryCommand(CLI::App& app, CommandContext& context) {
  InventoryFlags& flags = context.Keep<InventoryFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "inventory",
       .sentence = "Totals and uniques of scanned and deduplicated folders, by "
                   "language and by input.",
       .assumes = "the last of the three steps of `run`. Leaves inventory.json "
                  "and documents.jsonl.zst in DIR. Folders are taken one by "
                  "one: duplicates between two of them are not looked for.",
       .memory = "a few hundred bytes per input and language; paragraphs, "
                 "where `scan --paragraphs` counted them, are sorted within "
                 "--memory, beyond it on disk in DIR.",
       .examples = {"peaktext inventory out",
                    "peaktext inventory --json out | jq .totals"},
       .writes_files = true},
      [&flags, &context] { return RunInventory(flags, context); });
  command->add_option("DIR", flags.folders, "folders of `scan` and `dedup`")
      ->required();
  AddMemoryFlag(*command, flags.memory_bytes);
  AddJsonFlag(*command, flags.output);
  AddProgressFlags(*command, flags.output);
}

}  // namespace peaktext

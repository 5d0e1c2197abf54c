#include "pipelines/run.h"

#include <memory>
#include <utility>

#include "pipelines/dedup.h"
#include "pipelines/inventory.h"
#include "pipelines/scan.h"

namespace peaktext {

void TellTo(const FlowEvents& events, DedupOptions* dedup) {
  // Dedup names a stage with every step; a person sees a new one begin, and
  // then how far it is.
  struct State {
    std::string stage;
    uint64_t done = 0;
  };
  dedup->on_progress = [events, state = State()](std::string_view stage,
                                                 uint64_t done,
                                                 uint64_t total) mutable {
    if (stage != state.stage) {
      state = {.stage = std::string(stage), .done = 0};
      events.on_stage("dedup, " + state.stage, total);
    }
    if (done > state.done) events.on_bytes(done - state.done);
    state.done = done;
  };
  dedup->on_note = events.on_note;
}

Result<Inventory> Run(std::span<const std::string> arguments,
                      const std::string& out, const ScanOptions& scan,
                      DedupOptions dedup) {
  const Result<ScanReport> scanned = Scan(arguments, out, scan);
  if (!scanned) return Fail(scanned.error());
  dedup.threads = scan.threads;
  dedup.memory_bytes = scan.memory_bytes;
  dedup.stop = scan.stop;
  TellTo(scan.events, &dedup);
  const Result<DedupOutcome> decided = DedupFolder(out, std::move(dedup));
  if (!decided) return Fail(decided.error());
  return MakeInventory(out, {.memory_bytes = scan.memory_bytes,
                             .stop = scan.stop,
                             .events = scan.events});
}

}  // namespace peaktext

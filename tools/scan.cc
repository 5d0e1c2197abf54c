#include "commands.h"
#include "flags.h"
#include "run_main.h"

namespace peaktext {

void AddScanCommand(CLI::App& app, CommandContext& context) {
  InputFlags& flags = context.Keep<InputFlags>();
  CLI::App* command = AddCommand(
      app, context, {.name = "scan", .sentence = "Not built yet."}, [] {
        return ReportFailure(
            Status(StatusCode::kUnsupported, "scan: not built yet"));
      });
  AddInputFlags(*command, flags);
}

}  // namespace peaktext

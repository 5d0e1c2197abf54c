#include "commands.h"
#include "flags.h"
#include "run_main.h"

namespace peaktext {

void AddRunCommand(CLI::App& app, CommandContext& context) {
  InputFlags& flags = context.Keep<InputFlags>();
  CLI::App* command = AddCommand(
      app, context, {.name = "run", .sentence = "Not built yet."}, [] {
        return ReportFailure(
            Status(StatusCode::kUnsupported, "run: not built yet"));
      });
  AddInputFlags(*command, flags);
}

}  // namespace peaktext

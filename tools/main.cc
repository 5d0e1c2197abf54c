#include <array>

#include "commands.h"
#include "run_main.h"

namespace {

// In the order of the data, which is the order of `peaktext --help`.
constexpr std::array kCommands = {
    &peaktext::AddCountCommand,     &peaktext::AddRunCommand,
    &peaktext::AddScanCommand,      &peaktext::AddDedupCommand,
    &peaktext::AddInventoryCommand, &peaktext::AddExportCommand,
    &peaktext::AddExplainCommand,   &peaktext::AddForecastCommand,
    &peaktext::AddVocabCommand,     &peaktext::AddLsCommand,
};

}  // namespace

int main(int argc, char** argv) {
  return peaktext::RunMain(argc, argv, kCommands);
}

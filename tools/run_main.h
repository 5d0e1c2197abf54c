// What every run of the program has in common: the command line is parsed,
// PEAKTEXT_SIMD checked, signals and closed pipes handled, exceptions of the
// standard library turned into one line and an exit code.
#pragma once

#include <span>
#include <string_view>

#include "base/status.h"
#include "commands.h"

namespace peaktext {

// The body of main(); gives the exit code.
int RunMain(int argc, char** argv,
            std::span<const AddCommandFunction> commands);

// Sends what was printed on its way, before the summary. Throws
// std::system_error where that fails (RunMain catches it: a closed pipe is no
// failure).
void FlushResults();

// Prints "peaktext: MESSAGE" on stderr.
void PrintError(std::string_view message);

// Prints the failure and gives its exit code: 2 for kInvalidArgument, else 1.
// An interruption prints nothing: RunMain ends the process by its signal.
int ReportFailure(const Status& status);

}  // namespace peaktext

// All that the program writes to stderr passes here. It never fails: a stderr
// that is full, closed or read by nobody any more changes nothing of what a
// command does, nor its exit code.
//
// Thread-safe.
#pragma once

#include <string_view>

namespace peaktext {

// Writes `text` as it is, at once.
void WriteStderr(std::string_view text);

// Writes `line` and a newline. What names and errors of damaged files may hold,
// control characters and what is not UTF-8, is replaced: a message is one line.
void PrintStderrLine(std::string_view line);

}  // namespace peaktext

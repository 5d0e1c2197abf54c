#include "stderr_line.h"

#include <cstdio>
#include <string>

#include "base/text_table.h"

namespace peaktext {

void WriteStderr(std::string_view text) {
  // fmt::print would throw where this gives up. (stderr is not buffered.)
  [[maybe_unused]] const size_t written =
      std::fwrite(text.data(), 1, text.size(), stderr);
}

void PrintStderrLine(std::string_view line) {
  WriteStderr(Printable(line) + '\n');
}

}  // namespace peaktext

// Lists of shards, gzip or not, and cc: references.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "read/path_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto list = DecodeList("list", text)) {
    for (const std::string& line : ParseList(*list)) {
      if (line.empty() || line.find('\n') != std::string::npos) std::abort();
      ResolveListed(line, FolderOf(line));
    }
  }
  const auto reference = ParseCommonCrawlReference("cc:" + text);
  if (reference && reference->range) {
    const auto lines = SelectLines(*reference->range, 100);
    for (const uint64_t line : lines.value_or(std::vector<uint64_t>())) {
      if (line >= 100) std::abort();
    }
  }
  return 0;
}

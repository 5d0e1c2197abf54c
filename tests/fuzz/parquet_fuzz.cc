// Parquet files; Arrow itself is not instrumented.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "read/parquet_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  const std::string text(reinterpret_cast<const char*>(data), size);
  ReadOptions options;
  options.max_record_bytes = 1 << 20;
  auto reader = OpenParquetReader(MemorySource("fuzz", text), options);
  if (!reader) return 0;
  Record record;
  // A footer may claim any number of rows without text.
  for (int rows = 0; rows < 10000 && (*reader)->Next(&record); ++rows) {
  }
  const ReadStats& stats = (*reader)->stats();
  if (stats.used_bytes + stats.dropped.total().bytes != stats.stored_bytes ||
      stats.stored_bytes != size) {
    std::abort();
  }
  return 0;
}

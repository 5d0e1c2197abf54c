#include <cstdint>
#include <cstdlib>

#include "block_file_input.h"
#include "inventory/paragraph_table.h"

// Any bytes: rows in order or refused.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  const std::string path = WriteFuzzFile(
      {reinterpret_cast<const char*>(data), size}, "PTPARA", 1, 4);
  Result<ParagraphTableReader> in = ParagraphTableReader::Open(path);
  if (!in) return 0;
  ParagraphRow row;
  for (uint64_t document = 0; document < 100; ++document) {
    while (in->NextOf(document, &row)) {
      if (row.document != document) std::abort();
      if (row.tokens.size() != in->vocabularies()) std::abort();
    }
  }
  return 0;
}

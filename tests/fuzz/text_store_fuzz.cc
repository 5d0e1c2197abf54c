#include <cstdint>
#include <cstdlib>

#include "block_file_input.h"
#include "extract/text_store.h"

// Any bytes: read or refused, in pieces of bounded size.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  const std::string path = WriteFuzzFile(
      {reinterpret_cast<const char*>(data), size}, "PTTEXT", 2, 0);
  Result<TextStoreReader> in = TextStoreReader::Open(path);
  if (!in) return 0;
  std::string text;
  for (uint64_t row = 0; row < in->rows(); row += 1 + in->rows() / 16) {
    size_t bytes = 0;
    const Status status = in->ReadPieces(row, [&](std::string_view piece) {
      if (piece.size() > (64 << 10) + 4) std::abort();
      bytes += piece.size();
      return true;
    });
    if (!status.ok()) continue;
    if (!in->Read(row, &text).ok() || text.size() != bytes) std::abort();
  }
  return 0;
}

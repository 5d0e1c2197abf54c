#include <cstdint>
#include <cstdlib>

#include "block_file_input.h"
#include "sketch/signature_file.h"

// Any bytes: read whole or refused, never more rows than the file says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  const std::string path = WriteFuzzFile(
      {reinterpret_cast<const char*>(data), size}, "PTSIGN", 2, 24);
  const Result<SignatureReader> in = SignatureReader::Open(path);
  if (!in) return 0;
  uint64_t rows = 0;
  SignatureColumns columns;
  for (size_t i = 0; i < in->blocks(); ++i) {
    const Status status = in->ReadBlock(i, kAllColumns, &columns);
    if (status.ok() && columns.sketches.size() != columns.rows) std::abort();
    rows += columns.rows;
  }
  if (rows != in->rows()) std::abort();
  std::vector<SignatureRow> read;
  if (in->Read(0, in->rows(), &read).ok() && read.size() != rows) std::abort();
  return 0;
}

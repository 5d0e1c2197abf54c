// An input's bytes at any offset, for formats that are read from their end
// (Parquet). A local file is read where it is; what only streams (http, s3,
// stdin) is first copied to an unnamed file in TMPDIR, so that it takes one GET
// and disk instead of memory.
//
//   Result<std::unique_ptr<RandomAccess>> bytes = OpenRandomAccess(input);
//   Status read = (*bytes)->ReadAt(offset, buffer);
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/status.h"
#include "read/stored_input.h"

namespace peaktext {

class RandomAccess {
 public:
  virtual ~RandomAccess() = default;
  virtual uint64_t size_bytes() const = 0;
  // Fills the buffer. REQUIRES: offset + buffer.size() <= size_bytes().
  virtual Status ReadAt(uint64_t offset, std::span<char> buffer) = 0;
};

// REQUIRES: nothing of `input` was skipped yet; it outlives the result.
Result<std::unique_ptr<RandomAccess>> OpenRandomAccess(StoredInput* input);

}  // namespace peaktext

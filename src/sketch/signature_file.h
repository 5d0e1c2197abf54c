// The signatures of one shard's documents, in record order: what `scan` leaves
// for `dedup`. The byte format is drawn at the top of signature_file.cc;
// checksummed; blocks are read in order or at random by row.
//
//   SignatureWriter: Create(path, options) ... Append(row) ... Commit()
//   SignatureReader: Open(path) ... rows() ... Read(first_row, &rows)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/status.h"
#include "sketch/signature.h"

namespace peaktext {

// One document as dedup sees it.
struct SignatureRow {
  Signature signature;
  uint64_t text_bytes = 0;
  int64_t date_seconds = 0;  // capture, Unix time; 0 = unknown
  int64_t priority = 0;      // of --keep=priority-field; larger is kept
};

}  // namespace peaktext

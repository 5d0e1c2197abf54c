// Reads WARC and ARC. A block's announced length is believed when what follows
// it is a record, the end of a member or of the input, or a proper end of
// record; else the next true record is searched for from inside the block, so
// that a length that lies costs its own record only.
//
// Not thread-safe.
#pragma once

#include <memory>

#include "read/block_syntax.h"
#include "read/record_reader.h"
#include "read/record_stream.h"

namespace peaktext {

std::unique_ptr<RecordReader> NewBlockRecordReader(
    std::unique_ptr<RecordStream> stream, const BlockSyntax& syntax);

}  // namespace peaktext

// JSON lines: one object per line, its text in a field named by key or JSON
// pointer. A line that is no such object is one dropped record.
#pragma once

#include <memory>

#include "read/record_reader.h"
#include "read/record_stream.h"

namespace peaktext {

std::unique_ptr<RecordReader> NewJsonlReader(
    std::unique_ptr<RecordStream> stream);

}  // namespace peaktext

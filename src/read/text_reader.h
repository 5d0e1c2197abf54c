// Plain text: one document, delivered in pieces where it is long.
#pragma once

#include <memory>

#include "read/record_reader.h"
#include "read/record_stream.h"

namespace peaktext {

std::unique_ptr<RecordReader> NewTextReader(
    std::unique_ptr<RecordStream> stream);

}  // namespace peaktext

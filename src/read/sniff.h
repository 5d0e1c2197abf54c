// What an input is, by its content; never by its name.
#pragma once

#include <string_view>

#include "read/record_reader.h"
#include "read/stored_input.h"

namespace peaktext {

enum class Compression { kNone, kGzip, kZstd, kLz4, kParquet };

// By the first bytes. Junk in front of the first member (and a first member
// whose header is damaged) is looked through for some distance.
Compression SniffCompression(StoredInput* input);

// True when decoded bytes start like a record of any format.
bool StartsLikeRecord(std::string_view decoded);

// The format of a decoded stream that starts with `decoded`. kText when it is
// none that we know.
RecordFormat SniffFormat(std::string_view decoded);

}  // namespace peaktext

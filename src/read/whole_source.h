// A small input as one string: lists, listings.
//
//   Result<std::string> text = ReadWholeSource(**source, kListLimitBytes);
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "read/byte_source.h"

namespace peaktext {

// Reads to the end. Fails where the source fails, and with kUnsupported when
// it holds more than `limit_bytes`.
Result<std::string> ReadWholeSource(ByteSource& source, uint64_t limit_bytes);

}  // namespace peaktext

// Capture dates as crawlers write them, to Unix time.
//
//   ParseDate("2024-05-18T01:58:10Z")  == 1715997490   WARC 1.0
//   ParseDate("2024-05-18T01:58:10.123456Z")           WARC 1.1, any fraction
//   ParseDate("20080430204825")        == 1209588505   ARC, 14 digits
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace peaktext {

// Seconds since 1970-01-01T00:00:00Z; 0 when `date` is none. Tolerant: WARC 1.1
// allows a date that stops after year, month, day, hour or minute (what is left
// out counts as its first value); digits without separators are read the same
// way, and those past the 14th are ignored (ARC files with 8 to 28 digits
// exist). A zone offset (+02:00) is applied, a fraction is cut off. A field out
// of its range makes the whole date unknown, save for a leap second.
int64_t ParseDate(std::string_view date);

}  // namespace peaktext

// A document: a record's text, valid UTF-8, ready to be counted and hashed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace peaktext {

// Views live as long as the record and the extractor's buffers: until the
// extractor's next call or the reader's next record.
struct Document {
  std::string_view id;   // JSON id, else WARC-Record-ID, else "input#offset"
  std::string_view url;  // may be empty
  std::string_view language;  // ISO 639-3 ("eng"), "und" when unknown
  std::string_view text;      // valid UTF-8, unless it is a piece: extractor.h
  uint64_t offset = 0;        // Record::offset
  int64_t date_seconds = 0;   // of the capture, Unix time; 0 = unknown
  int64_t priority = 0;       // ParsePriority of the record's; 0 = none
};

}  // namespace peaktext

// Record in, document out: HTTP bodies decoded, charset to UTF-8, HTML to text,
// language named.
//
//   Extractor extractor(options);
//   Document document;
//   switch (extractor.Extract(input, record, &document)) ...
//
// Not thread-safe: one per thread; it keeps its buffers from call to call, but
// none over 16 MiB. A body is worked on where it lies, so that one of 300 MB
// takes little more than its size.
#pragma once

#include <memory>
#include <string_view>

#include "base/counters.h"
#include "extract/document.h"
#include "read/record_reader.h"

namespace peaktext {

struct ExtractOptions {
  bool verify_digests = false;
  bool detect_language = true;             // CLD2 where the record names none
  uint64_t max_body_bytes = 512ULL << 20;  // decoded; beyond: "too_large"
  uint64_t max_ratio = 2000;               // of a Content-Encoding
};

enum class ExtractOutcome {
  kDocument,  // *document is filled
  kSkipped,   // not a document by its nature (warcinfo, request, metadata, ...)
  kDropped,   // should have been one; counted by reason in dropped()
};

class Extractor {
 public:
  explicit Extractor(ExtractOptions options);
  ~Extractor();
  Extractor(Extractor&&) noexcept;
  Extractor& operator=(Extractor&&) noexcept;

  // `input` is the shard's name, for ids. May change record.body's bytes in
  // place. What becomes of a record:
  //  - conversion records, JSONL, Parquet: their text, made valid UTF-8;
  //  - plain text: the same; a piece of a larger text (`more`, `continued`) is
  //    passed on as it is, since a character may be cut at its borders: whoever
  //    counts repairs it. All pieces have the first one's id;
  //  - response and resource records and ARC records with HTML: its text;
  //  - revisit, request, metadata, warcinfo, dns, ...: kSkipped.
  // Reasons of kDropped: http_status (not 2xx), not_html, not_text (a
  // conversion to something else), too_large, bomb, empty. The id without one
  // of the record's own is "input#offset", for records that share a gzip member
  // "input#offset+decoded_offset", so that it is unique.
  ExtractOutcome Extract(std::string_view input, Record& record,
                         Document* document);

  // Documents dropped so far, by reason, in body bytes as read. The reason of
  // the last drop is `last_reason()`.
  const DropCounts& dropped() const;
  std::string_view last_reason() const;

  struct Stats {
    uint64_t replaced_characters = 0;  // U+FFFD put in for what was not text
    uint64_t digests_checked = 0;
    uint64_t digests_wrong = 0;
    uint64_t truncated = 0;  // WARC-Truncated records that became documents
    uint64_t damaged_bodies =
        0;  // cut or corrupt Content-Encoding, partly read
  };
  const Stats& stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peaktext

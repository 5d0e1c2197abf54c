// Records of a crawl shard, whatever its format and compression; the content
// decides, not the name. Damage never ends the reading: it is skipped to the
// next true record, named, and counted, so that
//   stats().used + padding + dropped bytes == stored bytes of the input.
//
//   Result<std::unique_ptr<RecordReader>> reader =
//       OpenRecordReader(std::move(source), options);
//   Record record;
//   while ((*reader)->Next(&record)) Use(record);
//   if (!(*reader)->status().ok()) ...      // the source failed, not the data
//
// Not thread-safe: one reader per thread. It starts no threads: who has a core
// free reads in a thread of its own and passes batches on (pipelines do).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/counters.h"
#include "base/memory_budget.h"
#include "base/status.h"
#include "read/byte_source.h"

namespace peaktext {

enum class RecordFormat { kWarc, kArc, kJsonl, kParquet, kText };

// A fault in the input: what was skipped, where, why.
struct ReadIssue {
  std::string reason;          // the key in DropCounts
  uint64_t offset = 0;         // in the stored input
  uint64_t dropped_bytes = 0;  // stored bytes that it cost
  std::string message;         // one line: "INPUT: offset N: ..."
};

// One record. All views live until the next Next().
struct Record {
  RecordFormat format = RecordFormat::kWarc;
  // First stored byte of the record (of its gzip member or zstd frame when it
  // starts one; else of the member or frame that it starts in), and how many
  // stored bytes it takes (0 when it shares its member with others). A Parquet
  // row has its number here, and 0 stored bytes.
  uint64_t offset = 0;
  uint64_t stored_bytes = 0;
  // A number that tells records of one input apart: of its first byte in the
  // *decoded* stream (equals `offset` for plain files).
  uint64_t decoded_offset = 0;

  std::string_view type;  // WARC-Type as written, lower case; "arc", "json",
                          // "row", "text"
  std::string_view id;    // WARC-Record-ID without <>, JSON/Parquet id; may be
                          // empty
  std::string_view date;  // as written
  std::string_view priority;    // a number, of ReadOptions::priority_field
  std::string_view uri;         // target URI or url field, without <>
  std::string_view media_type;  // Content-Type of the record
  std::string_view
      language;  // WARC-Identified-Content-Language, or lang column
  std::string_view truncated;  // WARC-Truncated
  std::string_view
      header;  // the raw header block, for the rest; see FindHeader
  // The block (WARC, ARC) or the text (JSONL, Parquet, plain text), whole, save
  // for plain text beyond ReadOptions::piece_bytes: that comes as several
  // Records, all but the first with `continued`, all but the last with `more`.
  // The bytes may be changed in place by the caller (chunked bodies, entities).
  std::span<char> body;
  bool continued = false;
  bool more = false;
};

struct ReadOptions {
  std::string text_field = "text";  // JSONL key or JSON pointer; Parquet column
  std::string id_field = "id";
  std::string url_field = "url";
  std::string language_field;       // empty: none
  std::string date_field = "date";  // of the capture; not of WARC and ARC
  std::string priority_field;       // empty: none
  // A record whose block is larger is skipped and counted ("too_large"), never
  // loaded.
  uint64_t max_record_bytes = 512ULL << 20;
  std::string_view limit_flag = "--max-record";  // what raises it, for messages
  // A member that inflates to more than so many times its size is a bomb. No
  // more than 1032 is possible with Deflate, and pages, lines of one kind come
  // near that: gzip is left to max_record_bytes unless this is set lower.
  uint64_t max_ratio = 2000;
  uint64_t piece_bytes = 8ULL << 20;
  // Takes bytes for records over 8 MiB; null: no ceiling.
  MemoryBudget* budget = nullptr;
  std::function<void(const ReadIssue&)> on_issue;  // called in reading order

  // "over the limit of 4096 bytes (--max-record)"
  std::string OverLimit() const;
};

struct ReadStats {
  uint64_t records = 0;
  uint64_t decoded_bytes = 0;  // decompressed
  uint64_t stored_bytes =
      0;  // read from the source; = used + padding + dropped
  uint64_t used_bytes = 0;
  uint64_t padding_bytes = 0;  // zero padding, blank space between records
  DropCounts dropped;          // stored bytes by reason
};

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // Advances to the next record. False at the end of input or when the source
  // failed; then ask status().
  virtual bool Next(Record* record) = 0;
  virtual const Status& status() const = 0;    // sticky: the first failure wins
  virtual const ReadStats& stats() const = 0;  // complete after the end
  virtual RecordFormat format() const = 0;
};

// Sniffs and opens. Fails only where the source fails or the format is known
// and cannot be read by this build (Parquet without Arrow).
Result<std::unique_ptr<RecordReader>> OpenRecordReader(
    std::unique_ptr<ByteSource> source, ReadOptions options);

// The value of header `name` (any case) in a WARC or HTTP header block, trimmed
// and unfolded views only; empty when absent.
std::string_view FindHeader(std::string_view header, std::string_view name);

}  // namespace peaktext

// Shards made in memory, sound and odd, and a reader of all of one with the
// account checked.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "read/record_reader.h"

namespace peaktext {

// "WARC/1.0" with type, URI http://example.org/NAME, length, and the two line
// ends after the block.
std::string WarcRecord(std::string_view name, std::string_view body);
// The same with `header` in place of all lines after the version, as it is.
std::string RawWarcRecord(std::string_view header, std::string_view body);
// The header lines of WarcRecord but for the length, each with its line end.
std::string WarcFields(std::string_view name,
                       std::string_view newline = "\r\n");
std::string ArcRecord(std::string_view name, std::string_view body);
std::string ArcVersionBlock();

std::string Gzip(std::string_view bytes, int level = 6);
std::string Zstd(std::string_view bytes, std::string_view dictionary = {},
                 bool checksum = true, bool content_size = true);
std::string Lz4(std::string_view bytes);
std::string Skippable(uint32_t magic, std::string_view content);
// A dictionary trained on samples like WarcRecord's.
std::string TrainedDictionary(size_t bytes = 4096);

// Text that does not compress to nothing: words drawn with `seed`.
std::string Words(uint64_t seed, size_t bytes);

struct ReadBack {
  std::vector<std::string> uris;
  std::vector<std::string> bodies;
  std::vector<std::string> types;
  std::vector<uint64_t> offsets;
  std::vector<uint64_t> stored;
  std::vector<ReadIssue> issues;
  ReadStats stats;
  RecordFormat format = RecordFormat::kText;
  Status status;

  // The last parts of the URIs, joined: "a b c".
  std::string names() const;
  uint64_t dropped(std::string_view reason) const;  // count
};

// Reads all; checks that every stored byte is accounted for exactly once, that
// the issues add up to the drops, and that reading ends. With `read_bytes` the
// source is a stream that gives so many at a time.
ReadBack ReadShard(std::string bytes, ReadOptions options = {},
                   size_t read_bytes = 0);

// A source that gives at most `read_bytes` a time and has no whole().
std::unique_ptr<ByteSource> TrickleSource(std::string bytes, size_t read_bytes);

}  // namespace peaktext

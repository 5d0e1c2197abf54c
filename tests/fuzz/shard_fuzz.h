// What every reader's fuzzer checks: reading ends, every stored byte is
// accounted for once, and pieces of any size give the same, as do bytes that
// are lent.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "base/hash.h"
#include "read/record_reader.h"

namespace peaktext {

class FuzzSource final : public ByteSource {
 public:
  FuzzSource(const uint8_t* data, size_t size, size_t read_bytes)
      : data_(data), size_(size), read_bytes_(read_bytes) {}
  Result<size_t> Read(std::span<char> buffer) override {
    const size_t n = std::min({buffer.size(), size_ - position_, read_bytes_});
    if (n > 0) std::memcpy(buffer.data(), data_ + position_, n);
    position_ += n;
    return n;
  }
  const std::string& name() const override { return name_; }

 private:
  std::string name_ = "fuzz";
  const uint8_t* data_;
  size_t size_;
  size_t read_bytes_;
  size_t position_ = 0;
};

inline void FuzzRequire(bool holds) {
  if (!holds) std::abort();
}

// What any input may decode to, and more.
constexpr uint64_t kNoBomb = 16384;

// A hash of all that was read.
inline uint64_t FuzzRead(size_t size, std::unique_ptr<ByteSource> source) {
  ReadOptions options;
  options.max_record_bytes = 1 << 20;
  options.max_ratio = 500;
  options.piece_bytes = 4096;
  uint64_t hash = 0;
  uint64_t told = 0;
  const auto mix = [&](std::string_view bytes) {
    hash = HashBytes64(bytes, hash);
  };
  options.on_issue = [&](const ReadIssue& issue) {
    told += issue.dropped_bytes;
    mix(issue.message);
    FuzzRequire(!issue.reason.empty() && issue.offset <= size);
  };
  auto reader = OpenRecordReader(std::move(source), options);
  if (!reader) return 0;  // Parquet
  Record record;
  uint64_t records = 0;
  while ((*reader)->Next(&record)) {
    for (const std::string_view field :
         {record.type, record.id, record.date, record.uri, record.media_type,
          record.language, record.truncated, record.header}) {
      mix(field);
    }
    mix({record.body.data(), record.body.size()});
    mix({reinterpret_cast<const char*>(&record.offset), sizeof record.offset});
    // The caller may change the body.
    std::fill(record.body.begin(), record.body.end(), 'x');
    if (!record.continued) ++records;
    // A byte at least for each that was decoded; a little is no bomb.
    FuzzRequire(records <= options.max_ratio * (size + 1) + kNoBomb);
  }
  const ReadStats& stats = (*reader)->stats();
  FuzzRequire((*reader)->status().ok());
  FuzzRequire(stats.records == records);
  FuzzRequire(stats.stored_bytes == size);
  FuzzRequire(stats.used_bytes + stats.padding_bytes +
                  stats.dropped.total().bytes ==
              size);
  FuzzRequire(told == stats.dropped.total().bytes);
  return hash;
}

// An input is read in two of three ways: which, its hash says.
inline int FuzzShard(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const uint64_t choice = HashBytes64(bytes);
  const auto read = [&](uint64_t way) {
    std::unique_ptr<ByteSource> source;
    if (way % 3 == 0) {
      source = MemorySource("fuzz", std::string(bytes));
    } else {
      const size_t pieces = 1 + (choice >> 32) % 64;
      source = std::make_unique<FuzzSource>(data, size,
                                            way % 3 == 1 ? size + 1 : pieces);
    }
    return FuzzRead(size, std::move(source));
  };
  const uint64_t way = choice % 3;
  const uint64_t other = way + 1 + (choice >> 8) % 2;
  FuzzRequire(read(way) == read(other));
  return 0;
}

}  // namespace peaktext

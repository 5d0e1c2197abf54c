// Counts the paragraphs of documents into a shard's paragraph table. It works
// in pieces: a document takes no memory beyond its text, however many
// paragraphs it has. Short ones are counted together.
//
//   ParagraphCounter counter(tables, {.cache_bytes = 32 << 20});
//   Status s = counter.Append(row, text, &table);
//
// Not thread-safe: one per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "inventory/paragraph_table.h"
#include "sketch/paragraphs.h"
#include "tokenize/token_counter.h"

namespace peaktext {

class ParagraphCounter {
 public:
  ParagraphCounter(std::span<const CountTables* const> tables,
                   const CounterOptions& options)
      : counter_(tables, options), vocabularies_(tables.size()) {}

  Status Append(uint64_t document, std::string_view text,
                ParagraphTableWriter* table);

 private:
  // A paragraph that waits to be counted: its text is in bytes_.
  struct Waiting {
    Hash128 hash;
    size_t bytes;
  };
  static constexpr size_t kMostWaiting = 1024;

  void Feed(std::string_view piece);
  void End(const Hash128& hash, uint64_t bytes);
  void CountWaiting();
  void AppendRow(const Hash128& hash, uint64_t bytes,
                 std::span<const uint64_t> tokens);

  ParagraphSplitter splitter_;
  TokenCounter counter_;
  const size_t vocabularies_;
  std::vector<Waiting> waiting_;
  std::string bytes_;     // of those, then of the paragraph that goes on
  size_t own_bytes_ = 0;  // of that one
  bool is_long_ = false;  // which is fed instead
  std::vector<std::string_view> texts_;
  std::vector<uint64_t> tokens_;
  // Of this call.
  uint64_t document_ = 0;
  ParagraphTableWriter* table_ = nullptr;
  Status status_;
};

}  // namespace peaktext

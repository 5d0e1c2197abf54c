// Counts the paragraphs of documents into a shard's paragraph table. It works
// in pieces: a document takes no memory beyond its text, however many
// paragraphs it has.
//
//   ParagraphCounter counter(tables, {.cache_bytes = 32 << 20});
//   Status s = counter.Append(row, text, &table);
//
// Not thread-safe: one per thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "inventory/paragraph_table.h"
#include "sketch/paragraphs.h"
#include "tokenize/token_counter.h"

namespace peaktext {

class ParagraphCounter {
 public:
  ParagraphCounter(std::span<const CountTables* const> tables,
                   const CounterOptions& options)
      : counter_(tables, options), tokens_(tables.size()) {}

  Status Append(uint64_t document, std::string_view text,
                ParagraphTableWriter* table) {
    Status status;
    splitter_.Split(
        text, [this](std::string_view piece) { counter_.Feed(piece); },
        [&](const Hash128& hash, uint64_t bytes) {
          counter_.Finish(tokens_);
          if (!status.ok()) return;
          status = table->Append({.document = document,
                                  .hash = hash,
                                  .bytes = bytes,
                                  .tokens = tokens_});
        });
    return status;
  }

 private:
  ParagraphSplitter splitter_;
  TokenCounter counter_;
  std::vector<uint64_t> tokens_;
};

}  // namespace peaktext

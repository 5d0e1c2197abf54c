// Counts tokens exactly: for every text the number that the vocabulary's
// reference tokenizer gives with special tokens read as plain text.
//
//   TokenCounter counter(vocabularies, {.cache_bytes = 64 << 20});
//   uint64_t tokens[2];
//   counter.Count(document.text, tokens);      // tokens[i] for vocabularies[i]
//
// or, as a text arrives in pieces cut anywhere:
//
//   counter.Feed(piece); ... counter.Finish(tokens);
//
// Throws std::length_error where a vocabulary wants texts in NFC and more than
// 2048 windows (64 MiB) of combining marks follow one character: they can only
// be normalised together; and as LongPieceCounter does (bpe_counter.h). The
// counter is of no use then.
//
// Any bytes may come: what is not UTF-8 counts as U+FFFD per maximal subpart
// (WHATWG). Not thread-safe: one per thread; the vocabularies' tables are
// shared.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/status.h"
#include "simd/isa.h"
#include "tokenize/count_tables.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

struct CounterOptions {
  uint64_t cache_bytes = 32ULL << 20;  // ceiling of this counter's own caches
  // Hugging Face's splitting of added tokens out of the raw text. REQUIRES:
  // CheckAddedTokens (added_tokens.h) is ok for every vocabulary. Feed() then
  // keeps the whole text, and throws std::length_error above this size.
  bool added_tokens = false;
  uint64_t most_whole_bytes = UINT64_MAX;
  Isa isa = BestIsa();
  // Text that is looked at together; small ones are for tests.
  size_t window_bytes = 32 << 10;
};

class TokenCounter {
 public:
  // Texts of up to so many bytes are short ones for CountAll.
  static constexpr size_t kShortBytes = 32 << 10;

  // `tables` outlive the counter.
  TokenCounter(std::span<const CountTables* const> tables,
               CounterOptions options = {});
  ~TokenCounter();
  TokenCounter(TokenCounter&&) noexcept;
  TokenCounter& operator=(TokenCounter&&) noexcept;

  // Sets tokens[i] to the number of tokens of `text` in vocabulary i.
  void Count(std::string_view text, std::span<uint64_t> tokens);
  // The same for many texts, in less time where they are short; tokens[n * i]
  // and those that follow it are of texts[i], with n vocabularies.
  void CountAll(std::span<const std::string_view> texts,
                std::span<uint64_t> tokens);

  // The same for a text in pieces. Between calls holds a pretoken's unfinished
  // end and some windows, however long the pretoken is; marks as above; and all
  // of the text with added tokens.
  void Feed(std::string_view piece);
  void Finish(std::span<uint64_t> tokens);

  // Keeps what this counter learned, beside the files of the vocabularies, for
  // those of later runs, if that is worth it (pretoken_cache.h).
  void KeepLearned();

  uint64_t memory_bytes() const;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace peaktext

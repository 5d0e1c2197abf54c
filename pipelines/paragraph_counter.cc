#include "pipelines/paragraph_counter.h"

#include <cassert>
#include <utility>

namespace peaktext {

Status ParagraphCounter::Append(uint64_t document, std::string_view text,
                                ParagraphTableWriter* table) {
  document_ = document;
  table_ = table;
  splitter_.Split(
      text, [this](std::string_view piece) { Feed(piece); },
      [this](const Hash128& hash, uint64_t bytes) { End(hash, bytes); });
  CountWaiting();
  return std::exchange(status_, {});
}

void ParagraphCounter::Feed(std::string_view piece) {
  if (!is_long_ && own_bytes_ + piece.size() <= TokenCounter::kShortBytes) {
    bytes_.append(piece);
    own_bytes_ += piece.size();
    return;
  }
  if (!is_long_) {
    CountWaiting();
    counter_.Feed(bytes_);
    bytes_.clear();
    own_bytes_ = 0;
    is_long_ = true;
  }
  counter_.Feed(piece);
}

void ParagraphCounter::End(const Hash128& hash, uint64_t bytes) {
  if (is_long_) {
    tokens_.resize(vocabularies_);
    counter_.Finish(tokens_);
    AppendRow(hash, bytes, tokens_);
    is_long_ = false;
    return;
  }
  assert(bytes == own_bytes_);
  waiting_.push_back({hash, own_bytes_});
  own_bytes_ = 0;
  if (bytes_.size() >= TokenCounter::kShortBytes ||
      waiting_.size() == kMostWaiting) {
    CountWaiting();
  }
}

// What is left of bytes_ is the paragraph that goes on.
void ParagraphCounter::CountWaiting() {
  texts_.clear();
  size_t at = 0;
  for (const Waiting& one : waiting_) {
    texts_.push_back(std::string_view(bytes_).substr(at, one.bytes));
    at += one.bytes;
  }
  tokens_.resize(waiting_.size() * vocabularies_);
  counter_.CountAll(texts_, tokens_);
  std::span<const uint64_t> tokens = tokens_;
  for (const Waiting& one : waiting_) {
    AppendRow(one.hash, one.bytes, tokens.first(vocabularies_));
    tokens = tokens.subspan(vocabularies_);
  }
  waiting_.clear();
  bytes_.erase(0, at);
}

void ParagraphCounter::AppendRow(const Hash128& hash, uint64_t bytes,
                                 std::span<const uint64_t> tokens) {
  if (!status_.ok()) return;
  status_ = table_->Append(
      {.document = document_, .hash = hash, .bytes = bytes, .tokens = tokens});
}

}  // namespace peaktext

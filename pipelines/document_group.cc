#include "pipelines/document_group.h"

#include <array>
#include <span>

#include "pipelines/owned_views.h"

namespace peaktext {
namespace {

std::array<std::string_view*, 4> Views(ScannedDocument& document) {
  return {&document.row.id, &document.row.url, &document.row.language,
          &document.text};
}

}  // namespace

void DocumentGroup::Add(const ScannedDocument& document) {
  if (waiting_.size() == size_) waiting_.emplace_back();
  Waiting& waiting = waiting_[size_++];
  waiting.document = document;
  AppendBytes(Views(waiting.document), &bytes_);
  text_bytes_ += document.text.size();
  if (document.signature != nullptr) waiting.signature = *document.signature;
}

Status DocumentGroup::Count(TokenCounter& counter, const DocumentSink& sink) {
  const std::span<Waiting> all = std::span(waiting_).first(size_);
  size_ = text_bytes_ = 0;
  texts_.clear();
  const char* at = bytes_.data();
  for (Waiting& waiting : all) {
    at = PointInto(Views(waiting.document), at);
    texts_.push_back(waiting.document.text);
  }
  bytes_.clear();
  tokens_.resize(all.size() * vocabularies_);
  counter.CountAll(texts_, tokens_);
  std::span<const uint64_t> tokens = tokens_;
  for (Waiting& waiting : all) {
    ScannedDocument& document = waiting.document;
    document.row.tokens = tokens.first(vocabularies_);
    tokens = tokens.subspan(vocabularies_);
    if (document.signature != nullptr) document.signature = &waiting.signature;
    if (Status status = sink(document); !status.ok()) return status;
  }
  return {};
}

}  // namespace peaktext

#include "pipelines/document_worker.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "base/utf8.h"

namespace peaktext {

DocumentWorker::DocumentWorker(const WorkerSetup& setup)
    : tables_(setup.tables),
      counter_options_(setup.counter),
      on_message_(setup.on_message),
      counter_(tables_, counter_options_),
      extractor_(setup.extract),
      tokens_(setup.tables.size()),
      group_(setup.tables.size()) {
  if (setup.signature) signer_.emplace(*setup.signature);
}

void DocumentWorker::Describe(const Document& document) {
  document_ = {};
  document_.row = {.id = document.id,
                   .url = document.url,
                   .language = document.language,
                   .offset = document.offset,
                   .bytes = document.text.size(),
                   .tokens = {},
                   .text_hash = {},
                   .date_seconds = document.date_seconds};
  document_.text = document.text;
  document_.priority = document.priority;
}

void DocumentWorker::Sign() {
  if (!signer_) return;
  signer_->Sign(document_.text, &signature_);
  document_.row.text_hash = signature_.text_hash;
  document_.signature = &signature_;
}

// Calls `count`. False when the document at `offset` cannot be counted: then
// the counter is a new one.
template <class Function>
bool DocumentWorker::Counts(std::string_view input, uint64_t offset,
                            const Function& count) {
  try {
    count();
    return true;
  } catch (const std::length_error& error) {
    if (on_message_) {
      on_message_(
          fmt::format("{}: offset {}: {}", input, offset, error.what()));
    }
    counter_ = TokenCounter(tables_, counter_options_);
    return false;
  }
}

Status DocumentWorker::Process(std::string_view input, Record& record,
                               const DocumentSink& sink) {
  Document document;
  if (extractor_.Extract(input, record, &document) !=
      ExtractOutcome::kDocument) {
    return {};
  }
  Describe(document);
  const std::string_view text = document.text;
  if (!group_.HasRoomFor(text)) {
    if (Status status = Flush(sink); !status.ok()) return status;
  }
  if (group_.HasRoomFor(text)) {
    Sign();
    group_.Add(document_);
    return {};
  }
  if (!Counts(input, document.offset, [&] { counter_.Count(text, tokens_); })) {
    too_large_.Add("too_large", text.size());
    return {};
  }
  document_.row.tokens = tokens_;
  Sign();
  return sink(document_);
}

Status DocumentWorker::ProcessPiece(std::string_view input, Record& record,
                                    const DocumentSink& sink) {
  if (Status status = Flush(sink); !status.ok()) return status;
  Document document;
  if (extractor_.Extract(input, record, &document) !=
      ExtractOutcome::kDocument) {
    return {};
  }
  if (!record.continued) {
    id_ = document.id;
    piece_offset_ = document.offset;
    piece_bytes_ = 0;
    carry_.clear();
    uncounted_ = false;
  }
  const auto count = [&](const auto& step) {
    uncounted_ = uncounted_ || !Counts(input, piece_offset_, step);
  };
  count([&] { counter_.Feed(document.text); });
  // The counter repairs what is not UTF-8 by itself; here only the size of the
  // repaired text is wanted.
  std::string_view bytes = document.text;
  if (!carry_.empty()) {
    carry_.append(bytes);
    bytes = carry_;
  }
  const size_t cut = record.more ? IncompleteUtf8Suffix(bytes) : 0;
  const std::string_view whole = bytes.substr(0, bytes.size() - cut);
  if (IsValidUtf8(whole)) {
    piece_bytes_ += whole.size();
  } else {
    repaired_.clear();
    AppendRepairedUtf8(whole, &repaired_);
    piece_bytes_ += repaired_.size();
  }
  carry_ = std::string(bytes.substr(whole.size()));
  if (record.more) return {};
  count([&] { counter_.Finish(tokens_); });
  if (uncounted_) {
    too_large_.Add("too_large", piece_bytes_);
    return {};
  }
  document.id = id_;
  document.offset = piece_offset_;
  document.text = {};
  Describe(document);
  document_.row.bytes = piece_bytes_;
  document_.row.tokens = tokens_;
  return sink(document_);
}

DropCounts DocumentWorker::TakeDropped() {
  DropCounts fresh = std::exchange(too_large_, {});
  for (const auto& [reason, now] : extractor_.dropped().by_reason()) {
    const auto before = taken_.by_reason().find(reason);
    DropCount drop = now;
    if (before != taken_.by_reason().end()) {
      drop.count -= before->second.count;
      drop.bytes -= before->second.bytes;
    }
    if (drop.count > 0) fresh.Add(reason, drop.bytes, drop.count);
  }
  taken_ = extractor_.dropped();
  return fresh;
}

}  // namespace peaktext

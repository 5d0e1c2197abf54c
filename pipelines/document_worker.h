// What one thread does with a record: extract, name the language, count, sign.
//
//   DocumentWorker worker(setup);
//   Status s = worker.Process(input, record, sink);  // ... of many records
//   s = worker.Flush(sink);
//
// Not thread-safe: one per thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "extract/extractor.h"
#include "pipelines/document_group.h"
#include "read/record_reader.h"
#include "sketch/signature.h"
#include "tokenize/token_counter.h"

namespace peaktext {

struct WorkerSetup {
  std::vector<const CountTables*> tables;  // by vocabulary; they outlive it
  CounterOptions counter;
  ExtractOptions extract;
  std::optional<SignatureOptions> signature;  // none: documents are not signed
  // Told of each document that cannot be counted, by any worker's thread.
  std::function<void(std::string_view message)> on_message;
};

class DocumentWorker {
 public:
  explicit DocumentWorker(const WorkerSetup& setup);

  // Gives what becomes of the records to `sink`, in their order: at once, or
  // later where texts are short, to be counted together. Returns what the sink
  // does; after a failure some are not given. A document that cannot be counted
  // in bounded memory (see TokenCounter) is dropped as too_large. May change
  // the record's body.
  Status Process(std::string_view input, Record& record,
                 const DocumentSink& sink);
  // A plain text of any length, in pieces cut anywhere; the last call of a
  // text, with record.more false, gives the document, without text or
  // signature.
  Status ProcessPiece(std::string_view input, Record& record,
                      const DocumentSink& sink);
  // Gives what has not been given yet.
  Status Flush(const DocumentSink& sink) {
    return group_.Count(counter_, sink);
  }

  // Lets counters of later runs start with what this one's learned, if that is
  // worth it.
  void KeepLearned() { counter_.KeepLearned(); }

  // What was dropped since the last call, and starts anew.
  DropCounts TakeDropped();

 private:
  void Describe(const Document& document);
  void Sign();
  template <class Function>
  bool Counts(std::string_view input, uint64_t offset, const Function& count);

  std::vector<const CountTables*> tables_;
  CounterOptions counter_options_;
  std::function<void(std::string_view)> on_message_;
  TokenCounter counter_;
  Extractor extractor_;
  std::optional<Signer> signer_;
  Signature signature_;
  std::vector<uint64_t> tokens_;
  ScannedDocument document_;
  DocumentGroup group_;
  std::string id_;
  uint64_t piece_bytes_ = 0;   // UTF-8 bytes of the text so far
  uint64_t piece_offset_ = 0;  // of its first piece
  std::string carry_;          // a character cut by the end of a piece
  bool uncounted_ = false;     // the text in pieces is dropped
  std::string repaired_;
  DropCounts taken_;  // what TakeDropped() has given away of the extractor's
  DropCounts too_large_;
};

}  // namespace peaktext

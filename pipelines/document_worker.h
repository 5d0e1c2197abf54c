// What one thread does with a record: extract, name the language, count, sign.
//
//   DocumentWorker worker(setup);
//   if (worker.Process(input, record)) Use(worker.document());
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
#include "inventory/document_table.h"
#include "read/record_reader.h"
#include "sketch/signature.h"
#include "tokenize/token_counter.h"

namespace peaktext {

// A document with all that one pass finds out about it. Views live until the
// worker's next call.
struct ScannedDocument {
  DocumentRow row;
  std::string_view text;
  int64_t priority = 0;  // of Keep::kPriority
  // Null when nothing is signed.
  const Signature* signature = nullptr;
};

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

  // True when the record became a document. One that cannot be counted in
  // bounded memory (see TokenCounter) is dropped as too_large. May change the
  // record's body.
  bool Process(std::string_view input, Record& record);
  const ScannedDocument& document() const { return document_; }

  // A plain text of any length, in pieces cut anywhere; the last call of a
  // text, with record.more false, gives the document, without text or
  // signature.
  bool ProcessPiece(std::string_view input, Record& record);

  // Lets counters of later runs start with what this one's learned, if that is
  // worth it.
  void KeepLearned() { counter_.KeepLearned(); }

  // What was dropped since the last call, and starts anew.
  DropCounts TakeDropped();

 private:
  void Describe(const Document& document);
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

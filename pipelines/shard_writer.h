// The files of one shard while it is scanned: document table, signatures,
// texts, paragraphs; the marker last.
//
//   Result<ShardWriter> writer = ShardWriter::Create(folder, shard, ...);
//   writer->Append(document) ...
//   writer->Commit(marker)
//
// Not thread-safe. Without Commit() nothing is left behind.
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "extract/text_store.h"
#include "inventory/document_table.h"
#include "inventory/paragraph_table.h"
#include "inventory/scan_folder.h"
#include "pipelines/document_worker.h"
#include "pipelines/paragraph_counter.h"
#include "sketch/signature_file.h"

namespace peaktext {

class ShardWriter {
 public:
  // `paragraphs` outlives the writer; null: they are not counted.
  static Result<ShardWriter> Create(const ScanFolder& folder, size_t shard,
                                    const std::string& input,
                                    uint32_t vocabularies,
                                    const SignatureOptions& signature,
                                    bool keep_texts,
                                    ParagraphCounter* paragraphs);

  Status Append(const ScannedDocument& document);

  // Commits the files, then writes the marker; fills its `documents` and
  // `files`.
  Status Commit(ShardMarker marker);

  uint64_t rows() const { return table_.rows(); }

 private:
  ShardWriter(const ScanFolder& folder, size_t shard, DocumentTableWriter table,
              SignatureWriter signatures);

  const ScanFolder* folder_;
  size_t shard_;
  DocumentTableWriter table_;
  SignatureWriter signatures_;
  std::optional<TextStoreWriter> texts_;
  ParagraphCounter* paragraph_counter_ = nullptr;
  std::optional<ParagraphTableWriter> paragraphs_;
  SignatureRow row_;
};

}  // namespace peaktext

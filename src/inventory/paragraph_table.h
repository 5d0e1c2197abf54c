// The paragraph table of one shard: a row per paragraph (sketch/paragraphs.h)
// in the order of the text, what `scan --paragraphs` leaves for `inventory`.
// The byte format is drawn at the top of paragraph_table.cc.
//
//   Result<ParagraphTableWriter> out = ParagraphTableWriter::Create(path, 2);
//   out->Append(row); ... out->Commit();
//
//   Result<ParagraphTableReader> in = ParagraphTableReader::Open(path);
//   while (in->NextOf(document, &row)) Use(row);   // for each document
//   if (!in->status().ok()) return in->status();
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_file.h"
#include "base/hash.h"
#include "base/status.h"

namespace peaktext {

// One paragraph. The span is the caller's when written; when read it lives
// until the next NextOf().
struct ParagraphRow {
  uint64_t document = 0;  // row of the shard's document table
  Hash128 hash;
  uint64_t bytes = 0;                // of UTF-8, white space folded
  std::span<const uint64_t> tokens;  // of the same, by vocabulary
};

class ParagraphTableWriter {
 public:
  static Result<ParagraphTableWriter> Create(std::string path,
                                             uint32_t vocabularies);

  // REQUIRES: row.tokens.size() == vocabularies; documents in order.
  Status Append(const ParagraphRow& row);
  // Makes the file appear. REQUIRES: called once, last.
  Status Commit();

  uint64_t size_bytes() const { return file_.size_bytes(); }
  uint64_t checksum() const { return file_.checksum(); }

 private:
  explicit ParagraphTableWriter(BlockFileWriter file)
      : file_(std::move(file)) {}
  Status WriteGroup();

  BlockFileWriter file_;
  std::string hashes_;   // of the group that is being filled
  std::string numbers_;  // the rest of its rows
  std::string packed_;
  uint32_t group_rows_ = 0;
  uint64_t document_ = 0;  // of the last row
};

class ParagraphTableReader {
 public:
  static Result<ParagraphTableReader> Open(std::string path);

  // Advances to the next paragraph if it is one of `document`. False when it is
  // not, at the end, and on failure: see status(). REQUIRES: documents in
  // order, none with paragraphs left out.
  bool NextOf(uint64_t document, ParagraphRow* row);
  const Status& status() const { return status_; }
  // Ok when all paragraphs were read: each belongs to a document.
  Status CheckEnd() const;

  uint32_t vocabularies() const { return vocabularies_; }

 private:
  explicit ParagraphTableReader(BlockFileReader file)
      : file_(std::move(file)) {}
  bool LoadGroup();
  bool ParseRow();

  BlockFileReader file_;
  Status status_;
  uint32_t vocabularies_ = 0;
  size_t next_block_ = 0;
  std::string hashes_;
  std::string numbers_;
  std::string packed_;
  std::string_view hashes_left_;
  std::string_view numbers_left_;
  bool waiting_ = false;  // row_ is parsed and not handed out
  ParagraphRow row_;
  std::vector<uint64_t> tokens_;
};

}  // namespace peaktext

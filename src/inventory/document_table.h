// The document table of one shard: a row per document in record order, what
// `scan` leaves for `inventory`. The byte format is drawn at the top of
// document_table.cc; every block is checksummed. Rows are read in order, and
// single ids at random.
//
//   Result<DocumentTableWriter> writer =
//       DocumentTableWriter::Create(path, vocabularies, input);
//   writer->Append(row) ... writer->Commit()
//
//   Result<DocumentTableReader> reader = DocumentTableReader::Open(path,
//   input); DocumentRow row; while (reader->Next(&row)) Use(row); if
//   (!reader->status().ok()) ...
//
// Not thread-safe, but DocumentTableReader::ReadId may be called from anywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "base/input_file.h"
#include "base/status.h"

namespace peaktext {

// One document. Views are the caller's when written; those of a row that was
// read live until the next Next().
struct DocumentRow {
  std::string_view id;
  std::string_view url;
  std::string_view language;
  uint64_t offset = 0;
  uint64_t bytes = 0;                // of UTF-8 text
  std::span<const uint64_t> tokens;  // by vocabulary
  Hash128 text_hash;
  int64_t date_seconds = 0;
};

class DocumentTableWriter {
 public:
  // `input` is the shard's name: ids of the form INPUT#OFFSET need no room.
  static Result<DocumentTableWriter> Create(std::string path,
                                            uint32_t vocabularies,
                                            std::string input);

  // REQUIRES: row.tokens.size() == vocabularies.
  Status Append(const DocumentRow& row);
  // Writes what is left, fsyncs and renames. REQUIRES: called once, last.
  Status Commit();

  uint64_t rows() const { return rows_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }
  uint64_t checksum() const { return file_.checksum(); }

 private:
  DocumentTableWriter(AtomicFile file, std::string input)
      : file_(std::move(file)), input_(std::move(input)) {}
  Status FlushBlock();

  AtomicFile file_;
  std::string input_;
  std::string ids_;     // of the block that is being filled
  std::string fields_;  // the rest of its rows
  std::string packed_;
  uint32_t block_rows_ = 0;
  uint64_t rows_ = 0;
  struct BlockPlace {
    uint64_t offset;
    uint64_t first_row;
  };
  std::vector<BlockPlace> index_;
};

class DocumentTableReader {
 public:
  static Result<DocumentTableReader> Open(const std::string& path,
                                          std::string input);

  // Advances to the next row. False at the end or on failure: see status().
  bool Next(DocumentRow* row);
  const Status& status() const { return status_; }

  // The id of any row. Reads one block's ids.
  Result<std::string> ReadId(uint64_t row) const;

  uint64_t rows() const { return rows_; }
  uint32_t vocabularies() const { return vocabularies_; }

 private:
  struct BlockPlace {
    uint64_t offset;
    uint64_t first_row;
  };
  struct BlockHead {
    uint32_t rows;
    uint32_t id_bytes;
    uint32_t field_bytes;
    uint32_t packed_bytes;
    uint64_t id_checksum;
    uint64_t packed_checksum;
  };

  DocumentTableReader(InputFile file, std::string input)
      : file_(std::move(file)), input_(std::move(input)) {}
  Status ReadFooter();
  Status ReadHead(size_t block, BlockHead* head) const;
  Status ReadIds(size_t block, const BlockHead& head, std::string* ids) const;
  Status LoadBlock(size_t block);
  bool ParseRow(DocumentRow* row);
  Status Corrupt(uint64_t offset, std::string_view what) const;

  InputFile file_;
  std::string input_;
  Status status_;
  uint32_t vocabularies_ = 0;
  uint64_t rows_ = 0;
  uint64_t index_offset_ = 0;
  std::vector<BlockPlace> index_;
  size_t next_block_ = 0;
  uint32_t rows_left_ = 0;  // of the loaded block
  std::string ids_;
  std::string fields_;
  std::string packed_;
  std::string_view ids_left_;
  std::string_view fields_left_;
  std::string id_;
  std::vector<uint64_t> tokens_;
};

}  // namespace peaktext

// The texts of one shard's documents, in record order, compressed (LZ4 blocks
// of about 64 KiB with an index at the end), readable at random by row: for
// verification against the text, for export and explain. The byte format is
// drawn at the top of text_store.cc.
//
//   Result<TextStoreWriter> out = TextStoreWriter::Create(path);
//   out->Append(document.text); ... out->Commit();
//
//   Result<TextStoreReader> in = TextStoreReader::Open(path);
//   std::string text;
//   in->Read(row, &text);
//   in->ReadPieces(row, [&](std::string_view piece) {...});  // bounded memory
//
// Not thread-safe: one reader or writer per thread. Each holds some 256 KiB, a
// writer the 1 MiB of its file besides.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_file.h"
#include "base/status.h"

namespace peaktext {

class TextStoreWriter {
 public:
  static Result<TextStoreWriter> Create(std::string path);
  TextStoreWriter(TextStoreWriter&&) noexcept;
  TextStoreWriter& operator=(TextStoreWriter&&) noexcept;
  ~TextStoreWriter();

  // Adds the next row's text.
  Status Append(std::string_view text);
  // Makes the file appear. REQUIRES: called once, last.
  Status Commit();

  uint64_t rows() const { return rows_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }
  uint64_t checksum() const { return file_.checksum(); }

 private:
  struct Compressor;
  explicit TextStoreWriter(BlockFileWriter file);
  Status WriteFrame(std::string_view text, uint32_t rows);
  Status Flush();

  BlockFileWriter file_;
  std::unique_ptr<Compressor> compressor_;
  std::string lengths_;  // of the texts that wait, 4 bytes each
  std::string texts_;    // that wait for their frame
  uint64_t rows_ = 0;
};

class TextStoreReader {
 public:
  static Result<TextStoreReader> Open(std::string path);

  uint64_t rows() const { return rows_; }
  // The row's text whole. REQUIRES: row < rows().
  Status Read(uint64_t row, std::string* text);
  // Gives the row's text in order, in pieces of at most 64 KiB, until `use`
  // says false. The pieces are valid during the call; long texts may be cut
  // inside a character. REQUIRES: row < rows().
  Status ReadPieces(uint64_t row,
                    const std::function<bool(std::string_view)>& use);

 private:
  explicit TextStoreReader(BlockFileReader file);
  Status Load(size_t frame);

  BlockFileReader file_;
  std::vector<uint64_t> first_rows_;  // per frame: rows that begin before it
  uint64_t rows_ = 0;
  size_t loaded_ = SIZE_MAX;  // the frame in frame_
  std::string stored_;
  std::string frame_;
};

}  // namespace peaktext

// The signatures of one shard's documents, in record order: what `scan` leaves
// for `dedup`. The byte format is drawn at the top of signature_file.cc; some
// 215 bytes per document at 20 bands. Columns lie apart, so that a pass over
// the band hashes alone reads 120 of them.
//
//   Result<SignatureWriter> out = SignatureWriter::Create(path, options);
//   out->Append(row); ... out->Commit();
//
//   Result<SignatureReader> in = SignatureReader::Open(path);
//   SignatureColumns columns;
//   for (size_t i = 0; i < in->blocks(); ++i)
//     in->ReadBlock(i, kBandColumn | kNumberColumns, &columns);
//   in->Read(first_row, count, &rows);             // or at random
//
// The writer is not thread-safe; a reader may be used by several threads at
// once.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/block_file.h"
#include "base/status.h"
#include "sketch/signature.h"

namespace peaktext {

// One document as dedup sees it.
struct SignatureRow {
  Signature signature;
  uint64_t text_bytes = 0;
  int64_t date_seconds = 0;  // capture, Unix time; 0 = unknown
  int64_t priority = 0;      // of --keep=priority-field; larger is kept

  bool operator==(const SignatureRow&) const = default;
};

// Rows of every block but the last, which may have fewer.
inline constexpr uint64_t kSignatureBlockRows = 4096;

enum SignatureColumn : unsigned {
  kTextHashColumn = 1,
  kBandColumn = 2,
  kSketchColumn = 4,
  kNumberColumns = 8,  // shingles, first_minhash, text_bytes, date, priority
  kAllColumns = 15,
};

// Columns of one block; those that were not asked for are empty. Made once and
// read into again and again: memory that is new to a process is dear.
struct SignatureColumns {
  uint64_t first_row = 0;
  uint64_t rows = 0;
  std::vector<Hash128> text_hashes;
  // Band b of row i is [b * rows + i]; zero when the row has no shingle.
  std::vector<uint64_t> band_hashes;
  std::vector<std::array<uint8_t, 64>> sketches;
  std::vector<uint64_t> shingles;
  std::vector<uint64_t> first_minhashes;
  std::vector<uint64_t> text_bytes;
  std::vector<int64_t> dates_seconds;
  std::vector<int64_t> priorities;
  std::string bytes;   // scratch: a column as stored
  std::string planes;  // scratch: numbers unpacked

  void Clear();
};

class SignatureWriter {
 public:
  static Result<SignatureWriter> Create(std::string path,
                                        const SignatureOptions& options);

  // REQUIRES: the signature is of the options given, band hashes below 2^48.
  Status Append(const SignatureRow& row);
  // Makes the file appear. REQUIRES: called once, last.
  Status Commit();

  uint64_t rows() const { return rows_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }
  uint64_t checksum() const { return file_.checksum(); }

 private:
  SignatureWriter(BlockFileWriter file, uint32_t bands)
      : file_(std::move(file)), bands_(bands) {}
  Status WriteBlock();

  BlockFileWriter file_;
  uint32_t bands_;
  uint64_t rows_ = 0;
  SignatureColumns block_;  // band hashes by row here
};

class SignatureReader {
 public:
  static Result<SignatureReader> Open(std::string path,
                                      PageCache cache = PageCache::kKeep);

  // Those the file was written with (`isa` is this machine's).
  const SignatureOptions& options() const { return options_; }
  uint64_t rows() const { return rows_; }
  size_t blocks() const { return file_.blocks() / kColumnsPerBlock; }
  const std::string& path() const { return file_.path(); }

  // Reads the columns (a sum of SignatureColumn) of one block.
  // REQUIRES: block < blocks().
  Status ReadBlock(size_t block, unsigned columns,
                   SignatureColumns* values) const;
  // Reads rows first_row...first_row+count-1 whole.
  // REQUIRES: first_row + count <= rows().
  Status Read(uint64_t first_row, uint64_t count,
              std::vector<SignatureRow>* rows) const;

 private:
  static constexpr size_t kColumnsPerBlock = 4;
  explicit SignatureReader(BlockFileReader file) : file_(std::move(file)) {}
  Status CheckShape();
  Status ReadNumbers(size_t block, SignatureColumns* values) const;

  BlockFileReader file_;
  SignatureOptions options_;
  uint64_t rows_ = 0;
};

// kInvalidArgument, naming both files, unless their signatures can be compared.
Status CheckCompatible(const SignatureReader& a, const SignatureReader& b);

}  // namespace peaktext

// A paragraph table is a block file (base/block_file.cc) of kind "PTPARA",
// schema 1. Numbers are little-endian. Its header: vocabularies:u32.
//
// Paragraphs come in groups of 32,768 rows (the last group may have fewer). A
// group of n rows is two blocks, each with n as its tag:
//
//   hashes    (low:u64 high:u64) × n
//   numbers   a zstd frame of a row each: document:v bytes:v tokens:v…
//             v is a varint; `document` is how many documents behind that of
//             the row before (of the file, not the group; from 0)
//
// The hash has 128 bits, as that of a document: with 64, paragraphs that differ
// would be taken for equal from some billions of them on, unnoticed.
#include "inventory/paragraph_table.h"

#include <fmt/core.h>
#include <zstd.h>

#include <algorithm>
#include <cassert>

#include "base/little_endian.h"
#include "base/zstd_context.h"
#include "inventory/table_codec.h"

namespace peaktext {
namespace {

constexpr char kKind[] = "PTPARA";
constexpr uint32_t kSchema = 1;
constexpr uint32_t kGroupRows = 32768;
constexpr size_t kHashBytes = 16;
constexpr size_t kMaxVarintBytes = 10;
// Of a group's numbers: a check against damage more than a limit.
constexpr uint64_t kMaxNumbersBytes = 1U << 28;
constexpr int kLevel = 1;

}  // namespace

Result<ParagraphTableWriter> ParagraphTableWriter::Create(
    std::string path, uint32_t vocabularies) {
  std::string header;
  AppendLittle(&header, vocabularies);
  Result<BlockFileWriter> file =
      BlockFileWriter::Create(std::move(path), kKind, kSchema, header);
  if (!file) return Fail(std::move(file.error()));
  return ParagraphTableWriter(std::move(*file));
}

Status ParagraphTableWriter::Append(const ParagraphRow& row) {
  assert(row.document >= document_);
  AppendLittle(&hashes_, row.hash.low);
  AppendLittle(&hashes_, row.hash.high);
  PutVarint(row.document - document_, &numbers_);
  document_ = row.document;
  PutVarint(row.bytes, &numbers_);
  for (const uint64_t tokens : row.tokens) PutVarint(tokens, &numbers_);
  return ++group_rows_ == kGroupRows ? WriteGroup() : Status();
}

Status ParagraphTableWriter::WriteGroup() {
  if (Status s = file_.Append(hashes_, group_rows_); !s.ok()) return s;
  packed_.resize(ZSTD_compressBound(numbers_.size()));
  const size_t size = ZSTD_compress(packed_.data(), packed_.size(),
                                    numbers_.data(), numbers_.size(), kLevel);
  if (ZSTD_isError(size) != 0) {
    return {StatusCode::kIo, ZSTD_getErrorName(size)};
  }
  Status status = file_.Append({packed_.data(), size}, group_rows_);
  hashes_.clear();
  numbers_.clear();
  group_rows_ = 0;
  return status;
}

Status ParagraphTableWriter::Commit() {
  if (group_rows_ > 0) {
    if (Status s = WriteGroup(); !s.ok()) return s;
  }
  return file_.Commit();
}

Result<ParagraphTableReader> ParagraphTableReader::Open(std::string path) {
  Result<BlockFileReader> file =
      BlockFileReader::Open(std::move(path), kKind, kSchema);
  if (!file) return Fail(std::move(file.error()));
  if (file->header().size() != sizeof(uint32_t) || file->blocks() % 2 != 0) {
    return Fail(StatusCode::kCorrupt,
                fmt::format("{}: not a table of paragraphs", file->path()));
  }
  ParagraphTableReader reader(std::move(*file));
  reader.vocabularies_ = LoadLittle<uint32_t>(reader.file_.header().data());
  return reader;
}

bool ParagraphTableReader::LoadGroup() {
  const size_t block = next_block_;
  next_block_ += 2;
  const uint64_t rows = file_.tag(block);
  status_ = file_.Read(block, &hashes_);
  if (status_.ok()) status_ = file_.Read(block + 1, &packed_);
  if (!status_.ok()) return false;
  const uint64_t size =
      ZSTD_getFrameContentSize(packed_.data(), packed_.size());
  const uint64_t most = std::min(
      rows * kMaxVarintBytes * (uint64_t{vocabularies_} + 2), kMaxNumbersBytes);
  if (rows == 0 || rows > kGroupRows || hashes_.size() != rows * kHashBytes ||
      file_.tag(block + 1) != rows || size > most) {
    status_ = file_.Corrupt(block, "not a group of paragraphs");
    return false;
  }
  numbers_.resize(size);
  const ZstdContext context;
  const size_t got =
      ZSTD_decompressDCtx(context.get(), numbers_.data(), numbers_.size(),
                          packed_.data(), packed_.size());
  if (ZSTD_isError(got) != 0 || got != size) {
    status_ = file_.Corrupt(block + 1, "cannot be decompressed to its size");
    return false;
  }
  hashes_left_ = hashes_;
  numbers_left_ = numbers_;
  return true;
}

bool ParagraphTableReader::ParseRow() {
  uint64_t documents = 0;
  tokens_.clear();
  bool whole = TakeFixed(&hashes_left_, &row_.hash.low) &&
               TakeFixed(&hashes_left_, &row_.hash.high) &&
               TakeVarint(&numbers_left_, &documents) &&
               TakeVarint(&numbers_left_, &row_.bytes);
  for (uint32_t i = 0; whole && i < vocabularies_; ++i) {
    whole = TakeVarint(&numbers_left_, &tokens_.emplace_back());
  }
  if (!whole || (hashes_left_.empty() && !numbers_left_.empty())) {
    status_ = file_.Corrupt(next_block_ - 1, "rows of another size");
    return false;
  }
  row_.document += documents;
  row_.tokens = tokens_;
  return true;
}

bool ParagraphTableReader::NextOf(uint64_t document, ParagraphRow* row) {
  if (!status_.ok()) return false;
  if (!waiting_) {
    if (hashes_left_.empty()) {
      if (next_block_ >= file_.blocks() || !LoadGroup()) return false;
    }
    if (!ParseRow()) return false;
    waiting_ = true;
  }
  if (row_.document != document) return false;
  waiting_ = false;
  *row = row_;
  return true;
}

Status ParagraphTableReader::CheckEnd() const {
  if (!status_.ok()) return status_;
  if (!waiting_ && hashes_left_.empty() && next_block_ >= file_.blocks()) {
    return {};
  }
  return {StatusCode::kCorrupt,
          fmt::format("{}: has paragraphs of no document", file_.path())};
}

}  // namespace peaktext

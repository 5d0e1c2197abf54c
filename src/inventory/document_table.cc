// The file, all numbers little-endian:
//
//   "PTDOCS01" vocabularies:u32 zero:u32
//   block*
//   index     (offset:u64 first_row:u64) per block
//   footer    index_offset:u64 blocks:u64 rows:u64 checksum:u64 "PTDOCEND"
//             (checksum: XXH3-64 of the index)
//
//   block     rows:u32 id_bytes:u32 field_bytes:u32 packed_bytes:u32
//             id_checksum:u64 packed_checksum:u64
//             ids[id_bytes]  packed[packed_bytes]
//
// `packed` is one zstd frame of the rows' fields (field_bytes of them):
//
//   row       offset:v url:s language:s bytes:v tokens:v... hash_high:u64
//             hash_low:u64 date:z
//
// v is a varint (7 bits a byte, least first), z a zigzag varint, s a varint
// length and so many bytes. The ids stand uncompressed, so that the id of one
// document, a survivor's name, costs one small read and no decompression:
//
//   id        0:v uuid[16]   "urn:uuid:" and lower-case hex, as crawlers write
//           | 1:v offset:v   INPUT#OFFSET
//           | length+2:v bytes
#include "inventory/document_table.h"

#include <fmt/core.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cassert>

#include "base/zstd_context.h"
#include "inventory/table_codec.h"

namespace peaktext {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "PTDOCS01";
constexpr std::string_view kEndMagic = "PTDOCEND";
constexpr size_t kHeaderBytes = 16;
constexpr size_t kFooterBytes = 40;
constexpr uint32_t kBlockRows = 256;
constexpr size_t kBlockBytes = 256 << 10;  // a block is closed beyond
// What a block may hold at most. A row is a record's names and a few numbers,
// so that this is a check against damage more than a limit.
constexpr uint32_t kMaxBlockBytes = 1U << 28;
constexpr int kLevel = 1;  // the fields are small beside the texts

}  // namespace

Result<DocumentTableWriter> DocumentTableWriter::Create(std::string path,
                                                        uint32_t vocabularies,
                                                        std::string input) {
  Result<AtomicFile> file = AtomicFile::Create(std::move(path));
  if (!file) return Fail(file.error());
  DocumentTableWriter writer(std::move(*file), std::move(input));
  std::string header(kMagic);
  PutFixed(vocabularies, &header);
  PutFixed(uint32_t{0}, &header);
  if (Status written = writer.file_.Write(header); !written.ok()) {
    return Fail(std::move(written));
  }
  return writer;
}

Status DocumentTableWriter::Append(const DocumentRow& row) {
  PutId(row.id, input_, &ids_);
  PutVarint(row.offset, &fields_);
  PutString(row.url, &fields_);
  PutString(row.language, &fields_);
  PutVarint(row.bytes, &fields_);
  for (const uint64_t count : row.tokens) PutVarint(count, &fields_);
  PutFixed(row.text_hash.high, &fields_);
  PutFixed(row.text_hash.low, &fields_);
  const auto date = static_cast<uint64_t>(row.date_seconds);
  PutVarint(date << 1 ^ (row.date_seconds < 0 ? ~uint64_t{0} : 0), &fields_);
  ++block_rows_;
  ++rows_;
  if (ids_.size() > kMaxBlockBytes || fields_.size() > kMaxBlockBytes) {
    return {
        StatusCode::kUnsupported,
        fmt::format("{}: offset {}: the document's names take over {} bytes",
                    input_, row.offset, kMaxBlockBytes)};
  }
  if (block_rows_ == kBlockRows || ids_.size() + fields_.size() > kBlockBytes) {
    return FlushBlock();
  }
  return {};
}

Status DocumentTableWriter::FlushBlock() {
  packed_.resize(ZSTD_compressBound(fields_.size()));
  const size_t packed = ZSTD_compress(packed_.data(), packed_.size(),
                                      fields_.data(), fields_.size(), kLevel);
  assert(!ZSTD_isError(packed));
  packed_.resize(packed);
  index_.push_back({file_.size_bytes(), rows_ - block_rows_});
  std::string head;
  PutFixed(block_rows_, &head);
  PutFixed(static_cast<uint32_t>(ids_.size()), &head);
  PutFixed(static_cast<uint32_t>(fields_.size()), &head);
  PutFixed(static_cast<uint32_t>(packed), &head);
  PutFixed(HashBytes64(ids_), &head);
  PutFixed(HashBytes64(packed_), &head);
  Status status = file_.Write(head);
  if (status.ok()) status = file_.Write(ids_);
  if (status.ok()) status = file_.Write(packed_);
  ids_.clear();
  fields_.clear();
  block_rows_ = 0;
  return status;
}

Status DocumentTableWriter::Commit() {
  if (block_rows_ > 0) {
    if (Status flushed = FlushBlock(); !flushed.ok()) return flushed;
  }
  const uint64_t index_offset = file_.size_bytes();
  std::string tail;
  for (const BlockPlace& place : index_) {
    PutFixed(place.offset, &tail);
    PutFixed(place.first_row, &tail);
  }
  const uint64_t checksum = HashBytes64(tail);
  PutFixed(index_offset, &tail);
  PutFixed(static_cast<uint64_t>(index_.size()), &tail);
  PutFixed(rows_, &tail);
  PutFixed(checksum, &tail);
  tail.append(kEndMagic);
  if (Status written = file_.Write(tail); !written.ok()) return written;
  return file_.Commit();
}

Result<DocumentTableReader> DocumentTableReader::Open(const std::string& path,
                                                      std::string input) {
  Result<InputFile> file = InputFile::Open(path);
  if (!file) return Fail(file.error());
  DocumentTableReader reader(std::move(*file), std::move(input));
  if (Status read = reader.ReadFooter(); !read.ok()) return Fail(read);
  return reader;
}

Status DocumentTableReader::Corrupt(uint64_t offset,
                                    std::string_view what) const {
  return {StatusCode::kCorrupt,
          fmt::format("{}: offset {}: {}", file_.path(), offset, what)};
}

Status DocumentTableReader::ReadFooter() {
  const uint64_t size = file_.size_bytes();
  if (size < kHeaderBytes + kFooterBytes) {
    return Corrupt(0, "not a document table");
  }
  std::string bytes(kHeaderBytes, '\0');
  if (Status s = file_.ReadAt(0, bytes.data(), bytes.size()); !s.ok()) return s;
  std::string_view in = bytes;
  if (!in.starts_with(kMagic)) return Corrupt(0, "not a document table");
  in.remove_prefix(kMagic.size());
  TakeFixed(&in, &vocabularies_);
  if (vocabularies_ > 1024) return Corrupt(8, "too many vocabularies");

  const uint64_t footer = size - kFooterBytes;
  bytes.resize(kFooterBytes);
  if (Status s = file_.ReadAt(footer, bytes.data(), bytes.size()); !s.ok()) {
    return s;
  }
  in = bytes;
  uint64_t blocks = 0;
  uint64_t checksum = 0;
  TakeFixed(&in, &index_offset_);
  TakeFixed(&in, &blocks);
  TakeFixed(&in, &rows_);
  TakeFixed(&in, &checksum);
  if (in != kEndMagic) return Corrupt(footer, "no end of a document table");
  if (index_offset_ < kHeaderBytes || index_offset_ > footer ||
      blocks != (footer - index_offset_) / sizeof(BlockPlace) ||
      (footer - index_offset_) % sizeof(BlockPlace) != 0) {
    return Corrupt(footer, "wrong sizes");
  }
  index_.resize(blocks);
  const size_t index_bytes = blocks * sizeof(BlockPlace);
  if (Status s = file_.ReadAt(index_offset_, index_.data(), index_bytes);
      !s.ok()) {
    return s;
  }
  if (HashBytes64({reinterpret_cast<const char*>(index_.data()),
                   index_bytes}) != checksum) {
    return Corrupt(index_offset_, "the index fails its checksum");
  }
  if (index_.empty() ? rows_ != 0 : index_[0].first_row != 0) {
    return Corrupt(index_offset_, "the index does not begin at row 0");
  }
  return {};
}

Status DocumentTableReader::ReadHead(size_t block, BlockHead* head) const {
  static_assert(sizeof(BlockHead) == 32);
  const uint64_t offset = index_[block].offset;
  const uint64_t end =
      block + 1 < index_.size() ? index_[block + 1].offset : index_offset_;
  const uint64_t end_row =
      block + 1 < index_.size() ? index_[block + 1].first_row : rows_;
  if (offset > end || end - offset < sizeof(BlockHead)) {
    return Corrupt(offset, "wrong place of a block");
  }
  if (Status s = file_.ReadAt(offset, head, sizeof *head); !s.ok()) return s;
  if (uint64_t{head->id_bytes} + head->packed_bytes !=
          end - offset - sizeof *head ||
      head->id_bytes > kMaxBlockBytes || head->field_bytes > kMaxBlockBytes ||
      head->rows == 0 || head->rows != end_row - index_[block].first_row) {
    return Corrupt(offset, "wrong size of a block");
  }
  return {};
}

Status DocumentTableReader::ReadIds(size_t block, const BlockHead& head,
                                    std::string* ids) const {
  const uint64_t offset = index_[block].offset + sizeof(BlockHead);
  ids->resize(head.id_bytes);
  if (Status s = file_.ReadAt(offset, ids->data(), ids->size()); !s.ok()) {
    return s;
  }
  if (HashBytes64(*ids) != head.id_checksum) {
    return Corrupt(offset, "ids fail their checksum");
  }
  return {};
}

Status DocumentTableReader::LoadBlock(size_t block) {
  BlockHead head = {};
  if (Status s = ReadHead(block, &head); !s.ok()) return s;
  if (Status s = ReadIds(block, head, &ids_); !s.ok()) return s;
  const uint64_t offset = index_[block].offset + sizeof head + head.id_bytes;
  packed_.resize(head.packed_bytes);
  if (Status s = file_.ReadAt(offset, packed_.data(), packed_.size());
      !s.ok()) {
    return s;
  }
  if (HashBytes64(packed_) != head.packed_checksum) {
    return Corrupt(offset, "rows fail their checksum");
  }
  // The frame's own word on its size comes first: no room is taken on the word
  // of a damaged head alone.
  if (ZSTD_getFrameContentSize(packed_.data(), packed_.size()) !=
      head.field_bytes) {
    return Corrupt(offset, "rows have another size than their block says");
  }
  fields_.resize(head.field_bytes);
  const ZstdContext context;
  const size_t got =
      ZSTD_decompressDCtx(context.get(), fields_.data(), fields_.size(),
                          packed_.data(), packed_.size());
  if (ZSTD_isError(got) != 0 || got != fields_.size()) {
    return Corrupt(offset, "rows cannot be decompressed");
  }
  ids_left_ = ids_;
  fields_left_ = fields_;
  rows_left_ = head.rows;
  return {};
}

bool DocumentTableReader::ParseRow(DocumentRow* row) {
  std::string_view* in = &fields_left_;
  bool ok = TakeId(&ids_left_, input_, &id_) && TakeVarint(in, &row->offset) &&
            TakeString(in, &row->url) && TakeString(in, &row->language) &&
            TakeVarint(in, &row->bytes);
  tokens_.resize(vocabularies_);
  for (uint64_t& count : tokens_) ok = ok && TakeVarint(in, &count);
  uint64_t date = 0;
  ok = ok && TakeFixed(in, &row->text_hash.high) &&
       TakeFixed(in, &row->text_hash.low) && TakeVarint(in, &date);
  row->id = id_;
  row->tokens = tokens_;
  row->date_seconds = static_cast<int64_t>(date >> 1 ^ (~(date & 1) + 1));
  return ok;
}

bool DocumentTableReader::Next(DocumentRow* row) {
  if (!status_.ok()) return false;
  if (rows_left_ == 0) {
    if (next_block_ == index_.size()) return false;
    status_ = LoadBlock(next_block_);
    if (!status_.ok()) return false;
    ++next_block_;
  }
  if (!ParseRow(row)) {
    status_ = Corrupt(index_[next_block_ - 1].offset, "a row is cut");
    return false;
  }
  --rows_left_;
  return true;
}

Result<std::string> DocumentTableReader::ReadId(uint64_t row) const {
  if (row >= rows_) {
    return Fail(Corrupt(0, fmt::format("there is no document {}", row)));
  }
  const auto after = std::upper_bound(
      index_.begin(), index_.end(), row,
      [](uint64_t value, const BlockPlace& p) { return value < p.first_row; });
  if (after == index_.begin()) return Fail(Corrupt(0, "no first block"));
  const auto block = static_cast<size_t>(after - index_.begin()) - 1;
  BlockHead head = {};
  if (Status s = ReadHead(block, &head); !s.ok()) return Fail(std::move(s));
  std::string ids;
  if (Status s = ReadIds(block, head, &ids); !s.ok()) return Fail(std::move(s));
  std::string_view in = ids;
  std::string id;
  for (uint64_t i = index_[block].first_row; i <= row; ++i) {
    if (!TakeId(&in, input_, i == row ? &id : nullptr)) {
      return Fail(Corrupt(index_[block].offset, "an id is cut"));
    }
  }
  return id;
}

}  // namespace peaktext

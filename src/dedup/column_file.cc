// The file, numbers little-endian:
//
//   groups of 65536 rows, the last one with what is left; in each, column after
//   column: numbers (6 bytes a value), sketches (64), band 0 (6), band 1, ...
//     blocks of 256 values (sketches: 32, they are read at random too), those
//     of the last group filled up with zeros to whole 256 rows
//       the values
//       8  XXH3-64 of the values, seeded with the column
//   footer, 24 bytes
//     8  rows
//     8  bands
//     8  XXH3-64 of the 16 bytes before
//
// So the place of a block follows from its row and column alone. At 20 bands a
// row takes 196 bytes.
#include "dedup/column_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "base/hash.h"

namespace peaktext {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint64_t kGroupRows = 65536;
constexpr uint64_t kRowUnit = 256;  // every column's blocks fill this evenly
constexpr uint64_t kFooterBytes = 24;
constexpr size_t kNumbersAt = 0;
constexpr size_t kSketchesAt = 1;
constexpr size_t kFirstBandAt = 2;
constexpr uint64_t kSinkRows = 4096;           // handed on at a time
constexpr uint64_t kMaxReadBytes = 512 << 10;  // at once
constexpr uint64_t kMaxCursorBlocks = 128;

uint64_t ValueBytes(size_t column) { return column == kSketchesAt ? 64 : 6; }
uint64_t BlockRows(size_t column) {
  return column == kSketchesAt ? 32 : kRowUnit;
}
uint64_t BlockBytes(size_t column) {
  return BlockRows(column) * ValueBytes(column) + 8;
}

// What 256 rows of every column before `column` take.
uint64_t UnitBytesBefore(size_t column) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < column; ++i) {
    bytes += kRowUnit / BlockRows(i) * BlockBytes(i);
  }
  return bytes;
}

uint64_t LoadNumber(const char* at) {
  uint64_t value = 0;
  std::memcpy(&value, at, 6);
  return value;
}

}  // namespace

Result<ColumnWriter> ColumnWriter::Create(std::string path, uint32_t bands) {
  Result<AtomicFile> file =
      AtomicFile::Create(std::move(path), PageCache::kPass);
  if (!file) return Fail(file.error());
  return ColumnWriter(std::move(*file), bands);
}

ColumnWriter::ColumnWriter(AtomicFile file, uint32_t bands)
    : file_(std::move(file)), bands_(bands), columns_(kFirstBandAt + bands) {
  for (size_t column = 0; column < columns_.size(); ++column) {
    columns_[column].reserve(kGroupRows * ValueBytes(column));
  }
}

uint64_t ColumnWriter::MemoryBytes(uint32_t bands) {
  return kGroupRows / kRowUnit * UnitBytesBefore(kFirstBandAt + bands);
}

Status ColumnWriter::Append(uint64_t number,
                            const std::array<uint8_t, 64>& sketch,
                            std::span<const uint64_t> band_hashes) {
  assert(band_hashes.size() == bands_);
  const auto add = [this](size_t column, const void* value) {
    const char* from = static_cast<const char*>(value);
    columns_[column].insert(columns_[column].end(), from,
                            from + ValueBytes(column));
  };
  add(kNumbersAt, &number);
  add(kSketchesAt, sketch.data());
  for (size_t band = 0; band < band_hashes.size(); ++band) {
    add(kFirstBandAt + band, &band_hashes[band]);
  }
  ++rows_;
  return rows_ % kGroupRows == 0 ? FlushGroup() : Status();
}

Status ColumnWriter::FlushGroup() {
  for (size_t column = 0; column < columns_.size(); ++column) {
    std::vector<char>& values = columns_[column];
    const uint64_t payload = BlockRows(column) * ValueBytes(column);
    const uint64_t unit = kRowUnit * ValueBytes(column);
    values.resize((values.size() + unit - 1) / unit * unit);
    for (uint64_t at = 0; at < values.size(); at += payload) {
      const std::string_view block(values.data() + at, payload);
      const uint64_t checksum = HashBytes64(block, column);
      if (Status s = file_.Write(block); !s.ok()) return s;
      if (Status s = file_.Write(
              {reinterpret_cast<const char*>(&checksum), sizeof(checksum)});
          !s.ok()) {
        return s;
      }
    }
    values.clear();
  }
  return {};
}

Status ColumnWriter::Commit() {
  if (rows_ % kGroupRows != 0) {
    if (Status s = FlushGroup(); !s.ok()) return s;
  }
  uint64_t footer[3] = {rows_, bands_, 0};
  footer[2] = HashBytes64({reinterpret_cast<const char*>(footer), 16});
  if (Status s =
          file_.Write({reinterpret_cast<const char*>(footer), sizeof(footer)});
      !s.ok()) {
    return s;
  }
  return file_.Commit();
}

Status Columns::AddFile(const std::string& path, uint32_t bands) {
  Result<InputFile> file = InputFile::Open(path, PageCache::kPass);
  if (!file) return file.error();
  bands_ = bands;
  const uint64_t size = file->size_bytes();
  uint64_t footer[3] = {};
  if (size >= kFooterBytes) {
    if (Status s = file->ReadAt(size - kFooterBytes, footer, kFooterBytes);
        !s.ok()) {
      return s;
    }
  }
  const uint64_t units = (footer[0] + kRowUnit - 1) / kRowUnit;
  if (size < kFooterBytes || footer[1] != bands || footer[0] > size ||
      footer[2] != HashBytes64({reinterpret_cast<char*>(footer), 16}) ||
      size != kFooterBytes + units * UnitBytesBefore(kFirstBandAt + bands)) {
    return {StatusCode::kCorrupt,
            fmt::format("{}: bad footer, at offset {}", path, size)};
  }
  files_.push_back({std::move(*file), rows_, footer[0]});
  rows_ += footer[0];
  return {};
}

const Columns::File& Columns::FileOf(uint64_t row) const {
  assert(row < rows_);
  auto after = std::upper_bound(
      files_.begin(), files_.end(), row,
      [](uint64_t r, const File& file) { return r < file.first_row; });
  // Empty files share their first row with the one that follows: the last one
  // that starts at or before `row` holds it.
  return *(after - 1);
}

Status Columns::ReadBlocks(const File& file, size_t column, uint64_t block,
                           uint64_t count, ReadBuffer* buffer,
                           std::string_view* blocks) const {
  const uint64_t row = block * BlockRows(column);
  const uint64_t group = row / kGroupRows;
  const uint64_t units_in_group =
      (std::min(kGroupRows, file.rows - group * kGroupRows) + kRowUnit - 1) /
      kRowUnit;
  assert((row % kGroupRows) / BlockRows(column) + count <=
         units_in_group * kRowUnit / BlockRows(column));
  const uint64_t offset =
      group * (kGroupRows / kRowUnit) * UnitBytesBefore(kFirstBandAt + bands_) +
      units_in_group * UnitBytesBefore(column) +
      row % kGroupRows / BlockRows(column) * BlockBytes(column);
  const uint64_t payload = BlockBytes(column) - 8;
  if (Status s = file.file.ReadAround(offset, count * BlockBytes(column),
                                      buffer, blocks);
      !s.ok()) {
    return s;
  }
  for (uint64_t i = 0; i < count; ++i) {
    const char* at = blocks->data() + i * BlockBytes(column);
    uint64_t checksum = 0;
    std::memcpy(&checksum, at + payload, 8);
    if (checksum != HashBytes64({at, payload}, column)) {
      return {StatusCode::kCorrupt,
              fmt::format("{}: checksum does not match, block at offset {}",
                          file.file.path(), offset + i * BlockBytes(column))};
    }
  }
  return {};
}

Status Columns::ForEach(size_t column, const HashSink& sink) const {
  ReadBuffer buffer;
  std::string_view blocks;
  std::array<uint64_t, kSinkRows> values;
  for (const File& file : files_) {
    for (uint64_t row = 0; row < file.rows; row += kGroupRows) {
      const uint64_t rows = std::min(kGroupRows, file.rows - row);
      if (Status s =
              ReadBlocks(file, column, row / kRowUnit,
                         (rows + kRowUnit - 1) / kRowUnit, &buffer, &blocks);
          !s.ok()) {
        return s;
      }
      for (uint64_t first = 0; first < rows; first += kSinkRows) {
        uint64_t* value = values.data();
        const uint64_t end = std::min(first + kSinkRows, rows);
        for (uint64_t block = first; block < end; block += kRowUnit) {
          const char* at =
              blocks.data() + block / kRowUnit * BlockBytes(column);
          const uint64_t count = std::min(kRowUnit, end - block);
          // Eight bytes of which two are the next one's, or the checksum's.
          for (uint64_t i = 0; i < count; ++i) {
            std::memcpy(value, at + 6 * i, 8);
            *value++ &= (1ULL << 48) - 1;
          }
        }
        if (Status s =
                sink(file.first_row + row + first, {values.data(), value});
            !s.ok()) {
          return s;
        }
      }
    }
  }
  return {};
}

Status Columns::ForEachHash(uint32_t band, const HashSink& sink) const {
  assert(files_.empty() || band < bands_);  // no documents have no bands
  return ForEach(kFirstBandAt + band, sink);
}

Status Columns::ForEachNumber(const HashSink& sink) const {
  return ForEach(kNumbersAt, sink);
}

Status Columns::ReadSketches(uint64_t first, std::span<Sketch> sketches) const {
  const uint64_t block_rows = BlockRows(kSketchesAt);
  const uint64_t block_bytes = BlockBytes(kSketchesAt);
  ReadBuffer buffer;
  std::string_view blocks;
  uint64_t done = 0;
  while (done < sketches.size()) {
    const File& file = FileOf(first + done);
    const uint64_t row = first + done - file.first_row;
    const uint64_t block = row / block_rows;
    const uint64_t end =
        std::min({(row / kGroupRows + 1) * kGroupRows, file.rows,
                  row + (sketches.size() - done),
                  (block + kMaxReadBytes / block_bytes) * block_rows});
    if (Status s =
            ReadBlocks(file, kSketchesAt, block,
                       (end - 1) / block_rows - block + 1, &buffer, &blocks);
        !s.ok()) {
      return s;
    }
    for (uint64_t at = row; at < end;) {
      const uint64_t count =
          std::min(end, (at / block_rows + 1) * block_rows) - at;
      std::memcpy(&sketches[done],
                  blocks.data() + (at / block_rows - block) * block_bytes +
                      at % block_rows * sizeof(Sketch),
                  count * sizeof(Sketch));
      done += count;
      at += count;
    }
  }
  return {};
}

Status ColumnCursor::Load(uint64_t row) {
  const bool follows = row >= first_ + count_ && row - first_ < 2 * count_;
  read_blocks_ = follows ? std::min(2 * read_blocks_, kMaxCursorBlocks) : 1;
  count_ = 0;
  const uint64_t block_rows = BlockRows(column_);
  const Columns::File& file = columns_.FileOf(row);
  const uint64_t block = (row - file.first_row) / block_rows;
  const uint64_t first = block * block_rows;
  const uint64_t end =
      std::min({first + read_blocks_ * block_rows,
                (first / kGroupRows + 1) * kGroupRows, file.rows});
  if (Status s = columns_.ReadBlocks(
          file, column_, block, (end - first + block_rows - 1) / block_rows,
          &buffer_, &blocks_);
      !s.ok()) {
    return s;
  }
  first_ = file.first_row + first;
  count_ = end - first;
  return {};
}

const char* ColumnCursor::Find(uint64_t row) {
  if (row - first_ >= count_) {
    status_ = Load(row);
    if (!status_.ok()) return nullptr;
  }
  const uint64_t block_rows = BlockRows(column_);
  const uint64_t at = row - first_;
  return blocks_.data() + at / block_rows * BlockBytes(column_) +
         at % block_rows * ValueBytes(column_);
}

SketchCursor::SketchCursor(const Columns& columns)
    : ColumnCursor(columns, kSketchesAt) {}

const Sketch* SketchCursor::Get(uint64_t row) {
  const char* found = Find(row);
  if (found == nullptr) return nullptr;
  std::memcpy(&sketch_, found, sizeof(Sketch));
  return &sketch_;
}

NumberCursor::NumberCursor(const Columns& columns)
    : ColumnCursor(columns, kNumbersAt) {}

uint64_t NumberCursor::Get(uint64_t row) {
  const char* found = Find(row);
  return found == nullptr ? UINT64_MAX : LoadNumber(found);
}

}  // namespace peaktext

// The documents that take part in the near-duplicate search, in priority order:
// number, sketch and band hashes, a column each, so that one band is read
// without the others. Built once from the signature files, then read many
// times.
//
//   ColumnWriter: Create(path, bands) ... Append(number, signature) ...
//   Commit()
//
//   Columns columns;                  // several files as one table
//   columns.AddFile(path, bands);
//   columns.ForEachHash(band, [](uint64_t row, std::span<const uint64_t>) {});
//   SketchCursor cursor(columns);     // random access, best in rising order
//   const Sketch* sketch = cursor.Get(row);
//
// A document's place in the table is its row; a lower row is preferred as a
// survivor. Columns is immutable after AddFile: any number of threads read it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "base/status.h"
#include "sketch/signature.h"

namespace peaktext {

// 256 two-bit values, as Signature::sketch.
struct Sketch {
  uint64_t words[8];
};

class ColumnWriter {
 public:
  static Result<ColumnWriter> Create(std::string path, uint32_t bands);
  // What a writer holds at most.
  static uint64_t MemoryBytes(uint32_t bands);
  // REQUIRES: number < 2^48; the signature has `bands` band hashes.
  Status Append(uint64_t number, const std::array<uint8_t, 64>& sketch,
                std::span<const uint64_t> band_hashes);
  Status Commit();
  uint64_t size_bytes() const { return file_.size_bytes(); }

 private:
  ColumnWriter(AtomicFile file, uint32_t bands);
  Status FlushGroup();

  AtomicFile file_;
  uint32_t bands_;
  uint64_t rows_ = 0;
  std::vector<std::vector<char>> columns_;  // numbers, sketches, band 0, ...
};

class Columns {
 public:
  // Appends the rows of a file.
  Status AddFile(const std::string& path, uint32_t bands);

  uint64_t rows() const { return rows_; }
  uint32_t bands() const { return bands_; }

  using HashSink = std::function<Status(uint64_t first_row,
                                        std::span<const uint64_t> values)>;
  // All hashes of a band, in row order, some thousand at a time. Stops at the
  // first failure of `sink`.
  Status ForEachHash(uint32_t band, const HashSink& sink) const;
  // The same for the documents' numbers.
  Status ForEachNumber(const HashSink& sink) const;
  // Copies the sketches of rows [first, first + sketches.size()).
  Status ReadSketches(uint64_t first, std::span<Sketch> sketches) const;

 private:
  friend class ColumnCursor;
  struct File {
    InputFile file;
    uint64_t first_row;
    uint64_t rows;
  };
  const File& FileOf(uint64_t row) const;
  Status ForEach(size_t column, const HashSink& sink) const;
  // Reads `count` blocks of a column from block `block` of the file on. They
  // lie in one group.
  // The values: BlockBytes(column) - 8 bytes from each BlockBytes(column).
  Status ReadBlocks(const File& file, size_t column, uint64_t block,
                    uint64_t count, ReadBuffer* buffer,
                    std::string_view* blocks) const;

  std::vector<File> files_;
  uint32_t bands_ = 0;
  uint64_t rows_ = 0;
};

// A column by row, best in rising order: reads grow while rows follow closely.
class ColumnCursor {
 public:
  const Status& status() const { return status_; }

 protected:
  ColumnCursor(const Columns& columns, size_t column)
      : columns_(columns), column_(column) {}
  // The row's value, until the next call. nullptr on failure.
  const char* Find(uint64_t row);

 private:
  Status Load(uint64_t row);

  const Columns& columns_;
  const size_t column_;
  uint64_t first_ = 0;  // of the rows at hand
  uint64_t count_ = 0;
  uint64_t read_blocks_ = 1;  // by the last read
  ReadBuffer buffer_;
  std::string_view blocks_;
  Status status_;
};

// Sketches by row. One per thread.
class SketchCursor : public ColumnCursor {
 public:
  explicit SketchCursor(const Columns& columns);
  // Lives until the next call. nullptr on failure; then ask status().
  const Sketch* Get(uint64_t row);

 private:
  Sketch sketch_ = {};
};

// Document numbers by row. One per thread.
class NumberCursor : public ColumnCursor {
 public:
  explicit NumberCursor(const Columns& columns);
  // UINT64_MAX on failure; then ask status().
  uint64_t Get(uint64_t row);
};

}  // namespace peaktext

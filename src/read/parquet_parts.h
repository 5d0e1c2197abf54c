// The two pieces between Arrow and parquet_reader.cc, for that file alone:
// Arrow's headers take seconds to compile.
#pragma once

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <fmt/core.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "read/random_access.h"

namespace peaktext {

// Our bytes as Arrow wants them. It keeps the first fault of the source, which
// is no damage of the file.
class ArrowFile final : public arrow::io::RandomAccessFile {
 public:
  explicit ArrowFile(std::unique_ptr<RandomAccess> bytes)
      : bytes_(std::move(bytes)) {}

  const Status& source_status() const { return source_status_; }
  uint64_t size_bytes() const { return bytes_->size_bytes(); }

  arrow::Result<int64_t> GetSize() override {
    return static_cast<int64_t>(bytes_->size_bytes());
  }
  arrow::Result<int64_t> ReadAt(int64_t position, int64_t size,
                                void* out) override {
    const auto end = static_cast<int64_t>(bytes_->size_bytes());
    if (position < 0 || size < 0) return arrow::Status::Invalid("bad offset");
    size = std::min(size, std::max<int64_t>(end - position, 0));
    const Status status =
        bytes_->ReadAt(static_cast<uint64_t>(position),
                       {static_cast<char*>(out), static_cast<size_t>(size)});
    if (status.ok()) return size;
    if (source_status_.ok()) source_status_ = status;
    return arrow::Status::IOError(status.message());
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position,
                                                       int64_t size) override {
    const auto end = static_cast<int64_t>(bytes_->size_bytes());
    size = std::clamp<int64_t>(size, 0, std::max<int64_t>(end - position, 0));
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size));
    ARROW_ASSIGN_OR_RAISE(const int64_t got,
                          ReadAt(position, size, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(got));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }
  arrow::Result<int64_t> Read(int64_t size, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t got, ReadAt(position_, size, out));
    position_ += got;
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, size));
    position_ += buffer->size();
    return buffer;
  }
  arrow::Status Seek(int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

 private:
  std::unique_ptr<RandomAccess> bytes_;
  Status source_status_;
  int64_t position_ = 0;
  bool closed_ = false;
};

// The value of one column in the row at hand.
class Column {
 public:
  explicit Column(int index) : index_(index) {}

  int index() const { return index_; }
  bool is_null() const { return is_null_; }
  std::string_view value() const { return value_; }

  void Open(parquet::RowGroupReader& group) { reader_ = group.Column(index_); }

  // Advances by one row. The value lives until the next call. Throws what
  // Arrow throws, and where the column ends before its time.
  void Next() {
    switch (reader_->type()) {
      case parquet::Type::BYTE_ARRAY: {
        const auto bytes = NextOf<parquet::ByteArrayReader>();
        value_ = {reinterpret_cast<const char*>(bytes.ptr), bytes.len};
        break;
      }
      case parquet::Type::FIXED_LEN_BYTE_ARRAY: {
        const auto bytes = NextOf<parquet::FixedLenByteArrayReader>();
        value_ = {reinterpret_cast<const char*>(bytes.ptr),
                  static_cast<size_t>(reader_->descr()->type_length())};
        break;
      }
      case parquet::Type::INT32:
        SetNumber(NextOf<parquet::Int32Reader>());
        break;
      case parquet::Type::INT64:
        SetNumber(NextOf<parquet::Int64Reader>());
        break;
      default:
        throw parquet::ParquetException("a column of another type");
    }
    if (is_null_) value_ = {};
  }

 private:
  template <class Reader>
  typename Reader::T NextOf() {
    typename Reader::T value{};
    int16_t level = 0;
    int64_t values = 0;
    auto& reader = static_cast<Reader&>(*reader_);
    if (reader.ReadBatch(1, &level, nullptr, &value, &values) != 1) {
      throw parquet::ParquetException("a column ends before its row group");
    }
    is_null_ = values == 0;
    return value;
  }
  void SetNumber(int64_t number) {
    text_ = fmt::format("{}", number);
    value_ = text_;
  }

  int index_;
  std::shared_ptr<parquet::ColumnReader> reader_;  // as Arrow gives it
  std::string_view value_;
  std::string text_;  // of a number
  bool is_null_ = true;
};

}  // namespace peaktext

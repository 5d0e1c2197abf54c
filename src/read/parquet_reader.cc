#include "read/parquet_reader.h"

#include <fmt/core.h>

#ifdef PEAKTEXT_HAVE_ARROW

#include <arrow/memory_pool.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "read/parquet_parts.h"
#include "read/random_access.h"

namespace peaktext {
namespace {

constexpr uint64_t kGrantBytes = 8 << 20;  // longer texts ask for memory
// Less than this is no bomb at any ratio; a row counts as so many bytes.
constexpr uint64_t kBombFloor = 64 << 20;
constexpr uint64_t kRowBytes = 8;
constexpr int64_t kPoolSpareBytes = 64 << 20;    // for pages of usual size
constexpr int64_t kStreamBufferBytes = 1 << 20;  // per column

// "/a/b" and "a.b" both name the field b of the group a.
std::string DottedPath(std::string field) {
  if (!field.starts_with('/')) return field;
  field.erase(0, 1);
  std::replace(field.begin(), field.end(), '/', '.');
  return field;
}

bool IsTextType(parquet::Type::type type) {
  return type == parquet::Type::BYTE_ARRAY ||
         type == parquet::Type::FIXED_LEN_BYTE_ARRAY;
}

class ParquetReader final : public RecordReader {
 public:
  ParquetReader(std::unique_ptr<StoredInput> input, ReadOptions options)
      : input_(std::move(input)),
        name_(input_->source().name()),
        options_(std::move(options)),
        counting_pool_(arrow::system_memory_pool()),
        pool_(&counting_pool_,
              static_cast<int64_t>(std::min<uint64_t>(options_.max_record_bytes,
                                                      uint64_t{1} << 40)) +
                  kPoolSpareBytes) {}

  // Reads the footer and finds the columns.
  Status Open();

  bool Next(Record* record) override;
  const Status& status() const override { return status_; }
  const ReadStats& stats() const override { return stats_; }
  RecordFormat format() const override { return RecordFormat::kParquet; }

 private:
  Status FindColumns();
  int FindColumn(const std::string& field, bool text_only) const;
  bool OpenGroup();
  // A few bytes may stand for 2^31 rows without text, or for one text as often.
  bool IsBomb() const {
    const uint64_t out = stats_.decoded_bytes + rows_ * kRowBytes;
    return out > kBombFloor && out / std::max<uint64_t>(options_.max_ratio, 1) >
                                   stats_.stored_bytes;
  }
  void DropGroup(const char* reason, std::string_view why);
  void DropAll(const char* reason, std::string_view why);
  void DropRow(const char* reason, std::string_view why);
  void Fill(Record* record);
  void Report(const char* reason, uint64_t offset, uint64_t dropped_bytes,
              std::string_view why);

  std::unique_ptr<StoredInput> input_;
  const std::string name_;
  const ReadOptions options_;
  arrow::ProxyMemoryPool counting_pool_;  // what this reader holds
  arrow::CappedMemoryPool pool_;
  std::shared_ptr<ArrowFile> file_;  // Arrow's interface wants it shared
  std::unique_ptr<parquet::ParquetFileReader> reader_;
  std::shared_ptr<parquet::RowGroupReader> group_reader_;
  std::vector<Column> columns_;             // text, then those that are there
  int id_ = -1, url_ = -1, language_ = -1;  // places in columns_
  int date_ = -1, priority_ = -1;
  int group_ = -1;
  uint64_t group_offset_ = 0;  // where its texts begin
  uint64_t group_bytes_ = 0;   // stored, all its columns
  uint64_t groups_bytes_ = 0;  // of the groups so far
  uint64_t group_rows_ = 0;
  uint64_t row_in_group_ = 0;  // the next one
  uint64_t first_row_ = 0;     // of the group, in the file
  uint64_t rows_ = 0;          // seen, whatever became of them
  std::vector<char> body_;
  MemoryBudget::Grant grant_;
  Status status_;
  ReadStats stats_;
  // Invariants: stats_.stored_bytes == used + dropped bytes, from Open() on;
  // group_reader_ is there while rows of its group are left.
};

void ParquetReader::Report(const char* reason, uint64_t offset,
                           uint64_t dropped_bytes, std::string_view why) {
  stats_.dropped.Add(reason, dropped_bytes);
  stats_.used_bytes -= dropped_bytes;
  if (!options_.on_issue) return;
  options_.on_issue({.reason = reason,
                     .offset = offset,
                     .dropped_bytes = dropped_bytes,
                     .message = fmt::format("{}: {}", name_, why)});
}

void ParquetReader::DropAll(const char* reason, std::string_view why) {
  reader_.reset();
  Report(reason, 0, stats_.used_bytes, fmt::format("offset 0: {}", why));
}

// The rest of the group is lost: its share of the group's bytes.
void ParquetReader::DropGroup(const char* reason, std::string_view why) {
  const uint64_t lost_rows = group_rows_ - row_in_group_;
  const auto lost =
      group_rows_ == 0
          ? group_bytes_
          : static_cast<uint64_t>(static_cast<unsigned __int128>(group_bytes_) *
                                  lost_rows / group_rows_);
  group_reader_.reset();
  Report(reason, group_offset_, lost,
         fmt::format("offset {}: row group {}, row {}: {}", group_offset_,
                     group_, row_in_group_, why));
}

void ParquetReader::DropRow(const char* reason, std::string_view why) {
  const uint64_t row = first_row_ + row_in_group_ - 1;
  Report(reason, row, 0, fmt::format("row {}: {}", row, why));
}

Status ParquetReader::Open() {
  Result<std::unique_ptr<RandomAccess>> bytes = OpenRandomAccess(input_.get());
  if (!bytes) return bytes.error();
  file_ = std::make_shared<ArrowFile>(std::move(*bytes));
  stats_.stored_bytes = stats_.used_bytes = file_->size_bytes();
  std::array<char, 4> tail{};
  const uint64_t size = file_->size_bytes();
  const auto got = file_->ReadAt(
      static_cast<int64_t>(size - std::min<uint64_t>(size, tail.size())),
      tail.size(), tail.data());
  if (!got.ok()) return file_->source_status();
  const std::string_view magic(tail.data(), tail.size());
  if (magic == "PARE") {
    return {StatusCode::kUnsupported, name_ + ": an encrypted Parquet file"};
  }
  if (magic != "PAR1" || size < 12) {
    DropAll("truncated", "a Parquet file without its end, the footer");
    return {};
  }
  parquet::ReaderProperties properties(&pool_);
  properties.enable_buffered_stream();
  properties.set_buffer_size(kStreamBufferBytes);
  properties.set_page_checksum_verification(true);
  try {
    reader_ = parquet::ParquetFileReader::Open(file_, properties);
    return FindColumns();
  } catch (const std::exception& error) {
    if (!file_->source_status().ok()) return file_->source_status();
    DropAll("corrupt", error.what());
    return {};
  }
}

// The leaf column of that path; -1 where there is none that can be read.
int ParquetReader::FindColumn(const std::string& field, bool text_only) const {
  if (field.empty()) return -1;
  const std::string path = DottedPath(field);
  const parquet::SchemaDescriptor& schema = *reader_->metadata()->schema();
  for (int i = 0; i < schema.num_columns(); ++i) {
    const parquet::ColumnDescriptor& column = *schema.Column(i);
    if (column.path()->ToDotString() != path) continue;
    const parquet::Type::type type = column.physical_type();
    const bool readable =
        IsTextType(type) || (!text_only && (type == parquet::Type::INT32 ||
                                            type == parquet::Type::INT64));
    return readable && column.max_repetition_level() == 0 ? i : -1;
  }
  return -1;
}

Status ParquetReader::FindColumns() {
  const int text = FindColumn(options_.text_field, true);
  if (text < 0) {
    const parquet::SchemaDescriptor& schema = *reader_->metadata()->schema();
    std::string there;
    for (int i = 0; i < std::min(schema.num_columns(), 50); ++i) {
      if (i > 0) there += ", ";
      there += schema.Column(i)->path()->ToDotString();
    }
    return {StatusCode::kInvalidArgument,
            fmt::format("{}: no column of text '{}'; it has {}", name_,
                        DottedPath(options_.text_field), there)};
  }
  columns_.emplace_back(text);
  const auto add = [&](const std::string& field, bool text_only = false) {
    const int index = FindColumn(field, text_only);
    if (index < 0) return -1;
    columns_.emplace_back(index);
    return static_cast<int>(columns_.size()) - 1;
  };
  id_ = add(options_.id_field);
  url_ = add(options_.url_field);
  language_ = add(options_.language_field);
  date_ = add(options_.date_field, true);
  priority_ = add(options_.priority_field);
  return {};
}

// Opens the next row group. False: there is none, or it cannot be opened.
bool ParquetReader::OpenGroup() {
  first_row_ += group_rows_;
  groups_bytes_ += group_bytes_;
  group_rows_ = row_in_group_ = group_bytes_ = group_offset_ = 0;
  ++group_;
  try {
    const auto metadata = reader_->metadata()->RowGroup(group_);
    // What a footer says of sizes need not be true; together the groups are no
    // more than the file.
    uint64_t bytes = 0;
    for (int i = 0; i < metadata->num_columns(); ++i) {
      const int64_t chunk = metadata->ColumnChunk(i)->total_compressed_size();
      bytes += static_cast<uint64_t>(std::clamp<int64_t>(chunk, 0, 1LL << 50));
    }
    group_bytes_ = std::min(bytes, stats_.stored_bytes - groups_bytes_);
    group_rows_ =
        static_cast<uint64_t>(std::max<int64_t>(metadata->num_rows(), 0));
    group_offset_ = static_cast<uint64_t>(std::max<int64_t>(
        metadata->ColumnChunk(columns_[0].index())->data_page_offset(), 0));
    group_reader_ = reader_->RowGroup(group_);
    for (Column& column : columns_) column.Open(*group_reader_);
    return true;
  } catch (const std::exception& error) {
    if (file_->source_status().ok()) {
      DropGroup("corrupt", error.what());
    } else {
      status_ = file_->source_status();
    }
    return false;
  }
}

void ParquetReader::Fill(Record* record) {
  const std::string_view text = columns_[0].value();
  if (text.size() > kGrantBytes && options_.budget != nullptr) {
    grant_ = options_.budget->Take(text.size());
  }
  // A copy: the caller may change the body, and rows share a dictionary.
  body_.assign(text.begin(), text.end());
  if (body_.capacity() > kGrantBytes && text.size() <= kGrantBytes) {
    body_.shrink_to_fit();
  }
  const auto value = [&](int place) {
    return place < 0 ? std::string_view()
                     : columns_[static_cast<size_t>(place)].value();
  };
  *record = Record();
  record->format = RecordFormat::kParquet;
  record->offset = record->decoded_offset = first_row_ + row_in_group_ - 1;
  record->type = "row";
  record->id = value(id_);
  record->uri = value(url_);
  record->language = value(language_);
  record->date = value(date_);
  record->priority = value(priority_);
  record->body = body_;
  ++stats_.records;
  stats_.decoded_bytes += body_.size();
}

bool ParquetReader::Next(Record* record) {
  grant_.Release();
  while (status_.ok() && reader_ != nullptr) {
    if (row_in_group_ == group_rows_ || group_reader_ == nullptr) {
      group_reader_.reset();
      if (group_ + 1 >= reader_->metadata()->num_row_groups()) break;
      if (!OpenGroup()) continue;
      if (group_rows_ == 0) continue;
    }
    try {
      for (Column& column : columns_) column.Next();
    } catch (const std::exception& error) {
      if (file_->source_status().ok()) {
        DropGroup("corrupt", error.what());
      } else {
        status_ = file_->source_status();
      }
      continue;
    }
    ++row_in_group_;
    ++rows_;
    if (IsBomb()) {
      DropGroup("bomb", "more rows and text than its bytes can hold");
    } else if (columns_[0].is_null()) {
      DropRow("missing_text", "no text");
    } else if (columns_[0].value().size() > options_.max_record_bytes) {
      DropRow("too_large",
              fmt::format("a text of {} bytes, {}", columns_[0].value().size(),
                          options_.OverLimit()));
    } else {
      Fill(record);
      return true;
    }
  }
  return false;
}

}  // namespace

bool HasParquet() { return true; }

Result<std::unique_ptr<RecordReader>> OpenParquetReader(
    std::unique_ptr<StoredInput> input, ReadOptions options) {
  auto reader =
      std::make_unique<ParquetReader>(std::move(input), std::move(options));
  if (Status status = reader->Open(); !status.ok()) {
    return Fail(std::move(status));
  }
  return reader;
}

}  // namespace peaktext

#else  // PEAKTEXT_HAVE_ARROW

namespace peaktext {

bool HasParquet() { return false; }

Result<std::unique_ptr<RecordReader>> OpenParquetReader(
    std::unique_ptr<StoredInput> input, ReadOptions) {
  return Fail(StatusCode::kUnsupported,
              fmt::format("{}: a Parquet file, and {}", input->source().name(),
                          kNoParquet));
}

}  // namespace peaktext

#endif  // PEAKTEXT_HAVE_ARROW

namespace peaktext {

Result<std::unique_ptr<RecordReader>> OpenParquetReader(
    std::unique_ptr<ByteSource> source, ReadOptions options) {
  return OpenParquetReader(std::make_unique<StoredInput>(std::move(source)),
                           std::move(options));
}

}  // namespace peaktext

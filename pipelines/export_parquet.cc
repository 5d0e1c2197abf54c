// The columns are those of the JSON lines by the same names: `tokens` a struct
// of a whole number per vocabulary, `duplicate_ids` a list of strings; nothing
// is null. Row groups of some 32 MiB, which is what is held in memory, about
// three times over while one is written.
#include <fmt/core.h>

#include "pipelines/export_file.h"
#include "read/parquet_reader.h"

#ifdef PEAKTEXT_HAVE_ARROW

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <parquet/arrow/writer.h>

#include <utility>

#include "base/atomic_file.h"

namespace peaktext {
namespace {

constexpr uint64_t kGroupBytes = 32 << 20;
constexpr int64_t kGroupRows = 1 << 17;

// Our file as Arrow wants it. It keeps the first fault, with its own code.
class AtomicStream final : public arrow::io::OutputStream {
 public:
  explicit AtomicStream(AtomicFile file) : file_(std::move(file)) {}

  arrow::Status Write(const void* bytes, int64_t size) override {
    if (status_.ok()) {
      status_ = file_.Write(
          {static_cast<const char*>(bytes), static_cast<size_t>(size)});
    }
    if (!status_.ok()) return arrow::Status::IOError(status_.message());
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override {
    return static_cast<int64_t>(file_.size_bytes());
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

  const Status& status() const { return status_; }
  Status Commit() { return status_.ok() ? file_.Commit() : status_; }

 private:
  AtomicFile file_;
  Status status_;
  bool closed_ = false;
};

std::shared_ptr<arrow::Schema> SchemaOf(
    const std::vector<std::string>& vocabularies) {
  arrow::FieldVector tokens;
  for (const std::string& vocabulary : vocabularies) {
    tokens.push_back(arrow::field(vocabulary, arrow::int64(), false));
  }
  const auto column = [](const char* name,
                         std::shared_ptr<arrow::DataType> type) {
    return arrow::field(name, std::move(type), false);
  };
  return arrow::schema(
      {column("id", arrow::utf8()), column("input", arrow::utf8()),
       column("offset", arrow::int64()), column("url", arrow::utf8()),
       column("language", arrow::utf8()), column("bytes", arrow::int64()),
       column("tokens", arrow::struct_(tokens)), column("text", arrow::utf8()),
       column("duplicates", arrow::int64()),
       column("duplicate_ids",
              arrow::list(arrow::field("item", arrow::utf8(), false)))});
}

class ParquetExport final : public ExportFile {
 public:
  ParquetExport(std::shared_ptr<AtomicStream> stream,
                const std::vector<std::string>& vocabularies)
      : stream_(std::move(stream)), schema_(SchemaOf(vocabularies)) {}

  Status Open() {
    const auto properties = parquet::WriterProperties::Builder()
                                .compression(parquet::Compression::ZSTD)
                                ->build();
    auto writer = parquet::arrow::FileWriter::Open(
        *schema_, arrow::default_memory_pool(), stream_, properties);
    if (!writer.ok()) return Checked(writer.status());
    writer_ = std::move(*writer);
    return {};
  }

  Status Append(const ExportRow& row) override {
    if (builder_ == nullptr) {
      auto builder = arrow::RecordBatchBuilder::Make(
          schema_, arrow::default_memory_pool());
      if (!builder.ok()) return Checked(builder.status());
      builder_ = std::move(*builder);
    }
    if (Status s = Checked(AppendRow(row)); !s.ok()) return s;
    group_bytes_ += row.text.size();
    for (const std::string& id : row.duplicate_ids) group_bytes_ += id.size();
    if (++group_rows_ < kGroupRows && group_bytes_ < kGroupBytes) return {};
    return Flush();
  }

  Status Commit() override {
    if (group_rows_ > 0) {
      if (Status s = Flush(); !s.ok()) return s;
    }
    if (Status s = Checked(writer_->Close()); !s.ok()) return s;
    return stream_->Commit();
  }

 private:
  Status Checked(const arrow::Status& status) const {
    if (!stream_->status().ok()) return stream_->status();
    if (status.ok()) return {};
    return {StatusCode::kIo, "Parquet: " + status.message()};
  }

  arrow::Status AppendRow(const ExportRow& row) {
    const auto text = [&](int column, std::string_view value) {
      return builder_->GetFieldAs<arrow::StringBuilder>(column)->Append(value);
    };
    const auto number = [&](int column, uint64_t value) {
      return builder_->GetFieldAs<arrow::Int64Builder>(column)->Append(
          static_cast<int64_t>(value));
    };
    ARROW_RETURN_NOT_OK(text(0, row.id));
    ARROW_RETURN_NOT_OK(text(1, row.input));
    ARROW_RETURN_NOT_OK(number(2, row.offset));
    ARROW_RETURN_NOT_OK(text(3, row.url));
    ARROW_RETURN_NOT_OK(text(4, row.language));
    ARROW_RETURN_NOT_OK(number(5, row.bytes));
    auto* tokens = builder_->GetFieldAs<arrow::StructBuilder>(6);
    ARROW_RETURN_NOT_OK(tokens->Append());
    for (size_t i = 0; i < row.tokens.size(); ++i) {
      auto* field = static_cast<arrow::Int64Builder*>(
          tokens->field_builder(static_cast<int>(i)));
      ARROW_RETURN_NOT_OK(field->Append(static_cast<int64_t>(row.tokens[i])));
    }
    ARROW_RETURN_NOT_OK(text(7, row.text));
    ARROW_RETURN_NOT_OK(number(8, row.duplicates));
    auto* ids = builder_->GetFieldAs<arrow::ListBuilder>(9);
    ARROW_RETURN_NOT_OK(ids->Append());
    auto* items = static_cast<arrow::StringBuilder*>(ids->value_builder());
    for (const std::string& id : row.duplicate_ids) {
      ARROW_RETURN_NOT_OK(items->Append(id));
    }
    return arrow::Status::OK();
  }

  Status Flush() {
    auto batch = builder_->Flush();
    if (!batch.ok()) return Checked(batch.status());
    arrow::Status written = writer_->NewBufferedRowGroup();
    if (written.ok()) written = writer_->WriteRecordBatch(**batch);
    group_rows_ = 0;
    group_bytes_ = 0;
    return Checked(written);
  }

  std::shared_ptr<AtomicStream> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  std::unique_ptr<arrow::RecordBatchBuilder> builder_;
  int64_t group_rows_ = 0;
  uint64_t group_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<ExportFile>> CreateParquetExport(
    const std::string& path, const std::vector<std::string>& vocabularies) {
  Result<AtomicFile> out = AtomicFile::Create(path);
  if (!out) return Fail(out.error());
  auto file = std::make_unique<ParquetExport>(
      std::make_shared<AtomicStream>(std::move(*out)), vocabularies);
  if (Status s = file->Open(); !s.ok()) return Fail(s);
  return std::unique_ptr<ExportFile>(std::move(file));
}

}  // namespace peaktext

#else

namespace peaktext {

Result<std::unique_ptr<ExportFile>> CreateParquetExport(
    const std::string& path, const std::vector<std::string>&) {
  return Fail(StatusCode::kUnsupported,
              fmt::format("{}: {}", path, kNoParquet));
}

}  // namespace peaktext

#endif

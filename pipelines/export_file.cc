#include "pipelines/export_file.h"

#include <utility>

#include "base/json.h"
#include "base/zstd_writer.h"

namespace peaktext {
namespace {

// A line of JSON per document, in one zstd frame.
class JsonlExport final : public ExportFile {
 public:
  JsonlExport(ZstdWriter out, std::vector<std::string> vocabularies)
      : out_(std::move(out)), vocabularies_(std::move(vocabularies)) {}

  Status Append(const ExportRow& row) override {
    json_.StartObject();
    json_.Member("id", row.id);
    json_.Member("input", row.input);
    json_.Member("offset", row.offset);
    json_.Member("url", row.url);
    json_.Member("language", row.language);
    json_.Member("bytes", row.bytes);
    WriteTokens(vocabularies_, row.tokens, &json_);
    json_.Member("text", row.text);
    json_.Member("duplicates", row.duplicates);
    json_.Key("duplicate_ids");
    json_.StartArray();
    for (const std::string& id : row.duplicate_ids) json_.String(id);
    json_.EndArray();
    json_.EndObject();
    return out_.Write(json_.Take() + "\n");
  }
  Status Commit() override { return out_.Commit(); }

 private:
  ZstdWriter out_;
  const std::vector<std::string> vocabularies_;
  JsonWriter json_;
};

}  // namespace

Result<std::unique_ptr<ExportFile>> CreateExportFile(
    ExportFormat format, const std::string& path,
    const std::vector<std::string>& vocabularies) {
  if (format == ExportFormat::kParquet) {
    return CreateParquetExport(path, vocabularies);
  }
  Result<ZstdWriter> out = ZstdWriter::Create(path);
  if (!out) return Fail(out.error());
  std::unique_ptr<ExportFile> file =
      std::make_unique<JsonlExport>(std::move(*out), vocabularies);
  return file;
}

std::string_view ExportSuffix(ExportFormat format) {
  return format == ExportFormat::kJsonl ? ".jsonl.zst" : ".parquet";
}

}  // namespace peaktext

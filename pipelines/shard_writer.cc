#include "pipelines/shard_writer.h"

#include <utility>

namespace peaktext {

Result<ShardWriter> ShardWriter::Create(const ScanFolder& folder, size_t shard,
                                        const std::string& input,
                                        uint32_t vocabularies,
                                        const SignatureOptions& signature,
                                        bool keep_texts,
                                        ParagraphCounter* paragraphs) {
  auto table = DocumentTableWriter::Create(folder.ShardPath(shard, ".docs"),
                                           vocabularies, input);
  if (!table) return Fail(table.error());
  auto signatures =
      SignatureWriter::Create(folder.ShardPath(shard, ".sig"), signature);
  if (!signatures) return Fail(signatures.error());
  ShardWriter writer(folder, shard, std::move(*table), std::move(*signatures));
  if (keep_texts) {
    auto texts = TextStoreWriter::Create(folder.ShardPath(shard, ".text"));
    if (!texts) return Fail(texts.error());
    writer.texts_.emplace(std::move(*texts));
  }
  if (paragraphs != nullptr) {
    auto rows = ParagraphTableWriter::Create(folder.ShardPath(shard, ".para"),
                                             vocabularies);
    if (!rows) return Fail(rows.error());
    writer.paragraphs_.emplace(std::move(*rows));
    writer.paragraph_counter_ = paragraphs;
  }
  return writer;
}

ShardWriter::ShardWriter(const ScanFolder& folder, size_t shard,
                         DocumentTableWriter table, SignatureWriter signatures)
    : folder_(&folder),
      shard_(shard),
      table_(std::move(table)),
      signatures_(std::move(signatures)) {}

Status ShardWriter::Append(const ScannedDocument& document) {
  const uint64_t row = table_.rows();
  Status status = table_.Append(document.row);
  if (status.ok()) {
    row_.signature = *document.signature;
    row_.text_bytes = document.row.bytes;
    row_.date_seconds = document.row.date_seconds;
    row_.priority = document.priority;
    status = signatures_.Append(row_);
  }
  if (status.ok() && texts_) status = texts_->Append(document.text);
  if (status.ok() && paragraphs_) {
    status = paragraph_counter_->Append(row, document.text, &*paragraphs_);
  }
  return status;
}

Status ShardWriter::Commit(ShardMarker marker) {
  Status status = table_.Commit();
  if (status.ok()) status = signatures_.Commit();
  if (status.ok() && texts_) status = texts_->Commit();
  if (status.ok() && paragraphs_) status = paragraphs_->Commit();
  if (!status.ok()) return status;
  marker.documents = table_.rows();
  marker.files = {{".docs", table_.size_bytes(), table_.checksum()},
                  {".sig", signatures_.size_bytes(), signatures_.checksum()}};
  if (texts_) {
    marker.files.push_back({".text", texts_->size_bytes(), texts_->checksum()});
  }
  if (paragraphs_) {
    marker.files.push_back(
        {".para", paragraphs_->size_bytes(), paragraphs_->checksum()});
  }
  return folder_->WriteMarker(shard_, marker);
}

}  // namespace peaktext

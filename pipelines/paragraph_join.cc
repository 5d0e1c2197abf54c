#include "pipelines/paragraph_join.h"

#include <algorithm>
#include <filesystem>

#include "base/status.h"
#include "inventory/document_table.h"

namespace peaktext {
namespace {

namespace fs = std::filesystem;

bool HasParagraphs(const ShardMarker& marker) {
  return std::any_of(
      marker.files.begin(), marker.files.end(),
      [](const ShardFile& file) { return file.suffix == ".para"; });
}

}  // namespace

ParagraphJoin::~ParagraphJoin() {
  uniques_.reset();
  std::error_code ignored;
  if (!work_path_.empty()) fs::remove_all(work_path_, ignored);
}

bool ParagraphJoin::wanted() const {
  return std::any_of(markers_.begin(), markers_.end(), HasParagraphs);
}

Status ParagraphJoin::Start() {
  work_path_ = folder_.DedupPath() + "/paragraphs";
  std::error_code error;
  fs::remove_all(work_path_, error);  // of a run that was killed
  if (!error) fs::create_directories(work_path_, error);
  if (error) return SystemError(error.value(), "create folder " + work_path_);
  uniques_ = std::make_unique<ParagraphUniques>(work_path_, memory_bytes_);
  return {};
}

Status ParagraphJoin::OpenShard(size_t shard) {
  Result<ParagraphTableReader> table =
      ParagraphTableReader::Open(folder_.ShardPath(shard, ".para"));
  if (!table) return table.error();
  table_.emplace(std::move(*table));
  return {};
}

void ParagraphJoin::TakeRow(const ParagraphRow& row) {
  one_.documents = 1;
  one_.bytes = row.bytes;
  one_.tokens.assign(row.tokens.begin(), row.tokens.end());
}

Status ParagraphJoin::Add(uint64_t document, bool survivor,
                          std::span<Totals* const> sums) {
  for (Totals* sum : sums) {
    if (!sum->paragraphs) sum->paragraphs.emplace();
  }
  ParagraphRow row;
  while (table_->NextOf(document, &row)) {
    TakeRow(row);
    for (Totals* sum : sums) {
      sum->paragraphs->all.Add(one_);
      if (survivor) sum->paragraphs->survivors.Add(one_);
    }
    uniques_->Add(row.hash, survivor);
  }
  return table_->status();
}

Status ParagraphJoin::CloseShard() { return table_->CheckEnd(); }

Status ParagraphJoin::AddUniques(Inventory* inventory) {
  if (Status s = uniques_->Finish(); !s.ok()) return s;
  size_t input = 0;
  for (size_t shard = 0; shard < markers_.size(); ++shard) {
    if (markers_[shard].files.empty()) continue;
    Totals* of_input = &inventory->by_input[input++].second;
    Status status = AddUniquesOfShard(shard, of_input, inventory);
    if (!status.ok()) return status;
  }
  return {};
}

Status ParagraphJoin::AddUniquesOfShard(size_t shard, Totals* of_input,
                                        Inventory* inventory) {
  Result<DocumentTableReader> documents = DocumentTableReader::Open(
      folder_.ShardPath(shard, ".docs"), markers_[shard].input);
  if (!documents) return documents.error();
  if (Status s = OpenShard(shard); !s.ok()) return s;
  DocumentRow document;
  for (uint64_t number = 0; documents->Next(&document); ++number) {
    if (stop_.stop_requested()) return {StatusCode::kCancelled, "interrupted"};
    Totals* const of_language =
        &inventory->by_language[std::string(document.language)];
    ParagraphRow row;
    while (table_->NextOf(number, &row)) {
      ParagraphUniques::First first;
      if (Status s = uniques_->Next(&first); !s.ok()) return s;
      if (!first.of_all && !first.of_survivors) continue;
      TakeRow(row);
      for (Totals* sum : {&inventory->totals, of_input, of_language}) {
        if (first.of_all) sum->paragraphs->unique.Add(one_);
        if (first.of_survivors) sum->paragraphs->survivors_unique.Add(one_);
      }
    }
    if (!table_->status().ok()) return table_->status();
  }
  return documents->status();
}

}  // namespace peaktext

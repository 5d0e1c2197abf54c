#include "pipelines/inventory.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/zstd_writer.h"
#include "dedup/decision_file.h"
#include "inventory/document_table.h"
#include "inventory/scan_folder.h"
#include "pipelines/dedup.h"
#include "pipelines/folder_lock.h"
#include "pipelines/paragraph_join.h"
#include "pipelines/survivor_names.h"

namespace peaktext {
namespace {

// zstd's, of documents.jsonl.zst: much of it are hashes that no level packs.
constexpr int kDocumentsLevel = 1;

// A string of the crawl's, as JSON may hold it.
void WriteForeign(std::string_view value, JsonWriter* json) {
  if (IsValidUtf8(value)) {
    json->String(value);
    return;
  }
  std::string repaired;
  AppendRepairedUtf8(value, &repaired);
  json->String(repaired);
}

// One document's line, without what is said of its survivor.
void WriteDocument(const DocumentRow& row, std::string_view input,
                   std::span<const std::string> vocabularies,
                   JsonWriter* json) {
  json->StartObject();
  json->Key("id");
  WriteForeign(row.id, json);
  json->Member("input", input);
  json->Member("offset", row.offset);
  json->Key("url");
  WriteForeign(row.url, json);
  json->Member("language", row.language);
  json->Member("bytes", row.bytes);
  WriteTokens(vocabularies, row.tokens, json);
  json->Member("text_hash", fmt::format("{:016x}{:016x}", row.text_hash.high,
                                        row.text_hash.low));
}

void WriteFate(const Decision& decision, std::string_view survivor,
               JsonWriter* json) {
  const bool kept = decision.verified == Evidence::kKept;
  json->Key("survivor");
  kept ? json->Null() : WriteForeign(survivor, json);
  json->Key("similarity");
  if (kept) {
    json->Null();
  } else {
    json->Double(std::round(double{decision.similarity} * 1e4) / 1e4);
  }
  json->Key("verified");
  kept ? json->Null() : json->String(EvidenceName(decision.verified));
}

// The joining of one folder; of its scan alone where `dedup` is nullptr.
class Joiner {
 public:
  Joiner(const ScanFolder& folder, const ScanPlan& plan,
         const std::vector<ShardMarker>& markers, const DedupMarker* dedup,
         const InventoryOptions& options)
      : folder_(folder),
        plan_(plan),
        markers_(markers),
        dedup_(dedup),
        options_(options),
        paragraphs_(folder, markers, options.memory_bytes, options.stop),
        joins_paragraphs_(dedup != nullptr && paragraphs_.wanted()) {}

  Result<Inventory> Run();

 private:
  Status OpenDecisions();
  Status JoinShard(size_t shard, ZstdWriter& out, Totals* totals);
  Status JoinRow(const DocumentRow& row, uint64_t number,
                 std::string_view input, Totals* totals);
  // The sums that the document belongs to: of its shard and its language.
  std::array<Totals*, 2> Account(const DocumentRow& row,
                                 const Decision* decision, Totals* totals);

  const ScanFolder& folder_;
  const ScanPlan& plan_;
  const std::vector<ShardMarker>& markers_;
  const DedupMarker* const dedup_;
  const InventoryOptions& options_;
  std::optional<DecisionReader> decisions_;  // with dedup_
  SurvivorNames names_;
  ParagraphJoin paragraphs_;
  const bool joins_paragraphs_;
  Inventory inventory_;
  Tally one_;        // the document at hand
  JsonWriter json_;  // its line
};

Status Joiner::OpenDecisions() {
  Result<DecisionReader> decisions =
      DecisionReader::Open(folder_.DecisionsPath());
  if (!decisions) return decisions.error();
  decisions_.emplace(std::move(*decisions));
  uint64_t documents = 0;
  for (const ShardMarker& marker : markers_) documents += marker.documents;
  if (documents != decisions_->rows()) {
    return {
        StatusCode::kCorrupt,
        fmt::format("{}: decides on {} documents, not {}",
                    folder_.DecisionsPath(), decisions_->rows(), documents)};
  }
  names_.AddFolder(folder_, markers_);
  for (const std::string& path : dedup_->against) {
    const ScanFolder other(path);
    const Result<ScanPlan> plan = other.ReadPlan();
    if (!plan) return plan.error();
    const auto markers = other.ReadAllMarkers(*plan);
    if (!markers) return markers.error();
    names_.AddFolder(other, *markers);
  }
  return {};
}

Result<Inventory> Joiner::Run() {
  if (dedup_ != nullptr) {
    if (Status opened = OpenDecisions(); !opened.ok()) return Fail(opened);
  }
  Result<ZstdWriter> out =
      ZstdWriter::Create(folder_.DocumentsPath(), kDocumentsLevel);
  if (!out) return Fail(out.error());

  inventory_.version = PEAKTEXT_VERSION;
  inventory_.vocabularies = plan_.vocabularies;
  inventory_.decided = dedup_ != nullptr;
  inventory_.options_json =
      dedup_ == nullptr ? fmt::format(R"({{"scan":{}}})", plan_.options_json)
                        : fmt::format(R"({{"scan":{},"dedup":{}}})",
                                      plan_.options_json, dedup_->options_json);
  inventory_.inputs_failed = plan_.failed;
  options_.events.on_stage("inventory", 0);
  if (joins_paragraphs_) {
    if (Status started = paragraphs_.Start(); !started.ok()) {
      return Fail(std::move(started));
    }
  }
  for (size_t shard = 0; shard < markers_.size(); ++shard) {
    const ShardMarker& marker = markers_[shard];
    if (marker.files.empty()) {
      inventory_.inputs_failed.push_back(
          {plan_.inputs[shard], folder_.ReadFailure(shard)});
      continue;
    }
    Totals totals;
    Status joined = JoinShard(shard, *out, &totals);
    if (!joined.ok()) return Fail(std::move(joined));
    inventory_.totals.Add(totals);
    inventory_.by_input.emplace_back(marker.input, std::move(totals));
    inventory_.read.Add(marker.read);
    inventory_.dropped.Merge(marker.dropped);
  }
  if (Status status = out->Commit(); !status.ok()) return Fail(status);
  if (joins_paragraphs_) {
    options_.events.on_stage("inventory, paragraphs", 0);
    Status added = paragraphs_.AddUniques(&inventory_);
    if (!added.ok()) return Fail(std::move(added));
  }
  return std::move(inventory_);
}

std::array<Totals*, 2> Joiner::Account(const DocumentRow& row,
                                       const Decision* decision,
                                       Totals* totals) {
  one_.documents = 1;
  one_.bytes = row.bytes;
  one_.tokens.assign(row.tokens.begin(), row.tokens.end());
  const std::array sums = {totals,
                           &inventory_.by_language[std::string(row.language)]};
  for (Totals* sum : sums) {
    sum->all.Add(one_);
    if (decision == nullptr) continue;
    if (!decision->exact_copy) sum->exact_unique.Add(one_);
    if (decision->verified == Evidence::kKept) sum->near_unique.Add(one_);
  }
  return sums;
}

// Document `number` of its shard.
Status Joiner::JoinRow(const DocumentRow& row, uint64_t number,
                       std::string_view input, Totals* totals) {
  WriteDocument(row, input, plan_.vocabularies, &json_);
  if (!decisions_) {
    Account(row, nullptr, totals);
    json_.EndObject();
    return {};
  }
  Decision decision;
  if (!decisions_->Next(&decision)) return decisions_->status();
  const std::array<Totals*, 2> sums = Account(row, &decision, totals);
  const bool kept = decision.verified == Evidence::kKept;
  if (joins_paragraphs_) {
    if (Status s = paragraphs_.Add(number, kept, sums); !s.ok()) return s;
  }
  std::string survivor;
  if (!kept) {
    Result<std::string> id = names_.Id(decision.survivor);
    if (!id) return id.error();
    survivor = std::move(*id);
  }
  WriteFate(decision, survivor, &json_);
  json_.EndObject();
  return {};
}

Status Joiner::JoinShard(size_t shard, ZstdWriter& out, Totals* totals) {
  const std::string& input = markers_[shard].input;
  Result<DocumentTableReader> table =
      DocumentTableReader::Open(folder_.ShardPath(shard, ".docs"), input);
  if (!table) return table.error();
  if (joins_paragraphs_) {
    if (Status s = paragraphs_.OpenShard(shard); !s.ok()) return s;
    totals->paragraphs.emplace();
  }
  DocumentRow row;
  uint64_t rows = 0;
  for (; table->Next(&row); ++rows) {
    if (Status s = JoinRow(row, rows, input, totals); !s.ok()) return s;
    if (Status s = out.Write(json_.Take() + "\n"); !s.ok()) return s;
    options_.events.on_bytes(row.bytes);
    if (options_.stop.stop_requested()) {
      return {StatusCode::kCancelled, "interrupted"};
    }
  }
  if (!table->status().ok()) return table->status();
  if (rows != markers_[shard].documents) {
    return {StatusCode::kCorrupt,
            fmt::format("{}: {} documents, not the {} of its marker",
                        folder_.ShardPath(shard, ".docs"), rows,
                        markers_[shard].documents)};
  }
  return joins_paragraphs_ ? paragraphs_.CloseShard() : Status();
}

// What an inventory is made of: when it is the same, so is the inventory.
// `dedup` may be nullptr.
std::string MarkerText(const ScanFolder& folder, const ScanPlan& plan,
                       const std::vector<ShardMarker>& markers,
                       const DedupMarker* dedup) {
  std::string state = PEAKTEXT_VERSION + StateHash(plan, markers);
  state += dedup == nullptr ? "scan" : dedup->options_json;
  for (const FailedInput& failed : plan.failed) {
    state += "\n" + failed.input + "\n" + failed.message;
  }
  for (size_t shard = 0; shard < markers.size(); ++shard) {
    state += "\n" + plan.inputs[shard];
    if (markers[shard].files.empty()) state += folder.ReadFailure(shard);
  }
  JsonWriter json;
  json.StartObject();
  json.Member("state", fmt::format("{:016x}", HashBytes64(state)));
  json.EndObject();
  return json.Take() + "\n";
}

// The inventory of what the folder holds, made unless it is there.
Result<Inventory> Make(const ScanFolder& folder, const ScanPlan& plan,
                       const std::vector<ShardMarker>& markers,
                       const DedupMarker* dedup,
                       const InventoryOptions& options) {
  const std::string marker = MarkerText(folder, plan, markers, dedup);
  if (ReadWholeFile(folder.InventoryMarkerPath()).value_or("") == marker &&
      std::filesystem::exists(folder.DocumentsPath())) {
    if (Result<Inventory> done = ReadInventory(folder.InventoryPath())) {
      return done;
    }
  }
  RemoveLeftovers(folder.path());
  Result<Inventory> inventory =
      Joiner(folder, plan, markers, dedup, options).Run();
  if (!inventory) return inventory;
  Status status =
      WriteFileAtomically(folder.InventoryPath(), InventoryToJson(*inventory));
  if (status.ok()) {
    status = WriteFileAtomically(folder.InventoryMarkerPath(), marker);
  }
  if (!status.ok()) return Fail(std::move(status));
  return inventory;
}

// A locked folder whose scan is finished, and what dedup has decided on it.
struct Scanned {
  ScanPlan plan;
  FolderLock lock;
  std::vector<ShardMarker> markers;
  std::optional<DedupMarker> dedup;
};

Result<Scanned> OpenScanned(const ScanFolder& folder) {
  Result<ScanPlan> plan = folder.ReadPlan();
  if (!plan) return Fail(plan.error());
  Result<FolderLock> lock = FolderLock::Take(folder.path());
  if (!lock) return Fail(lock.error());
  Result<std::vector<ShardMarker>> markers = folder.ReadAllMarkers(*plan);
  if (!markers) return Fail(markers.error());
  Result<DedupMarker> dedup = ReadDedupMarker(folder);
  Scanned scanned{.plan = std::move(*plan),
                  .lock = std::move(*lock),
                  .markers = std::move(*markers),
                  .dedup = std::nullopt};
  if (dedup && dedup->state_hash == StateHash(scanned.plan, scanned.markers)) {
    scanned.dedup = std::move(*dedup);
  }
  return scanned;
}

}  // namespace

Result<Inventory> MakeInventory(const std::string& path,
                                const InventoryOptions& options) {
  const ScanFolder folder(path);
  const Result<Scanned> scanned = OpenScanned(folder);
  if (!scanned) return Fail(scanned.error());
  if (!scanned->dedup) {
    return Fail(StatusCode::kNotFound,
                fmt::format("{}: its documents are not decided upon yet: run "
                            "peaktext dedup {}",
                            path, path));
  }
  return Make(folder, scanned->plan, scanned->markers, &*scanned->dedup,
              options);
}

Status MakeScanInventory(const std::string& path,
                         const InventoryOptions& options) {
  const ScanFolder folder(path);
  const Result<Scanned> scanned = OpenScanned(folder);
  if (!scanned) return scanned.error();
  if (scanned->dedup) return {};
  const Result<Inventory> made =
      Make(folder, scanned->plan, scanned->markers, nullptr, options);
  return made ? Status() : made.error();
}

}  // namespace peaktext

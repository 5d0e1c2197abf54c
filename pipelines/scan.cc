#include "pipelines/scan.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/memory_budget.h"
#include "inventory/scan_folder.h"
#include "pipelines/display_name.h"
#include "pipelines/folder_lock.h"
#include "pipelines/issue_printer.h"
#include "pipelines/lanes.h"
#include "pipelines/record_flow.h"
#include "pipelines/shard_writer.h"
#include "pipelines/vocabularies.h"
#include "read/inputs.h"

namespace peaktext {
namespace {

// One scan of one folder.
class Scanner {
 public:
  Scanner(const std::string& out, const ScanOptions& options)
      : folder_(out), options_(options) {}

  Result<ScanReport> Run(std::span<const std::string> arguments);

 private:
  Status MakePlan(std::span<const std::string> arguments,
                  const std::vector<std::string>& hashes);
  Status CheckAgainst(const ScanPlan& old) const;
  // The shards that are not finished.
  std::vector<size_t> Unfinished();
  Status ScanShards(const std::vector<size_t>& shards,
                    const std::vector<const CountTables*>& tables);
  // The second fails the shard, the first the scan.
  Status ScanShard(size_t shard, std::span<DocumentWorker> workers,
                   ParagraphCounter* paragraphs, MemoryBudget* budget,
                   Status* shard_failure);
  void AddFailure(const std::string& input, const Status& status);

  const ScanFolder folder_;
  const ScanOptions& options_;
  std::vector<std::string> inputs_;  // as they are opened
  ScanPlan plan_;                    // names as they are shown
  std::string options_hash_;
  std::mutex mutex_;  // of report_, while lanes run
  ScanReport report_;
};

Result<ScanReport> Scanner::Run(std::span<const std::string> arguments) {
  Result<FolderLock> lock = FolderLock::Take(folder_.path());
  if (!lock) return Fail(lock.error());
  Result<Vocabularies> vocabularies =
      Vocabularies::Load(options_.vocabularies, options_.added_tokens);
  if (!vocabularies) return Fail(vocabularies.error());
  Status status = MakePlan(arguments, vocabularies->hashes());
  if (!status.ok()) return Fail(std::move(status));

  const std::vector<size_t> shards = Unfinished();
  if (!shards.empty()) {
    status = ScanShards(shards, vocabularies->tables());
    if (!status.ok()) return Fail(std::move(status));
  }
  return std::move(report_);
}

void Scanner::AddFailure(const std::string& input, const Status& status) {
  options_.events.on_message(status.message());
  std::lock_guard lock(mutex_);
  report_.failed.push_back({input, DisplayName(status.message())});
}

Status Scanner::MakePlan(std::span<const std::string> arguments,
                         const std::vector<std::string>& hashes) {
  ExpandedInputs expanded = ExpandInputs(arguments, options_.source);
  for (const std::string& note : expanded.notes) {
    options_.events.on_note(note);
  }
  for (const InputFailure& failure : expanded.failures) {
    AddFailure(DisplayName(failure.input), failure.status);
  }
  inputs_ = std::move(expanded.inputs);
  plan_.vocabularies = options_.vocabularies;
  plan_.options_json = ScanOptionsJson(options_, hashes);
  plan_.failed = report_.failed;
  for (const std::string& input : inputs_) {
    plan_.inputs.push_back(DisplayName(input));
  }
  options_hash_ = plan_.OptionsHash();
  report_.inputs = inputs_.size();

  if (folder_.HasPlan()) {
    const Result<ScanPlan> old = folder_.ReadPlan();
    Status differs = old ? CheckAgainst(*old) : old.error();
    if (!differs.ok() && !options_.force) return differs;
    if (options_.force) {
      if (Status cleared = folder_.Clear(); !cleared.ok()) return cleared;
    }
  }
  RemoveLeftovers(folder_.path());
  RemoveLeftovers(folder_.ShardsPath());
  return folder_.WritePlan(plan_);
}

Status Scanner::CheckAgainst(const ScanPlan& old) const {
  if (old.options_json != plan_.options_json) {
    return {StatusCode::kInvalidArgument,
            fmt::format("{}: holds a scan with other options ({}); use another "
                        "folder, or --force to start over",
                        folder_.path(), old.options_json)};
  }
  const std::unordered_set<std::string_view> now(plan_.inputs.begin(),
                                                 plan_.inputs.end());
  for (const std::string& input : old.inputs) {
    if (now.contains(input)) continue;
    return {StatusCode::kInvalidArgument,
            fmt::format("{}: holds a scan of other inputs ({}); use another "
                        "folder, or --force to start over",
                        folder_.path(), input)};
  }
  return {};
}

std::vector<size_t> Scanner::Unfinished() {
  std::vector<size_t> shards;
  for (size_t shard = 0; shard < inputs_.size(); ++shard) {
    const Result<ShardMarker> marker = folder_.ReadMarker(shard);
    // What stdin holds is new each time.
    const bool finished = marker && inputs_[shard] != "-" &&
                          marker->input == plan_.inputs[shard] &&
                          marker->options_hash == options_hash_ &&
                          marker->input_state == InputState(inputs_[shard]);
    if (!finished) {
      shards.push_back(shard);
      continue;
    }
    ++report_.skipped;
    report_.documents += marker->documents;
    report_.dropped.Merge(marker->dropped);
  }
  return shards;
}

Status Scanner::ScanShards(const std::vector<size_t>& shards,
                           const std::vector<const CountTables*>& tables) {
  const Lanes lanes = Lanes::Plan(options_.threads, shards.size());
  const MemoryPlan memory = MemoryPlan::Divide(options_.memory_bytes,
                                               tables.size(), options_.threads);
  MemoryBudget budget(memory.large_bytes);
  WorkerSetup setup{.tables = tables,
                    .counter = {.cache_bytes = memory.counter_cache_bytes,
                                .added_tokens = options_.added_tokens,
                                .most_whole_bytes = memory.large_bytes},
                    .extract = options_.extract,
                    .signature = options_.signature,
                    .on_message = options_.events.on_message};
  // Counters of paragraphs, one per lane, share the memory of the others.
  if (options_.paragraphs) {
    setup.counter.cache_bytes = setup.counter.cache_bytes * options_.threads /
                                (options_.threads + lanes.lanes);
  }
  setup.extract.max_body_bytes =
      std::min(setup.extract.max_body_bytes, memory.body_bytes);
  setup.extract.max_ratio = options_.read.max_ratio;
  uint64_t total_bytes = 0;
  bool all_known = true;
  for (const size_t shard : shards) {
    std::error_code unknown;
    const uint64_t size = std::filesystem::file_size(inputs_[shard], unknown);
    if (!unknown) total_bytes += size;
    all_known = all_known && !unknown;
  }
  options_.events.on_stage("scan", total_bytes);
  if (all_known) {
    setup.counter.cache_bytes = MemoryPlan::CacheFor(total_bytes, tables.size(),
                                                     setup.counter.cache_bytes);
  }

  std::vector<std::vector<DocumentWorker>> workers(lanes.lanes);
  std::vector<std::unique_ptr<ParagraphCounter>> paragraphs(lanes.lanes);
  Status failure;  // of the scan, the first
  lanes.Run(shards.size(), [&](size_t lane, size_t index) {
    {
      std::lock_guard lock(mutex_);
      if (!failure.ok()) return;
    }
    while (workers[lane].size() < lanes.workers_per_lane) {
      workers[lane].emplace_back(setup);
    }
    if (options_.paragraphs && paragraphs[lane] == nullptr) {
      paragraphs[lane] =
          std::make_unique<ParagraphCounter>(tables, setup.counter);
    }
    const size_t shard = shards[index];
    Status shard_failure;
    Status status = ScanShard(shard, workers[lane], paragraphs[lane].get(),
                              &budget, &shard_failure);
    if (status.ok() && !shard_failure.ok()) {
      AddFailure(plan_.inputs[shard], shard_failure);
      status =
          folder_.WriteFailure(shard, DisplayName(shard_failure.message()));
    }
    std::lock_guard lock(mutex_);
    if (failure.ok()) failure = std::move(status);
  });
  for (std::vector<DocumentWorker>& lane : workers) {
    for (DocumentWorker& worker : lane) worker.KeepLearned();
  }
  return failure;
}

Status Scanner::ScanShard(size_t shard, std::span<DocumentWorker> workers,
                          ParagraphCounter* paragraphs, MemoryBudget* budget,
                          Status* shard_failure) {
  const std::string& name = plan_.inputs[shard];
  FlowOptions flow{.source = options_.source,
                   .read = options_.read,
                   .stop = options_.stop,
                   .on_bytes = options_.events.on_bytes};
  flow.source.stop = options_.stop;
  KeepTo(budget, &flow.read);
  flow.read.piece_bytes = flow.read.max_record_bytes;
  flow.read.on_issue = IssuePrinter(name, options_.events.on_message);
  ShardMarker marker{.input = name,
                     .options_hash = options_hash_,
                     .input_state = InputState(inputs_[shard])};

  auto writer = ShardWriter::Create(
      folder_, shard, name, static_cast<uint32_t>(plan_.vocabularies.size()),
      options_.signature, options_.keep_texts, paragraphs);
  if (!writer) return writer.error();
  Status written;
  const auto sink = [&](const ScannedDocument& document) {
    written = writer->Append(document);
    return written;
  };
  const Result<FlowStats> stats =
      RecordFlow(std::move(flow), workers).Run(inputs_[shard], name, sink);
  if (!written.ok()) return written;
  if (!stats) {
    const bool stopped = stats.error().code() == StatusCode::kCancelled;
    if (stopped) return stats.error();
    *shard_failure = stats.error();
    return {};
  }
  marker.read = stats->read;
  marker.dropped = stats->dropped;
  const uint64_t documents = writer->rows();
  if (written = writer->Commit(std::move(marker)); !written.ok()) {
    return written;
  }
  std::lock_guard lock(mutex_);
  report_.documents += documents;
  report_.dropped.Merge(stats->dropped);
  return {};
}

}  // namespace

std::string ScanOptionsJson(const ScanOptions& options,
                            std::span<const std::string> vocabulary_hashes) {
  JsonWriter json;
  json.StartObject();
  json.Key("vocabularies");
  json.StartObject();
  for (size_t i = 0; i < options.vocabularies.size(); ++i) {
    json.Member(options.vocabularies[i], vocabulary_hashes[i]);
  }
  json.EndObject();
  json.Key("added_tokens");
  json.Bool(options.added_tokens);
  json.Member("text_field", options.read.text_field);
  json.Member("id_field", options.read.id_field);
  json.Member("url_field", options.read.url_field);
  json.Member("language_field", options.read.language_field);
  json.Member("date_field", options.read.date_field);
  json.Member("priority_field", options.read.priority_field);
  json.Member("max_record_bytes", options.read.max_record_bytes);
  json.Member("max_ratio", options.read.max_ratio);
  json.Key("verify_digests");
  json.Bool(options.extract.verify_digests);
  json.Key("texts");
  json.Bool(options.keep_texts);
  // Only where they are counted: folders of before stay what they are.
  if (options.paragraphs) {
    json.Key("paragraphs");
    json.Bool(true);
  }
  json.Member("bands", uint64_t{options.signature.bands});
  json.Member("rows", uint64_t{options.signature.rows});
  json.Member("shingle_words", uint64_t{options.signature.shingle_words});
  json.Member("seed", options.signature.seed);
  json.EndObject();
  return json.Take();
}

Result<ScanReport> Scan(std::span<const std::string> arguments,
                        const std::string& out, const ScanOptions& options) {
  if (Status status = options.signature.Check(); !status.ok()) {
    return Fail(std::move(status));
  }
  return Scanner(out, options).Run(arguments);
}

}  // namespace peaktext

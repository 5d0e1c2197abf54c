#include "pipelines/count.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "base/memory_budget.h"
#include "pipelines/display_name.h"
#include "pipelines/issue_printer.h"
#include "pipelines/lanes.h"
#include "pipelines/record_flow.h"
#include "pipelines/vocabularies.h"
#include "read/inputs.h"

namespace peaktext {
namespace {

// One count of many inputs.
class InputCounter {
 public:
  explicit InputCounter(const CountOptions& options) : options_(options) {}

  Result<CountReport> Run(std::span<const std::string> arguments);

 private:
  void Expand(std::span<const std::string> arguments);
  Status CountAll(const std::vector<const CountTables*>& tables);
  // What the sink refused, or that we were stopped.
  Status CountInput(size_t index, std::span<DocumentWorker> workers,
                    MemoryBudget* budget);
  void AddFailure(const std::string& input, const Status& status);

  const CountOptions& options_;
  std::vector<std::string> inputs_;
  std::vector<std::optional<CountReport::Input>> counted_;  // by input
  std::mutex mutex_;                                        // of report_.failed
  CountReport report_;
};

void InputCounter::AddFailure(const std::string& input, const Status& status) {
  options_.events.on_message(status.message());
  std::lock_guard lock(mutex_);
  report_.failed.push_back({input, DisplayName(status.message())});
}

void InputCounter::Expand(std::span<const std::string> arguments) {
  ExpandedInputs expanded = ExpandInputs(arguments, options_.source);
  for (const std::string& note : expanded.notes) {
    options_.events.on_note(note);
  }
  for (const InputFailure& failure : expanded.failures) {
    AddFailure(DisplayName(failure.input), failure.status);
  }
  inputs_ = std::move(expanded.inputs);
  counted_.resize(inputs_.size());
}

Result<CountReport> InputCounter::Run(std::span<const std::string> arguments) {
  Result<Vocabularies> vocabularies =
      Vocabularies::Load(options_.vocabularies, options_.added_tokens);
  if (!vocabularies) return Fail(vocabularies.error());
  Expand(arguments);
  if (!inputs_.empty()) {
    Status status = CountAll(vocabularies->tables());
    if (!status.ok()) return Fail(std::move(status));
  }
  report_.total.tokens.resize(options_.vocabularies.size());
  for (std::optional<CountReport::Input>& input : counted_) {
    if (!input) continue;
    report_.total.Add(input->tally);
    report_.dropped.Merge(input->dropped);
    report_.inputs.push_back(std::move(*input));
  }
  return std::move(report_);
}

Status InputCounter::CountAll(const std::vector<const CountTables*>& tables) {
  // Documents are told in order: one lane then, all threads in it.
  const Lanes lanes =
      Lanes::Plan(options_.threads, options_.on_document ? 1 : inputs_.size());
  const MemoryPlan memory = MemoryPlan::Divide(options_.memory_bytes,
                                               tables.size(), options_.threads);
  MemoryBudget budget(memory.large_bytes);
  WorkerSetup setup{.tables = tables,
                    .counter = {.cache_bytes = memory.counter_cache_bytes,
                                .added_tokens = options_.added_tokens,
                                .most_whole_bytes = memory.large_bytes},
                    .extract = options_.extract,
                    .signature = std::nullopt,
                    .on_message = options_.events.on_message};
  setup.extract.max_body_bytes =
      std::min(setup.extract.max_body_bytes, memory.body_bytes);
  setup.extract.max_ratio = options_.read.max_ratio;
  // Nobody sees the language but those who want every document, and neither do
  // the published fields of those.
  setup.extract.detect_language = false;
  uint64_t total_bytes = 0;
  bool all_known = true;
  for (const std::string& input : inputs_) {
    std::error_code unknown;
    const uint64_t size = std::filesystem::file_size(input, unknown);
    if (!unknown) total_bytes += size;
    all_known = all_known && !unknown;
  }
  options_.events.on_stage("count", total_bytes);
  if (all_known) {
    setup.counter.cache_bytes = MemoryPlan::CacheFor(total_bytes, tables.size(),
                                                     setup.counter.cache_bytes);
  }

  std::vector<std::vector<DocumentWorker>> workers(lanes.lanes);
  std::mutex mutex;
  Status failure;
  lanes.Run(inputs_.size(), [&](size_t lane, size_t index) {
    {
      std::lock_guard lock(mutex);
      if (!failure.ok()) return;
    }
    while (workers[lane].size() < lanes.workers_per_lane) {
      workers[lane].emplace_back(setup);
    }
    Status status = CountInput(index, workers[lane], &budget);
    std::lock_guard lock(mutex);
    if (failure.ok()) failure = std::move(status);
  });
  for (std::vector<DocumentWorker>& lane : workers) {
    for (DocumentWorker& worker : lane) worker.KeepLearned();
  }
  return failure;
}

Status InputCounter::CountInput(size_t index, std::span<DocumentWorker> workers,
                                MemoryBudget* budget) {
  CountReport::Input counted{
      .input = DisplayName(inputs_[index]), .tally = {}, .dropped = {}};
  counted.tally.tokens.resize(options_.vocabularies.size());
  FlowOptions flow{.source = options_.source,
                   .read = options_.read,
                   .stream_text = true,
                   .keep_text = false,
                   .stop = options_.stop,
                   .on_bytes = options_.events.on_bytes};
  KeepTo(budget, &flow.read);
  flow.read.on_issue = IssuePrinter(counted.input, options_.events.on_message);
  Status refused;
  const auto sink = [&](const ScannedDocument& document) {
    counted.tally.documents += 1;
    counted.tally.bytes += document.row.bytes;
    for (size_t i = 0; i < counted.tally.tokens.size(); ++i) {
      counted.tally.tokens[i] += document.row.tokens[i];
    }
    if (options_.on_document) {
      refused = options_.on_document(document.row, counted.input);
    }
    return refused;
  };
  Result<FlowStats> stats = RecordFlow(std::move(flow), workers)
                                .Run(inputs_[index], counted.input, sink);
  if (!refused.ok()) return refused;
  if (!stats) {
    if (stats.error().code() == StatusCode::kCancelled) return stats.error();
    AddFailure(counted.input, stats.error());
    return {};
  }
  counted.dropped = std::move(stats->dropped);
  counted_[index] = std::move(counted);
  return {};
}

}  // namespace

Result<CountReport> Count(std::span<const std::string> arguments,
                          const CountOptions& options) {
  return InputCounter(options).Run(arguments);
}

}  // namespace peaktext

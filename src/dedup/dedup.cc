// The steps, each leaving files in the work folder by which a run that was
// killed goes on:
//
//   exact groups    copies, flags            exact_groups.h
//   columns         column-NNNNNN, -list     column_build.h
//   bands           pairs-NN, buckets-NN     band_join.h, on several threads
//   edges           edges, pair-count        sketch_filter.h
//   survivors       (in memory, rounds)      survivors.h, or components.h
//   decisions       options.decisions_path   decision_build.h
//
// Disk at the default 20 bands: 196 bytes for each document that is no exact
// copy, and until the edges are made what its pairs take in each band that it
// shares (pair_file.h): two bytes in a large bucket, up to 17 in a small one,
// with seven others far away. Pairs that do not fit the memory are sorted on
// disk, four of 16 bytes for a document, in as many bands at a time as there
// are threads.
#include "dedup/dedup.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>

#include "dedup/band_join.h"
#include "dedup/column_build.h"
#include "dedup/components.h"
#include "dedup/decision_build.h"
#include "dedup/dedup_input.h"
#include "dedup/exact_groups.h"
#include "dedup/parallel.h"
#include "dedup/sketch_filter.h"
#include "dedup/spill_file.h"
#include "dedup/survivors.h"
#include "dedup/work_folder.h"

namespace peaktext {
namespace {

std::string PairsName(uint32_t band) {
  return fmt::format("pairs-{:03}", band);
}
std::string BucketsName(uint32_t band) {
  return fmt::format("buckets-{:03}", band);
}

class DedupRun {
 public:
  DedupRun(const DedupInput& input, const DedupOptions& options,
           WorkFolder* folder)
      : input_(input), options_(options), folder_(*folder) {}

  Status Run(DedupReport* report);

 private:
  void Progress(std::string_view stage, uint64_t done, uint64_t total) const {
    if (options_.on_progress) options_.on_progress(stage, done, total);
  }
  void Announce(DedupReport* report) const;
  Status JoinBands(const BuiltColumns& built);
  Status MakeEdges(const Columns& columns, DedupReport* report);
  Status Decide(const BuiltColumns& built, const ExactGroups& exact,
                DedupReport* report);
  unsigned BandWorkers() const {
    return std::min(std::max(1U, options_.threads), input_.bands());
  }
  EdgeRules Rules() const {
    return {options_.threshold,
            ZoneOf(options_.threshold, options_.verify, input_.signature().rows,
                   input_.has_texts()),
            options_.verify == Verify::kNone};
  }

  const DedupInput& input_;
  const DedupOptions& options_;
  WorkFolder& folder_;
};

Status DedupRun::JoinBands(const BuiltColumns& built) {
  const bool components = options_.grouping == Grouping::kComponents;
  const unsigned workers = BandWorkers();
  BandJoinOptions join;
  join.old_rows = built.old_rows;
  join.chain = components && options_.verify == Verify::kNone;
  join.neighbours = components && !join.chain;
  join.memory_bytes = options_.memory_bytes / workers * 3 / 4;
  join.partitions = options_.partitions;
  join.folder = folder_.path();
  join.stop = options_.stop;
  std::vector<BandMemory> memory(workers);
  std::mutex mutex;  // of done and whom it is told
  uint64_t done = 0;
  Status joined = RunParallel(
      workers, input_.bands(), options_.stop,
      [&](size_t piece, unsigned worker) -> Status {
        const auto band = static_cast<uint32_t>(piece);
        if (!folder_.Has(PairsName(band))) {
          if (Status s = JoinBand(built.columns, band, join, &memory[worker],
                                  folder_.Path(PairsName(band)),
                                  folder_.Path(BucketsName(band)));
              !s.ok()) {
            return s;
          }
        }
        std::lock_guard lock(mutex);
        folder_.Measure();
        Progress("bands", ++done, input_.bands());
        return {};
      });
  return joined;
}

// "pair-count" is the step's marker.
Status DedupRun::MakeEdges(const Columns& columns, DedupReport* report) {
  if (!folder_.Has("pair-count")) {
    std::vector<std::string> names;
    for (uint32_t band = 0; band < input_.bands(); ++band) {
      names.push_back(PairsName(band));
    }
    Progress("edges", 0, 1);
    Result<uint64_t> pairs =
        FilterPairs(columns, names,
                    {Rules().zone.low, options_.memory_bytes,
                     std::max(1U, options_.threads), options_.stop},
                    &folder_);
    if (!pairs) return pairs.error();
    Result<SpillWriter> count = SpillWriter::Create(folder_.Path("pair-count"));
    if (!count) return count.error();
    count->AppendVarint(*pairs);
    if (Status s = count->Commit(); !s.ok()) return s;
    Progress("edges", 1, 1);
  }
  for (uint32_t band = 0; band < input_.bands(); ++band) {
    folder_.Remove(PairsName(band));
  }
  Result<SpillReader> count = SpillReader::Open(folder_.Path("pair-count"));
  if (!count) return count.error();
  if (!count->ReadVarint(&report->candidate_pairs)) {
    return {StatusCode::kCorrupt, folder_.Path("pair-count") + ": damaged"};
  }
  return {};
}

Status DedupRun::Decide(const BuiltColumns& built, const ExactGroups& exact,
                        DedupReport* report) {
  std::vector<std::string> buckets;
  for (uint32_t band = 0; band < input_.bands(); ++band) {
    buckets.push_back(BucketsName(band));
  }
  std::optional<TextComparer> texts;
  if (input_.has_texts() && options_.verify != Verify::kNone &&
      options_.verify != Verify::kSketch) {
    texts.emplace(input_, built.columns, options_.memory_bytes / 4,
                  options_.threads);
  }
  TextComparer* const comparer = texts ? &*texts : nullptr;
  SurvivorOptions how{Rules(),
                      built.old_rows,
                      options_.memory_bytes,
                      std::max(1U, options_.threads),
                      options_.stop,
                      {}};
  how.on_round = [&](uint64_t undecided) {
    Progress("survivors", built.columns.rows() - undecided,
             built.columns.rows());
  };
  Status decided;
  if (options_.grouping == Grouping::kComponents) {
    RecordSorter<Removal> removals(folder_.path(), "removals",
                                   options_.memory_bytes / 8);
    decided = FindComponents(built.columns, how.rules, how.old_rows, comparer,
                             folder_, options_.stop, &removals);
    if (decided.ok()) {
      decided = WriteDecisions(input_, options_, built.columns, exact,
                               &removals, &folder_, report);
    }
  } else {
    SurvivorSearch search(built.columns, how, comparer, &folder_);
    decided = search.Run(buckets);
    report->rounds = search.rounds();
    if (decided.ok()) {
      decided = WriteDecisions(input_, options_, built.columns, exact,
                               &search.removals(), &folder_, report);
    }
  }
  if (texts) report->verified_by_text = texts->compared();
  return decided;
}

void DedupRun::Announce(DedupReport* report) const {
  const uint64_t all = input_.documents() + input_.old_documents();
  const uint64_t bands = input_.bands();
  const uint64_t columns = 71 + 6 * bands;
  // Half of the documents have a duplicate, or all of them seven.
  const uint64_t usual = columns + 2 * bands;
  uint64_t worst = columns + 17 * bands + 50;
  const uint64_t sorted = all * 4 * sizeof(Pair);
  const unsigned workers = BandWorkers();
  if (sorted * workers > options_.memory_bytes / 8) {
    worst += 4 * sizeof(Pair) * workers;
  }
  report->disk_estimate_bytes = all * worst;
  if (!options_.on_note) return;
  const auto gigabytes = [](uint64_t bytes) {
    return static_cast<double>(bytes) / 1e9;
  };
  std::error_code ignored;
  const auto space = std::filesystem::space(folder_.path(), ignored);
  options_.on_note(fmt::format(
      "dedup: {} documents, some {:.1f} GB of intermediate files in {}, at "
      "worst {:.1f} GB ({:.1f} GB free)",
      all, gigabytes(all * usual), folder_.path(), gigabytes(all * worst),
      gigabytes(space.available)));
}

Status DedupRun::Run(DedupReport* report) {
  const uint64_t all = input_.documents() + input_.old_documents();
  Announce(report);
  Progress("exact", 0, all);
  Result<ExactGroups> exact = FindExactGroups(input_, options_, &folder_);
  if (!exact) return exact.error();
  Progress("exact", all, all);
  Progress("columns", 0, all);
  Result<BuiltColumns> built = BuildColumns(input_, *exact, options_, &folder_);
  if (!built) return built.error();
  Progress("columns", all, all);
  if (!folder_.Has("pair-count")) {
    if (Status s = JoinBands(*built); !s.ok()) return s;
  }
  if (Status s = MakeEdges(built->columns, report); !s.ok()) return s;
  return Decide(*built, *exact, report);
}

Status CheckOptions(const DedupOptions& options, const DedupInput& input) {
  if (!(options.threshold > 0) || options.threshold > 1) {
    return {StatusCode::kInvalidArgument,
            fmt::format("dedup: threshold {} is not above 0 and at most 1",
                        options.threshold)};
  }
  if (options.memory_bytes < (64ULL << 20)) {
    return {StatusCode::kInvalidArgument,
            "dedup: needs at least 64 MiB of memory"};
  }
  if (options.verify == Verify::kExact && !input.has_texts()) {
    return {StatusCode::kInvalidArgument,
            "dedup: verification by text needs the texts of all shards"};
  }
  return {};
}

}  // namespace

Result<DedupReport> Dedup(const std::vector<DedupShard>& shards,
                          const DedupOptions& options) {
  Result<DedupInput> input = DedupInput::Open(shards, options);
  if (!input) return Fail(input.error());
  if (Status s = CheckOptions(options, *input); !s.ok()) return Fail(s);
  Result<WorkFolder> folder =
      WorkFolder::Open(options.work_folder, input->Fingerprint(options));
  if (!folder) return Fail(folder.error());
  DedupReport report;
  DedupRun run(*input, options, &*folder);
  if (Status s = run.Run(&report); !s.ok()) return Fail(s);
  report.disk_bytes = folder->peak_bytes();
  if (!options.keep_work_folder) folder->RemoveAll();
  return report;
}

}  // namespace peaktext

#include "pipelines/dedup.h"

#include <fmt/core.h>

#include "base/json.h"
#include "base/text_table.h"
#include "run_main.h"
#include "scan_flags.h"

namespace peaktext {
namespace {

struct DedupFlags {
  std::string folder;
  std::vector<std::string> against;
  SignatureOptions wanted{.bands = 0, .rows = 0};  // of the scan; 0: any
  DedupOptions dedup;
  OutputFlags output;
};

std::string ReportJson(const DedupReport& report) {
  JsonWriter json;
  json.StartObject();
  json.Member("schema", uint64_t{1});
  json.Member("documents", report.documents);
  json.Member("kept", report.documents - report.exact_duplicates -
                          report.near_duplicates);
  json.Member("exact_duplicates", report.exact_duplicates);
  json.Member("near_duplicates", report.near_duplicates);
  json.Member("too_short", report.too_short);
  json.Member("candidate_pairs", report.candidate_pairs);
  json.Member("verified_by_text", report.verified_by_text);
  json.Member("disk_bytes", report.disk_bytes);
  json.EndObject();
  return json.Take();
}

void PrintReport(const DedupReport& report) {
  const auto line = [](std::string_view name, uint64_t count) {
    fmt::print("{:<18}{:>16}\n", name, WithSeparators(count));
  };
  line("documents", report.documents);
  line("exact duplicates", report.exact_duplicates);
  line("near duplicates", report.near_duplicates);
  line("kept",
       report.documents - report.exact_duplicates - report.near_duplicates);
  line("too short", report.too_short);
  line("candidate pairs", report.candidate_pairs);
  line("pairs read as text", report.verified_by_text);
}

int RunDedup(const DedupFlags& flags, const CommandContext& context) {
  Progress progress(!flags.output.no_progress);
  DedupOptions options = flags.dedup;
  options.threads = ThreadsOrCores(options.threads);
  options.stop = context.stop;
  std::string last_stage;
  options.on_progress = [&](std::string_view stage, uint64_t done,
                            uint64_t total) {
    if (stage != last_stage) progress.StartStage(stage, total);
    last_stage = stage;
    progress.Set(done);
  };
  options.on_note = [&](std::string_view line) { progress.Note(line); };
  const Result<DedupOutcome> outcome =
      DedupFolder(flags.folder, options, flags.against,
                  {flags.wanted.bands, flags.wanted.rows});
  progress.Clear();
  if (!outcome) return ReportFailure(outcome.error());
  const DedupReport& report = outcome->report;
  if (flags.output.json) {
    fmt::print("{}\n", ReportJson(report));
  } else {
    PrintReport(report);
  }
  std::fflush(stdout);
  const uint64_t kept =
      report.documents - report.exact_duplicates - report.near_duplicates;
  progress.Finish(fmt::format(
      "kept {} of {} documents ({:.1f}%){}", WithSeparators(kept),
      WithSeparators(report.documents),
      report.documents == 0 ? 100.0
                            : 100.0 * static_cast<double>(kept) /
                                  static_cast<double>(report.documents),
      outcome->was_done ? ", found done" : ""));
  return kExitDone;
}

}  // namespace

void AddDedupCommand(CLI::App& app, CommandContext& context) {
  DedupFlags& flags = context.Keep<DedupFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "dedup",
       .sentence = "Finds exact and near duplicates among a scan's documents "
                   "and decides which of them are kept.",
       .assumes =
           "the second of the three steps of `run`. Bands and rows are those "
           "of the scan: others, asked for by themselves or by a preset, are "
           "an error that names them. Every removal names a kept document, the "
           "similarity and how "
           "it was measured. Killed at any moment and started again, finished "
           "parts are not done again. Prints beforehand how much disk it "
           "takes.",
       .memory = "within --memory (64M or more); half a byte per document is "
                 "needed for flags, beyond that more memory only saves time.",
       .examples = {"peaktext dedup out --memory 4G",
                    "peaktext dedup new --against old --keep longest"},
       .writes_files = true},
      [&flags, &context] { return RunDedup(flags, context); });
  command->add_option("DIR", flags.folder, "the folder of a scan")
      ->required()
      ->type_name("");
  command
      ->add_option("--against", flags.against,
                   "also remove what this folder's run kept; may be given "
                   "again. That folder is left as it is")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("DIR");
  AddPresetFlag(*command, flags.wanted, flags.dedup);
  AddDedupFlags(*command, flags.dedup);
  command
      ->add_option("--bands", flags.wanted.bands,
                   "fail unless the scan's signatures have so many bands")
      ->check(CLI::PositiveNumber)
      ->group("Duplicates");
  command->add_option("--rows", flags.wanted.rows, "and so many rows in each")
      ->check(CLI::PositiveNumber)
      ->group("Duplicates");
  AddThreadsFlag(*command, flags.dedup.threads);
  AddMemoryFlag(*command, flags.dedup.memory_bytes);
  AddJsonFlag(*command, flags.output);
  AddProgressFlags(*command, flags.output);
}

}  // namespace peaktext

#include "pipelines/export.h"

#include <fmt/core.h>

#include "base/text_table.h"
#include "run_main.h"
#include "scan_flags.h"

namespace peaktext {
namespace {

struct ExportFlags {
  std::string from;
  std::string to;
  ExportOptions options;
  OutputFlags output;
};

int RunExport(const ExportFlags& flags, const CommandContext& context) {
  Progress progress(!flags.output.no_progress);
  ExportOptions options = flags.options;
  options.stop = context.stop;
  options.events = EventsTo(progress);
  const Result<ExportReport> report = Export(flags.from, flags.to, options);
  progress.Clear();
  if (!report) return ReportFailure(report.error());
  progress.Finish(fmt::format(
      "exported {} documents to {} files ({} finished before)",
      WithSeparators(report->documents), WithSeparators(report->files),
      WithSeparators(report->skipped)));
  return kExitDone;
}

}  // namespace

void AddExportCommand(CLI::App& app, CommandContext& context) {
  ExportFlags& flags = context.Keep<ExportFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "export",
       .sentence = "Writes the documents that were kept, with their texts, as "
                   "JSON lines or Parquet.",
       .assumes = "a folder of `run`, or of `scan` and `dedup`. A .jsonl.zst "
                  "or .parquet file per input; each line or row names the "
                  "documents that were "
                  "removed for it. Killed and started again, finished files "
                  "are not written again.",
       .memory = "one document's text (Parquet: a row group, some 150 MB), and "
                 "within --memory for the duplicates.",
       .examples = {"peaktext export out --out kept",
                    "peaktext export out --out kept --format parquet"},
       .writes_files = true},
      [&flags, &context] { return RunExport(flags, context); });
  command->add_option("DIR", flags.from, "the folder of a run")
      ->required()
      ->type_name("");
  command->add_option("--out,-o", flags.to, "the folder to write to")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--format", flags.options.format,
                   "of the files; Parquet where the program was built with "
                   "Arrow")
      ->transform(CLI::CheckedTransformer(
                      std::vector<std::pair<std::string, ExportFormat>>{
                          {"jsonl", ExportFormat::kJsonl},
                          {"parquet", ExportFormat::kParquet}})
                      .description(""))
      ->type_name("jsonl|parquet")
      ->default_str("jsonl");
  command
      ->add_option("--max-duplicate-ids", flags.options.max_duplicate_ids,
                   "name at most so many duplicates of a document; all are "
                   "counted")
      ->capture_default_str();
  command->add_flag("--force", flags.options.force,
                    "replace the export of another run");
  AddMemoryFlag(*command, flags.options.memory_bytes);
  AddProgressFlags(*command, flags.output);
}

}  // namespace peaktext

#include "scan_flags.h"

namespace peaktext {

void AddScanFlags(CLI::App& command, ScanFlags& flags) {
  AddInputFlags(command, flags.inputs);
  command
      .add_option("--out,-o", flags.out,
                  "the folder for all that is written; one that was begun is "
                  "gone on with")
      ->required()
      ->type_name("DIR");
  AddVocabFlags(command, flags.scan.vocabularies, flags.scan.added_tokens);
  AddThreadsFlag(command, flags.scan.threads);
  AddMemoryFlag(command, flags.scan.memory_bytes);
  command.add_flag("--force", flags.force,
                   "start over where DIR holds a scan of other inputs or with "
                   "other options");
  command.add_flag("--no-texts", flags.no_texts,
                   "keep no texts: saves a third of the input's size on disk, "
                   "but nothing can be verified by text or exported");
  command.add_flag(
      "--paragraphs", flags.scan.paragraphs,
      "count duplicate paragraphs, too: lines that are equal but for white "
      "space (tokens are counted a second time, line by line, by one thread "
      "per input)");
  AddProgressFlags(command, flags.output);
  AddReadFlags(command, flags.read);
  AddSignatureFlags(command, flags.scan.signature);
}

FlowEvents EventsTo(Progress& progress) {
  return {
      .on_stage = [&progress](
                      std::string_view stage,
                      uint64_t total) { progress.StartStage(stage, total); },
      .on_bytes = [&progress](uint64_t bytes) { progress.Advance(bytes); },
      .on_message =
          [&progress](std::string_view line) { progress.Message(line); },
      .on_note = [&progress](std::string_view line) { progress.Note(line); }};
}

RateLimiter MakeRateLimiter(const SourceOptions& source) {
  return RateLimiter(
      RateLimiter::Limits{.max_connections = source.max_connections,
                          .requests_per_second = source.requests_per_second});
}

ScanOptions MakeScanOptions(const ScanFlags& flags,
                            const CommandContext& context, Progress& progress,
                            RateLimiter& limiter) {
  ScanOptions options = flags.scan;
  options.source = flags.inputs.source;
  options.source.limiter = &limiter;
  options.read = flags.read.read;
  options.extract = flags.read.extract;
  options.keep_texts = !flags.no_texts;
  options.threads = ThreadsOrCores(flags.scan.threads);
  options.force = flags.force;
  options.stop = context.stop;
  options.events = EventsTo(progress);
  return options;
}

}  // namespace peaktext

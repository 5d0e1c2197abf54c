#include "pipelines/count.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "base/json.h"
#include "base/text_table.h"
#include "inventory/print_inventory.h"
#include "pipelines/display_name.h"
#include "run_main.h"
#include "scan_flags.h"

namespace peaktext {
namespace {

struct CountFlags {
  InputFlags inputs;
  ReadFlags read;
  OutputFlags output;
  CountOptions count;
  bool per_document = false;
};

// Prints from a worker thread. `count` writes no files, so where the reader of
// its output has gone away (head) there is nothing left to do: a quiet end.
void PrintLine(std::string line) {
  line += '\n';
  if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size()) return;
  if (errno == EPIPE) std::_Exit(kExitDone);
  throw std::system_error(errno, std::generic_category(), "stdout");
}

void WriteTally(const Tally& tally, const std::vector<std::string>& names,
                JsonWriter* json) {
  json->Member("documents", tally.documents);
  json->Member("bytes", tally.bytes);
  WriteTokens(names, tally.tokens, json);
}

std::string ReportJson(const CountReport& report,
                       const std::vector<std::string>& names) {
  JsonWriter json;
  json.StartObject();
  json.Member("schema", uint64_t{1});
  json.Key("inputs");
  json.StartArray();
  for (const CountReport::Input& input : report.inputs) {
    json.StartObject();
    json.Member("input", input.input);
    WriteTally(input.tally, names, &json);
    json.EndObject();
  }
  json.EndArray();
  json.Key("total");
  json.StartObject();
  WriteTally(report.total, names, &json);
  json.EndObject();
  json.Key("dropped");
  WriteDropCounts(report.dropped, &json);
  json.EndObject();
  return json.Take();
}

std::string DocumentJson(const DocumentRow& row, std::string_view input,
                         const std::vector<std::string>& names) {
  JsonWriter json;
  json.StartObject();
  json.Member("id", DisplayName(row.id));
  json.Member("input", input);
  json.Member("offset", row.offset);
  json.Member("url", DisplayName(row.url));
  json.Member("bytes", row.bytes);
  WriteTokens(names, row.tokens, &json);
  json.EndObject();
  return json.Take();
}

// As wc: figures first, the name last.
std::vector<std::string> Cells(const Tally& tally, std::string_view name) {
  std::vector<std::string> cells;
  for (const uint64_t count : tally.tokens) {
    cells.push_back(fmt::format("{}", count));
  }
  cells.push_back(fmt::format("{}", tally.documents));
  cells.push_back(fmt::format("{}", tally.bytes));
  cells.push_back(Printable(name));
  return cells;
}

void PrintTable(const CountReport& report,
                const std::vector<std::string>& names) {
  TextTable table(/*left_column=*/names.size() + 2);
  std::vector<std::string> head = names;
  head.insert(head.end(), {"documents", "bytes", "input"});
  table.AddRow(std::move(head));
  for (const CountReport::Input& input : report.inputs) {
    table.AddRow(Cells(input.tally, input.input));
  }
  if (report.inputs.size() != 1) table.AddRow(Cells(report.total, "total"));
  fmt::print("{}", table.Render());
}

int RunCount(const CountFlags& flags, const CommandContext& context) {
  Progress progress(!flags.output.no_progress);
  RateLimiter limiter = MakeRateLimiter(flags.inputs.source);
  CountOptions options = flags.count;
  options.source = flags.inputs.source;
  options.source.limiter = &limiter;
  options.read = flags.read.read;
  options.extract = flags.read.extract;
  options.threads = ThreadsOrCores(flags.count.threads);
  options.stop = context.stop;
  options.events = EventsTo(progress);
  const std::vector<std::string>& names = options.vocabularies;
  if (flags.per_document) {
    options.on_document = [&](const DocumentRow& row, std::string_view input) {
      if (flags.output.json) {
        PrintLine(DocumentJson(row, input, names));
      } else {
        std::string line;
        for (const uint64_t count : row.tokens) {
          line += fmt::format("{}\t", count);
        }
        PrintLine(fmt::format("{}{}\t{}", line, row.bytes, Printable(row.id)));
      }
      return Status();
    };
  }
  const Result<CountReport> report = Count(flags.inputs.inputs, options);
  if (!report) {
    progress.Clear();
    return ReportFailure(report.error());
  }
  if (!flags.per_document) {
    progress.Clear();
    if (flags.output.json) {
      fmt::print("{}\n", ReportJson(*report, names));
    } else {
      PrintTable(*report, names);
    }
  }
  FlushResults();
  progress.Finish(
      fmt::format("counted {} documents of {} inputs, {}",
                  WithSeparators(report->total.documents),
                  WithSeparators(report->inputs.size()),
                  LossSummary(report->dropped, report->failed.size())));
  const bool strict = flags.output.strict && !report->dropped.empty();
  return report->failed.empty() && !strict ? kExitDone : kExitFailed;
}

}  // namespace

void AddCountCommand(CLI::App& app, CommandContext& context) {
  CountFlags& flags = context.Keep<CountFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "count",
       .sentence = "Counts tokens, documents and bytes per input and in all, "
                   "like wc.",
       .assumes = "counts are exact: those of the vocabulary's own tokenizer, "
                  "special tokens read as plain text unless --added-tokens is "
                  "given. What is not UTF-8 in plain text counts "
                  "as U+FFFD; a JSON line with it is dropped as bad_utf8. A "
                  "plain text file is one document; of crawls, "
                  "the documents' text is counted, not their markup.",
       .memory = "--memory holds caches and large records; plain text streams "
                 "by, whatever its size, but is held there, too, with "
                 "--added-tokens.",
       .examples = {"peaktext count book.txt",
                    "peaktext count --vocab o200k_base --vocab cl100k_base "
                    "--json crawl/*.warc.gz"},
       .writes_files = false},
      [&flags, &context] { return RunCount(flags, context); });
  AddInputFlags(*command, flags.inputs);
  AddVocabFlags(*command, flags.count.vocabularies, flags.count.added_tokens);
  command->add_flag("--per-document", flags.per_document,
                    "a line per document: tokens, bytes, id; with --json an "
                    "object");
  AddJsonFlag(*command, flags.output);
  AddThreadsFlag(*command, flags.count.threads);
  AddMemoryFlag(*command, flags.count.memory_bytes);
  AddProgressFlags(*command, flags.output);
  AddReadFlags(*command, flags.read);
}

}  // namespace peaktext

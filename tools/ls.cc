// peaktext ls: what lies in a shard, a line per record, and the account of
// every byte at the end.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "base/json.h"
#include "base/text_table.h"
#include "base/utf8.h"
#include "commands.h"
#include "extract/digest.h"
#include "flags.h"
#include "progress.h"
#include "read/byte_source.h"
#include "read/inputs.h"
#include "read/record_reader.h"
#include "run_main.h"

namespace peaktext {
namespace {

struct LsFlags {
  InputFlags inputs;
  ReadFlags read;
  OutputFlags output;
};

// One record as it is printed; text of several pieces is added up.
struct Row {
  uint64_t offset = 0;
  uint64_t stored_bytes = 0;
  std::string type, date, media_type, uri, digest;
  uint64_t length = 0;
};

void Print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    throw std::system_error(errno, std::generic_category(), "stdout");
  }
}

// The worse of the two verdicts; "none" where the record carries no digest.
std::string_view DigestOf(const Record& record) {
  if (record.format != RecordFormat::kWarc) return "none";
  const RecordDigests digests = VerifyDigests(record);
  DigestVerdict verdict = DigestVerdict::kNone;
  for (const DigestVerdict one :
       {DigestVerdict::kOk, DigestVerdict::kUnknownAlgorithm,
        DigestVerdict::kWrong}) {
    if (digests.block == one || digests.payload == one) verdict = one;
  }
  return DigestVerdictName(verdict);
}

std::string Utf8(std::string_view bytes) {
  std::string text;
  AppendRepairedUtf8(bytes, &text);
  return text;
}

// For a terminal: no control bytes, no spaces in a column.
std::string Column(std::string_view text) {
  return text.empty() ? "-" : Printable(text);
}

class Lister {
 public:
  explicit Lister(const LsFlags& flags)
      : flags_(flags), progress_(!flags.output.no_progress) {}

  int Run();

 private:
  void List(const std::string& input);
  void Add(const std::string& input, const Record& record);
  void PrintRow(const std::string& input);
  void PrintTotals();
  void Fail(const Status& status);
  std::string Summary() const;

  const LsFlags& flags_;
  Progress progress_;
  Row row_;
  bool several_inputs_ = false;
  ReadStats totals_;
  int exit_code_ = kExitDone;
};

void Lister::Fail(const Status& status) {
  progress_.Message(status.message());
  exit_code_ = std::max(
      exit_code_,
      status.code() == StatusCode::kInvalidArgument ? kExitUsage : kExitFailed);
}

void Lister::Add(const std::string& input, const Record& record) {
  if (record.continued) {
    row_.length += record.body.size();
    row_.stored_bytes += record.stored_bytes;
  } else {
    row_ = {.offset = record.offset,
            .stored_bytes = record.stored_bytes,
            .type = Utf8(record.type),
            .date = Utf8(record.date),
            .media_type = Utf8(record.media_type),
            .uri = Utf8(record.uri),
            .digest = std::string(DigestOf(record)),
            .length = record.body.size()};
  }
  if (!record.more) PrintRow(input);
}

void Lister::PrintRow(const std::string& input) {
  if (!flags_.output.json) {
    Print(fmt::format("{:>12} {:>9} {:<12} {:<20} {:>10} {:<24} {:<7} {}\n",
                      row_.offset, row_.stored_bytes, Column(row_.type),
                      Column(row_.date), row_.length, Column(row_.media_type),
                      row_.digest == "none" ? "-" : row_.digest,
                      Column(row_.uri)));
    return;
  }
  JsonWriter json;
  json.StartObject();
  if (several_inputs_) json.Member("input", Utf8(input));
  json.Member("offset", row_.offset);
  json.Member("stored", row_.stored_bytes);
  json.Member("type", row_.type);
  json.Member("date", row_.date);
  json.Member("length", row_.length);
  json.Member("media_type", row_.media_type);
  json.Member("uri", row_.uri);
  json.Member("digest", row_.digest);
  json.EndObject();
  Print(json.Take() + "\n");
}

void Lister::List(const std::string& input) {
  Result<std::unique_ptr<ByteSource>> source =
      OpenSource(input, flags_.inputs.source);
  if (!source) return Fail(source.error());
  ReadOptions options = flags_.read.read;
  options.on_issue = [&](const ReadIssue& issue) {
    progress_.Message(issue.message);
  };
  Result<std::unique_ptr<RecordReader>> reader =
      OpenRecordReader(std::move(*source), options);
  if (!reader) return Fail(reader.error());
  if (several_inputs_ && !flags_.output.json) {
    Print(fmt::format("{}:\n", Column(input)));
  }
  Record record;
  while ((*reader)->Next(&record)) {
    Add(input, record);
    progress_.Set(totals_.stored_bytes + record.offset);
  }
  if (!(*reader)->status().ok()) Fail((*reader)->status());
  const ReadStats& stats = (*reader)->stats();
  totals_.records += stats.records;
  totals_.stored_bytes += stats.stored_bytes;
  totals_.used_bytes += stats.used_bytes;
  totals_.padding_bytes += stats.padding_bytes;
  totals_.dropped.Merge(stats.dropped);
}

void Lister::PrintTotals() {
  if (flags_.output.json) {
    JsonWriter json;
    json.StartObject();
    json.Member("records", totals_.records);
    json.Member("bytes", totals_.stored_bytes);
    json.Member("used", totals_.used_bytes);
    json.Member("padding", totals_.padding_bytes);
    json.Key("dropped");
    WriteDropCounts(totals_.dropped, &json);
    json.EndObject();
    Print(json.Take() + "\n");
    return;
  }
  Print(fmt::format("{} records, {} bytes: {} used, {} padding, {} dropped\n",
                    totals_.records, totals_.stored_bytes, totals_.used_bytes,
                    totals_.padding_bytes, totals_.dropped.total().bytes));
  for (const auto& [reason, drop] : totals_.dropped.by_reason()) {
    Print(fmt::format("{:>12} bytes dropped, {} times: {}\n", drop.bytes,
                      drop.count, reason));
  }
}

std::string Lister::Summary() const {
  std::string summary =
      fmt::format("listed {} records of {}", WithSeparators(totals_.records),
                  HumanBytes(totals_.stored_bytes));
  if (totals_.dropped.empty()) return summary;
  summary += fmt::format(", dropped {} ({}):", totals_.dropped.total().count,
                         HumanBytes(totals_.dropped.total().bytes));
  const char* separator = " ";
  for (const auto& [reason, drop] : totals_.dropped.by_reason()) {
    summary += fmt::format("{}{} {}", separator, drop.count, reason);
    separator = ", ";
  }
  return summary;
}

int Lister::Run() {
  const ExpandedInputs expanded =
      ExpandInputs(flags_.inputs.inputs, flags_.inputs.source);
  for (const std::string& note : expanded.notes) progress_.Message(note);
  for (const InputFailure& failure : expanded.failures) Fail(failure.status);
  several_inputs_ = expanded.inputs.size() > 1;
  progress_.StartStage("ls", 0);
  for (const std::string& input : expanded.inputs) List(input);
  PrintTotals();
  progress_.Finish(Summary());
  if (exit_code_ == kExitDone && flags_.output.strict &&
      !totals_.dropped.empty()) {
    return kExitFailed;
  }
  return exit_code_;
}

}  // namespace

void AddLsCommand(CLI::App& app, CommandContext& context) {
  LsFlags& flags = context.Keep<LsFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "ls",
       .sentence =
           "Lists the records of dumps (WARC, WET, WAT, ARC, JSON lines, "
           "Parquet, text; plain, gzip, zstd, lz4): offset, stored length, "
           "type, date, length, media type, digest verdict, URI; at the end "
           "the account of every byte.",
       .assumes =
           "Damaged records are skipped, named on stderr and counted. The "
           "stored length is 0 for a record that shares its gzip member or "
           "zstd frame with others. \"digest\" is ok, wrong, "
           "unknown_algorithm or none (-).",
       .memory = "a few MB, and the largest record",
       .examples = {"peaktext ls crawl.warc.gz",
                    "peaktext ls --json 'crawl/*.wet.gz'"}},
      [&] { return Lister(flags).Run(); });
  AddInputFlags(*command, flags.inputs);
  AddReadFlags(*command, flags.read);
  AddJsonFlag(*command, flags.output);
  AddProgressFlags(*command, flags.output);
}

}  // namespace peaktext

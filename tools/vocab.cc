#include <fmt/core.h>

#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "commands.h"
#include "flags.h"
#include "progress.h"
#include "read/byte_source.h"
#include "run_main.h"
#include "stderr_line.h"
#include "tokenize/count_tables_file.h"
#include "tokenize/learned_pretokens.h"
#include "tokenize/pattern.h"
#include "tokenize/vocabulary_store.h"

namespace peaktext {
namespace {

struct VocabFlags {
  CLI::App* get_command = nullptr;  // tell afterwards which one was chosen
  CLI::App* add_command = nullptr;
  std::vector<std::string> names;  // get
  std::string from;                // get
  bool again = false;              // get
  std::string file;                // add
  std::string name;                // add
  std::string pattern;             // add
  OutputFlags output;
};

std::string_view FormatName(VocabularyFormat format) {
  return format == VocabularyFormat::kTiktoken ? "tiktoken" : "tokenizer.json";
}

// "yes", "no", or "damaged" when the file has not the sum it should have.
std::string_view OnDisk(const VocabularyEntry& entry) {
  if (entry.path.empty()) return "no";
  const Result<std::string> bytes = ReadWholeFile(entry.path);
  return bytes && Sha256Hex(*bytes) == entry.sha256 ? "yes" : "damaged";
}

// Whether the tables are kept beside it.
std::string_view Tables(const VocabularyEntry& entry) {
  if (entry.path.empty()) return "no";
  return CountTablesState(CountTablesPath(entry.path), entry.sha256);
}

// Whether runs have left what they learned beside it.
std::string_view Learned(const VocabularyEntry& entry) {
  return !entry.path.empty() &&
                 !LearnedPretokens(entry.path, entry.sha256).empty()
             ? "yes"
             : "no";
}

void WriteEntry(const VocabularyEntry& entry, JsonWriter* json) {
  const KnownVocabulary* known = FindKnownVocabulary(entry.name);
  json->StartObject();
  json->Member("name", entry.name);
  json->Member("tokens", uint64_t{entry.tokens});
  json->Member("format", FormatName(entry.format));
  json->Member("pattern", PatternName(entry.pattern));
  json->Member("sha256", entry.sha256);
  json->Member("source", entry.source);
  json->Key("address");
  if (known != nullptr && !known->address.empty()) {
    json->String(known->address);
  } else {
    json->Null();
  }
  json->Member("on_disk", OnDisk(entry));
  json->Member("tables", Tables(entry));
  json->Member("learned", Learned(entry));
  json->Key("path");
  if (entry.path.empty()) {
    json->Null();
  } else {
    json->String(entry.path);
  }
  json->EndObject();
}

int ListVocabularies(const VocabFlags& flags) {
  const VocabularyStore store;
  const std::vector<VocabularyEntry> entries = store.List();
  if (flags.output.json) {
    JsonWriter json;
    json.StartObject();
    json.Member("schema", uint64_t{1});
    json.Key("folders");
    json.StartArray();
    for (const std::string& folder : store.folders()) json.String(folder);
    json.EndArray();
    json.Key("vocabularies");
    json.StartArray();
    for (const VocabularyEntry& entry : entries) WriteEntry(entry, &json);
    json.EndArray();
    json.EndObject();
    fmt::print("{}\n", json.Take());
    return kExitDone;
  }
  fmt::print("{:<12} {:>7}  {:<11} {:<7}  {:<6}  {:<7}  {}\n", "name", "tokens",
             "pattern", "on disk", "tables", "learned",
             "SHA-256, where, source");
  for (const VocabularyEntry& entry : entries) {
    fmt::print("{:<12} {:>7}  {:<11} {:<7}  {:<6}  {:<7}  {}\n{:61}{}{}{}\n",
               entry.name, entry.tokens, PatternName(entry.pattern),
               OnDisk(entry), Tables(entry), Learned(entry), entry.sha256, "",
               entry.path, entry.path.empty() ? "" : "; ", entry.source);
  }
  return kExitDone;
}

// The whole of what lies at `address`, which is not more than `limit_bytes`.
Result<std::string> Download(const std::string& address, uint64_t limit_bytes,
                             std::stop_token stop, Progress* progress) {
  SourceOptions options;
  options.stop = std::move(stop);
  options.on_wait = [progress](std::string_view line) {
    progress->Message(line);
  };
  Result<std::unique_ptr<ByteSource>> source = OpenSource(address, options);
  if (!source) return Fail(source.error());
  std::string bytes;
  std::vector<char> buffer(1 << 20);
  while (true) {
    const Result<size_t> read = (*source)->Read(buffer);
    if (!read) return Fail(read.error());
    if (*read == 0) return bytes;
    if (bytes.size() + *read > limit_bytes) {
      return Fail(StatusCode::kCorrupt,
                  fmt::format("{}: longer than the {} bytes that are expected",
                              address, limit_bytes));
    }
    bytes.append(buffer.data(), *read);
    progress->Advance(*read);
  }
}

Status GetVocabulary(const std::string& name, const VocabFlags& flags,
                     const std::stop_token& stop) {
  const KnownVocabulary* known = FindKnownVocabulary(name);
  if (known == nullptr) {
    return {StatusCode::kInvalidArgument,
            fmt::format("{}: not a known vocabulary; `peaktext vocab list` "
                        "names them",
                        name)};
  }
  for (const VocabularyEntry& entry : VocabularyStore().List()) {
    if (entry.name == name && !flags.again && OnDisk(entry) == "yes") {
      PrintStderrLine(fmt::format("{} is there: {}", name, entry.path));
      return {};
    }
  }
  std::string address(known->address);
  if (!flags.from.empty()) {
    address = fmt::format("{}{}{}", flags.from,
                          flags.from.ends_with('/') ? "" : "/", known->file);
  }
  if (address.empty()) {
    return {StatusCode::kUnavailable,
            fmt::format("{0}: not to be had without a login. Its source is "
                        "{1}; then: peaktext vocab add tokenizer.json --name "
                        "{0}",
                        name, known->source)};
  }
  Progress progress(/*wanted=*/true);
  progress.StartStage(name, known->size_bytes);
  const Result<std::string> bytes =
      Download(address, known->size_bytes, stop, &progress);
  if (!bytes) return bytes.error();
  const Result<std::string> path =
      InstallKnownVocabulary(*known, *bytes, VocabularyStoreFolder());
  if (!path) {
    return {path.error().code(),
            fmt::format("{}: {}", address, path.error().message())};
  }
  progress.Finish(fmt::format("{}: {} bytes, SHA-256 checked, kept as {}", name,
                              bytes->size(), *path));
  return {};
}

int GetVocabularies(const VocabFlags& flags, const std::stop_token& stop) {
  int code = kExitDone;
  for (const std::string& name : flags.names) {
    if (stop.stop_requested()) return kExitFailed;
    if (Status status = GetVocabulary(name, flags, stop); !status.ok()) {
      code = ReportFailure(status);
    }
  }
  return code;
}

int AddOne(const VocabFlags& flags) {
  std::optional<Pattern> pattern;
  if (!flags.pattern.empty()) {
    pattern = PatternByName(flags.pattern);
    if (!pattern) {
      return ReportFailure({StatusCode::kInvalidArgument,
                            fmt::format("--pattern {}: not one of {}",
                                        flags.pattern, PatternNames())});
    }
  }
  const Result<VocabularyEntry> entry =
      AddVocabulary(flags.file, flags.name, pattern, VocabularyStoreFolder());
  if (!entry) return ReportFailure(entry.error());
  PrintStderrLine(fmt::format("{}: {} tokens, pattern {}, kept as {}",
                              entry->name, entry->tokens,
                              PatternName(entry->pattern), entry->path));
  return kExitDone;
}

}  // namespace

void AddVocabCommand(CLI::App& app, CommandContext& context) {
  VocabFlags& flags = context.Keep<VocabFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "vocab",
       .sentence = "Shows, downloads and adds vocabularies.",
       .assumes =
           "A vocabulary is looked for in $PEAKTEXT_VOCAB_DIR, in vocab/ "
           "beside the program, in ../share/peaktext/vocab from there, in "
           "$XDG_CACHE_HOME/peaktext (~/.cache/peaktext); new ones go to the "
           "first or the last of these. A file whose SHA-256 is off is never "
           "used. A tokenizer whose pattern is not known is refused. The "
           "tables that counting needs are kept beside a vocabulary once they "
           "have been built (FILE.tables), and so is what long runs have "
           "learned of the pretokens that texts repeat (FILE.pretokens, 28 "
           "MiB), if the folder can be written to. No count depends on these.",
       .memory = "a few times the vocabulary's file",
       .examples = {"peaktext vocab get o200k_base",
                    "peaktext vocab add tokenizer.json --name mine"},
       .writes_files = true},
      [&flags, &context] {
        if (flags.get_command->parsed()) {
          return GetVocabularies(flags, context.stop);
        }
        if (flags.add_command->parsed()) return AddOne(flags);
        return ListVocabularies(flags);
      });
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand(
      "list", "names, tokens, sums, sources, and which are on disk");
  AddJsonFlag(*list, flags.output);
  CLI::App* get = flags.get_command = command->add_subcommand(
      "get", "downloads known vocabularies, checks their sums, keeps them");
  get->add_option("NAME", flags.names, "as `list` names them")->required();
  get->add_option("--from", flags.from,
                  "from this URL or folder, under their names there (such as "
                  "o200k_base.tiktoken), not from their makers");
  get->add_flag("--again", flags.again, "even when it is on disk");
  CLI::App* add = flags.add_command = command->add_subcommand(
      "add", "checks a tokenizer.json or .tiktoken file and keeps a copy");
  add->add_option("FILE", flags.file)->required();
  add->add_option("--name", flags.name, "what it is to be called")->required();
  add->add_option("--pattern", flags.pattern,
                  "how a .tiktoken file's text is split: " + PatternNames());
}

}  // namespace peaktext

#include "tokenize/vocabulary_store.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "tokenize/bpe_model.h"
#include "tokenize/pattern.h"
#include "tokenize/tiktoken_file.h"
#include "tokenize/tokenizer_json.h"

namespace peaktext {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDescriptorSuffix = ".vocab.json";
constexpr std::string_view kJsonSuffix = ".tokenizer.json";
constexpr std::string_view kRanksSuffix = ".tiktoken";

std::string_view FormatName(VocabularyFormat format) {
  return format == VocabularyFormat::kTiktoken ? "tiktoken" : "tokenizer.json";
}

// The value of an environment variable, empty when it is not set.
std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string CacheFolder() {
  if (const std::string cache = Environment("XDG_CACHE_HOME"); !cache.empty()) {
    return cache + "/peaktext";
  }
  const std::string home = Environment("HOME");
  return home.empty() ? std::string() : home + "/.cache/peaktext";
}

bool Exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

constexpr size_t kMostNameBytes = 64;

// A name is part of file names and of reports.
bool IsName(std::string_view name, size_t most_bytes = kMostNameBytes) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= most_bytes && name[0] != '.' &&
         name[0] != '-' && std::all_of(name.begin(), name.end(), allowed);
}

VocabularyEntry EntryOf(const KnownVocabulary& known, std::string path) {
  return {.name = std::string(known.name),
          .format = known.format,
          .pattern = known.pattern,
          .tokens = known.tokens,
          .sha256 = std::string(known.sha256),
          .source = std::string(known.source),
          .path = std::move(path)};
}

std::string FindInFolders(const std::vector<std::string>& folders,
                          std::string_view file) {
  for (const std::string& folder : folders) {
    std::string path = fmt::format("{}/{}", folder, file);
    if (Exists(path)) return path;
  }
  return {};
}

Result<VocabularyEntry> ReadDescriptor(const std::string& path) {
  const auto fail = [&path] {
    return Fail(
        StatusCode::kCorrupt,
        fmt::format("{}: not a vocabulary descriptor of schema 1", path));
  };
  Result<std::string> text = ReadWholeFile(path, 1 << 20);
  if (!text) return Fail(text.error());
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  uint64_t schema = 0;
  uint64_t tokens = 0;
  std::string_view name, file, format, pattern, sha256;
  if (parser.parse(*text).get(root) || root["schema"].get(schema) ||
      schema != 1 || root["name"].get(name) || root["file"].get(file) ||
      root["format"].get(format) || root["pattern"].get(pattern) ||
      root["tokens"].get(tokens) || root["sha256"].get(sha256)) {
    return fail();
  }
  const std::optional<Pattern> known_pattern = PatternByName(pattern);
  const bool is_tiktoken = format == FormatName(VocabularyFormat::kTiktoken);
  if (!known_pattern || !IsName(name) ||
      !IsName(file, kMostNameBytes + kJsonSuffix.size()) ||
      (!is_tiktoken &&
       format != FormatName(VocabularyFormat::kTokenizerJson))) {
    return fail();
  }
  return VocabularyEntry{
      .name = std::string(name),
      .format = is_tiktoken ? VocabularyFormat::kTiktoken
                            : VocabularyFormat::kTokenizerJson,
      .pattern = *known_pattern,
      .tokens = static_cast<uint32_t>(tokens),
      .sha256 = std::string(sha256),
      .source = "added",
      .path = (fs::path(path).parent_path() / file).string()};
}

std::string DescriptorText(const VocabularyEntry& entry) {
  JsonWriter json;
  json.StartObject();
  json.Member("schema", uint64_t{1});
  json.Member("name", entry.name);
  json.Member("file", fs::path(entry.path).filename().string());
  json.Member("format", FormatName(entry.format));
  json.Member("pattern", PatternName(entry.pattern));
  json.Member("tokens", uint64_t{entry.tokens});
  json.Member("sha256", entry.sha256);
  json.EndObject();
  return json.Take() + "\n";
}

// The vocabulary in `bytes`, read from `path` as `entry` says; its sum is
// checked by the caller.
Result<Vocabulary> Parse(const VocabularyEntry& entry, std::string bytes,
                         const std::string& path) {
  Result<Vocabulary> vocabulary = Vocabulary{};
  if (entry.format == VocabularyFormat::kTiktoken) {
    Result<TokenList> tokens = ParseTiktokenFile(bytes, path);
    if (!tokens) return Fail(tokens.error());
    vocabulary->tokens = *std::move(tokens);
    vocabulary->pattern = entry.pattern;
  } else {
    vocabulary = ParseTokenizerJson(std::move(bytes), path);
    if (!vocabulary) return vocabulary;
  }
  vocabulary->name = entry.name;
  vocabulary->sha256 = entry.sha256;
  return vocabulary;
}

Status MakeFolder(const std::string& folder) {
  if (folder.empty()) {
    return {StatusCode::kInvalidArgument,
            "no folder for vocabularies: set PEAKTEXT_VOCAB_DIR or HOME"};
  }
  std::error_code error;
  fs::create_directories(folder, error);
  return error ? SystemError(error.value(), folder) : Status();
}

}  // namespace

std::vector<std::string> DefaultVocabularyFolders() {
  std::vector<std::string> folders;
  if (std::string named = Environment("PEAKTEXT_VOCAB_DIR"); !named.empty()) {
    folders.push_back(std::move(named));
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path folder = program.parent_path();
    folders.push_back((folder / "vocab").string());
    folders.push_back(
        (folder.parent_path() / "share" / "peaktext" / "vocab").string());
  }
  if (std::string cache = CacheFolder(); !cache.empty()) {
    folders.push_back(std::move(cache));
  }
  return folders;
}

std::string VocabularyStoreFolder() {
  std::string named = Environment("PEAKTEXT_VOCAB_DIR");
  return named.empty() ? CacheFolder() : named;
}

Result<VocabularyEntry> VocabularyStore::Find(std::string_view name) const {
  if (const KnownVocabulary* known = FindKnownVocabulary(name)) {
    return EntryOf(*known, FindInFolders(folders_, known->file));
  }
  if (!IsName(name)) return VocabularyEntry{};
  const std::string descriptor =
      FindInFolders(folders_, fmt::format("{}{}", name, kDescriptorSuffix));
  if (descriptor.empty()) return VocabularyEntry{};
  return ReadDescriptor(descriptor);
}

Result<VocabularyEntry> VocabularyStore::Locate(std::string_view name) const {
  Result<VocabularyEntry> entry = Find(name);
  if (!entry) return Fail(entry.error());
  if (entry->path.empty()) {
    return Fail(
        StatusCode::kNotFound,
        FindKnownVocabulary(name) != nullptr
            ? fmt::format("vocabulary {0} is not on disk (`peaktext vocab get "
                          "{0}` gets it); looked in {1}",
                          name, fmt::join(folders_, ", "))
            : fmt::format("no vocabulary is called {} (`peaktext vocab list` "
                          "names them all); looked in {}",
                          name, fmt::join(folders_, ", ")));
  }
  return entry;
}

Result<StoredVocabulary> VocabularyStore::Read(std::string_view name) const {
  Result<VocabularyEntry> entry = Locate(name);
  if (!entry) return Fail(entry.error());
  Result<std::string> bytes = ReadWholeFile(entry->path);
  if (!bytes) return Fail(bytes.error());
  if (const std::string sum = Sha256Hex(*bytes); sum != entry->sha256) {
    return Fail(StatusCode::kCorrupt,
                fmt::format("{}: the SHA-256 is {}, not the {} of {}: remove "
                            "the file and get it again",
                            entry->path, sum, entry->sha256, name));
  }
  return StoredVocabulary{*std::move(entry), *std::move(bytes)};
}

Result<Vocabulary> ParseStored(StoredVocabulary stored) {
  return Parse(stored.entry, std::move(stored.bytes), stored.entry.path);
}

Result<std::unique_ptr<const Vocabulary>> VocabularyStore::Load(
    std::string_view name) const {
  Result<StoredVocabulary> stored = Read(name);
  if (!stored) return Fail(stored.error());
  Result<Vocabulary> vocabulary = ParseStored(*std::move(stored));
  if (!vocabulary) return Fail(vocabulary.error());
  return std::make_unique<const Vocabulary>(*std::move(vocabulary));
}

std::vector<VocabularyEntry> VocabularyStore::List() const {
  std::vector<VocabularyEntry> entries;
  for (const KnownVocabulary& known : KnownVocabularies()) {
    entries.push_back(EntryOf(known, FindInFolders(folders_, known.file)));
  }
  std::vector<VocabularyEntry> added;
  for (const std::string& folder : folders_) {
    std::error_code error;
    for (const fs::directory_entry& file :
         fs::directory_iterator(folder, error)) {
      if (!file.path().string().ends_with(kDescriptorSuffix)) continue;
      Result<VocabularyEntry> entry = ReadDescriptor(file.path().string());
      if (entry) added.push_back(*std::move(entry));
    }
  }
  // Stable: of two with one name the earlier folder's is the one that counts.
  std::stable_sort(
      added.begin(), added.end(),
      [](const auto& a, const auto& b) { return a.name < b.name; });
  added.erase(std::unique(added.begin(), added.end(),
                          [](const auto& a, const auto& b) {
                            return a.name == b.name;
                          }),
              added.end());
  entries.insert(entries.end(), added.begin(), added.end());
  return entries;
}

Result<std::string> InstallKnownVocabulary(const KnownVocabulary& known,
                                           std::string_view bytes,
                                           const std::string& folder) {
  if (const std::string sum = Sha256Hex(bytes); sum != known.sha256) {
    return Fail(StatusCode::kCorrupt,
                fmt::format("the SHA-256 of {} bytes is {}, not the {} of {}",
                            bytes.size(), sum, known.sha256, known.name));
  }
  if (Status status = MakeFolder(folder); !status.ok()) return Fail(status);
  std::string path = fmt::format("{}/{}", folder, known.file);
  RemoveOldLeftovers(path);
  if (Status status = WriteFileAtomically(path, bytes); !status.ok()) {
    return Fail(std::move(status));
  }
  return path;
}

Result<VocabularyEntry> AddVocabulary(const std::string& path,
                                      std::string_view name,
                                      std::optional<Pattern> pattern,
                                      const std::string& folder) {
  Result<std::string> bytes = ReadWholeFile(path);
  if (!bytes) return Fail(bytes.error());
  if (const KnownVocabulary* known = FindKnownVocabulary(name)) {
    const Result<std::string> installed =
        InstallKnownVocabulary(*known, *bytes, folder);
    if (installed) return EntryOf(*known, *installed);
    return Fail(installed.error().code(),
                fmt::format("{}: {}", path, installed.error().message()));
  }
  if (!IsName(name)) {
    return Fail(StatusCode::kInvalidArgument,
                fmt::format("{}: a vocabulary's name has letters, digits, "
                            "'_', '-' and '.' only, {} at most",
                            name, kMostNameBytes));
  }
  // A rank file starts with base64, a tokenizer.json with a brace.
  const size_t first = bytes->find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string::npos && (*bytes)[first] == '{';
  // Ranks without pretokens are nobody's: rank files need one of the others.
  if (!is_json &&
      pattern.value_or(Pattern::kWholeText) == Pattern::kWholeText) {
    return Fail(StatusCode::kInvalidArgument,
                fmt::format("{}: no tokenizer.json, and a rank file does not "
                            "say its pattern: name one of {}",
                            path, PatternNames()));
  }
  VocabularyEntry entry = {
      .name = std::string(name),
      .format = is_json ? VocabularyFormat::kTokenizerJson
                        : VocabularyFormat::kTiktoken,
      .pattern = pattern.value_or(Pattern::kGpt2),
      .tokens = 0,
      .sha256 = Sha256Hex(*bytes),
      .source = "added",
      .path = fmt::format("{}/{}{}", folder, name,
                          is_json ? kJsonSuffix : kRanksSuffix)};
  const Result<Vocabulary> vocabulary = Parse(entry, *bytes, path);
  if (!vocabulary) return Fail(vocabulary.error());
  if (Status status = CheckVocabulary(*vocabulary); !status.ok()) {
    return Fail(std::move(status));
  }
  if (const Result<BpeModel> model = BpeModel::Build(*vocabulary); !model) {
    return Fail(model.error().code(),
                fmt::format("{}: {}", path, model.error().message()));
  }
  if (is_json && pattern && *pattern != vocabulary->pattern) {
    return Fail(
        StatusCode::kInvalidArgument,
        fmt::format("{}: its pattern is {}, not {}", path,
                    PatternName(vocabulary->pattern), PatternName(*pattern)));
  }
  entry.pattern = vocabulary->pattern;
  entry.tokens = vocabulary->tokens.size();
  if (Status status = MakeFolder(folder); !status.ok()) return Fail(status);
  RemoveOldLeftovers(entry.path);
  if (Status status = WriteFileAtomically(entry.path, *bytes); !status.ok()) {
    return Fail(std::move(status));
  }
  const std::string descriptor =
      fmt::format("{}/{}{}", folder, name, kDescriptorSuffix);
  RemoveOldLeftovers(descriptor);
  if (Status status = WriteFileAtomically(descriptor, DescriptorText(entry));
      !status.ok()) {
    return Fail(std::move(status));
  }
  // What one of the other format has left; and tables of another pattern.
  const std::string other = fmt::format("{}/{}{}", folder, name,
                                        is_json ? kRanksSuffix : kJsonSuffix);
  for (const std::string& left :
       {other, other + ".tables", other + ".pretokens",
        entry.path + ".tables"}) {
    std::error_code none;
    fs::remove(left, none);
  }
  return entry;
}

}  // namespace peaktext

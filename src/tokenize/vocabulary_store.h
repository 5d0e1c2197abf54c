// Where vocabularies lie on disk.
//
// A known vocabulary (known_vocabularies.h) is a file of its own name and
// SHA-256 in one of the store's folders. Any other one is a file with a
// descriptor beside it, which Add() writes:
//
//   NAME.vocab.json   {"schema":1,"name":NAME,"file":FILE,"format":FORMAT,
//                      "pattern":PATTERN,"tokens":n,"sha256":SUM}
//
// with FORMAT "tiktoken" or "tokenizer.json" and PATTERN as pattern.h names it.
//
//   VocabularyStore store;                         // the default folders
//   Result<std::unique_ptr<const Vocabulary>> o200k = store.Load("o200k_base");
//
// Thread-safe: it holds nothing but paths.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tokenize/known_vocabularies.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

// $PEAKTEXT_VOCAB_DIR, vocab/ beside the program, ../share/peaktext/vocab from
// there, the cache folder: those of them that are set, in this order.
std::vector<std::string> DefaultVocabularyFolders();

// Where new vocabularies go: $PEAKTEXT_VOCAB_DIR, else
// $XDG_CACHE_HOME/peaktext, else ~/.cache/peaktext; empty without a home.
std::string VocabularyStoreFolder();

// What is known of a vocabulary without loading it.
struct VocabularyEntry {
  std::string name;
  VocabularyFormat format = VocabularyFormat::kTiktoken;
  Pattern pattern = Pattern::kO200k;
  uint32_t tokens = 0;
  std::string sha256;
  std::string source;
  std::string path;  // empty: not on disk
};

// A vocabulary's file, read and its sum checked.
struct StoredVocabulary {
  VocabularyEntry entry;
  std::string bytes;
};

class VocabularyStore {
 public:
  explicit VocabularyStore(
      std::vector<std::string> folders = DefaultVocabularyFolders())
      : folders_(std::move(folders)) {}

  // The vocabulary from the first folder that has it. kNotFound says how to get
  // it; kCorrupt, when the file's sum is not what it should be, names the file.
  Result<std::unique_ptr<const Vocabulary>> Load(std::string_view name) const;
  // Where it lies, from the first folder that has it; nothing is read.
  // kNotFound as above.
  Result<VocabularyEntry> Locate(std::string_view name) const;
  // Load() in two steps, with ParseStored.
  Result<StoredVocabulary> Read(std::string_view name) const;

  // The known ones first, then those with a descriptor, by name. Descriptors
  // that cannot be read are left out.
  std::vector<VocabularyEntry> List() const;

  const std::vector<std::string>& folders() const { return folders_; }

 private:
  // The entry of `name` with its path; empty path when it is not on disk.
  Result<VocabularyEntry> Find(std::string_view name) const;

  std::vector<std::string> folders_;
};

Result<Vocabulary> ParseStored(StoredVocabulary stored);

// Puts the bytes of a known vocabulary into `folder` (made if need be), after
// checking their sum (kCorrupt). Returns the path.
Result<std::string> InstallKnownVocabulary(const KnownVocabulary& known,
                                           std::string_view bytes,
                                           const std::string& folder);

// Copies the vocabulary file at `path` into `folder` under `name`, once it has
// been read and found countable. A tokenizer.json says its pattern; a .tiktoken
// file needs `pattern`, except when `name` is known. A known name is only given
// to the file with its sum.
Result<VocabularyEntry> AddVocabulary(const std::string& path,
                                      std::string_view name,
                                      std::optional<Pattern> pattern,
                                      const std::string& folder);

}  // namespace peaktext

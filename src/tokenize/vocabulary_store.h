// Where vocabularies lie on disk and which ones are known by name.
//
// A known vocabulary is a file of a known name and SHA-256 in one of the
// store's folders. Any other one is a file with a descriptor beside it:
//
//   NAME.vocab.json   {"schema":1,"name":NAME,"file":FILE,"format":FORMAT,
//                      "pattern":PATTERN,"sha256":SUM}
//
// with FORMAT "tiktoken" or "tokenizer.json" and, for tiktoken, PATTERN as
// pattern.h names it.
//
//   VocabularyStore store;                         // the default folders
//   Result<std::unique_ptr<const Vocabulary>> o200k = store.Load("o200k_base");
//
// Thread-safe: it holds nothing but paths.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

enum class VocabularyFormat { kTiktoken, kTokenizerJson };

struct KnownVocabulary {
  std::string_view name;
  std::string_view file;
  VocabularyFormat format;
  Pattern pattern;
  uint32_t tokens;  // without added ones
  uint64_t size_bytes;
  std::string_view sha256;
  std::string_view source;   // who publishes it, and where else it is found
  std::string_view address;  // empty: it is not to be had without a login
};

// In the order in which they are listed.
std::span<const KnownVocabulary> KnownVocabularies();

// nullptr when the name is not known.
const KnownVocabulary* FindKnownVocabulary(std::string_view name);

// $PEAKTEXT_VOCAB_DIR, vocab/ beside the program, ../share/peaktext/vocab from
// there, the cache folder: those of them that are set, in this order.
std::vector<std::string> DefaultVocabularyFolders();

// $XDG_CACHE_HOME/peaktext, else ~/.cache/peaktext; empty without a home.
std::string VocabularyCacheFolder();

class VocabularyStore {
 public:
  explicit VocabularyStore(
      std::vector<std::string> folders = DefaultVocabularyFolders())
      : folders_(std::move(folders)) {}

  // The vocabulary from the first folder that has it. kNotFound says how to get
  // it; kCorrupt, when the file's sum is not what it should be, names the file.
  Result<std::unique_ptr<const Vocabulary>> Load(std::string_view name) const;

  // Path of the known vocabulary's file in the first folder that has it; empty
  // when none has.
  std::string Find(const KnownVocabulary& known) const;

  const std::vector<std::string>& folders() const { return folders_; }

 private:
  std::vector<std::string> folders_;
};

}  // namespace peaktext

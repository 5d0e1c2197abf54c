// A tokenizer's vocabulary: what is needed to count its tokens exactly.
// Immutable once loaded; shared by all threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace peaktext {

// The pretokenizer patterns that are known; see pretokenizer.h for each exact
// expression and its source.
enum class Pattern {
  kGpt2,    // r50k, p50k
  kCl100k,  // cl100k, Llama 3
  kQwen2,   // cl100k with single digits
  kQwen35,  // letters with marks
  kO200k,   // o200k, gpt-oss
  kTekken,  // o200k without contractions, single digits
  kDeepSeekV3,
  kWholeText,  // Gemma: no pretokens
};

// How a pretoken becomes tokens.
enum class MergeRule {
  kRanks,   // tiktoken: lowest rank of the merged bytes first
  kMerges,  // HF: lowest index in the list of merges first
};

class Vocabulary {
 public:
  struct Token {
    std::string bytes;
    uint32_t rank;
  };
  struct Merge {  // by index into tokens
    uint32_t left;
    uint32_t right;
    uint32_t result;
  };

  std::string name;
  std::string sha256;  // of the file it came from, hex
  Pattern pattern = Pattern::kO200k;
  MergeRule rule = MergeRule::kRanks;
  bool whole_pretoken_first = true;  // tiktoken, HF's ignore_merges
  bool normalize_nfc = false;
  bool byte_fallback = false;  // Gemma: characters, not bytes
  std::vector<Token> tokens;   // no added or special tokens
  std::vector<Merge> merges;   // kMerges only, in order of priority
  struct AddedToken {
    std::string text;
    bool lstrip = false, rstrip = false, single_word = false,
         normalized = false, special = false;
  };
  std::vector<AddedToken> added_tokens;  // recognised with --added-tokens only
};

// Loads `name` (o200k_base, cl100k_base, p50k_base, r50k_base, ...) from the
// first of $PEAKTEXT_VOCAB_DIR, the folder beside the program (vocab/, or
// ../share/peaktext/vocab), $XDG_CACHE_HOME/peaktext (~/.cache/peaktext) that
// has it, and checks its SHA-256. kNotFound says how to get it.
Result<std::unique_ptr<const Vocabulary>> LoadVocabulary(std::string_view name);

}  // namespace peaktext

// A tokenizer's vocabulary: what is needed to count its tokens exactly.
// Immutable once loaded; shared by all threads.
//
// Where vocabularies lie and what they are called: vocabulary_store.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenize/token_list.h"

namespace peaktext {

// The pretokenizer patterns that are known; see pretokenizer.h for each exact
// expression and its source, pattern.h for their names and texts.
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
  kRanks,   // tiktoken: the pair whose joined bytes are the lowest token first
  kMerges,  // HF: lowest index in the list of merges first
};

struct Vocabulary {
  // By index into tokens. No pair stands twice.
  struct Merge {
    uint32_t left;
    uint32_t right;
    uint32_t result;
  };
  struct AddedToken {
    std::string text;
    bool lstrip = false;
    bool rstrip = false;
    bool single_word = false;
    bool normalized = false;
  };
  static constexpr uint32_t kNoToken = UINT32_MAX;

  std::string name;
  std::string sha256;  // of the file it came from, hex
  Pattern pattern = Pattern::kO200k;
  MergeRule rule = MergeRule::kRanks;
  bool whole_pretoken_first = true;  // tiktoken, HF's ignore_merges

  // No added or special tokens. Ordered by rank (kRanks) or id (kMerges), so
  // that the index is the priority with kRanks. No two have the same bytes.
  // Without byte_fallback all 256 single bytes are among them.
  TokenList tokens;
  std::vector<Merge> merges;  // kMerges only, in order of priority

  // What is done to the text before pretokenizing, in this order.
  bool normalize_nfc = false;
  std::string prepend;            // set before a text that is not empty
  std::string space_replacement;  // stands for U+0020; empty: spaces stay

  // Gemma: the symbols that merges start from are characters, not bytes; a
  // character that is no token becomes its bytes, a token each (their text in
  // `tokens` is "<0x0A>"), which merge with nothing.
  bool byte_fallback = false;

  std::vector<AddedToken> added_tokens;  // recognised with --added-tokens only
};

// Whether every text can be counted with it: no token twice, and one for each
// byte. kUnsupported says what is missing. For files whose sum is not known.
Status CheckVocabulary(const Vocabulary& vocabulary);

}  // namespace peaktext

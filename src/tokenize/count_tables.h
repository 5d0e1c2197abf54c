// The read-only tables of one vocabulary, shared by all threads' counters.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/status.h"
#include "tokenize/bpe_counter.h"
#include "tokenize/bpe_model.h"
#include "tokenize/exact_cuts.h"
#include "tokenize/normalizer.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

class CountTables {
 public:
  // Use BuildCountTables.
  CountTables(std::unique_ptr<const Vocabulary> vocabulary, BpeModel model,
              std::optional<NfcNormalizer> normalizer);

  const Vocabulary& vocabulary() const { return *vocabulary_; }
  const BpeModel& model() const { return model_; }
  // Empty when this vocabulary's pretokens must not be cut.
  const ExactCuts& cuts() const { return cuts_; }
  // nullptr when texts are taken as they are.
  const NfcNormalizer* normalizer() const {
    return normalizer_ ? &*normalizer_ : nullptr;
  }
  uint64_t memory_bytes() const;

  // The number of tokens of one whole pretoken.
  uint64_t CountPretoken(std::string_view pretoken, BpeScratch* scratch) const;

 private:
  std::unique_ptr<const Vocabulary> vocabulary_;
  BpeModel model_;
  ExactCuts cuts_;
  std::optional<NfcNormalizer> normalizer_;
  // Tokens that a whole pretoken can be though merging does not reach them.
  std::unordered_set<std::string_view> whole_only_;
};

// kUnsupported when the vocabulary's merges are of a kind that cannot be
// counted exactly.
Result<std::unique_ptr<const CountTables>> BuildCountTables(
    std::unique_ptr<const Vocabulary> vocabulary);

}  // namespace peaktext

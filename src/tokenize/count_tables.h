// The read-only tables of one vocabulary, shared by all threads' counters.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/huge_array.h"
#include "base/status.h"
#include "tokenize/bpe_counter.h"
#include "tokenize/bpe_model.h"
#include "tokenize/exact_cuts.h"
#include "tokenize/learned_pretokens.h"
#include "tokenize/normalizer.h"
#include "tokenize/vocabulary.h"
#include "tokenize/whole_only_tokens.h"
#include "tokenize/whole_text_cuts.h"

namespace peaktext {

class CountTables {
 public:
  // Use BuildCountTables, or LoadCountTables (count_tables_file.h).
  CountTables(std::unique_ptr<const Vocabulary> vocabulary, BpeModel model,
              ExactCuts cuts, std::optional<NfcNormalizer> normalizer,
              HugeArray<char> bytes);

  const Vocabulary& vocabulary() const { return *vocabulary_; }
  const BpeModel& model() const { return model_; }
  const ExactCuts& cuts() const { return cuts_; }
  // nullptr when texts have pretokens, or no others can be made.
  const WholeTextCuts* whole_text_cuts() const {
    return whole_text_cuts_ ? &*whole_text_cuts_ : nullptr;
  }
  // nullptr when texts are taken as they are.
  const NfcNormalizer* normalizer() const {
    return normalizer_ ? &*normalizer_ : nullptr;
  }
  // What counters start with; nullptr when they start with nothing and are to
  // keep nothing.
  const LearnedPretokens* learned() const {
    return learned_ ? &*learned_ : nullptr;
  }
  void SetLearned(LearnedPretokens learned) { learned_ = std::move(learned); }
  uint64_t memory_bytes() const;

  // The number of tokens of one whole pretoken.
  uint64_t CountPretoken(std::string_view pretoken, BpeScratch* scratch) const;
  // The same of several, into as many `tokens`; short ones cost less so, those
  // least that stand before all others. REQUIRES: 16 bytes can be read after
  // each.
  void CountPretokens(std::span<const std::string_view> pretokens,
                      uint32_t* tokens, BpeScratch* scratch) const;

 private:
  void AddWholeOnly();
  size_t CountShort(std::span<const std::string_view> pretokens,
                    uint32_t* tokens, BpeScratch* scratch) const;

  std::unique_ptr<const Vocabulary> vocabulary_;
  HugeArray<char> bytes_;  // that the model's arrays lie in, if not their own
  BpeModel model_;
  ExactCuts cuts_;
  std::optional<WholeTextCuts> whole_text_cuts_;
  std::optional<NfcNormalizer> normalizer_;
  std::optional<LearnedPretokens> learned_;
  WholeOnlyTokens whole_only_;
};

// Of a vocabulary, whose merges may be left out, its model, which may borrow
// from `bytes`, and the cuts of its tokens.
Result<std::unique_ptr<CountTables>> MakeCountTables(
    std::unique_ptr<const Vocabulary> vocabulary, BpeModel model,
    ExactCuts cuts, HugeArray<char> bytes);

// kUnsupported when the vocabulary's merges are of a kind that cannot be
// counted exactly.
Result<std::unique_ptr<CountTables>> BuildCountTables(
    std::unique_ptr<const Vocabulary> vocabulary);

}  // namespace peaktext

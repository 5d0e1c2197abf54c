// A vocabulary's merges, made ready to count the tokens of a piece of text:
// which tokens merging can reach at all, how each of them came about, which two
// may stand side by side, and a trie to find them by.
//
//   Result<BpeModel> model = BpeModel::Build(vocabulary);
//   uint64_t tokens = CountPiece(*model, piece, &scratch);   // bpe_counter.h
//
// Immutable once built; shared by all threads. The article on why this counts
// exactly what merging gives is at the top of bpe_model.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/huge_array.h"
#include "base/status.h"
#include "tokenize/token_trie.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

class BpeModel {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // A token that merging can reach. Ids are the vocabulary's indexes.
  struct Token {
    uint32_t left = kNone;      // the pair that merges into it last;
    uint32_t right = kNone;     // kNone for a symbol that merging starts from
    uint32_t priority = kNone;  // of that merge; lower ones come first
    uint32_t time = 0;  // 1 + the highest priority in its making; 0: a symbol
    uint32_t prefix = kNone;  // the longest reachable token it starts with
    uint32_t bytes = 0;       // its length; 0: merging cannot reach it
  };

  // kUnsupported when a byte is no token, or there are too many tokens.
  static Result<BpeModel> Build(const Vocabulary& vocabulary);

  const Token& token(uint32_t id) const { return tokens_[id]; }
  uint32_t longest_token_bytes() const { return longest_token_bytes_; }
  bool has_unreachable_tokens() const { return has_unreachable_tokens_; }
  uint64_t memory_bytes() const;

  // The longest reachable token that `text` starts with, kNone if none.
  uint32_t LongestMatch(std::string_view text) const {
    return trie_.LongestMatch(text);
  }

  // True when characters that are no tokens become their bytes' tokens.
  bool byte_fallback() const { return byte_fallback_; }

  // True when merging the bytes of both tokens together leaves just these two.
  bool IsValidPair(uint32_t left, uint32_t right) const {
    return rising_ ? IsValidRising(left, right)
                   : !Crosses(left, right, /*allow_whole=*/false);
  }

 private:
  using Merge = Vocabulary::Merge;
  // How a token is used up.
  struct Use {
    uint32_t time = kNone;
    uint32_t priority = kNone;
    uint32_t other_time = 0;  // of what it merges with
  };

  Status MarkSymbols(const TokenList& tokens);
  void AddRankedPairs(const TokenList& tokens);
  void AddMergedPairs(const Vocabulary& vocabulary);
  void ReservePairs(uint64_t pairs);
  void GrowPairs();
  void AddPair(uint32_t left, uint32_t right, uint32_t priority);
  // The pair's priority, kNone when it does not merge.
  uint32_t PriorityOf(uint32_t left, uint32_t right) const;
  template <class PriorityOfWay>
  void Derive(const TokenList& tokens, const std::vector<Merge>& ways,
              PriorityOfWay priority_of);
  void TryDerivation(const Merge& way, uint32_t priority, size_t bytes);
  Status CheckUnreached(const Vocabulary& vocabulary);
  std::vector<uint32_t> MergeOneByOne(const Vocabulary& vocabulary,
                                      std::string_view bytes) const;
  bool IsValidRising(uint32_t left, uint32_t right) const;
  bool Crosses(uint32_t left, uint32_t right, bool allow_whole) const;

  std::vector<Token> tokens_;
  TokenTrie trie_;
  // left << 43 | right << 22 | priority, plus 1; 0: empty.
  HugeArray<uint64_t> pairs_;
  // A bit for each pair's hash: most pairs that are asked for are none.
  HugeArray<uint64_t> pair_filter_;
  uint64_t pair_count_ = 0;
  int pair_shift_ = 0;
  uint32_t longest_token_bytes_ = 0;
  bool has_unreachable_tokens_ = false;
  bool byte_fallback_ = false;
  bool rising_ = true;  // every token's own priority is its making's highest
};

}  // namespace peaktext

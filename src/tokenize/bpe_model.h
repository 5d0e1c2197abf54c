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
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "simd/match_kernels.h"
#include "tokenize/merge_table.h"
#include "tokenize/table_array.h"
#include "tokenize/token_trie.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

class BpeModel {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // A token that merging can reach. Ids are the model's own: a token that is
  // merged earlier has a lower one.
  struct Token {
    uint32_t left;      // the pair that merges into it last;
    uint32_t right;     // kNone for a symbol that merging starts from
    uint32_t priority;  // of that merge; lower ones come first
    uint32_t time;      // 1 + the highest priority in its making; 0: a symbol
    uint32_t bytes;     // its length; 0: merging cannot reach it
  };
  using Match = TokenMatch;  // its id is kNone: nothing matches

  // kUnsupported when a byte is no token, or there are too many tokens.
  static Result<BpeModel> Build(const Vocabulary& vocabulary);

  const Token& token(uint32_t id) const { return tokens_[id]; }
  uint32_t longest_token_bytes() const { return facts_.longest_token_bytes; }
  bool has_unreachable_tokens() const {
    return facts_.has_unreachable_tokens != 0;
  }
  uint64_t memory_bytes() const;

  // The longest reachable token that `text` starts with, kNone if none.
  uint32_t LongestMatch(std::string_view text) const {
    return trie_.LongestMatch(text);
  }
  const TokenTrie& trie() const { return trie_; }
  // The longest reachable token that token `id` starts with and that is
  // shorter.
  Match prefix(uint32_t id) const { return prefixes_[id]; }

  // True when characters that are no tokens become their bytes' tokens.
  bool byte_fallback() const { return facts_.byte_fallback != 0; }

  // A symbol that is in no other token, so that nothing merges across it; empty
  // when there is none. A byte that is in no text, or with byte_fallback() a
  // character, which may be.
  std::string_view separator() const {
    return {facts_.separator, facts_.separator_bytes};
  }

  // True when merging the bytes of both tokens together leaves just these two.
  bool IsValidPair(uint32_t left, uint32_t right) const {
    return facts_.rising != 0 ? IsValidRising(left, right)
                              : !Crosses(left, right, /*allow_whole=*/false);
  }

  // Whether limits tell the same of two tokens.
  bool AreEven(Match left, Match right) const {
    return facts_.some_odd == 0 ||
           ((splits_[left.id] | splits_[right.id]) & kOdd) == 0;
  }
  // What stepping asks of the model; the rest is left as it is.
  void GiveTo(ShortSteps* steps) const {
    steps->ones = trie_.words().ones;
    steps->limits = limits_.data();
    steps->odd = facts_.some_odd == 0 ? nullptr : splits_.data();
  }
  const TokenLimits* limits() const { return limits_.data(); }
  // For MatchKernels::foresee.
  int take_shift() const { return static_cast<int>(facts_.take_shift); }
  // True when all ways to make a token have the same priority, its id.
  bool by_ranks() const { return facts_.by_ranks != 0; }
  // For a hit: whether token `id`, of which `left_bytes` are to the left of the
  // boundary, merges just there: yes, no, or else only IsValidPair knows.
  enum class Split { kNo, kYes, kUnknown };
  Split SplitsAt(uint32_t id, uint32_t left_bytes) const {
    const uint32_t split = splits_[id] & kSplitMask;
    if (split == kUnknownSplit) return Split::kUnknown;
    return split == kAnySplit || split == left_bytes ? Split::kYes : Split::kNo;
  }

  // For the merge kernels; nullopt: this model's merges are not in their table.
  std::optional<MergeWords> merge_words() const {
    if (merges_.empty()) return std::nullopt;
    return merges_.words();
  }

  // Visits all that the model is made of, to write it to a file or take it from
  // one.
  template <class Visitor>
  void VisitArrays(Visitor& visit) {
    visit(facts_);
    visit(tokens_);
    trie_.VisitArrays(visit);
    visit(prefixes_);
    visit(limits_);
    visit(splits_);
    merges_.VisitArrays(visit);
    visit(pairs_);
    visit(pair_filter_);
  }

 private:
  friend class BpeModelBuilder;
  // How a token is used up.
  struct Use {
    uint32_t time = kNone;
    uint32_t priority = kNone;
    uint32_t other_time = 0;  // of what it merges with
  };
  struct Facts {
    uint32_t longest_token_bytes;
    uint32_t has_unreachable_tokens;
    uint32_t byte_fallback;
    uint32_t rising;    // every token's own priority is its making's highest
    uint32_t by_ranks;  // MergeRule::kRanks
    uint32_t some_odd;  // some of splits_ have kOdd
    uint32_t separator_bytes;
    char separator[4];
    uint32_t take_shift;  // of limits, until marks are below UINT16_MAX
  };
  static constexpr int kIdBits = 21;
  static constexpr int kPriorityBits = 22;
  static constexpr int kFilterBits = 22;
  static constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;
  // A token's splits_.
  static constexpr uint8_t kSplitMask = 63;
  static constexpr uint8_t kAnySplit = 0;  // wherever both parts are tokens
  static constexpr uint8_t kUnknownSplit = 63;  // else only that left length
  // Its making, or a part's, does not rise.
  static constexpr uint8_t kOdd = ShortSteps::kOdd;

  // Bits for a pair, above those for its priority.
  static uint64_t PairBits(uint32_t left, uint32_t right) {
    return (uint64_t{left} << kIdBits | right) << kPriorityBits;
  }
  // Where a pair's search starts in a table of `slots`.
  static uint64_t PairSlot(uint64_t hash, uint64_t slots) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>(Wide{hash} * slots >> 64);
  }
  // The pair's priority, kNone when it does not merge.
  uint32_t PriorityOf(uint32_t left, uint32_t right) const;
  bool IsValidRising(uint32_t left, uint32_t right) const;
  bool Crosses(uint32_t left, uint32_t right, bool allow_whole) const;

  Facts facts_ = {};
  TableArray<Token> tokens_;
  TokenTrie trie_;
  TableArray<Match> prefixes_;
  TableArray<TokenLimits> limits_;
  TableArray<uint8_t> splits_;
  // The pairs that tokens come about from.
  MergeTable merges_;
  // If that is empty, all pairs:
  // left << 43 | right << 22 | priority, plus 1; 0: empty.
  TableArray<uint64_t> pairs_;
  // A bit for each pair's hash: most pairs that are asked for are none.
  TableArray<uint64_t> pair_filter_;
};

}  // namespace peaktext

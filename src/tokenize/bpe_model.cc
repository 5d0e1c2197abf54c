// Byte-pair encoding merges, as long as any two neighbours can merge, the pair
// of the lowest priority, the leftmost of equals. Doing so literally costs a
// search per merge. This file prepares a shorter way.
//
// 1. Merges cross a boundary or they do not. Cut a text into tokens t1 ... tn
//    that merging turns into themselves, such that merging the bytes of any two
//    neighbours t(i) t(i+1) alone leaves these two ("a valid pair"). Then
//    merging the whole text gives t1 ... tn. Proof: look at the first merge of
//    the whole that crosses one of the boundaries, say between t(i) and t(i+1).
//    Until then the merges inside these two happened in the order in which they
//    happen when the two are alone: the whole always takes the best pair of
//    all, so of those it takes inside the two each was the best of theirs, and
//    left to right is the same for both. So the crossing merge would also
//    happen when the two are alone, against what was assumed. The reverse holds
//    by the same argument, so there is exactly one such sequence. (The idea of
//    counting by valid pairs: rust-gems, "So many tokens, so little time",
//    GitHub 2024.)
//
// 2. Whether a pair is valid is found by undoing. When every token's own merges
//    have rising priorities, what stands at the boundary at any moment is known
//    from the tokens' last merges: undo the later one of the two and see
//    whether the pair that then touches would merge before either is used up.
//    On equal priorities the left one comes first, so a merge inside the left
//    token wins against the crossing one, and the crossing one wins against a
//    merge inside the right token: `limit` is exclusive, and one more on the
//    right.
//
// 3. Rising priorities are a property of the vocabulary, checked here: tokens
//    are derived in order of priority from tokens derived before; any that is
//    left over is merged literally, and must not come out as itself.
//
// With ranks (tiktoken) each way of cutting a token in two tokens is a pair
// with the token's rank as priority; with merges (Hugging Face) pairs are
// listed.
#include "tokenize/bpe_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hash.h"
#include "tokenize/utf8.h"

namespace peaktext {
namespace {

constexpr int kIdBits = 21;
constexpr int kPriorityBits = 22;
constexpr int kFilterBits = 22;
constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;

// Finds tokens by their bytes, while building.
class TokenIndex {
 public:
  explicit TokenIndex(const TokenList& tokens) : tokens_(tokens) {
    slots_.Allocate(std::bit_ceil(uint64_t{tokens.size()} * 2 + 2));
    shift_ = 64 - std::countr_zero(slots_.size());
    for (uint32_t id = 0; id < tokens.size(); ++id) {
      const uint64_t hash = Hash(tokens[id]);
      *Slot(tokens[id], hash) = {id + 1, static_cast<uint32_t>(hash)};
    }
  }
  uint32_t Find(std::string_view bytes) {
    return Slot(bytes, Hash(bytes))->id_plus_1 - 1;  // 0 - 1 is kNone
  }

 private:
  struct Entry {
    uint32_t id_plus_1;
    uint32_t tag;
  };

  static uint64_t Hash(std::string_view bytes) {
    if (bytes.size() > 8) return HashBytes64(bytes);
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    return Mix64(word + bytes.size() * kMultiplier);
  }
  Entry* Slot(std::string_view bytes, uint64_t hash) {
    const uint64_t mask = slots_.size() - 1;
    uint64_t at = hash >> shift_;
    while (slots_[at].id_plus_1 != 0 &&
           (slots_[at].tag != static_cast<uint32_t>(hash) ||
            tokens_[slots_[at].id_plus_1 - 1] != bytes)) {
      at = (at + 1) & mask;
    }
    return &slots_[at];
  }

  const TokenList& tokens_;
  HugeArray<Entry> slots_;
  int shift_;
};

bool IsOneCharacter(std::string_view bytes) {
  return !bytes.empty() && !IsContinuation(bytes[0]) &&
         Utf8Length(static_cast<unsigned char>(bytes[0])) == bytes.size();
}

// Bits for a pair, above those for its priority.
uint64_t PairBits(uint32_t left, uint32_t right) {
  return (uint64_t{left} << kIdBits | right) << kPriorityBits;
}

}  // namespace

Result<BpeModel> BpeModel::Build(const Vocabulary& vocabulary) {
  if (vocabulary.tokens.size() >= TokenTrie::kMaxTokens ||
      vocabulary.tokens.bytes().size() > TokenTrie::kMaxBytes ||
      vocabulary.merges.size() >= 1U << kPriorityBits) {
    return Fail(
        StatusCode::kUnsupported,
        fmt::format("vocabulary: {} tokens, {} merges are too many",
                    vocabulary.tokens.size(), vocabulary.merges.size()));
  }
  BpeModel model;
  model.byte_fallback_ = vocabulary.byte_fallback;
  model.tokens_.resize(vocabulary.tokens.size());
  model.trie_ = TokenTrie(vocabulary.tokens);
  if (Status s = model.MarkSymbols(vocabulary.tokens); !s.ok()) return Fail(s);
  if (vocabulary.rule == MergeRule::kRanks) {
    model.AddRankedPairs(vocabulary.tokens);
  } else {
    model.AddMergedPairs(vocabulary);
  }
  if (Status s = model.CheckUnreached(vocabulary); !s.ok()) return Fail(s);
  const auto reachable = [&model](uint32_t id) {
    return model.tokens_[id].bytes != 0;
  };
  if (model.has_unreachable_tokens_) model.trie_.Filter(reachable);
  for (uint32_t id = 0; id < vocabulary.tokens.size(); ++id) {
    model.tokens_[id].prefix = model.trie_.prefix(id);
    model.longest_token_bytes_ =
        std::max(model.longest_token_bytes_, model.tokens_[id].bytes);
  }
  return model;
}

uint64_t BpeModel::memory_bytes() const {
  return tokens_.capacity() * sizeof(Token) + trie_.memory_bytes() +
         (pairs_.size() + pair_filter_.size()) * sizeof(uint64_t);
}

Status BpeModel::MarkSymbols(const TokenList& tokens) {
  uint32_t symbols = 0;
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    const bool symbol =
        byte_fallback_ ? IsOneCharacter(tokens[id]) : tokens[id].size() == 1;
    if (!symbol) continue;
    tokens_[id].bytes = static_cast<uint32_t>(tokens[id].size());
    ++symbols;
  }
  if (byte_fallback_ || symbols == 256) return {};
  return Status(
      StatusCode::kUnsupported,
      fmt::format("vocabulary: {} of 256 single bytes are tokens", symbols));
}

void BpeModel::AddRankedPairs(const TokenList& tokens) {
  TokenIndex index(tokens);
  // A token has between two and three ways of being cut in two tokens.
  ReservePairs(uint64_t{tokens.size()} * 5 / 2);
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    const std::string_view bytes = tokens[id];
    for (uint32_t left = trie_.prefix(id); left != kNone;
         left = trie_.prefix(left)) {
      const uint32_t right = index.Find(bytes.substr(tokens[left].size()));
      if (right == kNone) continue;
      AddPair(left, right, id);
      TryDerivation(left, right, id, id, bytes.size());
    }
  }
}

void BpeModel::AddMergedPairs(const Vocabulary& vocabulary) {
  ReservePairs(vocabulary.merges.size());
  uint32_t priority = 0;
  for (const Vocabulary::Merge& merge : vocabulary.merges) {
    AddPair(merge.left, merge.right, priority);
    TryDerivation(merge.left, merge.right, priority, merge.result,
                  vocabulary.tokens[merge.result].size());
    ++priority;
  }
}

void BpeModel::ReservePairs(uint64_t pairs) {
  pairs_.Allocate(std::bit_ceil(std::max<uint64_t>(pairs * 3 / 2, 64)));
  pair_filter_.Allocate((size_t{1} << kFilterBits) / 64);
  pair_shift_ = 64 - std::countr_zero(pairs_.size());
}

void BpeModel::AddPair(uint32_t left, uint32_t right, uint32_t priority) {
  const uint64_t bits = PairBits(left, right);
  const uint64_t hash = bits * kMultiplier;
  const uint64_t bit = hash >> (64 - kFilterBits);
  pair_filter_[bit >> 6] |= uint64_t{1} << (bit & 63);
  if (++pair_count_ * 4 > pairs_.size() * 3) GrowPairs();
  const uint64_t mask = pairs_.size() - 1;
  uint64_t at = hash >> pair_shift_;
  while (pairs_[at] != 0) at = (at + 1) & mask;
  pairs_[at] = (bits | priority) + 1;
}

void BpeModel::GrowPairs() {
  HugeArray<uint64_t> old = std::move(pairs_);
  pairs_.Allocate(old.size() * 2);
  --pair_shift_;
  const uint64_t mask = pairs_.size() - 1;
  for (const uint64_t pair : old) {
    if (pair == 0) continue;
    const uint64_t bits = (pair - 1) >> kPriorityBits << kPriorityBits;
    uint64_t at = bits * kMultiplier >> pair_shift_;
    while (pairs_[at] != 0) at = (at + 1) & mask;
    pairs_[at] = pair;
  }
}

uint32_t BpeModel::PriorityOf(uint32_t left, uint32_t right) const {
  const uint64_t bits = PairBits(left, right);
  const uint64_t hash = bits * kMultiplier;
  const uint64_t bit = hash >> (64 - kFilterBits);
  if ((pair_filter_[bit >> 6] >> (bit & 63) & 1) == 0) return kNone;
  const uint64_t mask = pairs_.size() - 1;
  for (uint64_t at = hash >> pair_shift_; pairs_[at] != 0;
       at = (at + 1) & mask) {
    const uint64_t priority = pairs_[at] - 1 - bits;
    if (priority >> kPriorityBits == 0) return static_cast<uint32_t>(priority);
  }
  return kNone;
}

void BpeModel::TryDerivation(uint32_t left, uint32_t right, uint32_t priority,
                             uint32_t result, size_t bytes) {
  Token& token = tokens_[result];
  if (token.bytes != 0) return;
  if (tokens_[left].bytes == 0 || tokens_[right].bytes == 0) return;
  if (!IsValidPair(left, right, priority)) return;
  token.left = left;
  token.right = right;
  token.priority = priority;
  token.bytes = static_cast<uint32_t>(bytes);
}

bool BpeModel::IsValidPair(uint32_t left, uint32_t right,
                           uint32_t limit) const {
  for (;;) {
    if (PriorityOf(left, right) < limit) return false;
    const Token& left_token = tokens_[left];
    const Token& right_token = tokens_[right];
    const bool left_is_symbol = left_token.left == kNone;
    const bool right_is_symbol = right_token.left == kNone;
    if (left_is_symbol && right_is_symbol) return true;
    if (!left_is_symbol &&
        (right_is_symbol || left_token.priority > right_token.priority)) {
      limit = left_token.priority;
      left = left_token.right;
    } else {
      limit = right_token.priority + 1;
      right = right_token.left;
    }
  }
}

// The literal way, for short pieces.
std::vector<uint32_t> BpeModel::MergeOneByOne(const Vocabulary& vocabulary,
                                              std::string_view bytes) const {
  std::vector<uint32_t> ids;
  for (size_t at = 0; at < bytes.size();) {
    const size_t size =
        byte_fallback_ ? Utf8Length(static_cast<unsigned char>(bytes[at])) : 1;
    ids.push_back(LongestMatch(bytes.substr(at, size)));
    if (ids.back() == kNone) return {};  // it stays apart in any case
    at += size;
  }
  for (;;) {
    uint32_t best = kNone;
    size_t best_at = 0;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const uint32_t priority = PriorityOf(ids[i], ids[i + 1]);
      if (priority >= best) continue;
      best = priority;
      best_at = i;
    }
    if (best == kNone) return ids;
    ids[best_at] = vocabulary.rule == MergeRule::kRanks
                       ? best
                       : vocabulary.merges[best].result;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
  }
}

Status BpeModel::CheckUnreached(const Vocabulary& vocabulary) {
  for (uint32_t id = 0; id < vocabulary.tokens.size(); ++id) {
    if (tokens_[id].bytes != 0) continue;
    has_unreachable_tokens_ = true;
    const std::vector<uint32_t> merged =
        MergeOneByOne(vocabulary, vocabulary.tokens[id]);
    if (merged.size() != 1 || merged[0] != id) continue;
    return Status(StatusCode::kUnsupported,
                  fmt::format("vocabulary: token {} is merged from tokens of "
                              "lower priority than its own",
                              id));
  }
  return {};
}

}  // namespace peaktext

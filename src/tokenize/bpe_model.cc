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
// 2. Whether a pair is valid is found by undoing. What touches the boundary at
//    any moment, x on its left and y on its right, follows from the tokens'
//    last merges: going back, undo of the two that which was made later, until
//    both are symbols. The pair crosses if at one of these moments (x, y)
//    merges, with priority q, before x is used up by E on its left and before y
//    is used up by F on its right.
//
// 3. When? Call the highest priority in the making of a token its time. Merging
//    always takes the lowest priority there is, so a merge of priority p that
//    needs tokens of higher times happens right after these: things happen in
//    the order of max(p, times of what is merged). Where that is equal, to M,
//    it is the same merge M in several places, left before right, each followed
//    at once by the lower ones that it makes possible, in their order. So:
//    - time(x) = time(y): y was made later.
//    - The crossing is as late as E: E comes first, unless x is what was made
//      at M while y was there before, and q is lower than E's priority.
//    - The crossing is as late as F: it comes first, unless y is what was made
//      at M, what F joins it with was there before, and F's priority is lower.
//    In most vocabularies a token's own priority is its time ("rising"); then
//    the rules are just "q is lower than E's, and not higher than F's".
//    Not so in Llama 3 and Gemma 3, whose merges were listed after the fact.
//
// 4. A token is reachable if it can be cut in two reachable tokens that do not
//    cross before they merge as wholes. Shorter tokens are derived first. Those
//    that are left over are merged literally to make sure.
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
  std::vector<Merge> ways;
  ways.reserve(uint64_t{tokens.size()} * 5 / 2);
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    const std::string_view bytes = tokens[id];
    for (uint32_t left = trie_.prefix(id); left != kNone;
         left = trie_.prefix(left)) {
      const uint32_t right = index.Find(bytes.substr(tokens[left].size()));
      if (right == kNone) continue;
      AddPair(left, right, id);
      ways.push_back({left, right, id});
    }
  }
  Derive(tokens, ways, [&ways](size_t i) { return ways[i].result; });
}

void BpeModel::AddMergedPairs(const Vocabulary& vocabulary) {
  ReservePairs(vocabulary.merges.size());
  uint32_t priority = 0;
  for (const Merge& merge : vocabulary.merges) {
    AddPair(merge.left, merge.right, priority++);
  }
  Derive(vocabulary.tokens, vocabulary.merges,
         [](size_t i) { return static_cast<uint32_t>(i); });
}

// Finds out how tokens come about, shorter ones first.
template <class PriorityOfWay>
void BpeModel::Derive(const TokenList& tokens, const std::vector<Merge>& ways,
                      PriorityOfWay priority_of) {
  std::vector<std::vector<uint32_t>> by_length;
  for (uint32_t i = 0; i < ways.size(); ++i) {
    const size_t length = tokens[ways[i].result].size();
    if (length >= by_length.size()) by_length.resize(length + 1);
    by_length[length].push_back(i);
  }
  for (const std::vector<uint32_t>& of_length : by_length) {
    for (const uint32_t i : of_length) {
      TryDerivation(ways[i], priority_of(i), tokens[ways[i].result].size());
    }
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

void BpeModel::TryDerivation(const Merge& way, uint32_t priority,
                             size_t bytes) {
  Token& token = tokens_[way.result];
  if (token.bytes != 0) return;
  const Token& left = tokens_[way.left];
  const Token& right = tokens_[way.right];
  if (left.bytes == 0 || right.bytes == 0) return;
  if (Crosses(way.left, way.right, /*allow_whole=*/true)) return;
  token.left = way.left;
  token.right = way.right;
  token.priority = priority;
  token.time = std::max({priority + 1, left.time, right.time});
  token.bytes = static_cast<uint32_t>(bytes);
  if (token.time != priority + 1) rising_ = false;
}

bool BpeModel::IsValidRising(uint32_t left, uint32_t right) const {
  uint32_t limit = kNone;
  for (;;) {
    if (PriorityOf(left, right) < limit) return false;
    const Token& left_token = tokens_[left];
    const Token& right_token = tokens_[right];
    if (left_token.time > right_token.time) {
      limit = left_token.priority;
      left = left_token.right;
    } else {
      if (right_token.time == 0) return true;
      limit = right_token.priority + 1;
      right = right_token.left;
    }
  }
}

// Whether a merge across the boundary comes first; with `allow_whole` one of
// the two as wholes does not count.
bool BpeModel::Crosses(uint32_t left, uint32_t right, bool allow_whole) const {
  Use left_use;
  Use right_use;
  for (;; allow_whole = false) {
    const Token& x = tokens_[left];
    const Token& y = tokens_[right];
    const uint32_t q = allow_whole ? kNone : PriorityOf(left, right);
    if (q != kNone) {
      const uint32_t time = std::max({q + 1, x.time, y.time});
      const bool before_left =
          time < left_use.time || (time == left_use.time && x.time == time &&
                                   y.time < time && q < left_use.priority);
      const bool before_right =
          time < right_use.time ||
          (time == right_use.time &&
           !(y.time == time && right_use.other_time < time &&
             q > right_use.priority));
      if (before_left && before_right) return true;
    }
    if (x.time > y.time) {
      left_use = {x.time, x.priority, tokens_[x.left].time};
      left = x.right;
    } else {
      if (y.time == 0) return false;
      right_use = {y.time, y.priority, tokens_[y.right].time};
      right = y.left;
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
                  fmt::format("vocabulary: cannot tell how token {} comes "
                              "about",
                              id));
  }
  return {};
}

}  // namespace peaktext

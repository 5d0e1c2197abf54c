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

#include "base/hash.h"
#include "tokenize/utf8.h"

namespace peaktext {
namespace {

// Finds tokens by their bytes, while building.
class TokenIndex {
 public:
  explicit TokenIndex(const TokenList& tokens)
      : tokens_(tokens),
        slots_(std::bit_ceil(uint64_t{tokens.size()} * 2 + 2),
               BpeModel::kNone) {
    for (uint32_t id = 0; id < tokens.size(); ++id) *Slot(tokens[id]) = id;
  }
  uint32_t Find(std::string_view bytes) { return *Slot(bytes); }

 private:
  uint32_t* Slot(std::string_view bytes) {
    const uint64_t mask = slots_.size() - 1;
    uint64_t at = HashBytes64(bytes) & mask;
    while (slots_[at] != BpeModel::kNone && tokens_[slots_[at]] != bytes) {
      at = (at + 1) & mask;
    }
    return &slots_[at];
  }

  const TokenList& tokens_;
  std::vector<uint32_t> slots_;
};

bool IsOneCharacter(std::string_view bytes) {
  return !bytes.empty() && !IsContinuation(bytes[0]) &&
         Utf8Length(static_cast<unsigned char>(bytes[0])) == bytes.size();
}

uint64_t PairKey(uint32_t left, uint32_t right) {
  return uint64_t{left} << 32 | right;
}

}  // namespace

Result<BpeModel> BpeModel::Build(const Vocabulary& vocabulary) {
  BpeModel model;
  model.byte_fallback_ = vocabulary.byte_fallback;
  model.tokens_.resize(vocabulary.tokens.size());
  if (Status s = model.MarkSymbols(vocabulary.tokens); !s.ok()) return Fail(s);
  if (vocabulary.rule == MergeRule::kRanks) {
    model.AddRankedPairs(vocabulary.tokens);
  } else {
    model.AddMergedPairs(vocabulary);
  }
  model.BuildTrie(vocabulary.tokens);
  if (Status s = model.CheckUnreached(vocabulary.tokens); !s.ok()) {
    return Fail(s);
  }
  return model;
}

uint64_t BpeModel::memory_bytes() const {
  return tokens_.capacity() * sizeof(Token) +
         pairs_.capacity() * sizeof(PairSlot) +
         trie_.capacity() * sizeof(TrieSlot);
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
  pairs_.resize(std::bit_ceil(uint64_t{tokens.size()} * 6),
                {PairKey(kNone, kNone), kNone, kNone});
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    const std::string_view bytes = tokens[id];
    for (size_t cut = 1; cut < bytes.size(); ++cut) {
      const uint32_t left = index.Find(bytes.substr(0, cut));
      if (left == kNone) continue;
      const uint32_t right = index.Find(bytes.substr(cut));
      if (right == kNone) continue;
      AddPair(left, right, id, id);
      TryDerivation(left, right, id, id, bytes.size());
    }
  }
}

void BpeModel::AddMergedPairs(const Vocabulary& vocabulary) {
  pairs_.resize(std::bit_ceil(vocabulary.merges.size() * 2 + 2),
                {PairKey(kNone, kNone), kNone, kNone});
  uint32_t priority = 0;
  for (const Vocabulary::Merge& merge : vocabulary.merges) {
    AddPair(merge.left, merge.right, priority, merge.result);
    TryDerivation(merge.left, merge.right, priority, merge.result,
                  vocabulary.tokens[merge.result].size());
    ++priority;
  }
}

void BpeModel::AddPair(uint32_t left, uint32_t right, uint32_t priority,
                       uint32_t result) {
  const uint64_t mask = pairs_.size() - 1;
  const uint64_t key = PairKey(left, right);
  uint64_t at = Mix64(key) & mask;
  while (pairs_[at].priority != kNone) at = (at + 1) & mask;
  pairs_[at] = {key, priority, result};
}

const BpeModel::PairSlot* BpeModel::FindPair(uint32_t left,
                                             uint32_t right) const {
  const uint64_t mask = pairs_.size() - 1;
  const uint64_t key = PairKey(left, right);
  for (uint64_t at = Mix64(key) & mask; pairs_[at].priority != kNone;
       at = (at + 1) & mask) {
    if (pairs_[at].key == key) return &pairs_[at];
  }
  return nullptr;
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
    const PairSlot* pair = FindPair(left, right);
    if (pair != nullptr && pair->priority < limit) return false;
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
std::vector<uint32_t> BpeModel::MergeOneByOne(std::string_view bytes) const {
  std::vector<uint32_t> ids;
  for (size_t at = 0; at < bytes.size();) {
    const size_t size =
        byte_fallback_ ? Utf8Length(static_cast<unsigned char>(bytes[at])) : 1;
    ids.push_back(LongestMatch(bytes.substr(at, size)));
    at += size;
  }
  for (;;) {
    const PairSlot* best = nullptr;
    size_t best_at = 0;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const PairSlot* pair = FindPair(ids[i], ids[i + 1]);
      if (pair == nullptr) continue;
      if (best != nullptr && best->priority <= pair->priority) continue;
      best = pair;
      best_at = i;
    }
    if (best == nullptr) return ids;
    ids[best_at] = best->result;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
  }
}

Status BpeModel::CheckUnreached(const TokenList& tokens) {
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    if (tokens_[id].bytes != 0) continue;
    has_unreachable_tokens_ = true;
    const std::vector<uint32_t> merged = MergeOneByOne(tokens[id]);
    if (merged.size() != 1 || merged[0] != id) continue;
    return Status(StatusCode::kUnsupported,
                  fmt::format("vocabulary: token {} is merged from tokens of "
                              "lower priority than its own",
                              id));
  }
  return {};
}

void BpeModel::BuildTrie(const TokenList& tokens) {
  trie_.resize(std::bit_ceil(uint64_t{tokens.size()} * 4), {0, 0, kNone});
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    if (tokens_[id].bytes == 0) continue;
    longest_token_bytes_ = std::max(longest_token_bytes_, tokens_[id].bytes);
    uint32_t node = 0;
    TrieSlot* slot = nullptr;
    for (const char byte : tokens[id]) {
      if (trie_nodes_ * 2ULL >= trie_.size()) GrowTrie();
      slot = TrieSlotOf((uint64_t{node} << 8 | static_cast<uint8_t>(byte)) + 1);
      if (slot->node == 0) slot->node = trie_nodes_++;
      node = slot->node;
    }
    slot->token = id;
  }
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    if (tokens_[id].bytes == 0) continue;
    tokens_[id].prefix =
        LongestMatch(tokens[id].substr(0, tokens_[id].bytes - 1));
  }
}

void BpeModel::GrowTrie() {
  std::vector<TrieSlot> old = std::move(trie_);
  trie_.assign(old.size() * 2, {0, 0, kNone});
  for (const TrieSlot& slot : old) {
    if (slot.key != 0) *TrieSlotOf(slot.key) = slot;
  }
}

// The slot with this key, put there if it was not.
BpeModel::TrieSlot* BpeModel::TrieSlotOf(uint64_t key) {
  const uint64_t mask = trie_.size() - 1;
  uint64_t at = Mix64(key) & mask;
  while (trie_[at].key != 0 && trie_[at].key != key) at = (at + 1) & mask;
  trie_[at].key = key;
  return &trie_[at];
}

const BpeModel::TrieSlot* BpeModel::Child(uint32_t node, char byte) const {
  const uint64_t mask = trie_.size() - 1;
  const uint64_t key = (uint64_t{node} << 8 | static_cast<uint8_t>(byte)) + 1;
  for (uint64_t at = Mix64(key) & mask; trie_[at].key != 0;
       at = (at + 1) & mask) {
    if (trie_[at].key == key) return &trie_[at];
  }
  return nullptr;
}

uint32_t BpeModel::LongestMatch(std::string_view text) const {
  uint32_t longest = kNone;
  uint32_t node = 0;
  for (const char byte : text) {
    const TrieSlot* slot = Child(node, byte);
    if (slot == nullptr) break;
    if (slot->token != kNone) longest = slot->token;
    node = slot->node;
  }
  return longest;
}

}  // namespace peaktext

// Nodes of the first levels are placed level by level, so that they, which are
// looked up most, lie close together; the others subtree by subtree, so that a
// walk meets few lines of the processor's cache. A node's children need as many
// free slots of one block of 256, at the distances of their bytes: those of
// many children are looked for from the first block where one of such a number
// may still fit, single ones fill the gaps.
#include "tokenize/token_trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <deque>

namespace peaktext {
namespace {

constexpr uint32_t kBlock = 256;
constexpr uint16_t kLevels = 4;

// Ids in the order of their tokens' bytes.
std::vector<uint32_t> SortedIds(const TokenList& tokens) {
  std::vector<std::pair<uint64_t, uint32_t>> order;
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id].empty()) continue;
    uint64_t head = 0;
    for (size_t i = 0; i < 8; ++i) {
      const bool there = i < tokens[id].size();
      head =
          head << 8 | (there ? static_cast<unsigned char>(tokens[id][i]) : 0);
    }
    order.emplace_back(head, id);
  }
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return tokens[a.second] < tokens[b.second];
  });
  std::vector<uint32_t> ids;
  ids.reserve(order.size());
  for (const auto& [head, id] : order) ids.push_back(id);
  return ids;
}

}  // namespace

class TokenTrie::Builder {
 public:
  explicit Builder(const TokenList& tokens)
      : tokens_(tokens), ids_(SortedIds(tokens)) {
    AddBlock();
    Use(0);
    nodes_[0] = Node::None();
  }

  // False when there are too many nodes.
  bool Build(TokenTrie* trie) {
    uint32_t* ones = trie->ones_.Allocate(256);
    std::fill(ones, ones + 256, kNone);
    Node* heads = trie->heads_.Allocate(65536);
    std::fill(heads, heads + 65536, Node::None());
    next_.push_back({0, 0, static_cast<uint32_t>(ids_.size()), 0, 0, 0});
    while (!next_.empty()) {
      const Range range = TakeNext();
      const Node node = AddNode(range);
      if (nodes_.size() > kMaxSlots) return false;
      if (range.depth == 1 && node.is_token()) {
        ones[range.bytes] = node.token();
      }
      if (range.depth == 2) heads[range.bytes] = node;
      if (range.depth > 2) nodes_[range.slot] = node;
    }
    Node* slots = trie->slots_.Allocate(nodes_.size());
    std::copy(nodes_.begin(), nodes_.end(), slots);
    return true;
  }

 private:
  // A node and the tokens that go through it. The first two levels have no
  // slots.
  struct Range {
    uint32_t slot;
    uint32_t begin;  // into ids_
    uint32_t end;
    uint32_t bytes;  // the first two on the way to it, as in heads_
    uint16_t depth;
    unsigned char byte;
  };

  // Level by level first, then each subtree by itself.
  Range TakeNext() {
    if (next_.front().depth < kLevels) {
      const Range range = next_.front();
      next_.pop_front();
      return range;
    }
    const Range range = next_.back();
    next_.pop_back();
    return range;
  }

  void AddBlock() {
    nodes_.resize(nodes_.size() + kBlock);  // zeros: not used
    used_.resize(used_.size() + kBlock / 64, 0);
    bases_.resize(used_.size(), 0);
    free_.push_back(kBlock);
  }
  bool IsFree(uint32_t slot) const {
    return (used_[slot / 64] >> slot % 64 & 1) == 0;
  }
  void Use(uint32_t slot) {
    used_[slot / 64] |= uint64_t{1} << slot % 64;
    --free_[slot / kBlock];
  }

  Node AddNode(const Range& range) {
    const size_t depth = range.depth;
    uint32_t begin = range.begin;
    const bool is_token = depth > 0 && tokens_[ids_[begin]].size() == depth;
    const uint32_t token = is_token ? ids_[begin] : kNone;
    while (begin < range.end && tokens_[ids_[begin]].size() == depth) ++begin;
    children_.clear();
    starts_.clear();
    for (uint32_t at = begin; at < range.end; ++at) {
      const auto byte = static_cast<unsigned char>(tokens_[ids_[at]][depth]);
      if (!children_.empty() && children_.back() == byte) continue;
      children_.push_back(byte);
      starts_.push_back(at);
    }
    starts_.push_back(range.end);
    const bool in_slots = depth >= 2 && !children_.empty();
    const uint32_t base = in_slots ? FindBase() : 0;
    Node node(base, range.byte, token);
    if (in_slots) bases_[base / 64] |= uint64_t{1} << base % 64;
    for (size_t i = 0; i < children_.size(); ++i) {
      node.AddChild(children_[i]);
      const uint32_t slot = in_slots ? base ^ children_[i] : 0;
      if (in_slots) Use(slot);
      next_.push_back(
          {slot, starts_[i], starts_[i + 1],
           depth < 2 ? range.bytes | uint32_t{children_[i]} << 8 * depth : 0,
           static_cast<uint16_t>(depth + 1), children_[i]});
    }
    return node;
  }

  // A base for children_.
  uint32_t FindBase() {
    const size_t count = children_.size();
    uint32_t& cursor = cursors_[std::bit_width(count - 1)];
    for (;; ++cursor) {
      if (cursor == free_.size()) AddBlock();
      if (free_[cursor] < count) continue;
      for (uint32_t word = cursor * (kBlock / 64);
           word < (cursor + 1) * (kBlock / 64); ++word) {
        for (uint64_t left = ~used_[word]; left != 0; left &= left - 1) {
          const uint32_t slot =
              word * 64 + static_cast<uint32_t>(std::countr_zero(left));
          const uint32_t base = slot ^ children_[0];
          const bool taken = (bases_[base / 64] >> base % 64 & 1) != 0;
          const bool fits =
              !taken &&
              std::all_of(children_.begin(), children_.end(),
                          [&](uint8_t byte) { return IsFree(base ^ byte); });
          if (fits) return base;
        }
      }
    }
  }

  const TokenList& tokens_;
  const std::vector<uint32_t> ids_;
  std::vector<Node> nodes_;
  std::vector<uint64_t> used_;         // a bit for each slot
  std::vector<uint64_t> bases_;        // the same for bases
  std::vector<uint32_t> free_;         // free slots of each block
  std::array<uint32_t, 9> cursors_{};  // by the width of the number of children
  std::deque<Range> next_;
  std::vector<uint8_t> children_;
  std::vector<uint32_t> starts_;
};

TokenTrie::TokenTrie(const TokenList& tokens) {
  assert(tokens.size() <= kMaxTokens);
  complete_ = Builder(tokens).Build(this);
}

}  // namespace peaktext

// Finds the longest token that a text starts with.
//
//   TokenTrie trie(tokens);
//   uint32_t id = trie.LongestMatch(text);
//
// A double array (Aoe, "An efficient digital search algorithm by using a
// double-array structure", IEEE TSE 1989): the child of a node for a byte is in
// slot (base of the node XOR byte). No two nodes have the same base, so that
// the slot need only say for which byte it is. A step is one look-up of eight
// bytes, a node's children lie close together, and most children that are not
// there are not even looked for. The first two bytes index a table of their
// own. Immutable; shared by all threads.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "tokenize/table_array.h"
#include "tokenize/token_list.h"

namespace peaktext {

class TokenTrie {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kMaxTokens = (1 << 21) - 2;

  // A slot, from the top: base:21 | is used:1 | byte:8 | longest token up to
  // here:21 | is one:1 | which children there may be:12.
  class Node {
   public:
    Node() = default;
    Node(uint32_t base, unsigned char byte, uint32_t best, bool is_token)
        : bits_(uint64_t{base} << 43 | kUsed | uint64_t{byte} << 34 |
                uint64_t{best & kMask} << 13 | (is_token ? kToken : 0)) {}
    // No byte's.
    static Node None() {
      Node node;
      node.bits_ = uint64_t{kMask} << 13;
      return node;
    }
    uint32_t base() const { return static_cast<uint32_t>(bits_ >> 43); }
    // kNone if no token is a prefix.
    uint32_t best() const {
      return static_cast<uint32_t>(((bits_ >> 13) + 1) & kMask) - 1;
    }
    bool is_token() const { return (bits_ & kToken) != 0; }
    // best() if is_token(), else INT32_MAX.
    int32_t token() const {
      const auto id = static_cast<uint32_t>(bits_ >> 13 & kMask);
      const auto no = static_cast<uint32_t>(bits_ >> 12 & 1) - 1;
      return static_cast<int32_t>(id | (no & INT32_MAX));
    }
    // `child` if it is that for `byte`, else a node without children that is no
    // token, but has the longest one up to here. Takes no branch.
    Node Next(Node child, char byte) const {
      const uint64_t no = child.IsFor(byte) ? 0 : ~uint64_t{0};
      child.bits_ ^= (child.bits_ ^ (bits_ & uint64_t{kMask} << 13)) & no;
      return child;
    }
    void SetToken(uint32_t best, bool is_token) {
      bits_ &= ~(uint64_t{kMask} << 13 | kToken);
      bits_ |= uint64_t{best & kMask} << 13 | (is_token ? kToken : 0);
    }
    void AddChild(unsigned char byte) { bits_ |= uint64_t{1} << Bucket(byte); }
    // The slot of the child for `byte`, if there is one: see IsFor.
    uint32_t ChildSlot(char byte) const {
      const auto b = static_cast<unsigned char>(byte);
      const uint32_t there = bits_ >> Bucket(b) & 1;
      return (base() ^ b) & (0U - there);
    }
    // Whether it is that child.
    bool IsFor(char byte) const {
      return (bits_ >> 34 & 511) == (256U | static_cast<unsigned char>(byte));
    }

   private:
    static constexpr uint32_t kMask = (1 << 21) - 1;
    static constexpr uint64_t kUsed = uint64_t{1} << 42;
    static constexpr uint64_t kToken = 1 << 12;
    // 12 of them: the low four bits, of which four values share their places.
    static uint32_t Bucket(unsigned char byte) {
      const uint32_t low = byte & 15U;
      return low - ((low + 4) >> 1 & 8);
    }
    uint64_t bits_;
  };

  TokenTrie() = default;
  // REQUIRES: at most kMaxTokens, no two alike.
  explicit TokenTrie(const TokenList& tokens);

  // False when there were more nodes than there can be.
  bool complete() const { return complete_; }

  // kNone if no token is a prefix of `text`.
  uint32_t LongestMatch(std::string_view text) const {
    if (text.size() < 2) {
      return text.empty() ? kNone : ones_[static_cast<unsigned char>(text[0])];
    }
    const uint32_t slot = Two(text.data());
    if (slot == 0) return ones_[static_cast<unsigned char>(text[0])];
    Node node = slots_[slot];
    for (size_t at = 2; at < text.size(); ++at) {
      const Node child = slots_[node.ChildSlot(text[at])];
      if (!child.IsFor(text[at])) break;
      node = child;
    }
    return node.best();
  }

  // The longest token that `token` starts with and that is shorter.
  uint32_t PrefixOf(std::string_view token) const {
    return LongestMatch(token.substr(0, token.size() - 1));
  }

  // Leaves out the tokens for which `keep` says no. REQUIRES: built here, not
  // taken from a file.
  template <class Keep>
  void Filter(const TokenList& tokens, Keep keep) {
    std::vector<uint32_t> prefixes;
    for (uint32_t id = 0; id < tokens.size(); ++id) {
      prefixes.push_back(PrefixOf(tokens[id]));
    }
    const auto next = [&](uint32_t id) {
      while (id != kNone && !keep(id)) id = prefixes[id];
      return id;
    };
    for (size_t i = 0; i < ones_.size(); ++i) {
      ones_.mutable_data()[i] = next(ones_[i]);
    }
    for (size_t i = 0; i < slots_.size(); ++i) {
      Node* node = slots_.mutable_data() + i;
      const uint32_t best = next(node->best());
      node->SetToken(best, node->is_token() && best == node->best());
    }
  }

  // The parts of a walk. Slot 0 is no byte's and has no children.
  uint32_t One(char byte) const {
    return ones_[static_cast<unsigned char>(byte)];
  }
  uint32_t Two(const char* text) const {
    uint16_t two;
    std::memcpy(&two, text, 2);
    return twos_[two];
  }
  Node node(uint32_t slot) const { return slots_[slot]; }
  uint64_t memory_bytes() const {
    return ones_.bytes() + twos_.bytes() + slots_.bytes();
  }
  // Visits the arrays, to write them to a file or take them from it.
  template <class Visitor>
  void VisitArrays(Visitor& visit) {
    visit(ones_);
    visit(twos_);
    visit(slots_);
  }

 private:
  class Builder;

  TableArray<uint32_t> ones_;
  TableArray<uint32_t> twos_;  // slots; 0: there is no such node
  TableArray<Node> slots_;
  bool complete_ = true;
};

}  // namespace peaktext

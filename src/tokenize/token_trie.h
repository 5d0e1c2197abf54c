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
// there are not even looked for. The nodes of the first two bytes are in a
// table of their own. Immutable; shared by all threads.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "simd/match_kernels.h"
#include "tokenize/table_array.h"
#include "tokenize/token_list.h"

namespace peaktext {

class TokenTrie {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kMaxTokens = (1 << 21) - 2;
  static constexpr size_t kMaxTokenBytes = 1 << 14;
  static constexpr uint32_t kMaxSlots = 1 << 21;  // as a node's base says them

  // A node as TrieWords has it.
  class Node {
   public:
    Node() = default;
    explicit Node(uint64_t word) : bits_(word) {}
    Node(uint32_t base, unsigned char byte, uint32_t token)
        : bits_(MarkBits(token) | uint64_t{base} << 21 | kUsed |
                uint64_t{byte} << 12) {}
    // No byte's; without children.
    uint64_t word() const { return bits_; }
    static Node None() { return Node(TrieWords::kNoNode); }
    // Of the token that ends here, or TrieWords::kNoToken.
    uint32_t mark() const { return static_cast<uint32_t>(bits_ >> 42); }
    bool is_token() const { return mark() != TrieWords::kNoToken; }
    // REQUIRES: is_token().
    uint32_t token() const { return mark() >> 1; }
    void RemoveToken() { bits_ |= MarkBits(kNone); }
    void PutInDoubt() { bits_ |= uint64_t{1} << 42; }
    uint32_t base() const { return static_cast<uint32_t>(bits_ >> 21) & kMask; }
    bool has_children() const { return (bits_ & TrieWords::kChildren) != 0; }
    void AddChild(unsigned char byte) {
      bits_ |= uint64_t{1} << TrieWords::Bucket(byte);
    }
    // The slot of the child for `byte`, if there is one: see IsFor.
    uint32_t ChildSlot(char byte) const {
      const auto b = static_cast<unsigned char>(byte);
      const auto there =
          static_cast<uint32_t>(bits_ >> TrieWords::Bucket(b)) & 1;
      return (base() ^ b) & (0U - there);
    }
    // Whether it is that child.
    bool IsFor(char byte) const {
      return ((static_cast<uint32_t>(bits_) >> 12 ^
               static_cast<unsigned char>(byte)) &
              511) == 256;
    }

   private:
    static constexpr uint32_t kMask = (1 << 21) - 1;
    static constexpr uint64_t kUsed = 1 << 20;
    static uint64_t MarkBits(uint32_t token) {
      const uint32_t mark = token == kNone ? TrieWords::kNoToken : token << 1;
      return uint64_t{mark} << 42;
    }
    uint64_t bits_;
  };

  static_assert(sizeof(Node) == sizeof(uint64_t));

  TokenTrie() = default;
  // REQUIRES: at most kMaxTokens, no two alike, none above kMaxTokenBytes.
  explicit TokenTrie(const TokenList& tokens);

  // False when there were more nodes than there can be.
  bool complete() const { return complete_; }

  // kNone if no token is a prefix of `text`.
  uint32_t LongestMatch(std::string_view text) const {
    if (text.size() < 2) {
      return text.empty() ? kNone : ones_[static_cast<unsigned char>(text[0])];
    }
    uint32_t best = One(text[0]);
    Node node = Head(text.data());
    for (size_t at = 2;; ++at) {
      if (node.is_token()) best = node.token();
      if (at == text.size()) return best;
      node = slots_[node.ChildSlot(text[at])];
      if (!node.IsFor(text[at])) return best;
    }
  }

  // The longest token that `token` starts with and that is shorter.
  uint32_t PrefixOf(std::string_view token) const {
    return LongestMatch(token.substr(0, token.size() - 1));
  }

  // Leaves out the tokens for which `keep` says no. REQUIRES for this and the
  // next: built here, not taken from a file.
  template <class Keep>
  void Filter(Keep keep) {
    for (size_t i = 0; i < ones_.size(); ++i) {
      if (ones_[i] != kNone && !keep(ones_[i])) ones_.mutable_data()[i] = kNone;
    }
    ForEachToken([keep](Node* node) {
      if (!keep(node->token())) node->RemoveToken();
    });
  }
  // Marks the tokens of two bytes and more for which `doubt` says yes.
  template <class Doubt>
  void PutInDoubt(Doubt doubt) {
    ForEachToken([doubt](Node* node) {
      if (doubt(node->token())) node->PutInDoubt();
    });
  }

  // The parts of a walk. Slot 0 is no byte's and has no children.
  uint32_t One(char byte) const {
    return ones_[static_cast<unsigned char>(byte)];
  }
  // The node of the first two bytes; without children if there is none.
  Node Head(const char* text) const {
    uint16_t two;
    std::memcpy(&two, text, 2);
    return heads_[two];
  }
  Node node(uint32_t slot) const { return slots_[slot]; }
  TrieWords words() const {
    return {ones_.data(), reinterpret_cast<const uint64_t*>(heads_.data()),
            reinterpret_cast<const uint64_t*>(slots_.data())};
  }
  uint64_t memory_bytes() const {
    return ones_.bytes() + heads_.bytes() + slots_.bytes();
  }
  // Visits the arrays, to write them to a file or take them from it.
  template <class Visitor>
  void VisitArrays(Visitor& visit) {
    visit(ones_);
    visit(heads_);
    visit(slots_);
  }

 private:
  class Builder;

  // Of two bytes and more.
  template <class Do>
  void ForEachToken(Do what) {
    for (TableArray<Node>* nodes : {&heads_, &slots_}) {
      for (size_t i = 0; i < nodes->size(); ++i) {
        Node* node = nodes->mutable_data() + i;
        if (node->is_token()) what(node);
      }
    }
  }

  TableArray<uint32_t> ones_;
  TableArray<Node> heads_;  // by the first two bytes
  TableArray<Node> slots_;
  bool complete_ = true;
};

}  // namespace peaktext

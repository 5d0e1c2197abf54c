// Finds the longest token that a text starts with.
//
//   TokenTrie trie(tokens);
//   uint32_t id = trie.LongestMatch(text);
//
// The first two bytes index a table; each further byte is one look-up of (node,
// byte) in a hash table, whose slot is the child: so a node's number is where
// it lies, and a slot needs eight bytes: key, and the longest token up to here.
// Immutable but for Filter; shared by all threads.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/huge_array.h"
#include "tokenize/token_list.h"

namespace peaktext {

class TokenTrie {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kMaxTokens = 1 << 21;
  static constexpr uint32_t kMaxBytes = (1 << 23) - 2;

  TokenTrie() = default;
  // REQUIRES: at most kMaxTokens, kMaxBytes in all.
  explicit TokenTrie(const TokenList& tokens);

  // kNone if no token is a prefix of `text`.
  uint32_t LongestMatch(std::string_view text) const {
    if (text.size() < 2) {
      return text.empty() ? kNone : ones_[static_cast<unsigned char>(text[0])];
    }
    uint16_t two;
    std::memcpy(&two, text.data(), 2);
    uint32_t value = twos_[two];
    uint32_t node = kFirstTwo + two;
    for (size_t at = 2; (value & kHasChildren) != 0 && at < text.size(); ++at) {
      const uint32_t key = Key(node, text[at]);
      uint32_t slot = Home(key);
      while (slots_[slot].key != key && slots_[slot].key != 0) {
        slot = (slot + 1) & mask_;
      }
      if (slots_[slot].key == 0) break;
      value = slots_[slot].value;
      node = slot;
    }
    return Best(value);
  }

  // The longest token that is a prefix of token `id` and shorter, or kNone.
  uint32_t prefix(uint32_t id) const { return prefixes_[id]; }

  // Leaves out the tokens for which `keep` says no.
  template <class Keep>
  void Filter(Keep keep) {
    const auto next = [&](uint32_t id) {
      while (id != kNone && !keep(id)) id = prefixes_[id];
      return id;
    };
    for (uint32_t& id : ones_) id = next(id);
    for (uint32_t& value : twos_) value = With(value, next(Best(value)));
    for (Slot& slot : slots_) {
      if (slot.key != 0) slot.value = With(slot.value, next(Best(slot.value)));
    }
    for (uint32_t& id : prefixes_) id = next(id);
  }

  uint64_t memory_bytes() const;

 private:
  struct Slot {
    uint32_t key;    // node << 8 | byte; never 0
    uint32_t value;  // longest token up to here, and kHasChildren
  };
  static constexpr uint32_t kHasChildren = 1U << 31;
  static constexpr uint32_t kNoToken = kHasChildren - 1;
  // Nodes of two bytes have numbers beyond those of slots.
  static constexpr uint32_t kMaxSlots = 1 << 23;
  static constexpr uint32_t kFirstTwo = kMaxSlots;

  static uint32_t Key(uint32_t node, char byte) {
    return node << 8 | static_cast<unsigned char>(byte);
  }
  uint32_t Home(uint32_t key) const {
    return static_cast<uint32_t>(key * 0x9E3779B97F4A7C15ULL >> shift_);
  }
  static uint32_t Best(uint32_t value) {
    const uint32_t id = value & kNoToken;
    return id == kNoToken ? kNone : id;
  }
  static uint32_t With(uint32_t value, uint32_t id) {
    return (value & kHasChildren) | (id == kNone ? kNoToken : id);
  }
  void Insert(std::string_view token, uint32_t id);

  std::vector<uint32_t> ones_;
  std::vector<uint32_t> twos_;
  HugeArray<Slot> slots_;
  std::vector<uint32_t> prefixes_;
  uint32_t mask_ = 0;
  int shift_ = 0;
};

}  // namespace peaktext

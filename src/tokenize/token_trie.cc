#include "tokenize/token_trie.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace peaktext {

TokenTrie::TokenTrie(const TokenList& tokens)
    : ones_(256, kNone), twos_(65536), prefixes_(tokens.size(), kNone) {
  assert(tokens.size() <= kMaxTokens);
  // Shorter tokens first: then the longest token up to a node never changes
  // once the node is there.
  assert(tokens.bytes().size() <= kMaxBytes);
  std::vector<std::vector<uint32_t>> by_length;
  uint64_t nodes = 0;
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    const size_t length = tokens[id].size();
    if (length >= by_length.size()) by_length.resize(length + 1);
    by_length[length].push_back(id);
    nodes += length > 2 ? length - 2 : 0;
  }
  if (by_length.size() < 3) by_length.resize(3);
  // Most nodes are shared: two thirds of a slot for each is room enough, and
  // more than all can never be needed.
  const uint64_t slots =
      std::clamp<uint64_t>(std::bit_ceil(nodes * 2 / 3 + 2), 1024, kMaxSlots);
  slots_.Allocate(slots);
  mask_ = static_cast<uint32_t>(slots - 1);
  shift_ = 64 - std::countr_zero(slots);
  for (const uint32_t id : by_length[1]) {
    ones_[static_cast<unsigned char>(tokens[id][0])] = id;
  }
  for (uint32_t two = 0; two < twos_.size(); ++two) {
    twos_[two] = With(0, ones_[two & 0xFF]);
  }
  for (size_t length = 2; length < by_length.size(); ++length) {
    for (const uint32_t id : by_length[length]) Insert(tokens[id], id);
  }
}

void TokenTrie::Insert(std::string_view token, uint32_t id) {
  uint16_t two;
  std::memcpy(&two, token.data(), 2);
  uint32_t* value = &twos_[two];
  uint32_t node = kFirstTwo + two;
  for (size_t at = 2; at < token.size(); ++at) {
    const uint32_t key = Key(node, token[at]);
    uint32_t slot = Home(key);
    while (slots_[slot].key != key && slots_[slot].key != 0) {
      slot = (slot + 1) & mask_;
    }
    if (slots_[slot].key == 0) slots_[slot] = {key, With(0, Best(*value))};
    *value |= kHasChildren;
    value = &slots_[slot].value;
    node = slot;
  }
  prefixes_[id] = Best(*value);
  *value = With(*value, id);
}

uint64_t TokenTrie::memory_bytes() const {
  return (ones_.size() + twos_.size() + prefixes_.size()) * sizeof(uint32_t) +
         slots_.size() * sizeof(Slot);
}

}  // namespace peaktext

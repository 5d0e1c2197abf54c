// Finds a token of a TokenList by its bytes.
//
//   TokenIndex index(tokens);
//   uint32_t the = index.Find("the");      // its index, or kNotFound
//
// An open-addressed table of indices, half full at most: a third of the memory
// and of the time of a std::unordered_map. Thread-safe once built.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "tokenize/token_list.h"

namespace peaktext {

class TokenIndex {
 public:
  static constexpr uint32_t kNotFound = UINT32_MAX;

  // `tokens` outlives the index and is not appended to.
  explicit TokenIndex(const TokenList& tokens)
      : tokens_(tokens),
        slots_(std::bit_ceil(size_t{2} * tokens.size() + 2), kNotFound) {
    for (uint32_t i = 0; i < tokens.size(); ++i) {
      uint32_t& slot = slots_[SlotOf(tokens[i])];
      if (slot != kNotFound) {
        repeated_ = i;
      } else {
        slot = i;
      }
    }
  }

  uint32_t Find(std::string_view token) const { return slots_[SlotOf(token)]; }

  // A token whose bytes an earlier one has too; kNotFound when there is none.
  uint32_t repeated() const { return repeated_; }

 private:
  // The slot that holds `token`, else the empty one where it belongs.
  size_t SlotOf(std::string_view token) const {
    const size_t mask = slots_.size() - 1;
    size_t slot = HashBytes64(token) & mask;
    while (slots_[slot] != kNotFound && tokens_[slots_[slot]] != token) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  const TokenList& tokens_;
  std::vector<uint32_t> slots_;
  uint32_t repeated_ = kNotFound;
  // Invariants: slots_.size() is a power of two, at least one slot is empty.
};

}  // namespace peaktext

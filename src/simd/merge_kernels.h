// Merges short pretokens literally, many of them side by side, and counts what
// is left: the tokens.
//
// There is one pair of tokens that merges into each (tokenize/bpe_model.cc, 7).
// The pairs are in a double array like that of tokenize/token_trie.h, but of
// tokens: a token has a number as the left one of pairs, its row, and one as
// the right one, its column; the entry of a pair is in slot (row * 8 XOR
// column). No two tokens that are left in any pair have the same row, so that
// an entry need only say of which column it is; and of that not the last three
// bits, which are the slot's.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "simd/isa.h"

namespace peaktext {

struct MergeWords {
  static constexpr int kRowBits = 16;
  static constexpr int kColumnBits = 16;
  static constexpr int kFreeBits = 3;  // of a slot, below its row's
  static constexpr int kIdBits = 19;
  static constexpr uint32_t kColumnMask = (1 << kColumnBits) - 1;
  static constexpr uint32_t kIdMask = (1 << kIdBits) - 1;
  static constexpr uint32_t kNoToken = UINT32_MAX;
  // Columns are below this; rows are above 0.
  static constexpr uint32_t kMostColumns = 0xFFF0;
  // The side of what is in no pair.
  static constexpr uint32_t kNoSide = kColumnMask;
  // An entry of no column's.
  static constexpr uint32_t kNoEntry = kMostColumns >> kFreeBits << kIdBits;

  // A token's sides: row << kColumnBits | column. By id.
  const uint32_t* sides;
  const uint32_t* byte_sides;  // those of the tokens of single bytes
  // (column >> kFreeBits) << kIdBits | id of what the pair merges into.
  const uint32_t* slots;
  const uint64_t* pairs;  // by two bytes, little-endian: BytePair

  // What is known of two bytes, c and b, that lie beside each other at first:
  // `made`, what they merge into, and the lowest that b merges into with any
  // token on its left that ends with c, and c with any token on its right that
  // begins with b: `left` and `right`.
  //
  // Only merges with the byte before or behind can keep two bytes from merging.
  // Those come later if `made` is below `left` of the pair before and `right`
  // of the pair behind. So then the two may merge at once: nothing else changes
  // by it, if all that `made` merges into is above it. Where that is not so,
  // and where the two do not merge, `made` is to be kNoToken, of no side; the
  // other two are kNoToken where there is none.
  //
  // Of the three, which are compared only, an entry has Order, kOrderBits each,
  // below the side of `made`.
  static uint64_t BytePair(uint32_t side, uint32_t made, uint32_t left,
                           uint32_t right) {
    return uint64_t{side} << 32 | Order(made) << 2 * kOrderBits |
           Order(left) << kOrderBits | Order(right);
  }
  static constexpr int kOrderBits = 10;
  static constexpr uint32_t kOrderMask = (1 << kOrderBits) - 1;
  // An id with a lower one is lower; kNoToken's is the highest. It is an id's
  // seven highest bits, and how many more there are.
  static constexpr uint32_t Order(uint32_t id) {
    if (id == kNoToken) return kOrderMask;
    const int more = id < 128 ? 0 : 25 - std::countl_zero(id);
    return static_cast<uint32_t>(more) * 64 + (id >> more);
  }

  static uint32_t Slot(uint32_t left_side, uint32_t right_side) {
    return (left_side >> kColumnBits << kFreeBits) ^ (right_side & kColumnMask);
  }
  // What two neighbours merge into; kNoToken: they do not.
  static uint32_t Find(const uint32_t* slots, uint32_t left_side,
                       uint32_t right_side) {
    const uint32_t entry = slots[Slot(left_side, right_side)];
    const uint32_t column = (right_side & kColumnMask) >> kFreeBits;
    return entry >> kIdBits == column ? entry & kIdMask : kNoToken;
  }
};

// The longest pretokens that are merged so.
inline constexpr size_t kMostMergedBytes = 30;

// Tokens of each pretoken. An id that is lower is merged earlier. REQUIRES:
// each has 1 to kMostMergedBytes bytes, and 16 can be read after it.
using MergeFunction = void(const MergeWords& words,
                           std::span<const std::string_view> pretokens,
                           uint32_t* tokens);

MergeFunction* MergeFunctionFor(Isa isa);

// For MergeFunctionFor.
MergeFunction CountMergedScalar;
MergeFunction CountMergedAvx2;
MergeFunction CountMergedAvx512;

}  // namespace peaktext

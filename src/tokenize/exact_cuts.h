// Between which characters a pretoken can be cut without changing its count.
//
// Merging only ever makes tokens of the vocabulary. So if no token holds the
// end of character x followed by the beginning of character y, nothing is ever
// merged across a boundary between x and y, and what stands on its two sides is
// merged as if it stood alone. For Chinese and Japanese, whose pretokens are
// whole clauses, most boundaries are of this kind; what is left between them is
// one or two characters long, and soon in the cache.
//
// Kept for pairs of three-byte characters: a bit per pair in a table of hashes.
// Pairs that share a bit are not cut, which costs time but never exactness. The
// table is looked into for each pair and so is small, to stay near the
// processor: with the 12,000 pairs of o200k_base 1 in 20 of the others share a
// bit, with the 28,000 of DeepSeek V3 1 in 10.
//
// Tokens that begin or end within a character stand for all characters that
// they may begin or end in. There are few: a word for each last byte of x and
// first byte of y, with a bit for the rest of x or of y.
//
// Where a whole pretoken can be a token that merging does not reach, no part
// may be taken for such a pretoken: nothing is cut before a character that one
// of those begins with, nor after one that it ends with. It is not cut itself,
// as it is a token.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "tokenize/token_list.h"

namespace peaktext {

class ExactCuts {
 public:
  // No pair can be cut.
  ExactCuts() = default;
  explicit ExactCuts(const TokenList& tokens);

  // For a pretoken that is one token, though merging does not reach it.
  void AddWholeOnly(std::string_view token);

  bool empty() const { return pairs_.empty(); }

  // Leaves what can be cut in both. Neither is empty.
  void Intersect(const ExactCuts& other);

  // True when a cut between the two three-byte characters at `text` changes
  // nothing. REQUIRES: !empty(), 8 bytes can be read.
  bool CanCut(const char* text) const {
    uint64_t word;
    std::memcpy(&word, text, sizeof(word));
    const uint64_t hash = PairHash(word);
    const uint64_t rest = RestOf(word);
    const uint64_t open = open_[OpenWord(word)];
    // All three, as a branch on the first would be a bad guess too often.
    const uint64_t joined = pairs_[PairWord(hash)] >> PairBit(hash) |
                            open >> RestOfLeft(rest) |
                            open >> RestOfRight(rest);
    return (joined & 1) == 0;
  }

  uint64_t memory_bytes() const;
  // Visits all of it, to write it to a file or take it from one.
  template <class Visitor>
  void Visit(Visitor& visit) {
    visit(pairs_);
    visit(open_);
  }

 private:
  static constexpr int kPairWordBits = 12;
  static constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;
  // x's last byte and y's first as a little-endian number.
  static constexpr uint64_t kFirstOpen = 0xE080;
  static constexpr uint64_t kLastOpen = 0xEFBF;

  // Of the six bytes of x and y, which all reach the highest bits.
  static uint64_t PairHash(uint64_t word) {
    return (word & 0xFFFFFFFFFFFF) * kMultiplier;
  }
  static uint64_t PairWord(uint64_t hash) {
    return hash >> (64 - kPairWordBits);
  }
  static unsigned PairBit(uint64_t hash) {
    return hash >> (64 - kPairWordBits - 6) & 63;
  }
  static uint64_t OpenWord(uint64_t word) {
    return (word >> 16 & 0xFFFF) - kFirstOpen;
  }
  // Bits for x's first two bytes, for y's last two.
  static uint64_t RestOf(uint64_t word) { return word ^ word >> 8; }
  static unsigned RestOfLeft(uint64_t rest) { return rest & 63; }
  static unsigned RestOfRight(uint64_t rest) { return rest >> 32 & 63; }

  void AddSeamBefore(std::string_view token, size_t at);
  void AddSeam(std::string_view left, std::string_view right);

  std::vector<uint64_t> pairs_;
  std::vector<uint64_t> open_;
};

}  // namespace peaktext

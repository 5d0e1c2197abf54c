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
// Pairs that share a bit are not cut, which costs time but never exactness.
// Tokens that begin or end within a character stand for all characters that
// they may begin or end in.
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
    // All three, as a branch on the first would be a bad guess too often.
    return (Get(pairs_, PairHash(word)) | Get(open_right_, RightHash(word)) |
            Get(open_left_, LeftHash(word))) == 0;
  }

  uint64_t memory_bytes() const;
  // Visits all of it, to write it to a file or take it from one.
  template <class Visitor>
  void Visit(Visitor& visit) {
    visit(pairs_);
    visit(open_right_);
    visit(open_left_);
  }

 private:
  static constexpr int kPairBits = 20;
  static constexpr int kOpenBits = 18;
  static constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;

  // Of x and y; of x and the first byte of y; of the last byte of x and y.
  static uint32_t PairHash(uint64_t word) {
    return static_cast<uint32_t>((word << 16) * kMultiplier >>
                                 (64 - kPairBits));
  }
  static uint32_t RightHash(uint64_t word) {
    return static_cast<uint32_t>((word << 32) * kMultiplier >>
                                 (64 - kOpenBits));
  }
  static uint32_t LeftHash(uint64_t word) { return RightHash(word >> 16); }
  static uint64_t Get(const std::vector<uint64_t>& bits, uint32_t at) {
    return bits[at >> 6] >> (at & 63) & 1;
  }
  static void Set(std::vector<uint64_t>* bits, uint32_t at) {
    (*bits)[at >> 6] |= uint64_t{1} << (at & 63);
  }
  void AddSeamBefore(std::string_view token, size_t at);
  void AddSeam(std::string_view left, std::string_view right);

  std::vector<uint64_t> pairs_;
  std::vector<uint64_t> open_right_;
  std::vector<uint64_t> open_left_;
};

}  // namespace peaktext

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
// they may begin or end in. There are few: where one has a last byte of x and
// then a first one of y, no pair with these is cut, which are 50 to 110 of
// 1,024. To tell more of them apart costs more than it saves.
//
// Where a whole pretoken can be a token that merging does not reach, no part
// may be taken for such a pretoken: nothing is cut before a character that one
// of those begins with, nor after one that it ends with: exactly these, as to
// spare all that share a byte with them would leave all kana together in
// Llama 3, which has three such tokens of them. It is not cut itself, as it is
// a token.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "simd/cut_table.h"
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
  bool CanCut(const char* text) const { return table().CanCut(text); }

  // For the kernels. REQUIRES: !empty(). Lives as long as this, unchanged.
  CutTable table() const {
    return {pairs_.data(), open_.data(),
            whole_.empty() ? nullptr : whole_.data()};
  }

  uint64_t memory_bytes() const;
  // Visits all but what AddWholeOnly added, to write it to a file or take it
  // from one.
  template <class Visitor>
  void Visit(Visitor& visit) {
    visit(pairs_);
    visit(open_);
  }

 private:
  void AddSeamBefore(std::string_view token, size_t at);
  void AddSeam(std::string_view left, std::string_view right);

  std::vector<uint64_t> pairs_;
  std::vector<uint64_t> open_;
  std::vector<uint64_t> whole_;  // empty: nothing was added
};

}  // namespace peaktext

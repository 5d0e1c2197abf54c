// Where a text without pretokens (Pattern::kWholeText) can be cut without
// changing its count.
//
//   WholeTextCuts cuts(tokens, "\u2581");
//   cuts.Find(text, &exact_cuts, masks);
//
// As with exact_cuts.h, which is asked about characters of three bytes: where
// no token has what stands on both sides of the boundary beside each other,
// nothing is ever merged across. Kept for pairs of bytes, and for a space and
// the byte before it: in such vocabularies nearly all tokens have a space at
// their start only. What is left between the cuts is mostly a word or a sign,
// and in the cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "tokenize/exact_cuts.h"
#include "tokenize/token_list.h"

namespace peaktext {

class WholeTextCuts {
 public:
  // `space` is what stands for U+0020 in the tokens: 1 to kMostSpaceBytes.
  static constexpr size_t kMostSpaceBytes = 4;
  WholeTextCuts(const TokenList& tokens, std::string_view space);

  // Leaves what can be cut in both. REQUIRES: of the same space.
  void Intersect(const WholeTextCuts& other);

  // Sets bit i of masks[w] where `text` can be cut before byte 64 w + i, and no
  // others; bit 0 of masks[0] stays 0. `cuts` may be null. REQUIRES: room for
  // text.size() / 64 + 1 masks, 64 bytes can be read after the text.
  void Find(std::string_view text, const ExactCuts* cuts,
            uint64_t* masks) const;

 private:
  // Of a pair of bytes: whether a text can be cut between them, and whether it
  // can if the second starts a space.
  static constexpr uint8_t kAlways = 1;
  static constexpr uint8_t kBeforeSpace = 2;

  // That ends with the byte at `text`: the index of its kinds.
  static size_t Pair(const char* text) {
    uint16_t pair;
    std::memcpy(&pair, text - 1, sizeof(pair));
    return pair;
  }
  template <int kFrom>
  uint64_t KindsOfEight(const char* bytes) const;
  bool IsSpace(const char* text) const {
    uint32_t four;
    std::memcpy(&four, text, sizeof(four));
    return (four & space_mask_) == space_;
  }

  uint32_t space_ = 0;       // in memory's order, as many bytes of it as ...
  uint32_t space_mask_ = 0;  // ... here are ones
  std::vector<uint8_t> kinds_;
};

}  // namespace peaktext

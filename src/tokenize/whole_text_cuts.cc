#include "tokenize/whole_text_cuts.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "base/utf8.h"

namespace peaktext {

WholeTextCuts::WholeTextCuts(const TokenList& tokens, std::string_view space)
    : kinds_(1 << 16, kAlways) {
  assert(!space.empty() && space.size() <= kMostSpaceBytes);
  std::memcpy(&space_, space.data(), space.size());
  std::memset(&space_mask_, 0xFF, space.size());
  for (size_t pair = 0; pair < kinds_.size(); ++pair) {
    const auto behind = static_cast<char>(pair >> 8);
    // Not within characters.
    if (IsContinuation(behind)) kinds_[pair] = 0;
    if (behind == space[0]) kinds_[pair] |= kBeforeSpace;
  }
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    const std::string_view token = tokens[id];
    for (size_t at = 1; at < token.size(); ++at) {
      uint8_t& kinds = kinds_[Pair(token.data() + at)];
      // A token may also end within the space.
      const std::string_view behind = token.substr(at, space.size());
      const bool is_space = space.starts_with(behind);
      kinds &= static_cast<uint8_t>(is_space ? 0 : ~kAlways);
    }
  }
}

void WholeTextCuts::Intersect(const WholeTextCuts& other) {
  assert(space_ == other.space_);
  std::transform(kinds_.begin(), kinds_.end(), other.kinds_.begin(),
                 kinds_.begin(), [](uint8_t a, uint8_t b) { return a & b; });
}

// Of the pairs that end with each of eight bytes, from the byte kFrom on.
template <int kFrom>
uint64_t WholeTextCuts::KindsOfEight(const char* bytes) const {
  uint64_t kinds = 0;
  for (int i = kFrom; i < 8; ++i) {
    kinds |= uint64_t{kinds_[Pair(bytes + i)]} << 8 * i;
  }
  return kinds;
}

void WholeTextCuts::Find(std::string_view text, const ExactCuts* cuts,
                         uint64_t* masks) const {
  uint64_t three_before = 0;  // characters of three bytes
  for (size_t block = 0; block <= text.size() / 64; ++block) {
    const char* const bytes = text.data() + 64 * block;
    uint64_t found = 0;
    uint64_t maybe = 0;
    uint64_t three = 0;
    // No branch: nobody can guess where words end.
    for (size_t at = 0; at < 64; at += 8) {
      const uint64_t kinds = block + at == 0 ? KindsOfEight<1>(bytes)
                                             : KindsOfEight<0>(bytes + at);
      found |= TopBits(kinds << 7) << at;
      maybe |= TopBits(kinds << 6) << at;
      uint64_t eight;
      std::memcpy(&eight, bytes + at, sizeof(eight));
      // 0b1110....
      three |= TopBits(eight & eight << 1 & eight << 2 & ~(eight << 3)) << at;
    }
    for (maybe &= ~found; maybe != 0; maybe &= maybe - 1) {
      const auto i = static_cast<size_t>(std::countr_zero(maybe));
      found |= uint64_t{IsSpace(bytes + i) ? 1U : 0U} << i;
    }
    if (cuts != nullptr && three != 0) {
      uint64_t pairs = three & (three << 3 | three_before >> 61) & ~found;
      for (; pairs != 0; pairs &= pairs - 1) {
        const auto i = static_cast<size_t>(std::countr_zero(pairs));
        const bool can_cut = cuts->CanCut(bytes + i - 3);
        found |= uint64_t{can_cut ? 1U : 0U} << i;
      }
    }
    three_before = three;
    masks[block] = found;
  }
  // Nothing at the text's end and behind it.
  masks[text.size() / 64] &= (uint64_t{1} << text.size() % 64) - 1;
}

}  // namespace peaktext

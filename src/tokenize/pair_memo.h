// What was found before about pairs of tokens (of one model only): a token and
// the longest one that the text after it starts with.
//
// An entry holds all bits of its pair: the mixing is one to one, so that what
// does not show in the place shows in the tag.
#pragma once

#include <cstdint>
#include <vector>

#include "tokenize/bpe_model.h"

namespace peaktext {

class PairMemo {
 public:
  // The longest of `match` and the tokens it starts with that can follow
  // `left`; none if match is none.
  BpeModel::Match LongestFit(const BpeModel& model, uint32_t left,
                             BpeModel::Match match) {
    if (match.id == BpeModel::kNone) return match;
    const Key key(left, match.id);
    Entry& entry = EntryOf(key, &fits_);
    if (entry.tag == key.tag) return {entry.id, entry.bytes};
    while (match.id != BpeModel::kNone && !model.IsValidPair(left, match.id)) {
      match = model.prefix(match.id);
    }
    entry = {key.tag, match.id, match.bytes};
    return match;
  }

  // The one that was set for the pair, if it is remembered; else none.
  BpeModel::Match Hint(uint32_t left, BpeModel::Match match) {
    const Key key(left, match.id);
    const Entry& entry = EntryOf(key, &hints_);
    if (entry.tag == key.tag) return {entry.id, entry.bytes};
    return {BpeModel::kNone, 0};
  }
  void SetHint(uint32_t left, BpeModel::Match match, BpeModel::Match hint) {
    const Key key(left, match.id);
    EntryOf(key, &hints_) = {key.tag, hint.id, hint.bytes};
  }

 private:
  static constexpr int kIdBits = 21;
  static constexpr int kPlaceBits = 14;
  static constexpr uint32_t kUsed = 1U << 31;

  struct Entry {
    uint32_t tag;  // 28 bits of the pair, and kUsed
    uint32_t id;
    uint32_t bytes;
  };
  struct Key {
    Key(uint32_t left, uint32_t right) {
      constexpr uint64_t kMask = (uint64_t{1} << 2 * kIdBits) - 1;
      uint64_t pair = uint64_t{left} << kIdBits | right;
      pair = pair * 0x9E3779B97F4A7C15ULL & kMask;
      pair ^= pair >> kIdBits;
      pair = pair * 0xC2B2AE3D27D4EB4FULL & kMask;
      constexpr int kTagBits = 2 * kIdBits - kPlaceBits;
      place = static_cast<uint32_t>(pair >> kTagBits);
      tag = static_cast<uint32_t>(pair & ((1U << kTagBits) - 1)) | kUsed;
    }
    uint32_t place;
    uint32_t tag;
  };

  static Entry& EntryOf(const Key& key, std::vector<Entry>* entries) {
    if (entries->empty()) entries->resize(size_t{1} << kPlaceBits);
    return (*entries)[key.place];
  }

  std::vector<Entry> fits_;
  std::vector<Entry> hints_;
};

}  // namespace peaktext

#include "tokenize/merge_rounds.h"

#include <algorithm>

namespace peaktext {
namespace {

// So many parts may be looked at for each byte, and so many for any piece.
constexpr size_t kLooksPerByte = 16;
constexpr size_t kLooks = 1024;

}  // namespace

std::optional<uint64_t> MergeRounds::Count(const MergeWords& words,
                                           std::string_view piece) {
  size_t parts = piece.size();
  sides_.resize(std::max(sides_.size(), parts));
  keys_.resize(sides_.size());
  for (size_t i = 0; i < parts; ++i) {
    sides_[i] = words.byte_sides[static_cast<unsigned char>(piece[i])];
  }
  for (size_t i = 0; i + 1 < parts; ++i) {
    keys_[i] = MergeWords::Find(words.slots, sides_[i], sides_[i + 1]);
  }
  keys_[parts - 1] = MergeWords::kNoToken;
  for (size_t looks = kLooksPerByte * parts + kLooks; looks >= parts;) {
    looks -= parts;
    uint32_t least = MergeWords::kNoToken;
    for (size_t i = 0; i < parts; ++i) least = std::min(least, keys_[i]);
    if (least == MergeWords::kNoToken) return parts;
    parts = MergeAll(words, least, parts);
  }
  return std::nullopt;
}

// All pairs that merge into it, from left to right, as long as none that comes
// to be is to be merged before the next of them. Returns how many parts are
// left.
size_t MergeRounds::MergeAll(const MergeWords& words, uint32_t merged,
                             size_t parts) {
  const uint32_t made = words.sides[merged];
  bool is_lowest = true;
  size_t to = 0;
  for (size_t from = 0; from < parts; ++to) {
    if (!is_lowest || keys_[from] != merged) {
      sides_[to] = sides_[from];
      keys_[to] = keys_[from++];
      continue;
    }
    from += 2;
    sides_[to] = made;
    keys_[to] = from < parts ? MergeWords::Find(words.slots, made, sides_[from])
                             : MergeWords::kNoToken;
    is_lowest = keys_[to] > merged;
    if (to == 0) continue;
    keys_[to - 1] = MergeWords::Find(words.slots, sides_[to - 1], made);
    is_lowest = is_lowest && keys_[to - 1] > merged;
  }
  return to;
}

}  // namespace peaktext

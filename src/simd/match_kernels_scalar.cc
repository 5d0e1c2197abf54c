#include <algorithm>
#include <cstring>

#include "simd/match_kernels.h"

namespace peaktext {
namespace {

// Takes no branch, for whether the next bytes are the start of a token cannot
// be predicted, and the look-ups of many places are to overlap.
uint64_t Child(const uint64_t* slots, uint64_t node, char c) {
  const uint32_t byte = static_cast<unsigned char>(c);
  const auto there = static_cast<uint32_t>(node >> TrieWords::Bucket(byte)) & 1;
  const uint32_t base = static_cast<uint32_t>(node >> 21) & ((1 << 21) - 1);
  const uint64_t child = slots[(base ^ byte) & (0U - there)];
  const bool is_for = ((child >> 12 ^ byte) & 511) == 256;
  const uint64_t yes = uint64_t{0} - static_cast<uint64_t>(is_for);
  return (child & yes) | (TrieWords::kNoNode & ~yes);
}

uint64_t Head(const uint64_t* heads, const char* text) {
  uint16_t two;
  std::memcpy(&two, text, sizeof(two));
  return heads[two];
}

// `token`, if it is one, with its length, else `shorter`.
uint64_t Longer(uint64_t shorter, uint32_t token, uint64_t bytes) {
  const uint64_t no =
      uint64_t{0} - static_cast<uint64_t>(token == TrieWords::kNoToken);
  return (shorter & no) | ((token | bytes << 32) & ~no);
}

void Find(const TrieWords& trie, std::string_view text, size_t places,
          const MatchesFound& found) {
  constexpr uint32_t kNoToken = TrieWords::kNoToken;
  constexpr uint64_t kNoNode = TrieWords::kNoNode;
  // Byte after byte for all places: so more look-ups overlap.
  for (size_t at = 0; at < places; ++at) {
    const uint32_t one =
        std::min(trie.ones[static_cast<unsigned char>(text[at])], kNoToken);
    MatchRow* row = found.rows + at;
    std::fill(row->ids + 1, row->ids + MatchRow::kMaxBytes, MatchRow::kNoToken);
    row->ids[0] = static_cast<int32_t>(one);
    found.longest[at] = Longer(kNoToken, one, 1);
  }
  for (size_t bytes = 2; bytes <= 4; ++bytes) {
    for (size_t at = 0; at < places; ++at) {
      uint64_t node = kNoNode;
      if (at + bytes <= text.size()) {
        node = bytes == 2 ? Head(trie.heads, text.data() + at)
                          : Child(trie.slots, found.nodes[bytes - 3][at],
                                  text[at + bytes - 1]);
      }
      found.nodes[bytes - 2][at] = node;
      const auto token = static_cast<uint32_t>(node >> 42);
      found.rows[at].ids[bytes - 1] = static_cast<int32_t>(token);
      found.longest[at] = Longer(found.longest[at], token, bytes);
    }
  }
  for (size_t at = 0; at < places; ++at) {
    const uint8_t others = at % 4 == 0 ? 0 : found.goes_on[at / 4];
    const unsigned goes_on = found.nodes[2][at] != kNoNode ? 1 : 0;
    found.goes_on[at / 4] = static_cast<uint8_t>(others | goes_on << at % 4);
  }
}

}  // namespace

const MatchKernels& ScalarMatchKernels() {
  static constexpr MatchKernels kKernels = {"scalar", Find};
  return kKernels;
}

const MatchKernels& MatchKernelsFor(Isa isa) {
  // Four places at a time are as many as look-ups overlap.
  return isa == Isa::kScalar ? ScalarMatchKernels() : Avx2MatchKernels();
}

}  // namespace peaktext

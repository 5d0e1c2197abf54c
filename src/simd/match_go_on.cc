#include "simd/match_go_on.h"

namespace peaktext {
namespace {

// Where the child of `node` for `byte` is, or slot 0 if there is none.
uint32_t ChildSlot(uint64_t node, char byte) {
  const uint32_t b = static_cast<unsigned char>(byte);
  const auto there = static_cast<uint32_t>(node >> TrieWords::Bucket(b)) & 1;
  const auto base = static_cast<uint32_t>(node >> 21) & ((1 << 21) - 1);
  return (base ^ b) & (0U - there);
}

}  // namespace

// No branches: what is found cannot be predicted.
void GoOnScalar(const TrieWords& trie, std::string_view text,
                MatchBuffer* buffer, size_t first, OpenPlaces* open) {
  const size_t bytes = ++open->bytes;
  uint64_t* nodes = open->nodes[3];
  const size_t count = PlacesBefore(*open, text.size(), bytes);
  size_t there = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t place = open->places[i];
    const char next = text[place + bytes - 1];
    const uint64_t node = trie.slots[ChildSlot(nodes[i], next)];
    nodes[there] = node;
    open->places[there] = place;
    const uint64_t differ = (node >> 12 ^ static_cast<unsigned char>(next));
    there += (differ & 511) == 256 ? 1 : 0;
  }
  FoundTokens found;
  open->count = 0;
  for (size_t i = 0; i < there; ++i) {
    const uint8_t place = open->places[i];
    const uint64_t node = nodes[i];
    // The next look-up, if it stays open.
    const size_t after = std::min(place + bytes, text.size() - 1);
    __builtin_prefetch(trie.slots + ChildSlot(node, text[after]));
    found.places[found.count] = place;
    found.marks[found.count] = static_cast<uint32_t>(node >> 42);
    found.count += node >> 42 != TrieWords::kNoToken ? 1 : 0;
    nodes[open->count] = node;
    open->places[open->count] = place;
    open->count += (node & TrieWords::kChildren) != 0 ? 1 : 0;
  }
  found.AddTo(buffer, first, bytes);
}

}  // namespace peaktext

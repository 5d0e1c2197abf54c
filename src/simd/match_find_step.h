// What finding with AVX2 and with AVX-512 shares. Each includes this once, in a
// namespace of its own, with PEAKTEXT_TARGET, the functions' attributes,
// defined, and these, where Nodes are a vector of nodes, each of the next
// place:
//
//   constexpr size_t kNodes;  // in a vector
//   Nodes Load(const uint64_t* nodes);
//   void Store(uint64_t* to, Nodes nodes);
//   Nodes HeadsOf(const TrieWords& trie, const char* text);
//   Nodes Child(const uint64_t* slots, Nodes nodes, const char* bytes);
//   class Inner;    // counts nodes with children
//   class Several;  // what is known of kPlaces places
//   // The places that have such nodes.
//   void ListOpen(const uint64_t* nodes, size_t places, OpenPlaces* open);
//
// No include guard: see above.

// Nodes of two bytes; returns how many have children.
PEAKTEXT_TARGET inline size_t Heads(const TrieWords& trie, size_t places,
                                    OpenPlaces* open) {
  Inner inner;
  for (size_t at = 0; at < places; at += kNodes) {
    const auto nodes = HeadsOf(trie, open->text + at);
    Store(open->nodes[0] + at, nodes);
    inner.Add(nodes);
  }
  return inner.count();
}

// The same from those of one byte less, and that byte of each place.
PEAKTEXT_TARGET inline size_t GoOn(const TrieWords& trie, size_t places,
                                   const char* text, const uint64_t* from,
                                   uint64_t* to) {
  Inner inner;
  for (size_t at = 0; at < places; at += kNodes) {
    const auto nodes = Child(trie.slots, Load(from + at), text + at);
    Store(to + at, nodes);
    inner.Add(nodes);
  }
  return inner.count();
}

// What nodes of 4 plane + 2 bytes and more, of kLengths lengths, mean for the
// places.
template <int kLengths>
PEAKTEXT_TARGET void AddLengths(const TrieWords& trie, size_t places,
                                size_t plane, MatchBuffer* buffer, size_t first,
                                const OpenPlaces& open) {
  const int shortest = static_cast<int>(plane) * 4 + 2;
  for (size_t at = 0; at < places; at += Several::kPlaces) {
    Several several = plane == 0 ? Several(trie.ones, open.text + at)
                                 : Several(*buffer, first + at);
    decltype(Several::None()) marks[4];
    for (int i = 0; i < kLengths; ++i) {
      marks[i] = Several::MarksOf(open.nodes[i] + at);
      several.Add(marks[i], shortest + i);
    }
    for (int i = kLengths; i < 4; ++i) marks[i] = Several::None();
    several.StoreTo(buffer, first + at);
    Several::StoreRows(
        marks, buffer->rows[plane] + (MatchBuffer::kBefore + first + at));
  }
}

PEAKTEXT_TARGET inline void Add(size_t lengths, const TrieWords& trie,
                                size_t places, size_t plane,
                                MatchBuffer* buffer, size_t first,
                                const OpenPlaces& open) {
  static constexpr decltype(&AddLengths<1>) kAdd[] = {
      AddLengths<1>, AddLengths<2>, AddLengths<3>, AddLengths<4>};
  kAdd[lengths - 1](trie, places, plane, buffer, first, open);
}

// Of each open place one slot will be looked up next.
inline void FetchNext(const TrieWords& trie, const OpenPlaces& open) {
  for (size_t i = 0; i < open.count; ++i) {
    const size_t place = open.places[i];
    const auto byte = static_cast<unsigned char>(open.text[place + open.bytes]);
    __builtin_prefetch(trie.slots +
                       ((open.nodes[3][place] >> 21 & ((1 << 21) - 1)) ^ byte));
  }
}

// All places alike as long as more than one in kMany of them go on: then that
// is less work than to choose.
PEAKTEXT_TARGET inline void FindTokens(const TrieWords& trie,
                                       std::string_view text, size_t places,
                                       MatchBuffer* buffer, size_t first,
                                       OpenPlaces* open) {
  constexpr size_t kMany = 4;
  open->TakeText(text, places);
  open->bytes = 1;
  size_t plane = 0;
  size_t lengths = 0;
  size_t inner = places;
  for (; plane < MatchBuffer::kPlanes && inner * kMany >= places; ++plane) {
    for (lengths = 0; lengths < 4 && inner * kMany >= places; ++lengths) {
      const char* last = open->text + open->bytes++;
      inner = plane == 0 && lengths == 0
                  ? Heads(trie, places, open)
                  : GoOn(trie, places, last, open->nodes[(lengths + 3) % 4],
                         open->nodes[lengths]);
    }
    open->EndNodes(text.size(), places, 4 * plane + 2);
    Add(lengths, trie, places, plane, buffer, first, *open);
  }
  ListOpen(open->nodes[lengths - 1], places, open);
  FetchNext(trie, *open);
  if (plane > 1) buffer->RememberTo(first + places);
  buffer->ForgetFrom(plane, first);
}

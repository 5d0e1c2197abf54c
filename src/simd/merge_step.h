// What the merge kernels of AVX2 and AVX-512 share: a pretoken per lane, one
// merge of each at a time. Each includes this once, in a namespace of its own,
// with PEAKTEXT_TARGET, the functions' attributes, defined, and these:
//
//   using Words = ...;           // kLanes words of 32 bits, and what can be
//   constexpr size_t kLanes;     // done with them; numbers are below 1 << 31
//   using Mask = ...;            // which lanes
//   Words All(uint32_t), Load(const uint32_t*); void Store(uint32_t*, Words);
//   Words And(a, b), AndNot(a, b) (not a), Xor, Or, Add, Subtract, Min;
//   Words Up<kBits>(words), Down<kBits>(words);  // shifted
//   Words OneAt(Words place);    // 1 << place; 0 if there is no such bit
//   Words HighestPlace(Words);   // of bits; if none a place OneAt does not
//   have Words Gather(const uint32_t* from, Words at); Mask IsLess(a, b),
//   IsEqual(a, b), Has(Words bits, size_t place); bool Any(Mask); Words
//   Choose(Mask, Words yes, Words no);
//
// No include guard: see above.

// What lies at a place of each pretoken: a part of it begins there, unless it
// is within one.
struct MergeLanes {
  static constexpr int kPlaceBits = 5;
  static constexpr size_t kPlaces = 1 << kPlaceBits;
  // The places' bits, and one for where the last part ends, are of a number
  // that is not negative.
  static_assert(kMostMergedBytes + 2 <= kPlaces);
  // Of a part and the next: id of what they merge into << kPlaceBits | place.
  // The least is the first of the lowest.
  alignas(64) uint32_t keys[kPlaces][kLanes];
  alignas(64) uint32_t sides[kPlaces][kLanes];
  // There is no such id.
  static constexpr uint32_t kNoKey = 1U << (MergeWords::kIdBits + kPlaceBits);
};

// Takes a pretoken's bytes as parts, eight at a time; what lies behind it, too.
PEAKTEXT_TARGET inline void TakeBytes(const MergeWords& words,
                                      std::string_view pretoken, size_t lane,
                                      MergeLanes* lanes) {
  const char* const text = pretoken.data();
  for (size_t from = 0; from < pretoken.size(); from += 8) {
#pragma GCC unroll 8
    for (size_t place = from; place < from + 8; ++place) {
      uint16_t two;
      std::memcpy(&two, text + place, sizeof(two));
      // Without the mark's lowest bit, which is a doubt. That of no token makes
      // a key above kNoKey.
      const auto id = static_cast<uint32_t>(words.heads[two] >> 43);
      lanes->keys[place][lane] =
          id << MergeLanes::kPlaceBits | static_cast<uint32_t>(place);
      lanes->sides[place][lane] =
          words.byte_sides[static_cast<unsigned char>(text[place])];
    }
  }
}

PEAKTEXT_TARGET inline Words KeyOf(const MergeWords& words, Words left_sides,
                                   Words right_sides, Words places) {
  constexpr int kColumnBits = MergeWords::kColumnBits;
  constexpr int kFreeBits = MergeWords::kFreeBits;
  const Words columns = And(right_sides, All(MergeWords::kColumnMask));
  const Words rows = Up<kFreeBits>(Down<kColumnBits>(left_sides));
  const Words entries = Gather(words.slots, Xor(rows, columns));
  const Mask found =
      IsEqual(Down<MergeWords::kIdBits>(entries), Down<kFreeBits>(columns));
  const Words ids = And(entries, All(MergeWords::kIdMask));
  return Choose(found, Or(Up<MergeLanes::kPlaceBits>(ids), places),
                All(MergeLanes::kNoKey));
}

PEAKTEXT_TARGET inline Words LowestBit(Words bits) {
  return And(bits, Subtract(All(0), bits));
}

// REQUIRES: 0 < pretokens.size() <= kLanes.
PEAKTEXT_TARGET inline void CountGroup(
    const MergeWords& words, std::span<const std::string_view> pretokens,
    uint32_t* tokens) {
  constexpr int kPlaceBits = MergeLanes::kPlaceBits;
  MergeLanes lanes;
  alignas(64) uint32_t sizes[kLanes] = {};
  size_t longest = 0;
  for (size_t lane = 0; lane < pretokens.size(); ++lane) {
    sizes[lane] = static_cast<uint32_t>(pretokens[lane].size());
    longest = std::max(longest, pretokens[lane].size());
  }
  for (size_t place = 0; place < longest; ++place) {
    Store(lanes.keys[place], All(0));
    Store(lanes.sides[place], All(0));
  }
  for (size_t lane = 0; lane < pretokens.size(); ++lane) {
    TakeBytes(words, pretokens[lane], lane, &lanes);
  }
  const Words bytes = Load(sizes);
  const Words no_key = All(MergeLanes::kNoKey);
  Words best = no_key;
  for (size_t place = 0; place < longest; ++place) {
    const auto at = static_cast<uint32_t>(place);
    const Words key =
        Choose(IsLess(All(at + 1), bytes), Load(lanes.keys[place]), no_key);
    Store(lanes.keys[place], key);
    best = Min(best, key);
    Store(lanes.sides[place],
          Choose(IsLess(All(at), bytes), Load(lanes.sides[place]),
                 All(MergeWords::kNoSide)));
  }
  // Bits: where a part begins, and where the last one ends.
  Words parts = Subtract(OneAt(Add(bytes, All(1))), All(1));
  for (;;) {
    const Mask active = IsLess(best, no_key);
    if (!Any(active)) break;
    const Words place = And(best, All((1 << kPlaceBits) - 1));
    const Words made =
        Gather(words.sides, Choose(active, Down<kPlaceBits>(best), All(0)));
    const Words here = Choose(active, OneAt(place), All(0));
    // The part that is merged into the one here, and the part behind that.
    Words after = AndNot(Subtract(Add(here, here), All(1)), parts);
    const Words next = LowestBit(after);
    parts = Xor(parts, next);
    after = Xor(after, next);
    const Words behind = LowestBit(after);
    const Words before = And(parts, Subtract(here, All(1)));
    const Words back = HighestPlace(Choose(active, before, All(0)));
    const Words previous = OneAt(back);
    Words left = All(MergeWords::kNoSide);
    Words right = left;
    for (size_t i = 0; i < longest; ++i) {
      const Words sides = Load(lanes.sides[i]);
      left = Choose(Has(previous, i), sides, left);
      right = Choose(Has(behind, i), sides, right);
    }
    const Words left_key = KeyOf(words, left, made, back);
    const Words right_key = KeyOf(words, made, right, place);
    best = no_key;
    for (size_t i = 0; i < longest; ++i) {
      const Mask is_here = Has(here, i);
      Store(lanes.sides[i], Choose(is_here, made, Load(lanes.sides[i])));
      Words key = Choose(is_here, right_key, Load(lanes.keys[i]));
      key = Choose(Has(previous, i), left_key, key);
      key = Choose(Has(next, i), no_key, key);
      Store(lanes.keys[i], key);
      best = Min(best, key);
    }
  }
  alignas(64) uint32_t left_parts[kLanes];
  Store(left_parts, parts);
  for (size_t lane = 0; lane < pretokens.size(); ++lane) {
    tokens[lane] = static_cast<uint32_t>(std::popcount(left_parts[lane])) - 1;
  }
}

PEAKTEXT_TARGET inline void CountGroups(
    const MergeWords& words, std::span<const std::string_view> pretokens,
    uint32_t* tokens) {
  while (!pretokens.empty()) {
    const auto group = pretokens.first(std::min(kLanes, pretokens.size()));
    CountGroup(words, group, tokens);
    pretokens = pretokens.subspan(group.size());
    tokens += group.size();
  }
}

// What the merge kernels of AVX2 and AVX-512 share: a pretoken per lane, of
// which first all pairs of bytes are merged that can be at once (BytePair),
// then one pair at a time. The tables are in no near cache: what is looked for
// there is sent for, and other lanes go on until it has come. Each includes
// this once, in a namespace of its own, with PEAKTEXT_TARGET, the functions'
// attributes, defined, and these:
//
//   typedef uint32_t Words __attribute__((vector_size(...)));
//   constexpr size_t kLanes;   // so many; numbers are below 1 << 31
//   using Mask = ...;          // some of the lanes
//
//   Words All(uint32_t);
//   Words Load(const uint32_t*);
//   void Store(uint32_t*, Words);
//   Words Min(a, b);
//   Words OneAt(places);       // the bits; 0 for a place that is none
//   Words HighestPlace(bits);  // none of the places if there is no bit
//   Words Gather(const uint32_t* from, const uint32_t* places);
//   Mask IsLess(a, b), IsEqual(a, b);
//   Mask IsSet(bits, bit);     // REQUIRES: one bit, the same for all lanes
//   bool Any(mask);
//   Words Choose(mask, yes, no);
//
// No include guard: see above.

// As many pretokens as there are lanes, on their way.
struct MergeGroup {
  static constexpr int kPlaceBits = 5;
  static constexpr size_t kPlaces = 1 << kPlaceBits;
  // The places' bits, and one for where the last part ends, are of a number
  // that is not negative.
  static_assert(kMostMergedBytes + 2 <= kPlaces);
  // There is no such id.
  static constexpr uint32_t kNoKey = 1U << (MergeWords::kIdBits + kPlaceBits);

  // By a part's place, that of its first byte, of it and the next: id of what
  // they merge into << kPlaceBits | place. The least is the first of the
  // lowest. (Before they are known: where to look for that; at first what is
  // known of the two bytes there.)
  alignas(64) uint32_t keys[kPlaces][kLanes];
  alignas(64) uint32_t sides[kPlaces][kLanes];       // the part's
  alignas(64) uint32_t pair_sides[kPlaces][kLanes];  // of the two bytes there
  size_t places;                                     // of the longest
  Words parts;  // bits: their places, and that of the end
  Words best;   // least key
  // What is made of two parts next: its side and that of the part behind; the
  // places of the two and of the part before, which may be none.
  Words made, right, here, next, before;
  // Where to look: at first for what is made, then for its pairs with the part
  // before and behind.
  alignas(64) uint32_t left_asked[kLanes];
  alignas(64) uint32_t right_asked[kLanes];
};

// Writes down the places of what is looked for next, and sends for it.
PEAKTEXT_TARGET inline void Ask(const uint32_t* from, Words places,
                                uint32_t* asked) {
  Store(asked, places);
#pragma GCC unroll 16
  for (size_t lane = 0; lane < kLanes; ++lane) {
    __builtin_prefetch(from + asked[lane]);
  }
}

PEAKTEXT_TARGET inline Words SlotOf(Words left_sides, Words right_sides) {
  return (left_sides >> MergeWords::kColumnBits << MergeWords::kFreeBits) ^
         (right_sides & MergeWords::kColumnMask);
}

// From what is in the slot of a pair.
PEAKTEXT_TARGET inline Words KeyOf(Words entries, Words right_sides,
                                   Words places) {
  const Words columns = right_sides & MergeWords::kColumnMask;
  const Mask found =
      IsEqual(entries >> MergeWords::kIdBits, columns >> MergeWords::kFreeBits);
  const Words ids = entries & MergeWords::kIdMask;
  return Choose(found, ids << MergeGroup::kPlaceBits | places,
                All(MergeGroup::kNoKey));
}

PEAKTEXT_TARGET inline Words LowestBit(Words bits) { return bits & -bits; }

// Takes bytes, and what is known of each two of them, four at a time; of what
// lies behind the pretoken, too.
PEAKTEXT_TARGET inline void TakeBytes(const MergeWords& words,
                                      std::string_view pretoken, size_t lane,
                                      MergeGroup* group) {
  const char* const text = pretoken.data();
  for (size_t from = 0; from < pretoken.size(); from += 4) {
#pragma GCC unroll 4
    for (size_t place = from; place < from + 4; ++place) {
      uint16_t two;
      std::memcpy(&two, text + place, sizeof(two));
      const uint64_t pair = words.pairs[two];
      group->keys[place][lane] = static_cast<uint32_t>(pair);
      group->pair_sides[place][lane] = static_cast<uint32_t>(pair >> 32);
      group->sides[place][lane] =
          words.byte_sides[static_cast<unsigned char>(text[place])];
    }
  }
}

// Bits: where two bytes are merged at once. REQUIRES: TakeBytes of each lane.
PEAKTEXT_TARGET inline Words MergedAtOnce(const MergeGroup& group,
                                          size_t longest, Words bytes) {
  constexpr int kOrderBits = MergeWords::kOrderBits;
  constexpr uint32_t kOrderMask = MergeWords::kOrderMask;
  Words merged = All(0);
  Words before = All(kOrderMask);
  Words pair = Load(group.keys[0]);
  for (size_t i = 0; i + 1 < longest; ++i) {
    const Words behind = Load(group.keys[i + 1]);
    const Words limit = Min(before, behind & kOrderMask);
    merged |= Choose(IsLess(pair >> 2 * kOrderBits, limit),
                     All(uint32_t{1} << i), All(0));
    before = pair >> kOrderBits & kOrderMask;
    pair = behind;
  }
  return merged & (OneAt(bytes - 1) - 1);
}

// Those of `pretokens` that `chosen` names, as parts; sends for what these may
// merge into. REQUIRES: 0 < chosen.size() <= kLanes.
PEAKTEXT_TARGET inline void Start(const MergeWords& words,
                                  std::span<const std::string_view> pretokens,
                                  std::span<const uint16_t> chosen,
                                  MergeGroup* group) {
  alignas(64) uint32_t sizes[kLanes] = {};
  size_t longest = 0;
  for (size_t lane = 0; lane < chosen.size(); ++lane) {
    const std::string_view pretoken = pretokens[chosen[lane]];
    sizes[lane] = static_cast<uint32_t>(pretoken.size());
    longest = std::max(longest, pretoken.size());
    TakeBytes(words, pretoken, lane, group);
  }
  const Words bytes = Load(sizes);
  const Words merged = MergedAtOnce(*group, longest, bytes);
  const Words end = OneAt(bytes);
  const Words parts = (end - 1) & ~(merged << 1);
  group->parts = parts | end;
  group->places = longest;
  const Words no_side = All(MergeWords::kNoSide);
  Words right = no_side;
  for (size_t i = longest; i-- > 0;) {
    const Words bit = All(uint32_t{1} << i);
    const Mask is_part = IsSet(parts, bit);
    Words sides = Choose(IsSet(merged, bit), Load(group->pair_sides[i]),
                         Load(group->sides[i]));
    sides = Choose(is_part, sides, no_side);
    Store(group->sides[i], sides);
    Ask(words.slots, SlotOf(sides, right), group->keys[i]);
    right = Choose(is_part, sides, right);
  }
}

// Takes the least key, which there may be none of, and sends for its token.
PEAKTEXT_TARGET inline void TakeLeast(const MergeWords& words, Words least,
                                      MergeGroup* group) {
  group->best = least;
  const Mask active = IsLess(least, All(MergeGroup::kNoKey));
  Ask(words.sides, Choose(active, least >> MergeGroup::kPlaceBits, All(0)),
      group->left_asked);
}

// REQUIRES: Start.
PEAKTEXT_TARGET inline void FindKeys(const MergeWords& words,
                                     MergeGroup* group) {
  Words right = All(MergeWords::kNoSide);
  Words least = All(MergeGroup::kNoKey);
  for (size_t i = group->places; i-- > 0;) {
    const Words key = KeyOf(Gather(words.slots, group->keys[i]), right,
                            All(static_cast<uint32_t>(i)));
    Store(group->keys[i], key);
    least = Min(least, key);
    const Mask is_part = IsSet(group->parts, All(uint32_t{1} << i));
    right = Choose(is_part, Load(group->sides[i]), right);
  }
  TakeLeast(words, least, group);
}

// Finds what is merged in each lane, and sends for what the new part may merge
// into. False: nothing is left to merge in any.
PEAKTEXT_TARGET inline bool Seek(const MergeWords& words, MergeGroup* group) {
  const Words best = group->best;
  const Mask active = IsLess(best, All(MergeGroup::kNoKey));
  if (!Any(active)) return false;
  const Words made = Gather(words.sides, group->left_asked);
  const Words place = best & ((1 << MergeGroup::kPlaceBits) - 1);
  const Words bit = Choose(active, OneAt(place), All(0));
  // The part that is merged into the one here, and the part behind that.
  Words parts = group->parts;
  Words after = parts & ~(bit + bit - 1);
  const Words next_bit = LowestBit(after);
  after ^= next_bit;
  parts ^= next_bit;
  group->parts = parts;
  const Words behind = HighestPlace(LowestBit(after));
  const Words before = HighestPlace(Choose(active, parts & (bit - 1), All(0)));
  Words left = All(MergeWords::kNoSide);
  Words right = left;
  Words at = All(0);
  for (size_t i = 0; i < group->places; ++i, at += 1) {
    const Words sides = Load(group->sides[i]);
    left = Choose(IsEqual(before, at), sides, left);
    right = Choose(IsEqual(behind, at), sides, right);
  }
  group->made = made;
  group->right = right;
  group->here = Choose(active, place, All(MergeGroup::kPlaces));
  group->next = HighestPlace(next_bit);
  group->before = before;
  Ask(words.slots, SlotOf(left, made), group->left_asked);
  Ask(words.slots, SlotOf(made, right), group->right_asked);
  return true;
}

// Merges what was found.
PEAKTEXT_TARGET inline void Merge(const MergeWords& words, MergeGroup* group) {
  const Words no_key = All(MergeGroup::kNoKey);
  const Words made = group->made;
  const Words here = group->here;
  const Words next = group->next;
  const Words before = group->before;
  const Words left_key =
      KeyOf(Gather(words.slots, group->left_asked), made, before);
  const Words right_key =
      KeyOf(Gather(words.slots, group->right_asked), group->right, here);
  Words least = no_key;
  Words at = All(0);
  for (size_t i = 0; i < group->places; ++i, at += 1) {
    const Mask is_here = IsEqual(here, at);
    Store(group->sides[i], Choose(is_here, made, Load(group->sides[i])));
    Words key = Choose(is_here, right_key, Load(group->keys[i]));
    key = Choose(IsEqual(before, at), left_key, key);
    key = Choose(IsEqual(next, at), no_key, key);
    Store(group->keys[i], key);
    least = Min(least, key);
  }
  TakeLeast(words, least, group);
}

// REQUIRES: as Start.
PEAKTEXT_TARGET inline void CountParts(const MergeGroup& group,
                                       std::span<const uint16_t> chosen,
                                       uint32_t* tokens) {
  alignas(64) uint32_t parts[kLanes];
  Store(parts, group.parts);
  for (size_t lane = 0; lane < chosen.size(); ++lane) {
    tokens[chosen[lane]] =
        static_cast<uint32_t>(std::popcount(parts[lane])) - 1;
  }
}

// Groups take turns, so that one goes on where another waits for memory.
PEAKTEXT_TARGET inline void CountInOrder(
    const MergeWords& words, std::span<const std::string_view> pretokens,
    std::span<const uint16_t> order, uint32_t* tokens) {
  MergeGroup groups[kGroups];
  while (!order.empty()) {
    const size_t count = std::min(kGroups * kLanes, order.size());
    const size_t in_turn = (count + kLanes - 1) / kLanes;
    const auto of_group = [&](size_t i) {
      return order.subspan(i * kLanes, std::min(kLanes, count - i * kLanes));
    };
    for (size_t i = 0; i < in_turn; ++i) {
      Start(words, pretokens, of_group(i), &groups[i]);
    }
    for (size_t i = 0; i < in_turn; ++i) FindKeys(words, &groups[i]);
    for (;;) {
      bool goes_on[kGroups];
      bool some = false;
      for (size_t i = 0; i < in_turn; ++i) {
        goes_on[i] = Seek(words, &groups[i]);
        some |= goes_on[i];
      }
      if (!some) break;
      for (size_t i = 0; i < in_turn; ++i) {
        if (goes_on[i]) Merge(words, &groups[i]);
      }
    }
    for (size_t i = 0; i < in_turn; ++i) {
      CountParts(groups[i], of_group(i), tokens);
    }
    order = order.subspan(count);
  }
}

// Those that are as long have as many merges, nearly, and go side by side.
PEAKTEXT_TARGET inline void CountGroups(
    const MergeWords& words, std::span<const std::string_view> pretokens,
    uint32_t* tokens) {
  constexpr size_t kMost = 1024;
  std::array<uint16_t, kMost> order;
  while (!pretokens.empty()) {
    const size_t count = std::min(kMost, pretokens.size());
    const auto some = pretokens.first(count);
    std::array<uint16_t, kMostMergedBytes + 2> ends = {};  // by size
    for (const std::string_view one : some) ++ends[one.size() + 1];
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    for (size_t i = 0; i < count; ++i) {
      order[ends[some[i].size()]++] = static_cast<uint16_t>(i);
    }
    CountInOrder(words, some, {order.data(), count}, tokens);
    pretokens = pretokens.subspan(count);
    tokens += count;
  }
}

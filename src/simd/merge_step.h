// What the merge kernels of AVX2 and AVX-512 share: a pretoken per lane, one
// merge of each at a time. Each includes this once, in a namespace of its own,
// with PEAKTEXT_TARGET, the functions' attributes, defined, and these:
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
//   Words Gather(const uint32_t* from, places);
//   Mask IsLess(a, b), IsEqual(a, b), Has(bits, size_t place);
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

  // By the place where a part begins, of it and the next: id of what they merge
  // into << kPlaceBits | place. The least is the first of the lowest.
  alignas(64) uint32_t keys[kPlaces][kLanes];
  alignas(64) uint32_t sides[kPlaces][kLanes];  // the part's
  size_t places;                                // of the longest
  Words parts;  // bits: where they begin, and where the last one ends
  Words best;   // least key
};

// Takes a pretoken's bytes as parts, eight at a time; what lies behind it, too.
PEAKTEXT_TARGET inline void TakeBytes(const MergeWords& words,
                                      std::string_view pretoken, size_t lane,
                                      MergeGroup* group) {
  const char* const text = pretoken.data();
  for (size_t from = 0; from < pretoken.size(); from += 8) {
#pragma GCC unroll 8
    for (size_t place = from; place < from + 8; ++place) {
      uint16_t two;
      std::memcpy(&two, text + place, sizeof(two));
      // Without the mark's lowest bit, which is a doubt. That of no token makes
      // a key above kNoKey.
      const auto id = static_cast<uint32_t>(words.heads[two] >> 43);
      group->keys[place][lane] =
          id << MergeGroup::kPlaceBits | static_cast<uint32_t>(place);
      group->sides[place][lane] =
          words.byte_sides[static_cast<unsigned char>(text[place])];
    }
  }
}

PEAKTEXT_TARGET inline Words KeyOf(const MergeWords& words, Words left_sides,
                                   Words right_sides, Words places) {
  constexpr int kColumnBits = MergeWords::kColumnBits;
  constexpr int kFreeBits = MergeWords::kFreeBits;
  const Words columns = right_sides & MergeWords::kColumnMask;
  const Words rows = left_sides >> kColumnBits << kFreeBits;
  const Words entries = Gather(words.slots, rows ^ columns);
  const Mask found =
      IsEqual(entries >> MergeWords::kIdBits, columns >> kFreeBits);
  const Words ids = entries & MergeWords::kIdMask;
  return Choose(found, ids << MergeGroup::kPlaceBits | places,
                All(MergeGroup::kNoKey));
}

PEAKTEXT_TARGET inline Words LowestBit(Words bits) { return bits & -bits; }

// Those of `pretokens` that `chosen` names. REQUIRES: 0 < chosen.size() <=
// kLanes.
PEAKTEXT_TARGET inline void Start(const MergeWords& words,
                                  std::span<const std::string_view> pretokens,
                                  std::span<const uint16_t> chosen,
                                  MergeGroup* group) {
  alignas(64) uint32_t sizes[kLanes] = {};
  size_t longest = 0;
  for (size_t lane = 0; lane < chosen.size(); ++lane) {
    const size_t size = pretokens[chosen[lane]].size();
    sizes[lane] = static_cast<uint32_t>(size);
    longest = std::max(longest, size);
  }
  group->places = longest;
  for (size_t i = 0; i < longest; ++i) {
    Store(group->keys[i], All(0));
    Store(group->sides[i], All(0));
  }
  for (size_t lane = 0; lane < chosen.size(); ++lane) {
    TakeBytes(words, pretokens[chosen[lane]], lane, group);
  }
  const Words bytes = Load(sizes);
  const Words no_key = All(MergeGroup::kNoKey);
  group->best = no_key;
  for (size_t i = 0; i < longest; ++i) {
    const auto place = static_cast<uint32_t>(i);
    const Words key =
        Choose(IsLess(All(place + 1), bytes), Load(group->keys[i]), no_key);
    Store(group->keys[i], key);
    group->best = Min(group->best, key);
    Store(group->sides[i],
          Choose(IsLess(All(place), bytes), Load(group->sides[i]),
                 All(MergeWords::kNoSide)));
  }
  group->parts = OneAt(bytes + 1) - 1;
}

// Merges once in each lane. False: nothing is left to merge in any.
PEAKTEXT_TARGET inline bool MergeOnce(const MergeWords& words,
                                      MergeGroup* group) {
  constexpr int kPlaceBits = MergeGroup::kPlaceBits;
  const Words no_key = All(MergeGroup::kNoKey);
  const Words best = group->best;
  const Mask active = IsLess(best, no_key);
  if (!Any(active)) return false;
  const Words place = best & ((1 << kPlaceBits) - 1);
  const Words made =
      Gather(words.sides, Choose(active, best >> kPlaceBits, All(0)));
  const Words here = Choose(active, OneAt(place), All(0));
  // The part that is merged into the one here, and the part behind that.
  Words parts = group->parts;
  Words after = parts & ~(here + here - 1);
  const Words next = LowestBit(after);
  after ^= next;
  parts ^= next;
  group->parts = parts;
  const Words behind = LowestBit(after);
  const Words before = parts & (here - 1);
  const Words back = HighestPlace(Choose(active, before, All(0)));
  const Words previous = OneAt(back);
  Words left = All(MergeWords::kNoSide);
  Words right = left;
  for (size_t i = 0; i < group->places; ++i) {
    const Words sides = Load(group->sides[i]);
    left = Choose(Has(previous, i), sides, left);
    right = Choose(Has(behind, i), sides, right);
  }
  const Words left_key = KeyOf(words, left, made, back);
  const Words right_key = KeyOf(words, made, right, place);
  Words least = no_key;
  for (size_t i = 0; i < group->places; ++i) {
    const Mask is_here = Has(here, i);
    Store(group->sides[i], Choose(is_here, made, Load(group->sides[i])));
    Words key = Choose(is_here, right_key, Load(group->keys[i]));
    key = Choose(Has(previous, i), left_key, key);
    key = Choose(Has(next, i), no_key, key);
    Store(group->keys[i], key);
    least = Min(least, key);
  }
  group->best = least;
  return true;
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
    for (bool some = true; some;) {
      some = false;
      for (size_t i = 0; i < in_turn; ++i) some |= MergeOnce(words, &groups[i]);
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

#include <algorithm>
#include <cstring>

#include "simd/match_kernels.h"

namespace peaktext {
namespace {

#define PEAKTEXT_TARGET
#include "simd/match_step.h"

constexpr uint32_t kNoToken = TrieWords::kNoToken;
constexpr uint64_t kNoNode = TrieWords::kNoNode;

// Takes no branch, for whether the next bytes are the start of a token cannot
// be predicted, and the look-ups of many places are to overlap.
uint64_t Child(const uint64_t* slots, uint64_t node, char c) {
  const uint32_t byte = static_cast<unsigned char>(c);
  const auto there = static_cast<uint32_t>(node >> TrieWords::Bucket(byte)) & 1;
  const uint32_t base = static_cast<uint32_t>(node >> 21) & ((1 << 21) - 1);
  const uint64_t child = slots[(base ^ byte) & (0U - there)];
  const bool is_for = ((child >> 12 ^ byte) & 511) == 256;
  const uint64_t yes = uint64_t{0} - static_cast<uint64_t>(is_for);
  return (child & yes) | (kNoNode & ~yes);
}

uint64_t Head(const uint64_t* heads, const char* text) {
  uint16_t two;
  std::memcpy(&two, text, sizeof(two));
  return heads[two];
}

// Makes the token of `mark`, if it is one, the longest.
void AddLonger(uint32_t mark, uint64_t bytes, uint64_t* longest,
               uint64_t* second) {
  const bool is_token = mark != kNoToken;
  *second = is_token ? *longest : *second;
  *longest = is_token ? mark | bytes << 32 : *longest;
}

// What is known of the places, while longer and longer tokens are found.
struct Places {
  uint64_t* longest;
  uint64_t* second;
  int32_t* lowest;
  MatchBuffer::Row* row;  // of two to five bytes

  void Add(size_t at, size_t bytes, uint64_t node) const {
    const auto mark = static_cast<uint32_t>(node >> 42);
    row[at].marks[bytes - 2] = static_cast<int32_t>(mark);
    lowest[at] = std::min(lowest[at], static_cast<int32_t>(mark));
    AddLonger(mark, bytes, longest + at, second + at);
  }
};

void Find(const TrieWords& trie, std::string_view text, size_t places,
          MatchBuffer* buffer, size_t first, OpenPlaces* open) {
  std::fill_n(buffer->rows[0][MatchBuffer::kBefore + first].marks, 4 * places,
              static_cast<int32_t>(kNoToken));
  buffer->ForgetFrom(1, first);
  const Places known = {buffer->longest + first, buffer->second + first,
                        buffer->lowest + first,
                        buffer->rows[0] + MatchBuffer::kBefore + first};
  uint64_t* nodes = open->nodes[3];
  // Byte after byte for all places that have tokens of so many: so more
  // look-ups overlap.
  size_t count = 0;
  for (size_t at = 0; at < places; ++at) {
    const uint32_t one = std::min(
        trie.ones[static_cast<unsigned char>(text[at])] << 1, kNoToken);
    known.longest[at] = kNoToken;
    known.second[at] = kNoToken;
    known.lowest[at] = kNoToken;
    AddLonger(one, 1, known.longest + at, known.second + at);
    nodes[at] =
        at + 2 <= text.size() ? Head(trie.heads, text.data() + at) : kNoNode;
    known.Add(at, 2, nodes[at]);
    open->places[count] = static_cast<uint8_t>(at);
    count += nodes[at] != kNoNode ? 1 : 0;
  }
  for (size_t bytes = 3; bytes <= 5; ++bytes) {
    const size_t had = count;
    count = 0;
    for (size_t i = 0; i < had; ++i) {
      const size_t at = open->places[i];
      if (at + bytes > text.size()) break;
      nodes[at] = Child(trie.slots, nodes[at], text[at + bytes - 1]);
      known.Add(at, bytes, nodes[at]);
      open->places[count] = static_cast<uint8_t>(at);
      count += nodes[at] != kNoNode ? 1 : 0;
    }
  }
  open->count = count;
  open->bytes = 5;
}

// Four marks or limits side by side, in whatever the processor has for that.
typedef int32_t Lanes __attribute__((vector_size(16)));

Lanes Load(const int32_t* values) {
  Lanes lanes;
  std::memcpy(&lanes, values, sizeof(lanes));
  return lanes;
}

bool AnyOf(Lanes lanes) {
  uint64_t halves[2];
  std::memcpy(halves, &lanes, sizeof(lanes));
  return (halves[0] | halves[1]) != 0;
}

class Judge {
 public:
  explicit Judge(const ShortSteps& steps)
      : steps_(steps), short_from_(steps.buffer->long_end + 4) {}
  void SetLeft(TokenMatch last) { last_ = last; }

  Verdict Of(TokenMatch next, size_t place) const {
    if (((last_.bytes - 1) | (next.bytes - 1)) >= 4) {
      if (steps_.buffer->IsFar(last_, next, place)) return Verdict::kDoubt;
      return OfFar(next, place);
    }
    const TokenLimits* limits = steps_.limits;
    const Hits hits = HitsOf(*steps_.buffer, place, place < short_from_,
                             limits[last_.id].near, limits[next.id].near);
    return hits.verdict();
  }

  static const PairLimits* LeftOf(const PairLimits& left) { return &left; }
  static Verdict OfNear(const MatchBuffer& buffer, size_t place, bool some_long,
                        const PairLimits* left, const PairLimits& right) {
    return HitsOf(buffer, place, some_long, *left, right).verdict();
  }

 private:
  struct Hits {
    Lanes any = {};
    Lanes sure = {};

    Verdict verdict() const {
      if (!AnyOf(any)) return Verdict::kFits;
      return AnyOf(sure) ? Verdict::kHits : Verdict::kDoubt;
    }
  };

  static Hits HitsOf(const MatchBuffer& buffer, size_t place, bool some_long,
                     const PairLimits& left_limits,
                     const PairLimits& right_limits) {
    Hits hits;
    const auto look = [&](size_t plane, size_t back, Lanes right) {
      const int32_t left = left_limits.right[back - 1];
      const Lanes lefts = {left, left, left, left};
      const Lanes marks =
          Load(buffer.rows[plane][MatchBuffer::kBefore + place - back].marks);
      const Lanes found = (marks < lefts) & (marks < right);
      hits.any |= found;
      hits.sure |= found & ((marks & 1) == 0);
    };
    // Those that begin one, two, three, four bytes before the boundary, by how
    // many bytes they have behind it.
    const Lanes none = {};
    const Lanes right = Load(right_limits.left);
    look(0, 1, right);
    look(0, 2, __builtin_shufflevector(none, right, 0, 4, 5, 6));
    look(0, 3, __builtin_shufflevector(none, right, 0, 1, 4, 5));
    look(0, 4, __builtin_shufflevector(none, right, 0, 1, 2, 4));
    if (some_long) {
      look(1, 2, __builtin_shufflevector(none, right, 7, 0, 1, 2));
      look(1, 3, __builtin_shufflevector(none, right, 6, 7, 0, 1));
      look(1, 4, __builtin_shufflevector(none, right, 5, 6, 7, 0));
    }
    return hits;
  }

  Verdict OfFar(TokenMatch next, size_t place) const {
    bool in_doubt = false;
    const size_t backs = std::min(last_.bytes, PairLimits::kMaxBytes);
    const size_t ons = std::min(next.bytes, PairLimits::kMaxBytes);
    for (size_t back = 1; back <= backs; ++back) {
      const int32_t left = steps_.limits[last_.id].right(back);
      if (left == 0) continue;
      for (size_t on = 1; on <= ons; ++on) {
        const int32_t right = steps_.limits[next.id].left(on);
        const int32_t mark = steps_.buffer->Mark(place - back, back + on);
        if (mark >= left || mark >= right) continue;
        if ((mark & 1) == 0) return Verdict::kHits;
        in_doubt = true;
      }
    }
    return in_doubt ? Verdict::kDoubt : Verdict::kFits;
  }

  const ShortSteps& steps_;
  // From this place on no token of six bytes lies across it, four before it.
  const size_t short_from_;
  TokenMatch last_ = {};
};

// The lowest mark of a token that takes the byte at `place` from its left.
int32_t LowestEnding(const MatchBuffer& buffer, size_t place) {
  int32_t lowest = kNoToken;
  for (size_t back = 1; back <= 4; ++back) {
    lowest = std::min(lowest, buffer.Mark(place - back, back + 1));
  }
  return lowest;
}

// Whether the byte at `place` surely merges with the next one, before it merges
// with anything else.
bool Joins(const MatchBuffer& buffer, size_t place) {
  const int32_t pair = buffer.Mark(place, 2);
  return (pair & 1) == 0 && pair < LowestEnding(buffer, place) &&
         pair <= buffer.lowest[place + 1];
}

// Whether a token of `left`'s limits loses its last bytes to one that also
// takes the first byte from `place` on.
bool Takes(const PairLimits& left, int shift, const MatchBuffer& buffer,
           size_t place, int32_t lowest) {
  const int32_t most = lowest | 1;
  bool taken = false;
  for (size_t back = 1; back <= 4; ++back) {
    const int32_t mark = buffer.Mark(place - back, back + 1);
    const int32_t limit =
        std::min(left.right[back - 1] >> shift, int32_t{UINT16_MAX});
    taken |= mark >> shift < limit && mark <= most && (mark & 1) == 0;
  }
  return taken;
}

void Foresee(const TokenLimits* limits, int shift, size_t first, size_t places,
             MatchBuffer* buffer) {
  const size_t end = first + places;
  const bool near = buffer->AreNear(first, places);
  for (size_t place = first; place < end; ++place) {
    const TokenMatch longest = buffer->Longest(place);
    const size_t after = place + longest.bytes;
    if (longest.bytes - 1 >= PairLimits::kMaxBytes || after >= end) continue;
    int32_t lowest = buffer->lowest[after];
    if (near && after + 2 < end && Joins(*buffer, after + 1)) {
      lowest = std::min({buffer->Mark(after, 3), buffer->Mark(after, 4),
                         buffer->Mark(after, 5)});
    }
    const bool taken =
        Takes(limits[longest.id].near, shift, *buffer, after, lowest);
    // No branch, as nobody can guess.
    const uint64_t differ = (buffer->longest[place] ^ buffer->second[place]) &
                            (uint64_t{0} - static_cast<uint64_t>(taken));
    buffer->longest[place] ^= differ;
  }
}

}  // namespace

const MatchKernels& ScalarMatchKernels() {
  static constexpr MatchKernels kKernels = {"scalar", Find, Foresee,
                                            Step<Judge>};
  return kKernels;
}

const MatchKernels& MatchKernelsFor(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return ScalarMatchKernels();
    case Isa::kAvx2:
      return Avx2MatchKernels();
    case Isa::kAvx512:
      return Avx512MatchKernels();
  }
  return ScalarMatchKernels();
}

}  // namespace peaktext

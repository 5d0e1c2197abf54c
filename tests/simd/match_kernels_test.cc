// Each table of kernels against the plain way: walks through a trie of random
// nodes, to texts' ends, and steps between random tokens.
#include "simd/match_kernels.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "simd/match_find.h"

namespace peaktext {
namespace {

uint64_t Node(uint32_t token, uint32_t base, bool used, uint32_t byte,
              uint32_t children) {
  return uint64_t{token} << 42 | uint64_t{base} << 21 |
         uint64_t{used ? 1U : 0U} << 20 | uint64_t{byte} << 12 | children;
}

struct Trie {
  // Where most walks end at once, or are short, or long ones.
  enum Depth { kFlat, kShallow, kDeep };
  Trie(std::mt19937_64& random, Depth depth)
      : ones(256), heads(65536), slots(4096) {
    const bool is_deep = depth == kDeep;
    const size_t rare = is_deep ? 40 : 5;
    const auto token = [&random] {
      return random() % 3 == 0 ? TrieWords::kNoToken
                               : static_cast<uint32_t>(random() % 2000000);
    };
    const auto children = [&random, depth, is_deep] {
      if (depth == kFlat && random() % 8 != 0) return uint32_t{0};
      const uint64_t few = random() & random();
      return static_cast<uint32_t>((is_deep ? ~(few & random()) : few) & 4095);
    };
    const auto base = [&random] {
      return static_cast<uint32_t>(random() % 16) << 8;
    };
    for (uint32_t& one : ones) {
      one = random() % 4 == 0 ? UINT32_MAX
                              : static_cast<uint32_t>(random() % 2000000);
    }
    for (uint64_t& head : heads) {
      head = random() % 4 == 0 ? TrieWords::kNoNode
                               : Node(token(), base(), false, 0, children());
    }
    slots[0] = TrieWords::kNoNode;
    for (uint32_t i = 1; i < slots.size(); ++i) {
      // Mostly that of the byte which leads here, as the bases end in zeros.
      const uint32_t byte = random() % rare == 0 ? random() & 255 : i & 255;
      slots[i] = Node(token(), base(), random() % rare != 0, byte, children());
    }
  }
  TrieWords words() const { return {ones.data(), heads.data(), slots.data()}; }

  std::vector<uint32_t> ones;
  std::vector<uint64_t> heads;
  std::vector<uint64_t> slots;
};

// The node of the first `bytes` of `text`, the plain way; kNoNode if none.
uint64_t NodeOf(const Trie& trie, std::string_view text, size_t bytes) {
  if (text.size() < bytes) return TrieWords::kNoNode;
  const auto at = [text](size_t i) {
    return uint32_t{static_cast<unsigned char>(text[i])};
  };
  uint64_t node = trie.heads[at(0) | at(1) << 8];
  for (size_t i = 2; i < bytes; ++i) {
    if ((node >> TrieWords::Bucket(at(i)) & 1) == 0) return TrieWords::kNoNode;
    node = trie.slots[(node >> 21 & 0x1FFFFF) ^ at(i)];
    if ((node >> 20 & 1) == 0 || (node >> 12 & 255) != at(i)) {
      return TrieWords::kNoNode;
    }
  }
  return node;
}

constexpr uint32_t kNoToken = TrieWords::kNoToken;

void CheckPlace(const Trie& trie, std::string_view text,
                const MatchBuffer& buffer, size_t place, size_t most) {
  uint64_t longest = kNoToken;
  uint64_t second = kNoToken;
  uint32_t lowest = kNoToken;
  for (uint32_t bytes = 1; bytes <= 17; ++bytes) {
    uint32_t mark = kNoToken;
    if (bytes == 1) {
      const uint32_t one = trie.ones[static_cast<unsigned char>(text[0])];
      if (one != UINT32_MAX) mark = one << 1;
    } else {
      if (bytes <= most) {
        mark = static_cast<uint32_t>(NodeOf(trie, text, bytes) >> 42);
      }
      BOOST_TEST_REQUIRE(buffer.Mark(place, bytes) ==
                         static_cast<int32_t>(mark));
      lowest = std::min(lowest, mark);
    }
    if (mark == kNoToken) continue;
    second = longest;
    longest = uint64_t{bytes} << 32 | mark;
  }
  BOOST_TEST_REQUIRE(buffer.longest[place] == longest);
  BOOST_TEST_REQUIRE(buffer.second[place] == second);
  BOOST_TEST_REQUIRE(buffer.lowest[place] == static_cast<int32_t>(lowest));
}

std::vector<Isa> Isas() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (IsaSupported(isa)) isas.push_back(isa);
  }
  return isas;
}

// One that an instruction set's table may hold.
struct Finder {
  Isa isa;
  decltype(MatchKernels::find) find;
};

// With AVX-512 it depends on the processor which the table holds: all are run.
std::vector<Finder> Finders() {
  std::vector<Finder> finders;
  for (const Isa isa : Isas()) {
    finders.push_back({isa, MatchKernelsFor(isa).find});
  }
#if defined(__x86_64__)
  if (IsaSupported(Isa::kAvx512) && !GathersFast()) {
    finders.push_back({Isa::kAvx512, FindTokensAvx512});
  }
#endif
  return finders;
}

BOOST_AUTO_TEST_SUITE(match_kernels)

BOOST_AUTO_TEST_CASE(rows_are_what_walking_finds) {
  constexpr size_t kAll = MatchBuffer::kPlaces + MatchBuffer::kBehind;
  for (const auto& [isa, find] : Finders()) {
    std::mt19937_64 random(11);
    const Trie tries[] = {
        {random, Trie::kFlat}, {random, Trie::kShallow}, {random, Trie::kDeep}};
    std::map<size_t, int> lengths;
    // One for all: what is left of the last round must not show.
    const auto buffer = std::make_unique<MatchBuffer>();
    for (int round = 0; round < 5000; ++round) {
      const Trie& trie = tries[std::min(round / 2 % 4, 2)];
      std::string text(1 + random() % (round % 2 == 0 ? 12 : 200), '\0');
      for (char& c : text) c = static_cast<char>(random());
      const size_t places =
          random() % (std::min(text.size(), OpenPlaces::kMost) + 1);
      const size_t first = random() % (MatchBuffer::kPlaces - places + 1);
      std::fill_n(buffer->longest, std::size(buffer->longest), 7);  // must stay
      OpenPlaces open;
      find(trie.words(), text, places, buffer.get(), first, &open);
      size_t count = 0;
      ++lengths[open.bytes];
      for (size_t at = 0; at < places; ++at) {
        const std::string_view rest = std::string_view(text).substr(at);
        CheckPlace(trie, rest, *buffer, first + at, open.bytes);
        const uint64_t node = NodeOf(trie, rest, open.bytes);
        // Leaves may be listed, too.
        const bool must = (node & TrieWords::kChildren) != 0;
        const bool is_listed = count < open.count && open.places[count] == at;
        BOOST_TEST_REQUIRE(is_listed >= must);
        if (!is_listed) continue;
        BOOST_TEST_REQUIRE(node != TrieWords::kNoNode);
        BOOST_TEST_REQUIRE(open.nodes[3][at] == node);
        ++count;
      }
      BOOST_TEST_REQUIRE(open.count == count);
      for (size_t at = buffer->long_end; at < kAll; ++at) {
        for (size_t bytes = 6; bytes <= 17; ++bytes) {
          BOOST_TEST_REQUIRE(buffer->Mark(at, bytes) == int{kNoToken});
        }
      }
      for (size_t at = 0; at < first; ++at) {
        BOOST_TEST_REQUIRE(buffer->longest[at] == 7U);
      }
    }
    const size_t longest = isa == Isa::kScalar ? 5 : 17;
    BOOST_TEST(lengths[longest] > 100);
    // The scalar one stops where a row is full, the others at any length.
    if (isa == Isa::kScalar) BOOST_TEST(lengths[5] > 100);
    for (size_t bytes = 2; isa != Isa::kScalar && bytes <= 17; ++bytes) {
      BOOST_TEST(lengths[bytes] > 4, bytes << " bytes: " << lengths[bytes]);
    }
  }
}

// Random tokens at random places, and limits that are met about half the time.
struct Steps {
  static constexpr uint32_t kTokens = 64;

  explicit Steps(std::mt19937_64& random) {
    const uint32_t few = 1 + static_cast<uint32_t>(random() % 4);
    const auto limit = [&random] {
      if (random() % 3 == 0) return 0;
      if (random() % 8 == 0) return PairLimits::kUnlimited;
      return static_cast<int32_t>(2 * (random() % kTokens));
    };
    for (uint32_t i = 0; i < kTokens; ++i) {
      odd.push_back(random() % 16 == 0 ? ShortSteps::kOdd : 1);
      limits.push_back({});
      for (size_t k = 0; k < 4; ++k) {
        if (k < bytes_of(i)) limits[i].near.right[k] = limit();
        if (k < bytes_of(i)) limits[i].near.left[k] = limit();
        if (k + 4 < bytes_of(i)) limits[i].far.right[k] = limit();
        if (k + 4 < bytes_of(i)) limits[i].far.left[k] = limit();
      }
    }
    for (char& c : text) c = static_cast<char>(random());
    ones.assign(256, UINT32_MAX);
    for (uint32_t& one : ones) {
      if (random() % 8 != 0) one = 8 * (random() % (kTokens / 8));
    }
    std::fill_n(&buffer.rows[0][0].marks[0], sizeof(buffer.rows) / 4, kNoMark);
    if (random() % 2 == 0) buffer.long_end = random() % kPlaces;
    for (uint8_t& far : buffer.far) far = random() % 4 == 0 ? 1 : 0;
    for (size_t place = 0; place < kPlaces; ++place) {
      const uint32_t one = ones[static_cast<unsigned char>(text[place])];
      uint64_t* longest = &buffer.longest[place];
      *longest = buffer.second[place] = TrieWords::kNoToken;
      if (one != UINT32_MAX) *longest = uint64_t{1} << 32 | one << 1;
      buffer.lowest[place] = kNoMark;
      for (uint32_t bytes = 2; bytes <= 17; ++bytes) {
        if (random() % (bytes < 9 ? few : 8 * few) != 0) continue;
        if (bytes > 5 && place >= buffer.long_end) continue;
        const auto id =
            static_cast<uint32_t>(8 * (random() % 8)) + std::min(bytes - 1, 7U);
        const uint32_t mark = id << 1 | (random() % 4 == 0 ? 1 : 0);
        buffer.rows[(bytes - 2) / 4][MatchBuffer::kBefore + place]
            .marks[(bytes - 2) % 4] = static_cast<int32_t>(mark);
        buffer.lowest[place] =
            std::min(buffer.lowest[place], static_cast<int32_t>(mark));
        buffer.second[place] = *longest;
        *longest = uint64_t{bytes} << 32 | mark;
      }
    }
  }
  static constexpr int32_t kNoMark = TrieWords::kNoToken;
  static constexpr size_t kPlaces = MatchBuffer::kPlaces;
  // Ids are so given that this is the length of those of up to eight bytes, and
  // eight that of the longer ones.
  static uint32_t bytes_of(uint32_t id) { return id % 8 + 1; }

  std::vector<TokenLimits> limits;
  std::vector<uint8_t> odd;
  std::vector<uint32_t> ones;
  MatchBuffer buffer;
  char text[kPlaces];
};

// How the tokens of a pair judge each other, the plain way: 0 they fit, 1 they
// do not, 2 in doubt.
int JudgePlainly(const ShortSteps& s, TokenMatch left, TokenMatch right,
                 size_t place) {
  if (s.odd != nullptr && ((s.odd[left.id] | s.odd[right.id]) & 64) != 0) {
    return 2;
  }
  const bool is_long = left.bytes > 8 || right.bytes > 8;
  if (is_long && s.buffer->far[place] != 0) return 2;
  int verdict = 0;
  for (uint32_t a = 1; a <= std::min(left.bytes, 8U); ++a) {
    for (uint32_t b = 1; b <= std::min(right.bytes, 8U); ++b) {
      const int32_t mark = s.buffer->Mark(place - a, a + b);
      if (mark >= s.limits[left.id].right(a)) continue;
      if (mark >= s.limits[right.id].left(b)) continue;
      if (mark % 2 == 0) return 1;
      verdict = 2;
    }
  }
  return verdict;
}

StepsEnd StepPlainly(ShortSteps* s) {
  const auto ready = [s](size_t at) {
    const uint64_t word = s->buffer->longest[at - s->base];
    return TokenMatch{static_cast<uint32_t>(word) >> 1,
                      static_cast<uint32_t>(word >> 32)};
  };
  const auto shorten = [s] {
    for (uint32_t bytes = s->next.bytes - 1; bytes > 0; --bytes) {
      const uint32_t one = s->ones[static_cast<unsigned char>(s->text[s->at])];
      const uint32_t mark =
          bytes > 1
              ? static_cast<uint32_t>(s->buffer->Mark(s->at - s->base, bytes))
          : one == UINT32_MAX ? TrieWords::kNoToken
                              : one << 1;
      if (mark == TrieWords::kNoToken) continue;
      s->next = {mark >> 1, bytes};
      return;
    }
    s->next.bytes = 0;
  };
  for (;;) {
    if (s->next.bytes == 0) {
      s->dead[s->at / 64] |= uint64_t{1} << s->at % 64;
      s->next = s->path[--s->length];
      s->at -= s->next.bytes;
      if (s->length < s->begin) return StepsEnd::kBack;
      shorten();
      continue;
    }
    const size_t after = s->at + s->next.bytes;
    const bool is_dead = (s->dead[after / 64] >> after % 64 & 1) != 0;
    const int verdict = is_dead ? 1
                                : JudgePlainly(*s, s->path[s->length - 1],
                                               s->next, s->at - s->base);
    if (verdict == 2) return StepsEnd::kDoubt;
    if (verdict == 1) {
      shorten();
      continue;
    }
    s->path[s->length++] = s->next;
    s->at = after;
    if (after >= s->end) return StepsEnd::kAtEnd;
    s->next = ready(after);
    if (s->next.bytes == 0 || s->next.bytes > 18) return StepsEnd::kLong;
  }
}

BOOST_AUTO_TEST_CASE(steps_are_those_of_plain_search) {
  std::mt19937_64 random(12);
  size_t ends[4] = {};
  for (int round = 0; round < 20000; ++round) {
    Steps given(random);
    const size_t base = random() % 1000;
    const size_t at = base + 16 + random() % 64;
    const auto first = static_cast<uint32_t>(random() % Steps::kTokens);
    const uint64_t word = given.buffer.longest[at - base];
    TokenMatch next = {static_cast<uint32_t>(word) >> 1,
                       static_cast<uint32_t>(word >> 32)};
    if (next.bytes == 0 || next.bytes > 18) continue;
    if (random() % 32 == 0) next.bytes = 0;  // none is left
    const bool long_first = first % 8 == 7 && random() % 2 == 0;
    std::vector<uint64_t> dead(2000 / 64);
    // Mostly ahead, sometimes all of them before the start.
    const size_t reach = size_t{1} << random() % 9;
    for (int i = 0; i < 8; ++i) {
      const size_t place = base + random() % reach;
      dead[place / 64] |= uint64_t{1} << place % 64;
    }
    const bool some_odd = round % 3 == 0;
    const size_t end = at + 1 + random() % 100;
    const auto run = [&](auto step) {
      std::vector<uint64_t> marked = dead;
      std::vector<TokenMatch> path(300);
      path[0] = {first, long_first ? 30 : Steps::bytes_of(first)};
      ShortSteps steps = {given.ones.data(),
                          given.limits.data(),
                          some_odd ? given.odd.data() : nullptr,
                          &given.buffer,
                          given.text - base,
                          base,
                          end,
                          marked.data(),
                          path.data(),
                          1,
                          at,
                          1,
                          next};
      const StepsEnd why = step(&steps);
      std::vector<uint64_t> result = {
          static_cast<uint64_t>(why), steps.at, steps.length,
          // When it is at an end, what is next is not said.
          why == StepsEnd::kDoubt ? steps.next.bytes : 0,
          why == StepsEnd::kDoubt ? steps.next.id : 0};
      result.insert(result.end(), marked.begin(), marked.end());
      for (size_t i = 0; i < steps.length; ++i) {
        result.push_back(path[i].id);
        result.push_back(path[i].bytes);
      }
      return result;
    };
    const std::vector<uint64_t> expected = run(StepPlainly);
    ++ends[expected[0]];
    for (const Isa isa : Isas()) {
      BOOST_REQUIRE_MESSAGE(run(MatchKernelsFor(isa).step) == expected,
                            IsaName(isa) << ", round " << round);
    }
  }
  for (const size_t times : ends) BOOST_TEST(times > 100U);
}

// That no token of six bytes or more is near the places, as far as the buffer
// says so, the plain way: those of up to nine would begin before long_end.
bool AreNear(const MatchBuffer& buffer, size_t first, size_t places) {
  bool near = first >= buffer.long_end + 8;
  for (size_t at = first; at < first + places; ++at) {
    near = near && buffer.far[at] == 0;
  }
  return near;
}

// The lowest mark of what may take the byte at `place` together with what is
// behind it, the plain way. `near`: no token has more than five bytes.
int32_t LowestOnwards(const MatchBuffer& buffer, size_t place, size_t end,
                      bool near) {
  const size_t next = place + 1;
  const int32_t pair = buffer.Mark(next, 2);
  bool joined = near && next + 1 < end && pair % 2 == 0 &&
                pair <= buffer.lowest[next + 1];
  for (size_t bytes = 2; bytes <= 5; ++bytes) {
    joined = joined && pair < buffer.Mark(next + 1 - bytes, bytes);
  }
  if (!joined) return buffer.lowest[place];
  return std::min(
      {buffer.Mark(place, 3), buffer.Mark(place, 4), buffer.Mark(place, 5)});
}

BOOST_AUTO_TEST_CASE(what_nothing_can_follow_is_foreseen) {
  std::mt19937_64 random(13);
  size_t foreseen = 0;
  size_t joined = 0;
  for (int round = 0; round < 4000; ++round) {
    Steps given(random);
    const bool near = round % 2 == 0;
    if (near) {
      std::fill(std::begin(given.buffer.far), std::end(given.buffer.far), 0);
      given.buffer.long_end = random() % 8;
    }
    const size_t first = random() % 32;
    const size_t places = random() % 128;
    const int shift = round % 4;
    const auto limit = [&](uint32_t id, size_t back) {
      return given.limits[id].near.right[back - 1];
    };
    MatchBuffer expected = given.buffer;
    for (size_t place = first; place < first + places; ++place) {
      const uint64_t word = given.buffer.longest[place];
      const size_t after = place + (word >> 32);
      if (after == place || after > place + 8) continue;
      if (after >= first + places) continue;
      const uint32_t id = static_cast<uint32_t>(word) >> 1;
      const int32_t lowest =
          LowestOnwards(given.buffer, after, first + places,
                        AreNear(given.buffer, first, places));
      if (lowest != given.buffer.lowest[after]) ++joined;
      for (size_t back = 1; back <= 4; ++back) {
        const int32_t mark = given.buffer.Mark(after - back, back + 1);
        if (mark % 2 == 0 && mark / 2 <= lowest / 2 &&
            mark >> shift < std::min(limit(id, back) >> shift, 65535)) {
          BOOST_TEST_REQUIRE(mark < limit(id, back));
          expected.longest[place] = given.buffer.second[place];
          ++foreseen;
          break;
        }
      }
    }
    for (const Isa isa : Isas()) {
      const auto buffer = std::make_unique<MatchBuffer>(given.buffer);
      MatchKernelsFor(isa).foresee(given.limits.data(), shift, first, places,
                                   buffer.get());
      for (size_t place = 0; place < Steps::kPlaces; ++place) {
        BOOST_TEST_REQUIRE(buffer->longest[place] == expected.longest[place]);
      }
    }
  }
  BOOST_TEST(joined > 1000U);
  BOOST_TEST(foreseen > 1000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

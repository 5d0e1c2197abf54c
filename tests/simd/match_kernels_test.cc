// Each table of kernels against walks through the trie, on random nodes: what
// is a token, what goes on, what there is none of, and texts' ends.
#include "simd/match_kernels.h"

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

namespace peaktext {
namespace {

uint64_t Node(uint32_t token, uint32_t base, bool used, uint32_t byte,
              uint32_t children) {
  return uint64_t{token} << 42 | uint64_t{base} << 21 |
         uint64_t{used ? 1U : 0U} << 20 | uint64_t{byte} << 12 | children;
}

struct Trie {
  explicit Trie(std::mt19937_64& random)
      : ones(256), heads(65536), slots(4096) {
    const auto token = [&random] {
      return random() % 3 == 0 ? TrieWords::kNoToken
                               : static_cast<uint32_t>(random() % 2000000);
    };
    const auto children = [&random] {
      return static_cast<uint32_t>(random() & random() & 4095);
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
      const uint32_t byte = random() % 5 == 0 ? random() & 255 : i & 255;
      slots[i] = Node(token(), base(), random() % 5 != 0, byte, children());
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

void CheckPlace(const Trie& trie, std::string_view text, const MatchRow& row,
                uint64_t longest, uint64_t node4, bool goes_on) {
  constexpr uint32_t kNoToken = TrieWords::kNoToken;
  uint64_t expected = kNoToken;
  for (uint32_t bytes = 1; bytes <= MatchRow::kMaxBytes; ++bytes) {
    uint32_t token = kNoToken;
    if (bytes == 1) {
      token =
          std::min(trie.ones[static_cast<unsigned char>(text[0])], kNoToken);
    } else if (bytes <= 4) {
      token = static_cast<uint32_t>(NodeOf(trie, text, bytes) >> 42);
    }
    BOOST_TEST_REQUIRE(row.ids[bytes - 1] == static_cast<int32_t>(token));
    if (token != kNoToken) expected = uint64_t{bytes} << 32 | token;
  }
  BOOST_TEST_REQUIRE(longest == expected);
  const uint64_t node = NodeOf(trie, text, 4);
  BOOST_TEST_REQUIRE(goes_on == (node != TrieWords::kNoNode));
  BOOST_TEST_REQUIRE(node4 == node);
}

std::vector<Isa> Isas() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (IsaSupported(isa)) isas.push_back(isa);
  }
  return isas;
}

BOOST_AUTO_TEST_SUITE(match_kernels)

BOOST_AUTO_TEST_CASE(rows_are_what_walking_finds) {
  constexpr size_t kRoom = MatchKernels::kMostPlaces + 4;
  for (const Isa isa : Isas()) {
    std::mt19937_64 random(11);
    const Trie trie(random);
    for (int round = 0; round < 2000; ++round) {
      std::string text(1 + random() % (round % 2 == 0 ? 12 : 200), '\0');
      for (char& c : text) c = static_cast<char>(random());
      const size_t places =
          random() % (std::min(text.size(), MatchKernels::kMostPlaces) + 1);
      std::vector<MatchRow> rows(places + 1);
      rows[places].ids[0] = -7;  // must stay
      std::vector<uint64_t> longest(kRoom);
      std::vector<uint64_t> nodes[3];
      for (auto& some : nodes) some.resize(kRoom);
      std::vector<uint8_t> goes_on(kRoom, 0xFF);
      MatchKernelsFor(isa).find(
          trie.words(), text, places,
          {rows.data(),
           longest.data(),
           {nodes[0].data(), nodes[1].data(), nodes[2].data()},
           goes_on.data()});
      for (size_t at = 0; at < places; ++at) {
        CheckPlace(trie, std::string_view(text).substr(at), rows[at],
                   longest[at], nodes[2][at],
                   (goes_on[at / 4] >> at % 4 & 1) != 0);
      }
      if (places % 4 != 0) {
        BOOST_TEST_REQUIRE(goes_on[places / 4] >> places % 4 == 0);
      }
      BOOST_TEST_REQUIRE(rows[places].ids[0] == -7);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

// Finds the tokens of one to four bytes that start at each of many places of a
// text, in a trie whose nodes are words of 64 bits.
//
// A node, from the top: token:22 (all ones: none) | base:21 | is used:1 |
// byte:8 | which children there may be:12. The child for a byte is in slot
// (base XOR byte), and is used and for that byte, or there is none; there may
// be one only if the bit of the byte's bucket is set, and slot 0 is nobody's.
// tokenize/token_trie.h says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simd/isa.h"

namespace peaktext {

struct TrieWords {
  static constexpr uint32_t kNoToken = (1 << 22) - 1;
  static constexpr uint64_t kNoNode = uint64_t{kNoToken} << 42;

  // Of the low four bits of a byte, of which four values share their places.
  static constexpr uint32_t Bucket(uint32_t byte) {
    const uint32_t low = byte & 15;
    return low - ((low + 4) >> 1 & 8);
  }

  const uint32_t* ones;   // token of each byte, or what is not below kNoToken
  const uint64_t* heads;  // nodes of two bytes; kNoNode if there is none
  const uint64_t* slots;
};

// Tokens by their number of bytes less one; kNoToken where there is none.
struct alignas(64) MatchRow {
  static constexpr uint32_t kMaxBytes = 16;
  static constexpr int32_t kNoToken = TrieWords::kNoToken;

  int32_t ids[kMaxBytes];
};

// What is found at places 0, 1, ...
struct MatchesFound {
  MatchRow* rows;
  uint64_t* longest;   // bytes << 32 | token; 0 bytes: none
  uint64_t* nodes[3];  // of two, three and four bytes
  // Bits, four places to a byte: whether there is one of four, that is, whether
  // longer tokens may start there.
  uint8_t* goes_on;
};

struct MatchKernels {
  static constexpr size_t kMostPlaces = 160;

  const char* name;
  // For the first `places` of `text`; longer tokens are left out of the rows.
  // REQUIRES: places <= text.size(), places <= kMostPlaces, room for 3 more of
  // all but rows.
  void (*find)(const TrieWords& trie, std::string_view text, size_t places,
               const MatchesFound& found);
};

const MatchKernels& MatchKernelsFor(Isa isa);

// The tables' functions, for MatchKernelsFor.
const MatchKernels& ScalarMatchKernels();
const MatchKernels& Avx2MatchKernels();

}  // namespace peaktext

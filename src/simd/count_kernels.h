// Looks pretokens up in tables of those that were counted before, many at a
// time: what a table lacks is put on a list. One table of functions per
// instruction set; the scalar one is the specification.
//
// An entry is the key of its pretoken, which holds all of its bytes and their
// number, with the number of tokens in the lowest bits of the last word, where
// a key is 0. So key XOR entry is the count if that is small, and there is no
// count of 0. An empty entry is zero, which no key is near to, as its length is
// not. A pretoken is looked for in its line, 64 bytes that are aligned; the
// caller may have others elsewhere.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "simd/isa.h"

namespace peaktext {

// Pretokens of texts, one text after another: where each starts, how long it
// is, and by text how many there are up to its end.
struct PretokenList {
  uint16_t* starts;
  uint8_t* bytes;
  uint16_t* ends;
  size_t count;
};

namespace count_internal {
inline uint64_t Load8(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}
// Odd ones, for the halves of words.
inline constexpr uint32_t kMultipliers[] = {0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D,
                                            0x27D4EB2F, 0x165667B1, 0xCC9E2D51,
                                            0x1B873593, 0xE6546B65};

// Only the highest bits are used, which all of a key reach: its halves of words
// times one number each, modulo 2^32 (multilinear hashing: Lemire and Kaser,
// "Strongly universal string hashing is fast", 2014). Lanes of 32 bits multiply
// with every instruction set.
template <size_t kWords>
uint64_t HashOf(const uint64_t (&words)[kWords]) {
  uint32_t sum = 0;
  for (size_t i = 0; i < kWords; ++i) {
    sum += static_cast<uint32_t>(words[i]) * kMultipliers[2 * i] +
           static_cast<uint32_t>(words[i] >> 32) * kMultipliers[2 * i + 1];
  }
  return uint64_t{sum} << 32;
}
}  // namespace count_internal

// 3 to 7 bytes, 1 to 7 tokens: the bytes | length | tokens.
struct ShortCounts {
  static constexpr size_t kLine = 8;  // entries
  static constexpr unsigned kCountBits = 4;
  struct Entry {
    uint64_t words[1];
  };

  const Entry* entries;
  int line_shift;  // from a hash to a line

  // REQUIRES: 8 bytes at `start` can be read.
  static Entry Key(const char* start, unsigned bytes) {
    return {{count_internal::Load8(start) << (64 - 8 * bytes) | bytes << 4}};
  }
  static uint64_t Hash(const Entry& key) {
    return count_internal::HashOf(key.words);
  }
};

// 8 to 15 bytes: the first 8; the last 7 | length | tokens.
struct MidCounts {
  static constexpr size_t kLine = 4;
  static constexpr unsigned kCountBits = 4;
  struct Entry {
    uint64_t words[2];
  };

  const Entry* entries;
  int line_shift;

  // REQUIRES: 16 bytes at `start` can be read.
  static Entry Key(const char* start, unsigned bytes) {
    using count_internal::Load8;
    return {{Load8(start),
             (Load8(start + bytes - 8) & ~uint64_t{0xFF}) | bytes << 4}};
  }
  static uint64_t Hash(const Entry& key) {
    return count_internal::HashOf(key.words);
  }
};

// 16 to 30 bytes: the first 16; the last 14 | length | tokens.
struct WideCounts {
  static constexpr size_t kLine = 2;
  static constexpr unsigned kCountBits = 8;
  struct Entry {
    uint64_t words[4];
  };

  const Entry* entries;
  int line_shift;

  static Entry Key(const char* start, unsigned bytes) {
    using count_internal::Load8;
    const char* end = start + bytes;
    return {{Load8(start), Load8(start + 8), Load8(end - 14),
             (Load8(end - 8) & ~uint64_t{0xFFFF}) | bytes << 8}};
  }
  static uint64_t Hash(const Entry& key) {
    return count_internal::HashOf(key.words);
  }
};

// Index of the first entry of a key's line.
template <class Counts>
size_t LineOf(const Counts& counts, const typename Counts::Entry& key) {
  return (Counts::Hash(key) >> counts.line_shift) * Counts::kLine;
}

// Keys of pretokens that are looked up together. While those of one batch are
// compared, the lines of the next are on their way to the processor. Made step
// by step for all of a batch, so that no step waits for what the one before has
// just written.
template <class Counts>
struct LookupBatch {
  static constexpr size_t kSize = 128;

  alignas(64) typename Counts::Entry keys[kSize];
  // In bytes from the first entry; 0 where there has been no key yet.
  alignas(64) uint32_t lines[kSize] = {};

  // Of `count` pretokens from number `from` on: the keys.
  [[gnu::always_inline]] void MakeKeys(const char* window,
                                       const PretokenList& list, size_t from,
                                       size_t count) {
    for (size_t i = 0; i < count; ++i) {
      keys[i] =
          Counts::Key(window + list.starts[from + i], list.bytes[from + i]);
    }
  }
  // The first words of these pretokens.
  [[gnu::always_inline]] void LoadWords(const char* window,
                                        const uint16_t* starts, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      uint64_t word = count_internal::Load8(window + starts[i]);
      asm("" : "+r"(word));  // else g++ puts vectors together before it stores
      keys[i].words[0] = word;
    }
  }
  // Their lines. REQUIRES: MakeKeys.
  [[gnu::always_inline]] void MakeLines(const Counts& counts, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      lines[i] =
          static_cast<uint32_t>(LineOf(counts, keys[i]) * sizeof(keys[0]));
    }
  }
  // REQUIRES: MakeLines.
  [[gnu::always_inline]] void Prefetch(const Counts& counts, size_t count) {
    const auto* entries = reinterpret_cast<const char*>(counts.entries);
    for (size_t i = 0; i < count; ++i) __builtin_prefetch(entries + lines[i]);
  }
};

// Adds to tokens[i], for text i of `list`, the tokens of those of its pretokens
// that are found among the first ones of their lines, as many as CountKernels
// says. The others' indexes into the list go into `misses`; returns how many.
// REQUIRES: the bytes that Key() needs can be read at each pretoken, which
// starts so many bytes after `window`; the last text ends with the list; room
// for list.count misses and 8 more.
template <class Counts>
using CountFunction = size_t(const char* window, const PretokenList& list,
                             const Counts& counts, uint64_t* tokens,
                             uint16_t* misses);

struct CountKernels {
  const char* name;
  CountFunction<ShortCounts>* shorts;
  CountFunction<MidCounts>* mids;
  CountFunction<WideCounts>* wides;
  // So many entries of a line are looked at.
  size_t short_places;
  size_t mid_places;
  size_t wide_places;
};

const CountKernels& CountKernelsFor(Isa isa);

// The tables' functions, for CountKernelsFor.
const CountKernels& ScalarCountKernels();
const CountKernels& Avx2CountKernels();
const CountKernels& Avx512CountKernels();

}  // namespace peaktext

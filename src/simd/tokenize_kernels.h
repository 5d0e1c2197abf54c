// What the token counter does 64 bytes at a time: bytes to masks of character
// classes, masks to positions, positions to pretokens by length. One table of
// functions per instruction set; the scalar one is the specification.
//
// Which class a character has is the caller's: a RoleTable gives each character
// a byte of Role bits. In a mask, bit i stands for byte i, and all bytes of a
// character have the bits of its role.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "simd/isa.h"
#include "simd/role_table.h"

namespace peaktext {

enum Role : uint8_t {
  kRoleUpper = 1 << 0,
  kRoleLower = 1 << 1,
  kRoleBoth = 1 << 2,  // a letter or mark that is neither
  kRoleNumber = 1 << 3,
  kRoleBlank = 1 << 4,    // white space, but no newline
  kRoleNewline = 1 << 5,  // \r \n
  kRolePunct = 1 << 6,    // all else
  kRoleMark = 1 << 7,     // beside kRoleBoth: it can be punctuation too
};

struct ClassMasks {
  uint64_t upper = 0;
  uint64_t lower = 0;
  uint64_t both = 0;
  uint64_t number = 0;
  uint64_t blank = 0;
  uint64_t newline = 0;
  uint64_t punct = 0;
  uint64_t mark = 0;
  uint64_t space = 0;         // U+0020
  uint64_t apostrophe = 0;    // U+0027
  uint64_t high = 0;          // bytes of characters beyond ASCII
  uint64_t continuation = 0;  // bytes that are not the first of a character
};

// Pretokens of 2 bytes, of 3 to 7, of 8 to 15, and of more: where each starts.
// Room for `count` each, and 64 more that may be written.
struct PretokenLists {
  uint16_t* pair_starts;
  uint16_t* short_starts;
  uint16_t* mid_starts;
  uint16_t* long_indexes;  // into the positions
  uint8_t* short_bytes;
  uint8_t* mid_bytes;
  size_t pairs;
  size_t shorts;
  size_t mids;
  size_t longs;
};

// Counts of pretokens of up to 7 bytes that were seen before. An entry is a
// ShortKey with the number of tokens, 1 to 7, in its lowest four bits; 0 is
// none. A pretoken's entry is in its line of eight, which are 64-byte aligned.
struct ShortCounts {
  static constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;
  static constexpr size_t kLine = 8;

  const uint64_t* entries;
  int line_shift;  // from a hash to a line

  // The bytes in the top, their number above the count. REQUIRES: 8 bytes at
  // `start` can be read.
  static uint64_t Key(const char* start, unsigned bytes) {
    uint64_t word;
    std::memcpy(&word, start, sizeof(word));
    return word << (64 - 8 * bytes) | bytes << 4;
  }
  size_t LineOf(uint64_t key) const {
    return (key * kMultiplier >> line_shift) * kLine;
  }
};

// The same for 8 to 15 bytes. A key is two words, the first 8 bytes, and the
// last 7 over the number of bytes and four bits for the count: the second word
// of an entry. Buckets of eight entries, two lines; 0 0 is no entry.
struct MidCounts {
  static constexpr size_t kBucket = 8;

  struct Entry {
    uint64_t words[2];
  };
  const Entry* entries;
  int bucket_shift;  // from a hash to a bucket

  // REQUIRES: 16 bytes at `start` can be read.
  static Entry Key(const char* start, unsigned bytes) {
    Entry key;
    std::memcpy(&key.words[0], start, sizeof(uint64_t));
    std::memcpy(&key.words[1], start + bytes - 8, sizeof(uint64_t));
    key.words[1] = (key.words[1] & ~uint64_t{0xFF}) | bytes << 4;
    return key;
  }
  // Of this only the highest bits are used, which all lower ones reach.
  static uint64_t Hash(const Entry& key) {
    return key.words[0] * ShortCounts::kMultiplier ^
           key.words[1] * 0xC2B2AE3D27D4EB4FULL;
  }
  const Entry* BucketOf(const Entry& key) const {
    return entries + (Hash(key) >> bucket_shift) * kBucket;
  }
};

struct TokenizeKernels {
  const char* name;

  // Classes of the 64 bytes at `text`: valid UTF-8 that starts with a
  // character. A character that does not end within them gets no class, nor has
  // it bits in `high` or `continuation`; returned is how many bytes the others
  // have. REQUIRES: 128 bytes at `text` can be read.
  unsigned (*classify)(const char* text, const RoleTable& roles,
                       ClassMasks* masks);

  // Writes base + i for each bit i of `mask`, ascending; returns how many.
  // REQUIRES: room for 64.
  size_t (*flatten)(uint64_t mask, uint16_t base, uint16_t* positions);

  // Sorts the pretokens that lie between neighbours of `positions` by length.
  // REQUIRES: 32 more positions can be read.
  void (*sort_by_length)(std::span<const uint16_t> positions,
                         PretokenLists* lists);

  // Tokens of those short pretokens of `lists` that are found in their lines:
  // surely those that are first or second there. The others' indexes into the
  // lists go into `misses`, how many into *missing. REQUIRES: 8 bytes can be
  // read at each pretoken; room for lists.shorts misses and 8 more.
  uint64_t (*count_shorts)(const char* text, const PretokenLists& lists,
                           const ShortCounts& counts, uint16_t* misses,
                           size_t* missing);

  // The same of the middle ones. REQUIRES: 16 bytes can be read at each; room
  // for lists.mids misses and 8 more.
  uint64_t (*count_mids)(const char* text, const PretokenLists& lists,
                         const MidCounts& counts, uint16_t* misses,
                         size_t* missing);
};

const TokenizeKernels& TokenizeKernelsFor(Isa isa);

// The tables' functions, for TokenizeKernelsFor.
const TokenizeKernels& ScalarTokenizeKernels();
const TokenizeKernels& Avx2TokenizeKernels();
const TokenizeKernels& Avx512TokenizeKernels();

}  // namespace peaktext

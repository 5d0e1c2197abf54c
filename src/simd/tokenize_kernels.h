// What the token counter does 64 bytes at a time: bytes to masks of character
// classes, masks to positions, positions to pretokens by length (which
// count_kernels.h then looks up). One table of functions per instruction set;
// the scalar one is the specification.
//
// Which class a character has is the caller's: a RoleTable gives each character
// a byte of Role bits. In a mask, bit i stands for byte i, and all bytes of a
// character have the bits of its role.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "simd/count_kernels.h"
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

// Pretokens of 2 bytes, of 3 to 7, 8 to 15, 16 to 30, and of more. Room for
// `count` each, and 64 more that may be written.
struct PretokenLists {
  PretokenList pairs;  // without their lengths
  PretokenList shorts;
  PretokenList mids;
  PretokenList wides;
  uint16_t* long_indexes;  // into the positions
  size_t longs;
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
};

const TokenizeKernels& TokenizeKernelsFor(Isa isa);

// The tables' functions, for TokenizeKernelsFor.
const TokenizeKernels& ScalarTokenizeKernels();
const TokenizeKernels& Avx2TokenizeKernels();
const TokenizeKernels& Avx512TokenizeKernels();

}  // namespace peaktext

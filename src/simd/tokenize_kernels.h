// What the token counter does 64 bytes at a time: bytes to masks of character
// classes (which boundary_kernels.h makes masks of boundaries of), places
// between characters to those that can be cut, masks to positions, positions to
// pretokens by length (which count_kernels.h then looks up). One table of
// functions per instruction set; the scalar one is the specification.
//
// Which class a character has is the caller's: a RoleTable gives each character
// a byte of Role bits. In a mask, bit i stands for byte i, and all bytes of a
// character have the bits of its role.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "simd/class_masks.h"
#include "simd/count_kernels.h"
#include "simd/cut_table.h"
#include "simd/isa.h"
#include "simd/role_table.h"

namespace peaktext {

// Pretokens of 2 bytes, of 3 to 7, 8 to 15, 16 to 30, and of more. Room for all
// in each, and 64 more that may be written.
struct PretokenLists {
  PretokenList pairs;  // without their lengths
  PretokenList shorts;
  PretokenList mids;
  PretokenList wides;
  PretokenList longs;  // the starts are indexes into the positions; no lengths
};

// How much of a text has classes.
struct Classified {
  size_t blocks;
  size_t bytes;
};

struct TokenizeKernels {
  const char* name;

  // Classes of the characters of `text`, valid UTF-8, into blocks of `masks`
  // from number `from` on, that follow one another: each as many of 64 bytes as
  // belong to characters that end within them. As many blocks as there is room
  // for or as reach the end of the text; the last may reach beyond. REQUIRES:
  // 128 bytes after the text can be read, and a character starts there.
  Classified (*classify)(std::string_view text, const RoleTable& roles,
                         size_t from, ClassMasks* masks);

  // Of `places`, bits of the 64 bytes at `text`, those where there can be a
  // cut. REQUIRES: 72 bytes can be read; within the 64 a character of three
  // bytes ends before each place, and another one lies behind it.
  uint64_t (*cut)(const char* text, uint64_t places, const CutTable& cuts);

  // Writes first + 64 * w + i for each bit i of masks[w], ascending; returns
  // how many. REQUIRES: room for 64 more; first + 64 * masks.size() <= 0x10000.
  size_t (*flatten)(std::span<const uint64_t> masks, uint16_t first,
                    uint16_t* positions);

  // Sorts the pretokens that lie between neighbours of `positions` by length,
  // those from number `from` on, and appends them to the lists, whose ends stay
  // as they are. REQUIRES: 32 more positions can be read.
  void (*sort_by_length)(std::span<const uint16_t> positions, size_t from,
                         PretokenLists* lists);
};

const TokenizeKernels& TokenizeKernelsFor(Isa isa);

// The tables' functions, for TokenizeKernelsFor.
const TokenizeKernels& ScalarTokenizeKernels();
const TokenizeKernels& Avx2TokenizeKernels();
const TokenizeKernels& Avx512TokenizeKernels();

}  // namespace peaktext

// Where pretokens start within 64 bytes, from masks of character classes alone.
//
//   BoundaryState state;                       // the text starts here
//   Boundaries found = FindBoundaries<kO200kRules>(block, &state);
//
// In a mask, bit i stands for byte i. The article is in boundary_algebra.cc.
#pragma once

#include <cstdint>

#include "simd/tokenize_kernels.h"

namespace peaktext {

// How the patterns differ.
struct BoundaryRules {
  bool gpt2 = false;   // only a space goes before a word, number or sign
  bool cased = false;  // words end before an upper case letter
  int digits = 0;      // longest number; 0: any length
  enum { kNone, kApart, kApartLower, kJoined } contractions = kNone;
};

struct BlockView {
  const char* text;         // the block's bytes
  const ClassMasks* masks;  // no bits from `size` on
  const ClassMasks* next;   // of the block after it; none at the text's end
  unsigned size;            // 1 to 64
  unsigned next_size;
};

// What there is to know about the bytes before a block. Each mask is bit 0
// only: a property of the last byte.
struct BoundaryState {
  uint64_t letter = 0;
  uint64_t lower = 0;
  uint64_t both = 0;
  uint64_t number = 0;
  uint64_t punct = 0;
  uint64_t bound_punct = 0;  // punctuation that cannot be a word's prefix
  uint64_t space = 0;
  uint64_t white = 0;          // white space not taken by punctuation before it
  uint64_t free_newline = 0;   // a newline of those
  uint64_t taken_newline = 0;  // a newline that punctuation took
  unsigned digits = 0;         // since the last boundary, when number is set
};

struct Boundaries {
  uint64_t starts;  // where pretokens start, as far as they are below unsure
  uint64_t unsure;  // places that only PretokenStep can decide
};

Boundaries FindBoundaries(const BoundaryRules& rules, const BlockView& block,
                          BoundaryState* state);

}  // namespace peaktext

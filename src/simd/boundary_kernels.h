// Where pretokens start, from masks of character classes alone: for some blocks
// at once (boundary_step.h says how). One function for each instruction set and
// set of rules; the scalar ones are the specification.
//
//   BoundaryState state;                 // the text starts here
//   size_t decided = BoundariesFor(isa, BoundarySet::kO200k)(
//       text, masks, 0, blocks, &state, &found);
//
// The patterns' alternatives, turned round: not "where does the pretoken that
// starts here end" but "does one start here", from the characters around.
//
// Words. A letter after a letter goes on; in cased patterns not an upper case
// one after a lower case one. There, a letter without case (`both`) goes on
// with what is before it. Of upper case ones behind such ones the first starts
// a pretoken if a lower case one is before these; else only if no other letter
// follows: as many as are not lower case are taken first, but the last must not
// be upper case.
//   A letter after a blank (white space other than a newline) takes it as its
// prefix: the boundary is at the blank. One after a sign takes that as its
// prefix if the sign opens a pretoken, that is when the sign is the first of
// its run and no space before it belongs to it (the others are bound).
//
// Numbers. A boundary at the first and, with {1,3}, at every third digit.
//
// Signs. The first of a run starts a pretoken, or the space before it does.
// Newlines right after it are taken.
//
// White space that is not taken. Up to the last newline of a run it is one
// pretoken (\s*[\r\n]+); so a blank after a newline starts one only if no
// newline follows before the run ends. Of the blanks before something else the
// last starts one (\s+(?!\S) leaves it), whether or not it is then a prefix.
// At the end of the text nothing is left (the class masks there are empty).
//
// Unsure: a contraction or a run of blanks that leaves the block, contractions
// right after one another, a mark right after a sign that is bound (a word or
// more of the signs?), upper case letters after one without case that reach
// beyond the next block, a slash after newlines that a sign has taken.
//
// kDeepSeek first cuts out numbers and runs of CJK characters (`both` there),
// and nothing else looks across their ends: blanks before them are one
// pretoken. A sign is a prefix of ASCII letters only, and the word then ends
// with these; signs beyond ASCII are none, as if they were bound. What is
// neither a letter, mark, number, sign nor blank (`upper`) is a prefix of a
// word, or a pretoken together with others of its kind that are none. Unsure
// are control characters and the CJK ones that are no letters (`mark`).
//
// As no alternative looks back, a text may be taken up at any true boundary
// with an empty state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/class_masks.h"
#include "simd/isa.h"

namespace peaktext {

// How the patterns differ.
struct BoundaryRules {
  bool gpt2 = false;      // only a space goes before a word, number or sign
  bool cased = false;     // words end before an upper case letter
  bool deepseek = false;  // numbers and CJK characters are cut out first
  bool marks = false;     // marks are letters, where these have no case
  int digits = 0;         // longest number; 0: any length
  enum Contractions { kNone, kApart, kApartLower, kJoined };
  Contractions contractions = kNone;
};

enum class BoundarySet {
  kGpt2,
  kCl100k,
  kQwen2,
  kQwen35,
  kO200k,
  kTekken,
  kDeepSeek
};

constexpr BoundaryRules RulesOf(BoundarySet set) {
  using enum BoundaryRules::Contractions;
  switch (set) {
    case BoundarySet::kGpt2:
      return {.gpt2 = true, .contractions = kApartLower};
    case BoundarySet::kCl100k:
      return {.digits = 3, .contractions = kApart};
    case BoundarySet::kQwen2:
      return {.digits = 1, .contractions = kApart};
    case BoundarySet::kQwen35:
      return {.marks = true, .digits = 1, .contractions = kApart};
    case BoundarySet::kO200k:
      return {.cased = true, .digits = 3, .contractions = kJoined};
    case BoundarySet::kTekken:
      return {.cased = true, .digits = 1};
    case BoundarySet::kDeepSeek:
      return {.deepseek = true, .digits = 3};
  }
  return {};
}

// What there is to know about the bytes before a block.
struct BoundaryState {
  // Properties of the last byte: bit 0.
  enum Last : size_t {
    kLetter,
    kLower,
    kBoth,
    kLateBoth,  // after a lower case letter of the same word
    kNumber,
    kPunct,
    kBoundPunct,  // punctuation that cannot be a word's prefix
    kSpace,
    kBlank,
    kWhite,         // white space not taken by punctuation before it
    kFreeNewline,   // a newline of those
    kTakenNewline,  // a newline that punctuation took
    kSignWord,      // an ASCII letter of a word with a sign before it
    kOdd,           // neither letter, mark, number, sign nor blank
    kProperties
  };
  uint64_t last[kProperties] = {};
  uint64_t digits = 0;  // of the number it ends with since the last boundary
};

struct FoundBoundaries {
  // Bytes beyond ASCII are in the blocks that are decided, or soon after.
  bool has_high = false;
  // By block, those asked for and some more: where pretokens start.
  uint64_t starts[ClassMasks::kMost + ClassMasks::kMostAtOnce];
  // Places of the block after those decided that only PretokenStep can decide,
  // the first of them at least; below it the block's starts are right. 0: all
  // are decided.
  uint64_t unsure = 0;
};

// Decides blocks `first` up to `end` of `masks`, the bytes of the first of
// which are at `text`, until one is unsure; returns which one, or `end`. The
// state is one for `end` then. REQUIRES: first < end <= ClassMasks::kMost; the
// masks of the block `end` are there, or empty at the end of the text, and some
// more can be read (ClassMasks::End); so can 2 bytes after the text.
using BoundaryFunction = size_t(const char* text, const ClassMasks& masks,
                                size_t first, size_t end, BoundaryState* state,
                                FoundBoundaries* found);

BoundaryFunction* BoundariesFor(Isa isa, BoundarySet set);

// For BoundariesFor.
BoundaryFunction* ScalarBoundaries(BoundarySet set);
BoundaryFunction* Avx2Boundaries(BoundarySet set);
BoundaryFunction* Avx512Boundaries(BoundarySet set);

}  // namespace peaktext

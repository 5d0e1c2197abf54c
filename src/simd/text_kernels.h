// Text to normalised words and to folded white space: the part of a signature
// that reads every byte. text_kernels_scalar.cc is the specification.
//
//   const TextKernels& kernels = TextKernelsFor(BestIsa());
//   WordCarry carry;
//   size_t n = kernels.hash_words(chunk.data(), chunk.size(), &carry, hashes);
//   ...                                      // the next chunk goes on from it
//   n = FinishWords(&carry, hashes);         // the last word
//
// A normalised word is a run of letters, digits and marks by fold_table.h: its
// letters folded, each run of digits as one `0`, as UTF-8. Characters that
// stand alone are words of their own. A run of over kMaxWordBytes folded bytes
// is cut every kMaxWordBytes. Bytes that are not UTF-8 part words.
//
// The kernels are total, keep no state of their own and allocate nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simd/isa.h"

namespace peaktext {

inline constexpr size_t kMaxWordBytes = 256;
inline constexpr size_t kTextChunkBytes = 16384;
// How far ahead fold_space, the first to read a text, fetches it.
inline constexpr size_t kPrefetchBytes = 1024;
// Room that hash_words and fold_space need for what a chunk gives.
inline constexpr size_t kMaxWordsPerChunk = kTextChunkBytes;
inline constexpr size_t kFoldedChunkBytes = kTextChunkBytes + 64;

// The word that was not yet over at the end of a chunk.
struct WordCarry {
  uint32_t size = 0;
  bool digit = false;  // the last symbol was a digit
  uint8_t bytes[kMaxWordBytes] = {};
};

// What fold_space remembers: whether a space now would be a second one. At the
// start it would: leading white space goes.
struct SpaceCarry {
  bool after_space = true;
};

struct TextKernels {
  Isa isa;
  // Writes the hash of each word that ends in the chunk; gives their number.
  // REQUIRES: size <= kTextChunkBytes; chunks end between characters (a cut one
  // counts as bytes that are not UTF-8).
  size_t (*hash_words)(const char* text, size_t size, WordCarry* carry,
                       uint64_t* hashes);
  // Writes the chunk with every run of white space (Unicode White_Space) as one
  // U+0020; gives the number of bytes. Of the whole, one space may be left at
  // the end. REQUIRES: as above; `folded` has room for kFoldedChunkBytes.
  size_t (*fold_space)(const char* text, size_t size, SpaceCarry* carry,
                       char* folded);
};

// REQUIRES: IsaSupported(isa).
const TextKernels& TextKernelsFor(Isa isa);

// The end of the next chunk of `text`: at most kTextChunkBytes, and not inside
// a character unless there are none.
inline size_t TextChunkEnd(std::string_view text, size_t begin) {
  size_t end = std::min(text.size(), begin + kTextChunkBytes);
  if (end == text.size()) return end;
  for (int back = 0; back < 3 && (text[end] & 0xC0) == 0x80; ++back) --end;
  return end;
}

// Ends the word in *carry, if there is one: writes its hash, gives 0 or 1.
size_t FinishWords(WordCarry* carry, uint64_t* hashes);

// The hash of one normalised word: blocks of 16 bytes, the last one padded with
// zeros, each folded in by a 64 x 64 -> 128 bit multiplication.
uint64_t HashWord(const uint8_t* bytes, size_t size);

}  // namespace peaktext

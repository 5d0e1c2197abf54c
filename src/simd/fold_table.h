// What becomes of a character when a text is cut into normalised words, from
// Unicode 16.0 data (generated: see make_fold_table.mjs).
//
//   const FoldAction action = FoldActionOf(U'É');   // {kLetter, U'e'}
//
// - A letter is case folded (simple folding) and loses its diacritics (its
//   canonical decomposition is a letter and marks that are dropped); half and
//   full width forms become the ordinary ones.
// - Marks are dropped where they may be left out in writing: accents, Arabic
//   harakat, Hebrew points, nuktas; vowel signs of Brahmic scripts stay, as
//   letters. Format characters (soft hyphen, joiners) are dropped too.
// - Every digit is `0`, whatever its script.
// - Characters of Han, kana, Thai, Lao, Khmer and Myanmar stand alone: each is
//   a word. Their marks are dropped.
// - All else parts words.
// So canonically equivalent texts have equal words, but for Hangul written in
// jamo and the few Brahmic vowel signs of two parts.
#pragma once

#include <cstdint>

namespace peaktext {

enum class FoldClass : uint8_t {
  kSeparator = 0,
  kLetter = 1,
  kSkip = 2,
  kDigit = 3,
  kAlone = 4,
};

struct FoldAction {
  FoldClass fold_class;
  char32_t folded;  // of a letter or a character that stands alone
};

namespace fold_table {
// Blocks of 128 characters -> number of an action -> class + 8 * (folded - c).
extern const uint8_t* const kBlocks;
extern const uint16_t* const kActionOf;
extern const int32_t* const kActions;
}  // namespace fold_table

// REQUIRES: c < 0x110000.
inline FoldAction FoldActionOf(char32_t c) {
  const uint32_t block = fold_table::kBlocks[c >> 7];
  const int32_t action =
      fold_table::kActions[fold_table::kActionOf[block * 128 + (c & 127)]];
  return {static_cast<FoldClass>(action & 7),
          static_cast<char32_t>(static_cast<int32_t>(c) + (action >> 3))};
}

}  // namespace peaktext

// The classes of a text's characters, in blocks of up to 64 bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

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

// Blocks of text that follow one another, all of whole characters. A row for
// each class, a word of it for each block, where bit i stands for byte i; none
// is set from the block's size on. Not cleared at the start: 8 KB.
struct ClassMasks {
  static constexpr size_t kMost = 64;  // blocks
  // Kernels take so many at once, from any one on.
  static constexpr size_t kMostAtOnce = 8;
  using Row = uint64_t[kMost + kMostAtOnce];

  alignas(64) Row upper;
  Row lower;
  Row both;
  Row number;
  Row blank;
  Row newline;
  Row punct;
  Row mark;
  Row space;         // U+0020
  Row apostrophe;    // U+0027
  Row high;          // bytes of characters beyond ASCII
  Row continuation;  // bytes that are not the first of a character
  Row size;          // in bytes

  size_t blocks = 0;  // for those who keep them

  static constexpr Row ClassMasks::*kRows[] = {
      &ClassMasks::upper,      &ClassMasks::lower, &ClassMasks::both,
      &ClassMasks::number,     &ClassMasks::blank, &ClassMasks::newline,
      &ClassMasks::punct,      &ClassMasks::mark,  &ClassMasks::space,
      &ClassMasks::apostrophe, &ClassMasks::high,  &ClassMasks::continuation,
      &ClassMasks::size};

  // Makes those that kernels look at beyond block `end` empty.
  void End(size_t end) {
    for (const auto row : kRows) {
      std::fill_n(this->*row + end, kMostAtOnce, 0);
    }
  }
  // Takes a block as the first.
  void TakeFirst(const ClassMasks& from, size_t block) {
    for (const auto row : kRows) (this->*row)[0] = (from.*row)[block];
  }
  // Leaves of a block the bytes from `first` up to `end`.
  void Trim(size_t block, uint64_t first, uint64_t end) {
    const uint64_t keep = end >= 64 ? ~uint64_t{0} : (uint64_t{1} << end) - 1;
    for (const auto row : kRows) {
      uint64_t& mask = (this->*row)[block];
      mask = (mask & keep) >> first;
    }
    size[block] = end - first;
  }
};

}  // namespace peaktext

// What the boundary kernels do one block at a time (boundary_step.h says what
// for): the same for all instruction sets.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "simd/class_masks.h"

namespace peaktext::boundary_lanes {

struct Boundaries {
  uint64_t starts = 0;
  uint64_t unsure = 0;
};

inline uint64_t BitAt(unsigned place) { return uint64_t{1} << place; }

// Bytes of the contraction at the apostrophe at `p`, 0 if there is none.
// Without branches, as nobody can guess it.
inline unsigned ContractionBytes(const char* p, bool any_case) {
  constexpr uint32_t kAlone =
      1U << ('s' & 31) | 1U << ('t' & 31) | 1U << ('m' & 31) | 1U << ('d' & 31);
  const unsigned fold = any_case ? 0x20 : 0;
  const unsigned first = static_cast<unsigned char>(p[1]) | fold;
  const unsigned second = static_cast<unsigned char>(p[2]) | fold;
  const bool is_alone =
      ((first & 0xE0) == 0x60) & ((kAlone >> (first & 31) & 1) != 0);
  const unsigned both = first << 8 | second;
  const bool is_two = (both == ('r' << 8 | 'e')) | (both == ('v' << 8 | 'e')) |
                      (both == ('l' << 8 | 'l'));
  // U+017F, whose case folds to that of an s.
  const bool is_long_s = any_case & (p[1] == '\xC5') & (p[2] == '\xBF');
  return (is_alone ? 2U : 0U) | ((is_two | is_long_s) ? 3U : 0U);
}

// Takes the boundaries within a contraction away and sets the one after it.
// False, and nothing is changed, when that is not sure.
inline bool CutContraction(unsigned at, unsigned bytes, uint64_t block_bytes,
                           uint64_t* starts) {
  const bool fits = (bytes != 0) & (at + bytes < block_bytes);
  const uint64_t letters = fits ? BitAt(bytes - 1) - 1 : 0;
  *starts &= ~(letters << at << 1);
  *starts |= uint64_t{fits} << ((at + bytes) % 64);
  return fits;
}

// Of blanks that follow a newline and start at `runs`.
inline Boundaries BlankStarts(const ClassMasks& masks, size_t block,
                              uint64_t runs) {
  Boundaries found;
  for (; runs != 0; runs &= runs - 1) {
    const auto start = static_cast<unsigned>(std::countr_zero(runs));
    const unsigned end =
        start +
        static_cast<unsigned>(std::countr_one(masks.blank[block] >> start));
    if (end < masks.size[block]) {
      if ((masks.newline[block] >> end & 1) == 0) found.starts |= BitAt(start);
      continue;
    }
    const auto more =
        static_cast<unsigned>(std::countr_one(masks.blank[block + 1]));
    const uint64_t next_size = masks.size[block + 1];
    if (more >= next_size && next_size != 0) {
      found.unsure |= BitAt(start);
    } else if (next_size == 0 || (masks.newline[block + 1] >> more & 1) == 0) {
      found.starts |= BitAt(start);
    }
  }
  return found;
}

// Where each third digit of a run is, from `seeds` on, which are boundaries.
inline uint64_t EachThird(uint64_t numbers, uint64_t seeds) {
  const uint64_t third = numbers & numbers << 1 & numbers << 2;
  uint64_t starts = 0;
  for (; seeds != 0; seeds = seeds << 3 & third) starts |= seeds;
  return starts;
}

// Of numbers of up to three digits. The block before ends with `before` of the
// first one, if that is not 0.
inline uint64_t NumberStarts(const ClassMasks& masks, size_t block,
                             uint64_t before) {
  const uint64_t numbers = masks.number[block];
  const uint64_t goes_on = before != 0 ? 1 : 0;
  const uint64_t first = numbers & ~(numbers << 1 | goes_on);
  if ((numbers & masks.high[block]) == 0) {
    // A run that goes on has its next boundary at the third from the last one.
    const uint64_t ahead = 3 - before;
    const uint64_t until = (uint64_t{2} << ahead) - 1;
    const uint64_t next = (numbers & until) == until ? goes_on << ahead : 0;
    return EachThird(numbers, first | next);
  }
  uint64_t starts = 0;
  for (uint64_t left = numbers & ~masks.continuation[block]; left != 0;
       left &= left - 1) {
    const uint64_t lowest = left & (0 - left);
    if ((first & lowest) != 0 || before == 3) {
      starts |= lowest;
      before = 0;
    }
    ++before;
  }
  return starts;
}

// Digits of the number that a block ends with since its last boundary;
// `before`: as many as there were before the block. REQUIRES: it ends with one.
inline uint64_t DigitsAtEnd(const ClassMasks& masks, size_t block,
                            uint64_t starts, uint64_t before) {
  const auto last = static_cast<unsigned>(masks.size[block] - 1) % 64;
  const uint64_t inside = ~uint64_t{0} >> (63 - last);
  const uint64_t upto = starts & inside;
  uint64_t since = inside & ~masks.continuation[block];
  if (upto != 0) since &= ~uint64_t{0} << (63 - std::countl_zero(upto));
  return static_cast<uint64_t>(std::popcount(since)) + (upto == 0 ? before : 0);
}

// Upper case letters from each of `firsts` on are a word of their own unless
// another letter follows.
inline Boundaries CutUppers(const ClassMasks& masks, size_t block,
                            uint64_t firsts) {
  Boundaries found;
  const uint64_t others = masks.lower[block] | masks.both[block];
  const size_t next = block + 1;
  for (; firsts != 0; firsts &= firsts - 1) {
    const int at = std::countr_zero(firsts);
    const uint64_t first = firsts & (0 - firsts);
    auto end =
        static_cast<unsigned>(at + std::countr_one(masks.upper[block] >> at));
    if (end < masks.size[block]) {
      if ((others >> end & 1) == 0) found.starts |= first;
      continue;
    }
    end = static_cast<unsigned>(std::countr_one(masks.upper[next]));
    if (end >= masks.size[next] && masks.size[next] != 0) {
      found.unsure |= first;
    } else if (((masks.lower[next] | masks.both[next]) >> end & 1) == 0) {
      found.starts |= first;
    }
  }
  return found;
}

// Of `signs`, those that are control characters.
inline uint64_t ControlCharacters(const char* text, uint64_t signs) {
  const auto is_control = [text](unsigned at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    return byte == 0x7F || (byte < 0x20 && (byte < '\t' || byte > '\r'));
  };
  unsigned some = 0;
  for (unsigned at = 0; at < 64; ++at) some |= is_control(at) ? 1U : 0U;
  if (some == 0) return 0;
  uint64_t found = 0;
  for (; signs != 0; signs &= signs - 1) {
    const auto at = static_cast<unsigned>(std::countr_zero(signs));
    if (is_control(at)) found |= BitAt(at);
  }
  return found;
}

}  // namespace peaktext::boundary_lanes

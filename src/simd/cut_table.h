// Which pairs of three-byte characters can be cut apart, as the kernels look it
// up; tokenize/exact_cuts.h makes it, and says why.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace peaktext {

struct CutTable {
  static constexpr int kPairWordBits = 12;
  static constexpr size_t kOpenWords = 16;
  static constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;

  // A bit for each pair, by its hash; set: it cannot be cut. 1 << kPairWordBits
  // words.
  const uint64_t* pairs;
  // A word for each first byte of y, 0xE0 to 0xEF, with a bit for each last
  // byte of x; set: pairs of these cannot be cut either.
  const uint64_t* open;
  // Two bits for each character of three bytes, by its code point, in twice
  // kWholeWords words; set: it is not cut before, or, in the second half, not
  // after. nullptr: all bits are 0, as they are for most vocabularies.
  const uint64_t* whole = nullptr;
  static constexpr size_t kWholeWords = 65536 / 64;

  // Of a character of three bytes.
  static uint32_t CodePoint(const char* text) {
    const auto byte = [text](size_t i) {
      return uint32_t{static_cast<unsigned char>(text[i])};
    };
    return (byte(0) & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
  }
  // Whether `whole` forbids a cut between the two characters at `text`.
  // REQUIRES: whole is not nullptr.
  bool IsWhole(const char* text) const {
    const uint32_t x = CodePoint(text);
    const uint32_t y = CodePoint(text + 3);
    return ((whole[y / 64] >> y % 64 | whole[kWholeWords + x / 64] >> x % 64) &
            1) != 0;
  }
  // Those of `places`, as TokenizeKernels::cut has them, that it does not
  // forbid. REQUIRES: whole is not nullptr.
  [[gnu::noinline]] uint64_t WithoutWhole(const char* text,
                                          uint64_t places) const {
    uint64_t left = places;
    for (uint64_t rest = places; rest != 0; rest &= rest - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(rest));
      if (IsWhole(text + at - 3)) left ^= rest & (0 - rest);
    }
    return left;
  }

  // Of the six bytes of x and y, which all reach the highest bits.
  static uint64_t PairHash(uint64_t word) {
    return (word & 0xFFFFFFFFFFFF) * kMultiplier;
  }
  static uint64_t PairWord(uint64_t hash) {
    return hash >> (64 - kPairWordBits);
  }
  static unsigned PairBit(uint64_t hash) {
    return hash >> (64 - kPairWordBits - 6) & 63;
  }
  static uint64_t OpenWord(uint64_t word) { return word >> 24 & 15; }
  static unsigned OpenBit(uint64_t word) { return word >> 16 & 63; }

  // True when a cut between the two three-byte characters at `text` changes
  // nothing. REQUIRES: 8 bytes can be read.
  bool CanCut(const char* text) const {
    return IsApart(text) && (whole == nullptr || !IsWhole(text));
  }
  // True when no token lies across.
  bool IsApart(const char* text) const {
    uint64_t word;
    std::memcpy(&word, text, sizeof(word));
    const uint64_t hash = PairHash(word);
    // Both, as a branch on the first would be a bad guess too often.
    const uint64_t joined = pairs[PairWord(hash)] >> PairBit(hash) |
                            open[OpenWord(word)] >> OpenBit(word);
    return (joined & 1) == 0;
  }
};

// TokenizeKernels::cut, one place after the other.
[[gnu::always_inline]] inline uint64_t CutEach(const char* text,
                                               uint64_t places,
                                               const CutTable& cuts) {
  uint64_t found = 0;
  for (; places != 0; places &= places - 1) {
    const auto at = static_cast<unsigned>(std::countr_zero(places));
    found |= uint64_t{cuts.IsApart(text + at - 3)} << at;
  }
  return cuts.whole == nullptr ? found : cuts.WithoutWhole(text, found);
}

}  // namespace peaktext

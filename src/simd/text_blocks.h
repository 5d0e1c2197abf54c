// The text kernels of the vector instruction sets: what they share. An
// instruction set classifies the bytes of a chunk, 64 at a time, into masks
// (TextBlocks); all the rest is 64-bit algebra on these masks and is written
// here once. Private to the text kernels.
//
// Words: bytes of words are copied, lowered, to a buffer of normalised bytes,
// with one bit each that says whether it belongs to a word. Spans of ASCII go
// 64 bytes at a time; other characters one by one through the fold table. Then
// the edges of the runs of ones are the words.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "simd/fold_table.h"
#include "simd/text_kernels.h"
#include "simd/text_step.h"

namespace peaktext::text_blocks {

inline constexpr size_t kBlocks = kTextChunkBytes / 64;

// What a chunk is made of, bit i % 64 of word i / 64 for byte i. Bytes past the
// chunk's end are 0 in every mask.
//
// A block that is all ASCII loses every digit that follows another one in it,
// from its masks and its bytes alike; kept[] says how many are left.
struct TextBlocks {
  uint64_t letter_or_digit[kBlocks];  // ASCII
  uint64_t digit[kBlocks];            // ASCII
  uint64_t not_ascii[kBlocks];
  uint8_t kept[kBlocks];  // of a block that is all ASCII
  // The chunk with A-Z as a-z and 0-9 as 0. 64 more bytes may be read.
  alignas(64) uint8_t lowered[kTextChunkBytes + 64];
};

// Where white space of several bytes may begin, from the masks of the bytes
// that its sequences start with: C2 xx, E1 9A xx, E2 80 xx, E2 81 xx, E3 80 xx.
// The last byte of a block may be a candidate, whatever comes next.
[[gnu::always_inline]] inline uint64_t SpaceCandidates(uint64_t c2, uint64_t e1,
                                                       uint64_t e2, uint64_t e3,
                                                       uint64_t x80,
                                                       uint64_t x81,
                                                       uint64_t x9a) {
  const uint64_t last = 1ULL << 63;
  return c2 | (e1 & (x9a >> 1 | last)) | (e2 & ((x80 | x81) >> 1 | last)) |
         (e3 & (x80 >> 1 | last));
}

// Masks that keep the first n bytes of 16.
struct KeepMasks {
  uint64_t low[17];
  uint64_t high[17];
};
inline constexpr KeepMasks kKeep = [] {
  KeepMasks masks{};
  for (size_t n = 0; n <= 16; ++n) {
    const auto ones = [](size_t bytes) {
      return bytes >= 8 ? ~0ULL : (1ULL << (8 * bytes)) - 1;
    };
    masks.low[n] = ones(n);
    masks.high[n] = n > 8 ? ones(n - 8) : 0;
  }
  return masks;
}();

// A block of HashWord(), of `size` <= 16 bytes, where 16 may be read.
[[gnu::always_inline]] inline uint64_t HashBlockOf(uint64_t hash,
                                                   const uint8_t* bytes,
                                                   size_t size) {
  uint64_t low;
  uint64_t high;
  std::memcpy(&low, bytes, 8);
  std::memcpy(&high, bytes + 8, 8);
  return text_step::HashBlock(hash, low & kKeep.low[size],
                              high & kKeep.high[size]);
}

// Room for the normalised bytes of a chunk: a character of 3 bytes that stands
// alone gives 5, no other kind more per byte.
inline constexpr size_t kMaxNormalisedBytes =
    kMaxWordBytes + kTextChunkBytes / 3 * 5 + 8;
static_assert(kMaxNormalisedBytes < 65536);  // positions are 16 bits

// Where the runs of ones start and end, in turns.
struct Edges {
  size_t count = 0;
  // May be written 64 entries beyond its end.
  uint16_t at[kMaxNormalisedBytes + 128];
};

// Normalised bytes and their bits.
class NormalisedText {
 public:
  // Room is made ready for a chunk of `size` bytes.
  NormalisedText(const WordCarry& carry, size_t size) : digit_(carry.digit) {
    std::memset(bits_, 0, ((carry.size + size / 3 * 5 + 8) / 64 + 2) * 8);
    std::memcpy(bytes_, carry.bytes, carry.size);
    for (uint32_t at = 0; at < carry.size; at += 64) {
      AppendBits(carry.size - at >= 64 ? ~0ULL : Ones(carry.size - at));
      size_ += std::min<size_t>(64, carry.size - at);
    }
  }

  // Appends a block that is all ASCII and has lost its repeated digits: `size`
  // bytes of it are left, 64 may be read; else as below.
  [[gnu::always_inline]] void AppendBlock(const uint8_t* lowered, size_t size,
                                          uint64_t word, uint64_t digit) {
    const unsigned repeats = digit_ ? digit & 1 : 0;
    digit_ = ((digit >> (size - 1)) & 1) != 0;
    Copy(lowered + repeats, size - repeats, word >> repeats);
  }

  // Appends `size` <= 64 bytes of ASCII, 64 of which may be read; bits of them:
  // `word`, those of words, and `digit`; zeros from `size` on.
  [[gnu::always_inline]] void AppendAscii(const uint8_t* lowered, size_t size,
                                          uint64_t word, uint64_t digit) {
    uint64_t drop = digit & ((digit << 1) | (digit_ ? 1 : 0));
    digit_ = ((digit >> (size - 1)) & 1) != 0;
    while (drop != 0) [[unlikely]] {
        const auto kept = static_cast<size_t>(std::countr_zero(drop));
        Copy(lowered, kept, word & Ones(kept));
        const size_t taken = kept + 1;
        lowered += taken;
        size -= taken;
        word = taken < 64 ? word >> taken : 0;
        drop = taken < 64 ? drop >> taken : 0;
      }
    Copy(lowered, size, word);
  }

  [[gnu::always_inline]] void AppendFolded(const FoldAction& action) {
    switch (action.fold_class) {
      case FoldClass::kSkip:
        return;
      case FoldClass::kSeparator:
        ++size_;
        break;
      case FoldClass::kLetter:
        AppendCharacter(action.folded);
        break;
      case FoldClass::kDigit:
        if (!digit_) AppendCharacter(U'0');
        digit_ = true;
        return;
      case FoldClass::kAlone:
        ++size_;
        AppendCharacter(action.folded);
        ++size_;
        break;
    }
    digit_ = false;
  }

  [[gnu::always_inline]] void AppendSeparator() {
    ++size_;
    digit_ = false;
  }

  // Whether each byte is one of a word; zeros from size() on, to whole words of
  // bits and one more.
  const uint64_t* bits() const { return bits_; }
  size_t size() const { return size_; }

  // Hashes the words that have ended; the last one, if open, goes to *carry.
  [[gnu::always_inline]] size_t Hash(const Edges& edges, WordCarry* carry,
                                     uint64_t* hashes) const {
    uint64_t* out = hashes;
    // An open word is listed too, as ending behind the last byte.
    const bool is_open =
        size_ > 0 && ((bits_[(size_ - 1) / 64] >> ((size_ - 1) % 64)) & 1) != 0;
    const size_t ended = edges.count / 2 - (is_open ? 1 : 0);
    for (size_t i = 0; i < ended; ++i) {
      const size_t start = edges.at[2 * i];
      const size_t size = edges.at[2 * i + 1] - start;
      if (size <= 16) [[likely]] {
        *out++ = HashBlockOf(0, bytes_ + start, size);
      } else {
        out = HashLongWord(out, start, size);
      }
    }
    carry->digit = digit_;
    carry->size = 0;
    if (is_open) {
      size_t start = edges.at[2 * ended];
      for (; size_ - start > kMaxWordBytes; start += kMaxWordBytes) {
        *out++ = HashWord(bytes_ + start, kMaxWordBytes);
      }
      carry->size = static_cast<uint32_t>(size_ - start);
      std::memcpy(carry->bytes, bytes_ + start, size_ - start);
    }
    return static_cast<size_t>(out - hashes);
  }

 private:
  [[gnu::always_inline]] static uint64_t Ones(size_t count) {
    return (1ULL << count) - 1;  // REQUIRES: count < 64
  }

  // A word of over 16 bytes, in pieces if it is over kMaxWordBytes.
  [[gnu::noinline]] uint64_t* HashLongWord(uint64_t* out, size_t start,
                                           size_t size) const {
    for (; size > kMaxWordBytes; size -= kMaxWordBytes) {
      *out++ = HashWord(bytes_ + start, kMaxWordBytes);
      start += kMaxWordBytes;
    }
    uint64_t hash = 0;
    for (; size > 16; size -= 16, start += 16) {
      hash = HashBlockOf(hash, bytes_ + start, 16);
    }
    *out++ = HashBlockOf(hash, bytes_ + start, size);
    return out;
  }

  [[gnu::always_inline]] void AppendBits(uint64_t bits) {
    const size_t shift = size_ % 64;
    bits_[size_ / 64] |= bits << shift;
    bits_[size_ / 64 + 1] |= (bits >> 1) >> (63 - shift);
  }

  [[gnu::always_inline]] void Copy(const uint8_t* from, size_t size,
                                   uint64_t word) {
    std::memcpy(bytes_ + size_, from, 64);
    AppendBits(word);
    size_ += size;
  }

  [[gnu::always_inline]] void AppendCharacter(char32_t c) {
    const size_t size = text_step::Encode(c, bytes_ + size_);
    AppendBits(Ones(size));
    size_ += size;
    digit_ = false;
  }

  size_t size_ = 0;
  bool digit_;
  uint64_t bits_[kMaxNormalisedBytes / 64 + 2];
  alignas(
      64) uint8_t bytes_[kMaxNormalisedBytes + 128];  // slack for copies of 64
};

// The chunk's normalised bytes, given the classification.
[[gnu::always_inline]] inline void Normalise(const TextBlocks& blocks,
                                             const char* text, size_t size,
                                             NormalisedText* normalised) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text);
  for (size_t i = 0; i < size;) {
    const size_t in_block = i % 64;
    const size_t left = std::min(64 - in_block, size - i);
    const uint64_t not_ascii = blocks.not_ascii[i / 64] >> in_block;
    if (in_block == 0 && not_ascii == 0) [[likely]] {
      normalised->AppendBlock(blocks.lowered + i, blocks.kept[i / 64],
                              blocks.letter_or_digit[i / 64],
                              blocks.digit[i / 64]);
      i += left;
      continue;
    }
    const auto ascii =
        std::min(left, static_cast<size_t>(std::countr_zero(not_ascii)));
    if (ascii > 0) {
      const uint64_t keep = ascii < 64 ? (1ULL << ascii) - 1 : ~0ULL;
      normalised->AppendAscii(
          blocks.lowered + i, ascii,
          (blocks.letter_or_digit[i / 64] >> in_block) & keep,
          (blocks.digit[i / 64] >> in_block) & keep);
      i += ascii;
      if (ascii == left) continue;
    }
    do {
      const text_step::Decoded next = text_step::Decode(bytes + i, size - i);
      i += next.size;
      if (next.character == text_step::kBad) [[unlikely]] {
        normalised->AppendSeparator();
      } else {
        normalised->AppendFolded(FoldActionOf(next.character));
      }
    } while (i < size && bytes[i] >= 0x80);
  }
}

// White space through the blocks of a chunk: what of it is kept.
class SpaceRun {
 public:
  SpaceRun(const char* text, size_t size, SpaceCarry carry)
      : bytes_(reinterpret_cast<const uint8_t*>(text)),
        size_(size),
        last_(carry.after_space ? 1 : 0) {}

  // Takes in the block at `at`: its ASCII white space, and where white space of
  // several bytes may begin. Gives all bytes of white space.
  [[gnu::always_inline]] uint64_t Add(size_t at, uint64_t space,
                                      uint64_t candidate) {
    space |= pending_;
    pending_ = 0;
    for (; candidate != 0; candidate &= candidate - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(candidate));
      const text_step::Decoded next =
          text_step::Decode(bytes_ + at + bit, size_ - at - bit);
      if (!text_step::IsSpace(next.character)) continue;
      const uint64_t wide = (1ULL << next.size) - 1;
      space |= wide << bit;
      if (bit > 60) pending_ = wide >> (64 - bit);
    }
    taken_ = std::min<size_t>(64, size_ - at);
    drop_ = space & ((space << 1) | last_);
    last_ = (space >> (taken_ - 1)) & 1;
    return space;
  }

  // Of the last block: its bytes, and which of them are white space that
  // follows other white space.
  size_t taken() const { return taken_; }
  uint64_t drop() const { return drop_; }
  SpaceCarry carry() const { return {.after_space = last_ != 0}; }

 private:
  const uint8_t* bytes_;
  size_t size_;
  uint64_t last_;
  uint64_t pending_ = 0;  // bytes of the next block, of a character in this one
  uint64_t drop_ = 0;
  size_t taken_ = 0;
};

// Copies those of `size` <= 64 bytes that are not in `drop`; 64 beyond each
// that is kept may be read and written. Gives the new end.
[[gnu::always_inline]] inline uint8_t* CopyKept(const uint8_t* from,
                                                size_t size, uint64_t drop,
                                                uint8_t* out) {
  while (drop != 0) {
    const auto kept = static_cast<size_t>(std::countr_zero(drop));
    std::memcpy(out, from, 64);
    out += kept;
    // Over all that is dropped in a row, in one step.
    const auto run = static_cast<size_t>(std::countr_one(drop >> kept));
    from += kept + run;
    size -= kept + run;
    drop = kept + run < 64 ? drop >> (kept + run) : 0;
  }
  std::memcpy(out, from, 64);
  return out + size;
}

}  // namespace peaktext::text_blocks

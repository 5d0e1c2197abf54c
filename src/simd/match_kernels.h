// The tokens that start at each of many places of a text, and which short ones
// can stand side by side there.
//
// Tokens are found in a trie whose nodes are words of 64 bits, from the top:
// mark:22 (all ones: no token ends here) | base:21 | is used:1 | byte:8 | which
// children there may be:12. The child for a byte is in slot (base XOR byte),
// and is used and for that byte, or there is none; there may be one only if the
// bit of the byte's bucket is set, and slot 0 is nobody's.
// tokenize/token_trie.h says why.
//
// A token's mark is twice its id, plus one if it is in doubt: if it may not
// merge though it lies across a boundary within the limits of both sides.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "simd/isa.h"

namespace peaktext {

struct TrieWords {
  static constexpr uint32_t kNoToken = (1 << 22) - 1;  // instead of a mark
  static constexpr uint64_t kNoNode = uint64_t{kNoToken} << 42;
  static constexpr uint64_t kChildren = (1 << 12) - 1;

  // Of the low four bits of a byte, of which four values share their places.
  static constexpr uint32_t Bucket(uint32_t byte) {
    const uint32_t low = byte & 15;
    return low - ((low + 4) >> 1 & 8);
  }

  const uint32_t* ones;   // id of each byte's token; UINT32_MAX: none
  const uint64_t* heads;  // nodes of two bytes; kNoNode if there is none
  const uint64_t* slots;
};

struct TokenMatch {
  uint32_t id;
  uint32_t bytes;
};

// Of one token, for four lengths of its parts: 1 to 4 ("near"), or 5 to
// kMaxBytes ("far").
// tokenize/bpe_model.cc, 5, says why this tells what can stand together.
struct alignas(32) PairLimits {
  static constexpr uint32_t kMaxBytes = 8;
  static constexpr int32_t kUnlimited = TrieWords::kNoToken;

  // [a - 1], or [a - 5]: where the token's last a bytes are a token in its
  // making: that joins only into tokens of lower marks than this. Else 0.
  int32_t right[4];
  // [b - 1], or [b - 5]: the same of its first b bytes.
  int32_t left[4];
};

// Side by side, as most texts want both.
struct alignas(64) TokenLimits {
  PairLimits near;
  PairLimits far;

  // Of the last, or the first, `bytes`. REQUIRES: bytes <= kMaxBytes.
  int32_t right(size_t bytes) const {
    return (bytes <= 4 ? near : far).right[(bytes - 1) % 4];
  }
  int32_t left(size_t bytes) const {
    return (bytes <= 4 ? near : far).left[(bytes - 1) % 4];
  }
};

// What is known of some hundred places of a text, which come one after the
// other.
struct MatchBuffer {
  static constexpr size_t kPlaces = 288;
  static constexpr size_t kPlanes = 4;
  // The first few rows are read, but are of no place; the last ones are of no
  // use.
  static constexpr size_t kBefore = PairLimits::kMaxBytes;
  static constexpr size_t kBehind = 16;
  // Of tokens of no more bytes all shorter ones are known.
  static constexpr size_t kMostBytes = 4 * kPlanes + 2;
  // Tokens of so many may have a part that no limit is known for.
  static constexpr size_t kFarBytes = PairLimits::kMaxBytes + 2;

  // Marks of the tokens of four lengths that start at a place, or kNoToken.
  struct alignas(16) Row {
    int32_t marks[4];
  };

  // Of the token of 2 to 17 bytes that starts at `place`.
  int32_t Mark(size_t place, size_t bytes) const {
    return rows[(bytes - 2) / 4][kBefore + place].marks[(bytes - 2) % 4];
  }

  // The longest token at `place`, of 0 bytes: none.
  TokenMatch Longest(size_t place) const {
    const uint64_t word = longest[place];
    return {static_cast<uint32_t>(word) >> 1,
            static_cast<uint32_t>(word >> 32)};
  }
  // The longest token at `place` that is shorter than `match`, where `one` is
  // the id of its first byte, or UINT32_MAX; 0 bytes: none. REQUIRES:
  // 0 < match.bytes <= kMostBytes.
  TokenMatch Shorter(size_t place, uint32_t one, TokenMatch match) const {
    while (--match.bytes > 1) {
      const auto mark = static_cast<uint32_t>(Mark(place, match.bytes));
      if (mark != TrieWords::kNoToken) return {mark >> 1, match.bytes};
    }
    const bool is_one = match.bytes == 1 && one != UINT32_MAX;
    return {one, is_one ? 1U : 0U};
  }

  // The places before `end` may have tokens of six bytes or more, and so may
  // the few that were written behind them.
  void RememberTo(size_t end) { long_end = std::max(long_end, end + kBehind); }
  // Whether limits do not tell all of this pair, which meets at `place`.
  bool IsFar(TokenMatch left, TokenMatch right, size_t place) const {
    return ((left.bytes - 1) | (right.bytes - 1)) >= PairLimits::kMaxBytes &&
           far[place] != 0;
  }

  // True when it is known that no token of six bytes or more begins at any of
  // the places or lies across one.
  bool AreNear(size_t first, size_t places) const {
    return long_end + kBefore <= first &&
           std::memchr(far + first, 1, places) == nullptr;
  }

  // Makes the places from `first` on have no tokens of 2 + 4 plane bytes or
  // more. REQUIRES: plane > 0.
  void ForgetFrom(size_t plane, size_t first) {
    if (long_end <= first) return;
    for (size_t i = plane; i < kPlanes; ++i) {
      std::fill_n(rows[i][kBefore + first].marks, 4 * (long_end - first),
                  static_cast<int32_t>(TrieWords::kNoToken));
    }
    if (plane == 1) long_end = first;
  }

  // rows[i]: of 2 + 4 i to 5 + 4 i bytes.
  Row rows[kPlanes][kBefore + kPlaces + kBehind];
  // 1: a token of kFarBytes or more may lie across the place; else 0.
  uint8_t far[kPlaces + 128];
  // Of the last text whose tokens were taken: whether these were short.
  bool short_tokens = false;
  // From this place on no token has six bytes or more: rows[1] and the next are
  // kNoToken.
  size_t long_end = kPlaces + kBehind;
  // Of the longest token, and the next that is shorter: bytes << 32 | mark;
  // 0 bytes: there is none.
  uint64_t longest[kPlaces + kBehind];
  uint64_t second[kPlaces + kBehind];
  // Mark of all of two bytes and more. More of them are read than of others.
  int32_t lowest[kPlaces + 3 * kBehind];
};

// What finding needs for itself, and leaves of it.
struct OpenPlaces {
  static constexpr size_t kMost = 256;

  // Of so many places. Some bytes more than they have are enough for all tokens
  // of rows.
  void TakeText(std::string_view from, size_t number) {
    const size_t taken = std::min(from.size(), number + 24);
    std::memcpy(text, from.data(), taken);
    std::memset(text + taken, 0, 16);
  }
  // Behind the end of a text of `text_bytes` there is nothing, not even zeros.
  // For nodes of `shortest` bytes, and of one, two, three more.
  void EndNodes(size_t text_bytes, size_t number, size_t shortest) {
    if (number + shortest + 2 <= text_bytes) return;
    for (uint64_t* ends : nodes) {
      const size_t whole =
          text_bytes < shortest ? 0 : text_bytes - shortest + 1;
      for (size_t at = whole; at < number; ++at) ends[at] = TrieWords::kNoNode;
      ++shortest;
    }
  }

  char text[kMost + 64];  // of the places, and what of it follows, then zeros
  size_t bytes;           // so long are the longest that were looked for
  // Nodes of each place; the last are of so many bytes.
  uint64_t nodes[4][kMost + MatchBuffer::kBehind];
  // Where longer tokens may start: where one of those has children, and perhaps
  // others that are there.
  uint8_t places[kMost + 64];
  size_t count;
};

// Steps from token to token.
struct ShortSteps {
  // Of the model: limits by id; `odd` ones, whose splits have the bit kOdd, are
  // in doubt together with whatever stands beside them (nullptr: none).
  static constexpr uint8_t kOdd = 64;
  const uint32_t* ones;
  const TokenLimits* limits;
  const uint8_t* odd;
  // Of the text.
  const MatchBuffer* buffer;
  const char* text;
  size_t base;     // of the buffer: its first place
  size_t end;      // where what it knows ends
  uint64_t* dead;  // bits: places that no path leads on from
  TokenMatch* path;
  size_t begin;  // the path is not taken back to below this length
  // How far it is.
  size_t at;
  size_t length;    // of the path, not 0
  TokenMatch next;  // to be tried; 0 bytes: none is left

  bool IsDead(size_t place) const {
    return (dead[place / 64] >> place % 64 & 1) != 0;
  }
  void MarkDead(size_t place) const {
    dead[place / 64] |= uint64_t{1} << place % 64;
  }
};

enum class StepsEnd {
  kAtEnd,  // of what the buffer knows
  kLong,   // `next` is longer than MatchBuffer::kMostBytes, or there is none
  kBack,   // taken back to below `begin`
  kDoubt,  // whether `next` can stand here is for somebody else to say
};

struct MatchKernels {
  const char* name;
  // For the first `places` of `text`, the first of which is to be `first` in
  // the buffer; of up to open->bytes, all longer ones as if there were none.
  // REQUIRES: places <= text.size(), places <= OpenPlaces::kMost,
  // first + places <= MatchBuffer::kPlaces.
  void (*find)(const TrieWords& trie, std::string_view text, size_t places,
               MatchBuffer* buffer, size_t first, OpenPlaces* open);
  // Of the `places` from `first` on: makes the second the longest where nothing
  // can stand behind the longest (bpe_model.cc, 6), as far as the limits of its
  // last one to four bytes tell when they and marks are shifted by `shift`, so
  // that a mark is below UINT16_MAX, and a limit that is not is this. Not where
  // the longest has more than PairLimits::kMaxBytes.
  void (*foresee)(const TokenLimits* limits, int shift, size_t first,
                  size_t places, MatchBuffer* buffer);
  // From the longest token to the next that can follow it, ever shorter ones,
  // back by one where none can. REQUIRES: `next` has at most
  // MatchBuffer::kMostBytes.
  StepsEnd (*step)(ShortSteps* steps);
};

const MatchKernels& MatchKernelsFor(Isa isa);

// The tables' functions, for MatchKernelsFor.
const MatchKernels& ScalarMatchKernels();
const MatchKernels& Avx2MatchKernels();
const MatchKernels& Avx512MatchKernels();

}  // namespace peaktext

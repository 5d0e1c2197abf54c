#include <bit>
#include <cstring>

#include "simd/tokenize_kernels.h"

namespace peaktext {
namespace {

// What a byte is beside its character's role.
enum Kind : uint8_t {
  kSpace = 1 << 0,
  kApostrophe = 1 << 1,
  kHigh = 1 << 2,
  kContinuation = 1 << 3,
};

// REQUIRES: valid UTF-8, of two to four bytes.
uint32_t Decode(const unsigned char* p, unsigned bytes) {
  if (bytes == 2) return (p[0] & 0x1FU) << 6 | (p[1] & 0x3FU);
  if (bytes == 3) {
    return (p[0] & 0x0FU) << 12 | (p[1] & 0x3FU) << 6 | (p[2] & 0x3FU);
  }
  return (p[0] & 0x07U) << 18 | (p[1] & 0x3FU) << 12 | (p[2] & 0x3FU) << 6 |
         (p[3] & 0x3FU);
}

// Of eight bytes, the first the lowest: byte b has their bits b (Warren,
// "Hacker's Delight", 7-3).
uint64_t Transposed(uint64_t bytes) {
  const auto swap = [&bytes](int distance, uint64_t mask) {
    const uint64_t differ = (bytes ^ bytes >> distance) & mask;
    bytes ^= differ | differ << distance;
  };
  swap(7, 0x00AA00AA00AA00AA);
  swap(14, 0x0000CCCC0000CCCC);
  swap(28, 0x00000000F0F0F0F0);
  return bytes;
}

// masks[b] has the bits b of the first `size` bytes of 64.
template <size_t kBits>
void BitsOf(const uint8_t* bytes, unsigned size, uint64_t (&masks)[kBits]) {
  for (int at = 0; at < 64; at += 8) {
    uint64_t eight;
    std::memcpy(&eight, bytes + at, sizeof(eight));
    eight = Transposed(eight);
    for (uint64_t& mask : masks) {
      mask |= (eight & 0xFF) << at;
      eight >>= 8;
    }
  }
  for (uint64_t& mask : masks) mask &= ~uint64_t{0} >> (64 - size);
}

void ClassifyBlock(const char* text, const RoleTable& roles, size_t block,
                   ClassMasks* masks) {
  // Characters are written as if of four bytes, one over the end of the other.
  uint8_t role_of[64 + 3] = {};
  uint8_t kind_of[64 + 3] = {};
  constexpr uint8_t kKinds[4] = {kHigh, kHigh | kContinuation,
                                 kHigh | kContinuation, kHigh | kContinuation};
  unsigned at = 0;
  while (at < 64) {
    const auto* p = reinterpret_cast<const unsigned char*>(text + at);
    if (p[0] < 0x80) {
      role_of[at] = roles.of_code_point[p[0]];
      kind_of[at++] = static_cast<uint8_t>((p[0] == ' ' ? kSpace : 0) |
                                           (p[0] == '\'' ? kApostrophe : 0));
      continue;
    }
    // The next 64 bytes are read only to learn how long this character is.
    const auto bytes = static_cast<unsigned>(std::countl_one(p[0]));
    if (at + bytes > 64) break;
    const uint8_t role = roles.of_code_point[Decode(p, bytes)];
    std::memset(role_of + at, role, 4);
    std::memcpy(kind_of + at, kKinds, 4);
    at += bytes;
  }
  // In the order of Role, and of Kind.
  uint64_t of_role[8] = {};
  uint64_t of_kind[4] = {};
  BitsOf(role_of, at, of_role);
  BitsOf(kind_of, at, of_kind);
  const auto [upper, lower, both, number, blank, newline, punct, mark] =
      of_role;
  const auto [space, apostrophe, high, continuation] = of_kind;
  masks->upper[block] = upper;
  masks->lower[block] = lower;
  masks->both[block] = both;
  masks->number[block] = number;
  masks->blank[block] = blank;
  masks->newline[block] = newline;
  masks->punct[block] = punct;
  masks->mark[block] = mark;
  masks->space[block] = space;
  masks->apostrophe[block] = apostrophe;
  masks->high[block] = high;
  masks->continuation[block] = continuation;
  masks->size[block] = at;
}

Classified Classify(std::string_view text, const RoleTable& roles, size_t from,
                    ClassMasks* masks) {
  size_t at = 0;
  size_t block = from;
  for (; at < text.size() && block < ClassMasks::kMost; ++block) {
    ClassifyBlock(text.data() + at, roles, block, masks);
    at += masks->size[block];
  }
  return {block - from, at};
}

uint64_t Cut(const char* text, uint64_t places, const CutTable& cuts) {
  return CutEach(text, places, cuts);
}

size_t Flatten(std::span<const uint64_t> masks, uint16_t first,
               uint16_t* positions) {
  size_t count = 0;
  for (size_t word = 0; word < masks.size(); ++word) {
    for (uint64_t mask = masks[word]; mask != 0; mask &= mask - 1) {
      positions[count++] = static_cast<uint16_t>(
          first + 64 * word + static_cast<size_t>(std::countr_zero(mask)));
    }
  }
  return count;
}

void Append(uint16_t start, unsigned bytes, bool belongs, PretokenList* list) {
  list->starts[list->count] = start;
  list->bytes[list->count] = static_cast<uint8_t>(bytes);
  list->count += belongs;
}

void SortByLength(std::span<const uint16_t> positions, size_t from,
                  PretokenLists* out) {
  PretokenLists lists = *out;
  for (size_t i = from; i + 1 < positions.size(); ++i) {
    const uint16_t start = positions[i];
    const unsigned bytes = unsigned{positions[i + 1]} - start;
    lists.pairs.starts[lists.pairs.count] = start;
    lists.pairs.count += bytes == 2;
    Append(start, bytes, bytes - 3 < 5, &lists.shorts);
    Append(start, bytes, bytes - 8 < 8, &lists.mids);
    Append(start, bytes, bytes - 16 < 15, &lists.wides);
    lists.longs.starts[lists.longs.count] = static_cast<uint16_t>(i);
    lists.longs.count += bytes >= 31;
  }
  *out = lists;
}

}  // namespace

const TokenizeKernels& ScalarTokenizeKernels() {
  static constexpr TokenizeKernels kKernels = {"scalar", Classify, Cut, Flatten,
                                               SortByLength};
  return kKernels;
}

const TokenizeKernels& TokenizeKernelsFor(Isa isa) {
  switch (isa) {
    case Isa::kAvx2:
      return Avx2TokenizeKernels();
    case Isa::kAvx512:
      return Avx512TokenizeKernels();
    case Isa::kScalar:
      break;
  }
  return ScalarTokenizeKernels();
}

}  // namespace peaktext

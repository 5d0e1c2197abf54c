#include <algorithm>
#include <bit>

#include "simd/tokenize_kernels.h"

namespace peaktext {
namespace {

struct Decoded {
  uint32_t code_point;
  unsigned bytes;
};

// REQUIRES: valid UTF-8.
Decoded Decode(const unsigned char* p) {
  if (p[0] < 0x80) return {p[0], 1};
  if (p[0] < 0xE0) {
    return {(p[0] & 0x1FU) << 6 | (p[1] & 0x3FU), 2};
  }
  if (p[0] < 0xF0) {
    return {(p[0] & 0x0FU) << 12 | (p[1] & 0x3FU) << 6 | (p[2] & 0x3FU), 3};
  }
  return {(p[0] & 0x07U) << 18 | (p[1] & 0x3FU) << 12 | (p[2] & 0x3FU) << 6 |
              (p[3] & 0x3FU),
          4};
}

// All ones when `role` has `bit`.
uint64_t Has(unsigned role, unsigned bit) {
  return (role & bit) != 0 ? ~uint64_t{0} : 0;
}

unsigned Classify(const char* text, const RoleTable& roles, ClassMasks* masks) {
  *masks = {};
  unsigned at = 0;
  while (at < 64) {
    const auto* p = reinterpret_cast<const unsigned char*>(text + at);
    // The next 64 bytes are read only to learn how long this character is.
    const unsigned bytes =
        p[0] < 0x80 ? 1 : static_cast<unsigned>(std::countl_one(p[0]));
    if (at + bytes > 64) break;
    const Decoded c = Decode(p);
    const unsigned role = roles.of_code_point[c.code_point];
    const uint64_t bits = ((uint64_t{1} << bytes) - 1) << at;
    masks->upper |= bits & Has(role, kRoleUpper);
    masks->lower |= bits & Has(role, kRoleLower);
    masks->both |= bits & Has(role, kRoleBoth);
    masks->number |= bits & Has(role, kRoleNumber);
    masks->blank |= bits & Has(role, kRoleBlank);
    masks->newline |= bits & Has(role, kRoleNewline);
    masks->punct |= bits & Has(role, kRolePunct);
    masks->mark |= bits & Has(role, kRoleMark);
    if (p[0] == ' ') masks->space |= bits;
    if (p[0] == '\'') masks->apostrophe |= bits;
    if (bytes > 1) {
      masks->high |= bits;
      masks->continuation |= bits & (bits << 1);
    }
    at += bytes;
  }
  return at;
}

size_t Flatten(uint64_t mask, uint16_t base, uint16_t* positions) {
  size_t count = 0;
  for (; mask != 0; mask &= mask - 1) {
    positions[count++] = static_cast<uint16_t>(base + std::countr_zero(mask));
  }
  return count;
}

void SortByLength(std::span<const uint16_t> positions, PretokenLists* lists) {
  size_t pairs = 0;
  size_t shorts = 0;
  size_t mids = 0;
  size_t longs = 0;
  for (size_t i = 0; i + 1 < positions.size(); ++i) {
    const uint16_t start = positions[i];
    const unsigned bytes = unsigned{positions[i + 1]} - start;
    lists->pair_starts[pairs] = start;
    pairs += bytes == 2;
    lists->short_starts[shorts] = start;
    lists->short_bytes[shorts] = static_cast<uint8_t>(bytes);
    shorts += bytes - 3 < 5;
    lists->mid_starts[mids] = start;
    lists->mid_bytes[mids] = static_cast<uint8_t>(bytes);
    mids += bytes - 8 < 8;
    lists->long_indexes[longs] = static_cast<uint16_t>(i);
    longs += bytes >= 16;
  }
  lists->pairs = pairs;
  lists->shorts = shorts;
  lists->mids = mids;
  lists->longs = longs;
}

// No branch on what is found: misses are rare but not to be foreseen.
uint64_t CountShorts(const char* text, const PretokenLists& lists,
                     const ShortCounts& counts, uint16_t* misses,
                     size_t* missing) {
  uint64_t tokens = 0;
  size_t missed = 0;
  for (size_t i = 0; i < lists.shorts; ++i) {
    const uint64_t key =
        ShortCounts::Key(text + lists.short_starts[i], lists.short_bytes[i]);
    const uint64_t* line = counts.entries + counts.LineOf(key);
    // What an entry and its own key differ by is the count.
    const uint64_t found = std::min(line[0] ^ key, line[1] ^ key);
    tokens += found < 16 ? found : 0;
    misses[missed] = static_cast<uint16_t>(i);
    missed += found >= 16;
  }
  *missing = missed;
  return tokens;
}

uint64_t CountMids(const char* text, const PretokenLists& lists,
                   const MidCounts& counts, uint16_t* misses, size_t* missing) {
  uint64_t tokens = 0;
  size_t missed = 0;
  for (size_t i = 0; i < lists.mids; ++i) {
    const MidCounts::Entry key =
        MidCounts::Key(text + lists.mid_starts[i], lists.mid_bytes[i]);
    const MidCounts::Entry* bucket = counts.BucketOf(key);
    const auto differ = [&key](const MidCounts::Entry& entry) {
      const uint64_t head = entry.words[0] ^ key.words[0];
      return (entry.words[1] ^ key.words[1]) | head << 4 | head >> 32;
    };
    const uint64_t found = std::min(differ(bucket[0]), differ(bucket[1]));
    tokens += found < 16 ? found : 0;
    misses[missed] = static_cast<uint16_t>(i);
    missed += found >= 16;
  }
  *missing = missed;
  return tokens;
}

}  // namespace

const TokenizeKernels& ScalarTokenizeKernels() {
  static constexpr TokenizeKernels kKernels = {
      "scalar", Classify, Flatten, SortByLength, CountShorts, CountMids};
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

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

void ClassifyBlock(const char* text, const RoleTable& roles,
                   ClassMasks* masks) {
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
  masks->size = at;
}

size_t Classify(std::string_view text, const RoleTable& roles,
                std::span<ClassMasks> blocks) {
  size_t count = 0;
  for (size_t at = 0; at < text.size() && count < blocks.size();) {
    ClassifyBlock(text.data() + at, roles, &blocks[count]);
    at += blocks[count++].size;
  }
  return count;
}

uint64_t Cut(const char* text, uint64_t places, const CutTable& cuts) {
  return CutEach(text, places, cuts);
}

size_t Flatten(std::span<const uint64_t> masks, uint16_t* positions) {
  size_t count = 0;
  for (size_t word = 0; word < masks.size(); ++word) {
    for (uint64_t mask = masks[word]; mask != 0; mask &= mask - 1) {
      positions[count++] = static_cast<uint16_t>(
          64 * word + static_cast<size_t>(std::countr_zero(mask)));
    }
  }
  return count;
}

void Append(uint16_t start, unsigned bytes, bool belongs, PretokenList* list) {
  list->starts[list->count] = start;
  list->bytes[list->count] = static_cast<uint8_t>(bytes);
  list->count += belongs;
}

void SortByLength(std::span<const uint16_t> positions, PretokenLists* out) {
  PretokenLists lists = *out;
  lists.pairs.count = lists.shorts.count = lists.mids.count =
      lists.wides.count = lists.longs = 0;
  for (size_t i = 0; i + 1 < positions.size(); ++i) {
    const uint16_t start = positions[i];
    const unsigned bytes = unsigned{positions[i + 1]} - start;
    lists.pairs.starts[lists.pairs.count] = start;
    lists.pairs.count += bytes == 2;
    Append(start, bytes, bytes - 3 < 5, &lists.shorts);
    Append(start, bytes, bytes - 8 < 8, &lists.mids);
    Append(start, bytes, bytes - 16 < 15, &lists.wides);
    lists.long_indexes[lists.longs] = static_cast<uint16_t>(i);
    lists.longs += bytes >= 31;
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

// The role (tokenize_kernels.h) that a pattern gives each character, in the
// forms that the kernels look it up in. A page is 64 code points in a row: the
// characters that differ in the last byte of their UTF-8 alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace peaktext {

struct RoleTable {
  static constexpr size_t kCodePoints = 0x110000;
  static constexpr size_t kThreeBytePages = 0x10000 / 64;

  // REQUIRES: kCodePoints roles.
  explicit RoleTable(std::vector<uint8_t> roles);

  std::vector<uint8_t> of_code_point;
  // The role that a whole page has, 0 if its characters differ. In rows of 64:
  // the pages of a three-byte lead.
  std::vector<uint8_t> of_page;
  // By the low six bits of the lead of a three-byte character: the role that
  // all of its characters have, 0 if they differ; 0 for other leads.
  uint8_t of_lead[64] = {};
};

}  // namespace peaktext

// The role (tokenize_kernels.h) that a pattern gives each character, and the
// same once more for many characters at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace peaktext {

// 64 characters that differ in the last byte of their UTF-8 only, and a bit for
// each: most have the first role, or the second.
struct RolePage {
  uint8_t first;
  uint8_t second;
  uint64_t is_second;
  uint64_t is_other;
};

struct RoleTable {
  static constexpr size_t kCodePoints = 0x110000;

  // REQUIRES: kCodePoints roles.
  explicit RoleTable(std::vector<uint8_t> roles);

  std::vector<uint8_t> of_code_point;
  // Of the characters of up to three bytes: that of character c is c / 64.
  std::vector<RolePage> pages;
  // Ideographs and Hangul, of which whole ranges have `wide_role`: after the
  // lead byte 0xE0 + i second bytes from wide_first[i] to wide_last[i].
  uint8_t wide_role;
  std::array<uint8_t, 16> wide_first;
  std::array<uint8_t, 16> wide_last;
};

}  // namespace peaktext

// The role (tokenize_kernels.h) that a pattern gives each character.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace peaktext {

struct RoleTable {
  static constexpr size_t kCodePoints = 0x110000;

  // REQUIRES: kCodePoints roles.
  explicit RoleTable(std::vector<uint8_t> roles)
      : of_code_point(std::move(roles)) {
    assert(of_code_point.size() == kCodePoints);
  }

  std::vector<uint8_t> of_code_point;
};

}  // namespace peaktext

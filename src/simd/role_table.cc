#include "simd/role_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace peaktext {
namespace {

// The one value of 64 in a row, or 0.
uint8_t OnlyOne(const uint8_t* row) {
  return std::all_of(row, row + 64, [row](uint8_t x) { return x == *row; })
             ? *row
             : 0;
}

}  // namespace

RoleTable::RoleTable(std::vector<uint8_t> roles)
    : of_code_point(std::move(roles)), of_page(kThreeBytePages) {
  assert(of_code_point.size() == kCodePoints);
  for (size_t page = 0; page < kThreeBytePages; ++page) {
    of_page[page] = OnlyOne(&of_code_point[64 * page]);
  }
  for (size_t lead = 0xE0; lead < 0xF0; ++lead) {
    of_lead[lead & 63] = OnlyOne(&of_page[64 * (lead - 0xE0)]);
  }
}

}  // namespace peaktext

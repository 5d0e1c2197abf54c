#include "simd/role_table.h"

#include <algorithm>
#include <cassert>
#include <span>
#include <utility>

namespace peaktext {
namespace {

RolePage PageOf(std::span<const uint8_t, 64> roles) {
  // As most do.
  if (std::equal(roles.begin() + 1, roles.end(), roles.begin())) {
    return {roles[0], roles[0], 0, 0};
  }
  size_t counts[256] = {};
  for (const uint8_t role : roles) ++counts[role];
  const auto most = [&counts] {
    return static_cast<uint8_t>(std::max_element(counts, std::end(counts)) -
                                counts);
  };
  RolePage page = {};
  page.first = most();
  counts[page.first] = 0;
  page.second = most();
  for (size_t i = 0; i < roles.size(); ++i) {
    if (roles[i] == page.first) continue;
    (roles[i] == page.second ? page.is_second : page.is_other) |= uint64_t{1}
                                                                  << i;
  }
  return page;
}

}  // namespace

RoleTable::RoleTable(std::vector<uint8_t> roles)
    : of_code_point(std::move(roles)) {
  assert(of_code_point.size() == kCodePoints);
  pages.reserve(0x10000 / 64);
  for (size_t at = 0; at < 0x10000; at += 64) {
    pages.push_back(
        PageOf(std::span<const uint8_t, 64>(&of_code_point[at], 64)));
  }
  wide_role = of_code_point[0x4E00];
  wide_first.fill(0xFF);  // none
  wide_last.fill(0);
  // U+4E00 to 9FBF, and U+AC00 to D77F.
  constexpr struct {
    uint8_t lead, first, last;
  } kWide[] = {{0xE4, 0xB8, 0xBF}, {0xE5, 0x80, 0xBF}, {0xE6, 0x80, 0xBF},
               {0xE7, 0x80, 0xBF}, {0xE8, 0x80, 0xBF}, {0xE9, 0x80, 0xBE},
               {0xEA, 0xB0, 0xBF}, {0xEB, 0x80, 0xBF}, {0xEC, 0x80, 0xBF},
               {0xED, 0x80, 0x9D}};
  for (const auto& wide : kWide) {
    const auto page = [&](size_t second) {
      return pages.begin() + (wide.lead & 0xF) * 64 + (second & 0x3F);
    };
    const bool all = std::all_of(
        page(wide.first), page(wide.last) + 1, [this](const RolePage& each) {
          return each.first == wide_role && each.is_second == 0 &&
                 each.is_other == 0;
        });
    if (!all) continue;
    wide_first[wide.lead & 0xF] = wide.first;
    wide_last[wide.lead & 0xF] = wide.last;
  }
}

}  // namespace peaktext

// A document's priority, whole or not, as a whole number in the same order.
//
//   ParsePriority("3") < ParsePriority("3.5") < ParsePriority("4e1")
#pragma once

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace peaktext {

// 0 for what is no number; else the bits of the IEEE 754 double, which rise
// with it, negative ones turned round. So 0 is 0, and whole numbers beyond 2^53
// may become equal.
inline int64_t ParsePriority(std::string_view number) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size() ||
      std::isnan(value) || value == 0) {
    return 0;
  }
  const auto bits = std::bit_cast<int64_t>(value);
  return bits >= 0 ? bits : -(bits & INT64_MAX);
}

}  // namespace peaktext

// A block's length as headers write it.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace peaktext {

// Nothing is longer: a length beyond is a lie, not a large record.
inline constexpr uint64_t kMaxLength = 1ULL << 42;

// Decimal digits, a single "+" before them allowed; nullopt for anything else
// and beyond kMaxLength.
inline std::optional<uint64_t> ParseLength(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end || value > kMaxLength) return {};
  return value;
}

}  // namespace peaktext

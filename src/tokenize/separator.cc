#include "tokenize/separator.h"

#include <cstdint>
#include <vector>

#include "base/utf8.h"

namespace peaktext {
namespace {

constexpr uint32_t kCodePoints = 0x110000;
// UTF-8 has no bytes above this.
constexpr uint32_t kLastLead = 0xF4;

// What a text begins with: its code point, or itself; and its length.
struct Unit {
  uint32_t code;
  size_t bytes;
};

Unit FirstUnit(std::string_view text, bool characters) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (!characters) return {byte, 1};
  return {DecodeUtf8(text.data()), Utf8Length(byte)};
}

}  // namespace

std::string_view FindSeparator(const TokenList& tokens, bool characters) {
  // By code, whether it is anywhere, and whether again.
  std::vector<bool> used(kCodePoints);
  std::vector<bool> used_again(kCodePoints);
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    for (std::string_view rest = tokens[id]; !rest.empty();) {
      const Unit unit = FirstUnit(rest, characters);
      if (used[unit.code]) used_again[unit.code] = true;
      used[unit.code] = true;
      rest.remove_prefix(unit.bytes);
    }
  }
  std::string_view found;
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    const std::string_view token = tokens[id];
    if (token.empty() || (!found.empty() && token.size() >= found.size())) {
      continue;
    }
    const Unit unit = FirstUnit(token, characters);
    if (unit.bytes < token.size() || used_again[unit.code]) continue;
    if (!characters && unit.code <= kLastLead) continue;
    found = token;
  }
  return found;
}

}  // namespace peaktext

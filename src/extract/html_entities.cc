#include "extract/html_entities.h"

#include <algorithm>
#include <array>

namespace peaktext {
namespace {

constexpr Entity kEntities[] = {
#include "extract/html_entities.inc"
};

// Names without ';' (legacy) have at most so many letters.
constexpr size_t LongestLegacy() {
  size_t longest = 0;
  for (const Entity& entity : kEntities) {
    if (entity.name.back() != ';')
      longest = std::max(longest, entity.name.size());
  }
  return longest;
}
constexpr size_t kLongestLegacy = LongestLegacy();

constexpr bool IsSorted() {
  for (size_t i = 1; i < std::size(kEntities); ++i) {
    if (!(kEntities[i - 1].name < kEntities[i].name)) return false;
    if (kEntities[i].name.size() > kLongestEntity) return false;
  }
  return true;
}
static_assert(IsSorted());

// kFirst[c] is the first entity whose name starts with c or a later letter.
constexpr auto kFirst = [] {
  std::array<uint16_t, 129> first{};
  for (size_t c = 0; c < first.size(); ++c) {
    size_t at = c == 0 ? 0 : first[c - 1];
    while (at < std::size(kEntities) &&
           static_cast<size_t>(kEntities[at].name[0]) < c) {
      ++at;
    }
    first[c] = static_cast<uint16_t>(at);
  }
  return first;
}();

const Entity* Exact(std::string_view name) {
  const auto letter = static_cast<unsigned char>(name[0]);
  if (letter >= 128) return nullptr;
  const Entity* const begin = kEntities + kFirst[letter];
  const Entity* const end = kEntities + kFirst[letter + 1];
  const Entity* const it = std::lower_bound(
      begin, end, name,
      [](const Entity& e, std::string_view n) { return e.name < n; });
  return it != end && it->name == name ? it : nullptr;
}

// HTML, "numeric character reference end state".
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
    0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

}  // namespace

Entity FindEntity(std::string_view text) {
  if (text.empty()) return {};
  const size_t semicolon = text.substr(0, kLongestEntity).find(';');
  if (semicolon != std::string_view::npos && semicolon > 0) {
    const Entity* const found = Exact(text.substr(0, semicolon + 1));
    if (found != nullptr) return *found;
  }
  for (size_t size = std::min(text.size(), kLongestLegacy); size > 1; --size) {
    const Entity* const found = Exact(text.substr(0, size));
    if (found != nullptr) return *found;
  }
  return {};
}

char32_t NumericReference(uint32_t number) {
  if (number == 0 || number > 0x10FFFF) return 0xFFFD;
  if (number >= 0xD800 && number <= 0xDFFF) return 0xFFFD;
  if (number >= 0x80 && number <= 0x9F) return kWindows1252[number - 0x80];
  return number;
}

}  // namespace peaktext

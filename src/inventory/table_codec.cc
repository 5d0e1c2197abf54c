#include "inventory/table_codec.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

namespace peaktext {
namespace {

constexpr std::string_view kUuidPrefix = "urn:uuid:";
constexpr size_t kUuidText = 9 + 36;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool IsDash(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

// The 16 bytes of "urn:uuid:" and lower-case hex; false for anything that would
// not come back as it was.
bool PackUuid(std::string_view id, std::array<uint8_t, 16>* uuid) {
  if (id.size() != kUuidText || !id.starts_with(kUuidPrefix)) return false;
  const std::string_view text = id.substr(kUuidPrefix.size());
  size_t digits = 0;
  uuid->fill(0);
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return false;
      continue;
    }
    const int digit = HexDigit(text[i]);
    if (digit < 0) return false;
    uint8_t& byte = (*uuid)[digits / 2];
    byte = static_cast<uint8_t>(byte << 4 | digit);
    ++digits;
  }
  return digits == 32;
}

void UnpackUuid(std::string_view uuid, std::string* id) {
  constexpr std::string_view kHex = "0123456789abcdef";
  id->assign(kUuidPrefix);
  for (size_t i = 0; i < uuid.size(); ++i) {
    const auto byte = static_cast<uint8_t>(uuid[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) id->push_back('-');
    id->push_back(kHex[byte >> 4]);
    id->push_back(kHex[byte & 15]);
  }
}

}  // namespace

void PutId(std::string_view id, const std::string& input, std::string* out) {
  std::array<uint8_t, 16> uuid;
  if (PackUuid(id, &uuid)) {
    PutVarint(0, out);
    out->append(reinterpret_cast<const char*>(uuid.data()), uuid.size());
    return;
  }
  if (id.size() > input.size() + 1 && id[input.size()] == '#' &&
      id.starts_with(input)) {
    const std::string_view number = id.substr(input.size() + 1);
    uint64_t offset = 0;
    const auto parsed =
        std::from_chars(number.data(), number.data() + number.size(), offset);
    // Only the form that comes back the same: no leading zeros.
    if (parsed.ec == std::errc() && fmt::format("{}", offset) == number) {
      PutVarint(1, out);
      PutVarint(offset, out);
      return;
    }
  }
  PutVarint(id.size() + 2, out);
  out->append(id);
}

bool TakeId(std::string_view* in, const std::string& input, std::string* id) {
  uint64_t tag = 0;
  if (!TakeVarint(in, &tag)) return false;
  if (tag == 1) {
    uint64_t offset = 0;
    if (!TakeVarint(in, &offset)) return false;
    if (id != nullptr) *id = fmt::format("{}#{}", input, offset);
    return true;
  }
  const uint64_t size = tag == 0 ? 16 : tag - 2;
  if (size > in->size()) return false;
  const std::string_view bytes = in->substr(0, size);
  in->remove_prefix(size);
  if (id == nullptr) return true;
  if (tag == 0) {
    UnpackUuid(bytes, id);
  } else {
    id->assign(bytes);
  }
  return true;
}

}  // namespace peaktext

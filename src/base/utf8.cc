#include "base/utf8.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>

namespace peaktext {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

uint8_t Byte(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// What a lead byte asks for (Unicode 16, table 3-7): the length, and the range
// of the second byte; all further ones are 80..BF. Length 0: no lead byte.
struct Lead {
  size_t length;
  uint8_t second_low, second_high;
};
Lead LeadOf(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2 || byte > 0xF4) return {0, 0, 0};
  Lead lead = {Utf8Length(byte), 0x80, 0xBF};
  if (byte == 0xE0) lead.second_low = 0xA0;
  if (byte == 0xED) lead.second_high = 0x9F;
  if (byte == 0xF0) lead.second_low = 0x90;
  if (byte == 0xF4) lead.second_high = 0x8F;
  return lead;
}

// How many bytes at `at` are a whole character (`*well_formed`) or the maximal
// subpart of one; at least 1.
size_t Subpart(std::string_view bytes, size_t at, bool* well_formed) {
  const Lead lead = LeadOf(Byte(bytes, at));
  *well_formed = false;
  if (lead.length == 0) return 1;
  uint8_t low = lead.second_low;
  uint8_t high = lead.second_high;
  for (size_t length = 1; length < lead.length; ++length) {
    if (at + length == bytes.size()) return length;
    const uint8_t byte = Byte(bytes, at + length);
    if (byte < low || byte > high) return length;
    low = 0x80;
    high = 0xBF;
  }
  *well_formed = true;
  return lead.length;
}

}  // namespace

bool IsValidUtf8(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

uint64_t AppendRepairedUtf8(std::string_view bytes, std::string* out) {
  uint64_t replaced = 0;
  size_t good = 0;  // start of the well-formed run
  size_t at = 0;
  while (at < bytes.size()) {
    if (Byte(bytes, at) < 0x80) {
      at += AsciiPrefix(bytes.substr(at));
      continue;
    }
    bool well_formed = false;
    const size_t length = Subpart(bytes, at, &well_formed);
    if (!well_formed) {
      out->append(bytes, good, at - good);
      out->append(kReplacement);
      ++replaced;
      good = at + length;
    }
    at += length;
  }
  out->append(bytes, good, at - good);
  return replaced;
}

size_t AsciiPrefix(std::string_view bytes) {
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t eight;
    std::memcpy(&eight, bytes.data() + at, sizeof(eight));
    const uint64_t others = eight & 0x8080808080808080U;
    if (others == 0) continue;
    return at + static_cast<size_t>(std::countr_zero(others)) / 8;
  }
  while (at < bytes.size() && Byte(bytes, at) < 0x80) ++at;
  return at;
}

size_t IncompleteUtf8Suffix(std::string_view bytes) {
  const size_t most = std::min<size_t>(3, bytes.size());
  for (size_t back = 1; back <= most; ++back) {
    const size_t at = bytes.size() - back;
    const Lead lead = LeadOf(Byte(bytes, at));
    if (lead.length == 0) continue;  // perhaps a continuation
    bool well_formed = false;
    const size_t length = Subpart(bytes, at, &well_formed);
    return length == back && !well_formed ? back : 0;
  }
  return 0;
}

std::string_view Utf8Prefix(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && IsContinuation(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

void AppendUtf8(char32_t code_point, std::string* out) {
  const uint32_t c = code_point;
  std::array<char, 4> bytes{};
  size_t count = 0;
  const auto put = [&](uint32_t byte) {
    bytes[count++] = static_cast<char>(byte);
  };
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
    return;
  }
  if (c < 0x800) {
    put(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      put(0xE0 | (c >> 12));
    } else {
      put(0xF0 | (c >> 18));
      put(0x80 | ((c >> 12) & 0x3F));
    }
    put(0x80 | ((c >> 6) & 0x3F));
  }
  put(0x80 | (c & 0x3F));
  out->append(bytes.data(), count);
}

}  // namespace peaktext

// The small codes of the document table: varints, strings, ids. A Take...
// function removes from the front of `in` what it read; false, with `in`
// undefined, when the bytes end too early.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace peaktext {

inline void PutVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

inline bool TakeVarint(std::string_view* in, uint64_t* value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64 && !in->empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in->front());
    in->remove_prefix(1);
    *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

inline void PutString(std::string_view value, std::string* out) {
  PutVarint(value.size(), out);
  out->append(value);
}

inline bool TakeString(std::string_view* in, std::string_view* value) {
  uint64_t size = 0;
  if (!TakeVarint(in, &size) || size > in->size()) return false;
  *value = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

template <class T>
void PutFixed(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
bool TakeFixed(std::string_view* in, T* value) {
  if (in->size() < sizeof *value) return false;
  std::memcpy(value, in->data(), sizeof *value);
  in->remove_prefix(sizeof *value);
  return true;
}

// A document's id, as drawn in document_table.cc; `input` is the shard's name.
void PutId(std::string_view id, const std::string& input, std::string* out);

// The next id; a null `id` only passes over it.
bool TakeId(std::string_view* in, const std::string& input, std::string* id);

}  // namespace peaktext

// Every truncation and every flipped byte of a small file, for tests that each
// is found.
#pragma once

#include <fstream>
#include <functional>
#include <iterator>
#include <string>

namespace peaktext {

inline std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Calls `check` for each damaged copy of the file at `path`, written to
// `damaged`, with a word on what was done; stops when it says false.
inline void ForEachDamage(
    const std::string& path, const std::string& damaged,
    const std::function<bool(const std::string& what)>& check) {
  const std::string whole = ReadBytes(path);
  for (size_t size = 0; size < whole.size(); ++size) {
    WriteBytes(damaged, whole.substr(0, size));
    if (!check("cut to " + std::to_string(size))) return;
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {1, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      WriteBytes(damaged, bytes);
      if (!check("byte " + std::to_string(at) + " xor " +
                 std::to_string(flip))) {
        return;
      }
    }
  }
  WriteBytes(damaged, whole + '\0');
  check("a byte added");
}

}  // namespace peaktext

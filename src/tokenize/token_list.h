// Byte strings in one piece of memory, addressed by index: a vocabulary has up
// to 262,144 of them, and one std::string each would cost more time to build
// than the file takes to read.
//
//   TokenList tokens;
//   tokens.Append("the");
//   std::string_view first = tokens[0];
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace peaktext {

class TokenList {
 public:
  uint32_t size() const { return static_cast<uint32_t>(starts_.size() - 1); }
  bool empty() const { return size() == 0; }

  // The view lives until the next Append. REQUIRES: index < size().
  std::string_view operator[](uint32_t index) const {
    assert(index < size());
    return {bytes_.data() + starts_[index],
            starts_[index + 1] - starts_[index]};
  }

  // REQUIRES: the bytes of all tokens together stay under 4 GiB.
  void Append(std::string_view token) {
    bytes_.append(token);
    starts_.push_back(static_cast<uint32_t>(bytes_.size()));
  }
  // All at once, as bytes() and starts() gave them. False, and no tokens, when
  // these are not such.
  bool Assign(std::string_view bytes, std::span<const uint32_t> starts) {
    *this = {};
    if (starts.empty() || starts.front() != 0 ||
        starts.back() != bytes.size() ||
        !std::is_sorted(starts.begin(), starts.end())) {
      return false;
    }
    bytes_ = bytes;
    starts_.assign(starts.begin(), starts.end());
    return true;
  }
  void Reserve(size_t tokens, size_t bytes) {
    starts_.reserve(tokens + 1);
    bytes_.reserve(bytes);
  }

  // All tokens, one after the other, and where each starts (and the last ends).
  std::string_view bytes() const { return bytes_; }
  const std::vector<uint32_t>& starts() const { return starts_; }

 private:
  std::string bytes_;
  std::vector<uint32_t> starts_ = {0};
  // Invariants: starts_ ascends, starts_.back() == bytes_.size().
};

}  // namespace peaktext

// Tokens that a whole pretoken can be though merging does not reach them: some
// hundreds in Llama 3, a thousand in tekken, none in most vocabularies.
//
//   WholeOnlyTokens tokens;
//   tokens.Add(" jeho");
//   tokens.Contains(" jeho")  // true
//
// The bytes are not copied.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace peaktext {

class WholeOnlyTokens {
 public:
  // REQUIRES: not empty.
  void Add(std::string_view token) {
    ends_.set(EndOf(token));
    tokens_.insert(token);
  }
  bool empty() const { return tokens_.empty(); }
  // REQUIRES: not empty. Every new pretoken is asked for, and few end as one of
  // these does.
  bool Contains(std::string_view pretoken) const {
    return ends_[EndOf(pretoken)] && tokens_.contains(pretoken);
  }

 private:
  static size_t EndOf(std::string_view text) {
    const auto byte = [text](size_t from_end) {
      return static_cast<unsigned char>(text[text.size() - from_end]);
    };
    return text.size() < 2 ? byte(1) : size_t{byte(2)} << 8 | byte(1);
  }

  std::bitset<1 << 16> ends_;  // the last two bytes
  std::unordered_set<std::string_view> tokens_;
};

}  // namespace peaktext

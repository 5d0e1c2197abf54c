#include "tokenize/exact_cuts.h"

#include <algorithm>
#include <functional>
#include <string>

#include "base/utf8.h"

namespace peaktext {
namespace {

bool IsThreeByteLead(char byte) {
  return (static_cast<unsigned char>(byte) & 0xF0) == 0xE0;
}

// The first one from `at` on, or bytes.size().
size_t FindThreeByteLead(std::string_view bytes, size_t at) {
  while (at < bytes.size() && !IsThreeByteLead(bytes[at])) {
    uint64_t word = UINT64_MAX;
    if (at + sizeof(word) <= bytes.size()) {
      std::memcpy(&word, bytes.data() + at, sizeof(word));
    }
    const bool ascii = (word & 0x8080808080808080ULL) == 0;
    at += ascii ? sizeof(word) : 1;
  }
  return at;
}

uint64_t Word(std::string_view bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes.data(), std::min<size_t>(bytes.size(), 8));
  return word;
}

}  // namespace

ExactCuts::ExactCuts(const TokenList& tokens)
    : pairs_(size_t{1} << CutTable::kPairWordBits),
      open_(CutTable::kOpenWords) {
  const std::string_view bytes = tokens.bytes();
  uint32_t id = 0;  // of the token that `at` is in
  for (size_t at = FindThreeByteLead(bytes, 0); at < bytes.size();
       at = FindThreeByteLead(bytes, at + 1)) {
    while (tokens.starts()[id + 1] <= at) ++id;
    AddSeamBefore(tokens[id], at - tokens.starts()[id]);
  }
}

// Between the character that begins at token[at] and the one before it.
void ExactCuts::AddSeamBefore(std::string_view token, size_t at) {
  if (at == 0) return;
  size_t before = at;  // start of the character that ends here
  while (before > 0 && IsContinuation(token[before - 1])) --before;
  const bool whole = before > 0 && at - before < 3;
  if (whole) --before;
  const std::string_view left = token.substr(before, at - before);
  if (left.size() > 3 || (whole && !IsThreeByteLead(left[0]))) return;
  if (whole && left.size() != 3) return;
  if (!whole && left.size() == 3) return;  // of a character of four bytes
  AddSeam(left, token.substr(at, 3));
}

void ExactCuts::AddWholeOnly(std::string_view token) {
  if (token.size() < 3) return;
  whole_.resize(2 * CutTable::kWholeWords);
  const auto add = [](std::string_view three, uint64_t* words) {
    if (!IsThreeByteLead(three[0])) return;
    const uint32_t character = CutTable::CodePoint(three.data());
    words[character / 64] |= uint64_t{1} << character % 64;
  };
  add(token.substr(0, 3), whole_.data());
  add(token.substr(token.size() - 3), whole_.data() + CutTable::kWholeWords);
}

// `left` ends a three-byte character, or is all of it; `right` begins one.
void ExactCuts::AddSeam(std::string_view left, std::string_view right) {
  if (!IsContinuation(left.back())) return;  // no text has that
  const uint64_t last = static_cast<unsigned char>(left.back());
  const uint64_t seam = last << 16 | Word(right) << 24;
  if (left.size() == 3 && right.size() == 3) {
    const uint64_t hash = CutTable::PairHash(Word(left) | seam);
    pairs_[CutTable::PairWord(hash)] |= uint64_t{1} << CutTable::PairBit(hash);
  } else {
    open_[CutTable::OpenWord(seam)] |= uint64_t{1} << CutTable::OpenBit(seam);
  }
}

void ExactCuts::Intersect(const ExactCuts& other) {
  const auto add = [](auto* to, const auto& from) {
    std::transform(from.begin(), from.end(), to->begin(), to->begin(),
                   std::bit_or<>());
  };
  add(&pairs_, other.pairs_);
  add(&open_, other.open_);
  whole_.resize(std::max(whole_.size(), other.whole_.size()));
  add(&whole_, other.whole_);
}

uint64_t ExactCuts::memory_bytes() const {
  return 8 * (pairs_.size() + open_.size() + whole_.size());
}

}  // namespace peaktext

// Which two tokens merge into which: the double array that the merge kernels
// look into (simd/merge_kernels.h says how it is laid out). Immutable; shared
// by all threads.
#pragma once

#include <cstdint>
#include <span>

#include "simd/merge_kernels.h"
#include "tokenize/table_array.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

class MergeTable {
 public:
  static constexpr uint32_t kNoToken = MergeWords::kNoToken;

  MergeTable() = default;
  // Of a vocabulary of so many tokens, ids below that. `bytes`: the ids of the
  // tokens of single bytes, kNoToken where there is none. Empty when the merges
  // do not fit: there may be 524,288 tokens, of which some 65,000 are left, and
  // as many right, in any merge. REQUIRES: no pair twice.
  MergeTable(std::span<const Vocabulary::Merge> merges, size_t tokens,
             std::span<const uint32_t, 256> bytes);

  bool empty() const { return slots_.size() == 0; }
  // What the two merge into; kNoToken: they do not. REQUIRES: not empty.
  uint32_t Find(uint32_t left, uint32_t right) const {
    return MergeWords::Find(slots_.data(), sides_[left], sides_[right]);
  }
  // For the kernels.
  MergeWords words() const {
    return {sides_.data(), byte_sides_.data(), slots_.data(), pairs_.data()};
  }
  uint64_t memory_bytes() const {
    return sides_.bytes() + byte_sides_.bytes() + slots_.bytes() +
           pairs_.bytes();
  }
  // Visits the arrays, to write them to a file or take them from it.
  template <class Visitor>
  void VisitArrays(Visitor& visit) {
    visit(sides_);
    visit(byte_sides_);
    visit(slots_);
    visit(pairs_);
  }

 private:
  void AddBytePairs(std::span<const Vocabulary::Merge> merges,
                    std::span<const uint32_t, 256> bytes);

  TableArray<uint32_t> sides_;  // by id
  TableArray<uint32_t> byte_sides_;
  TableArray<uint32_t> slots_;
  TableArray<uint64_t> pairs_;  // by two bytes
};

}  // namespace peaktext

#include "tokenize/pretoken_batch.h"

#include <cassert>

namespace peaktext {

PretokenBatch::PretokenBatch(const TokenizeKernels& kernels)
    : kernels_(kernels),
      positions_(std::make_unique_for_overwrite<uint16_t[]>(kRoom)),
      starts_(std::make_unique_for_overwrite<uint16_t[]>(5 * kRoom)),
      bytes_(std::make_unique_for_overwrite<uint8_t[]>(3 * kRoom)),
      ends_(5 * kMostTexts) {
  const auto list = [this](size_t number, size_t lengths) {
    return PretokenList{.starts = starts_.get() + number * kRoom,
                        .bytes = bytes_.get() + lengths * kRoom,
                        .ends = ends_.data() + number * kMostTexts,
                        .count = 0};
  };
  // The first and the last one have no lengths.
  lists_ = {list(0, 0), list(1, 0), list(2, 1), list(3, 2), list(4, 0)};
  singles_.reserve(kMostTexts);
}

void PretokenBatch::Clear() {
  used_ = 0;
  singles_.clear();
  for (PretokenList* list : {&lists_.pairs, &lists_.shorts, &lists_.mids,
                             &lists_.wides, &lists_.longs}) {
    list->count = 0;
  }
}

void PretokenBatch::Take(size_t positions) {
  assert(texts() < kMostTexts);
  const size_t first = used_ == 0 ? 0 : used_ - 1;
  if (positions > 0) used_ = first + positions;
  size_t in_lists = 0;
  const auto all = {&lists_.pairs, &lists_.shorts, &lists_.mids, &lists_.wides,
                    &lists_.longs};
  for (const PretokenList* list : all) in_lists -= list->count;
  kernels_.sort_by_length(this->positions(), first, &lists_);
  for (PretokenList* list : all) {
    in_lists += list->count;
    list->ends[texts()] = static_cast<uint16_t>(list->count);
  }
  singles_.push_back(
      static_cast<uint32_t>(positions == 0 ? 0 : positions - 1 - in_lists));
}

uint64_t PretokenBatch::memory_bytes() const {
  constexpr size_t kEach = 6 * sizeof(uint16_t) + 3 * sizeof(uint8_t);
  return kRoom * kEach + ends_.size() * sizeof(uint16_t);
}

}  // namespace peaktext

// The pretokens of texts that are counted together, sorted by length.
//
//   PretokenBatch batch(kernels);
//   batch.Clear();
//   batch.Take(scanner.Scan(text, 0, /*final=*/true, cuts, batch.Room()));
//
// The texts lie behind one another in a window, where each starts at the end of
// the one before it; so positions serve both. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "simd/tokenize_kernels.h"
#include "tokenize/block_scanner.h"

namespace peaktext {

class PretokenBatch {
 public:
  // Texts of one batch; of bytes there are as many as of one scan.
  static constexpr size_t kMostTexts = 256;

  explicit PretokenBatch(const TokenizeKernels& kernels);

  void Clear();
  // For where the pretokens of the next text start, and the last of them ends.
  std::span<uint16_t> Room() {
    return std::span(positions_.get(), kRoom)
        .subspan(used_ == 0 ? 0 : used_ - 1);
  }
  // That text has so many of these: none, when it is empty, or at least one.
  void Take(size_t positions);

  size_t texts() const { return singles_.size(); }
  // Of all texts.
  std::span<const uint16_t> positions() const {
    return {positions_.get(), used_};
  }
  const PretokenLists& lists() const { return lists_; }
  // Pretokens of one byte, which are in no list, by text.
  std::span<const uint32_t> singles() const { return singles_; }

  uint64_t memory_bytes() const;

 private:
  static constexpr size_t kRoom =
      BlockScanner::kMaxBytes + BlockScanner::kSlack;

  const TokenizeKernels& kernels_;
  // Not cleared: few texts need all of it.
  std::unique_ptr<uint16_t[]> positions_;
  size_t used_ = 0;  // of them
  std::unique_ptr<uint16_t[]> starts_;
  std::unique_ptr<uint8_t[]> bytes_;
  std::vector<uint16_t> ends_;
  PretokenLists lists_;  // in the three above
  std::vector<uint32_t> singles_;
};

}  // namespace peaktext

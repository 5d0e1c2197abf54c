// Counts the tokens that merging a piece of text gives.
//
//   BpeScratch scratch;
//   uint64_t tokens = CountPiece(model, piece, &scratch);
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simd/isa.h"
#include "simd/match_kernels.h"
#include "simd/merge_kernels.h"
#include "tokenize/bpe_model.h"
#include "tokenize/match_rows.h"
#include "tokenize/merge_rounds.h"
#include "tokenize/pair_memo.h"

namespace peaktext {

// Memory that calls reuse. One per thread and model.
struct BpeScratch {
  explicit BpeScratch(Isa isa = BestIsa())
      : kernels(MatchKernelsFor(isa)), merge(MergeFunctionFor(isa)) {}

  const MatchKernels& kernels;
  MergeFunction* const merge;
  std::vector<BpeModel::Match> tokens;  // the path so far
  std::vector<uint64_t> dead;  // bits: places that no path leads on from
  std::vector<char> joined;    // pieces that are counted together
  PairMemo memo;
  MergeRounds rounds;
  std::unique_ptr<MatchBuffer> rows = std::make_unique<MatchBuffer>();

  // Beside what is of a fixed size.
  uint64_t memory_bytes() const {
    return tokens.capacity() * sizeof(tokens[0]) + dead.capacity() * 8;
  }
};

// Time is linear in the size of `piece`: each place is left for good once.
uint64_t CountPiece(const BpeModel& model, std::string_view piece,
                    BpeScratch* scratch);

// Counts each of several pieces into as many `tokens`: for short ones, cheaper
// than one after the other. REQUIRES: the model has a separator; 16 bytes can
// be read after each piece.
void CountPieces(const BpeModel& model,
                 std::span<const std::string_view> pieces, uint32_t* tokens,
                 BpeScratch* scratch);

// Counts a piece that comes in parts, however long it is, in bounded memory.
//
//   LongPieceCounter counter(model);
//   counter.Feed(part); ...
//   uint64_t tokens = counter.Finish(&scratch);
//
// Parts end where characters do. `model` outlives the counter. Both throw
// std::length_error where what stands at the end of some 2 MB decides on their
// beginning: that takes a vocabulary made for it.
class LongPieceCounter {
 public:
  explicit LongPieceCounter(const BpeModel& model, size_t window_bytes = 32768)
      : model_(&model), window_bytes_(window_bytes), full_at_(window_bytes) {}

  void Feed(std::string_view part, BpeScratch* scratch);
  // Makes it ready for the next piece, too.
  uint64_t Finish(BpeScratch* scratch);
  // Forgets the piece.
  void Clear() { *this = LongPieceCounter(*model_, window_bytes_); }
  uint64_t memory_bytes() const;

 private:
  void Advance(BpeScratch* scratch);
  void Rejoin();

  // What was counted and cut off the window's front.
  struct Done {
    std::string text;
    uint32_t first;  // token that had to open it
    uint64_t tokens;
  };
  // What follows a place reaches back to before it only through a chain of
  // merges of ever lower priorities: in the known vocabularies of less than one
  // window.
  static constexpr size_t kMaxDone = 64;

  const BpeModel* model_;
  size_t window_bytes_;
  size_t full_at_;                    // merge when the window has this size
  std::string window_;                // what is not counted yet
  uint32_t first_ = BpeModel::kNone;  // token that must open it, if any
  std::deque<Done> done_;             // empty if first_ is kNone
  uint64_t tokens_ = 0;
};

}  // namespace peaktext

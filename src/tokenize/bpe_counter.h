// Counts the tokens that merging a piece of text gives.
//
//   BpeScratch scratch;
//   uint64_t tokens = CountPiece(model, piece, &scratch);
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenize/bpe_model.h"

namespace peaktext {

// Memory that calls reuse. One per thread.
struct BpeScratch {
  std::vector<uint32_t> tokens;  // the path so far
  std::vector<uint64_t> dead;    // bits: places that no path leads on from
};

// Time is linear in the size of `piece`: each place is left for good once.
uint64_t CountPiece(const BpeModel& model, std::string_view piece,
                    BpeScratch* scratch);

}  // namespace peaktext

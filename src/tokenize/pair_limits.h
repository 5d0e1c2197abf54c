// Whether two short tokens can stand side by side, told from the tokens that
// the text around has anyway (bpe_model.cc, 5).
#pragma once

#include <cstdint>
#include <cstring>

#include "simd/match_kernels.h"

namespace peaktext {

// Four token ids side by side.
typedef int32_t IdLanes __attribute__((vector_size(16)));

inline bool AnyOf(IdLanes lanes) {
  uint64_t halves[2];
  std::memcpy(halves, &lanes, sizeof(lanes));
  return (halves[0] | halves[1]) != 0;
}

inline IdLanes LoadIds(const int32_t* ids) {
  IdLanes lanes;
  std::memcpy(&lanes, ids, sizeof(lanes));
  return lanes;
}

// Of one token of at most kMaxBytes bytes, for four lengths of its parts: 1 to
// 4
// ("near"), or 5 to 8 ("far"). Apart, as most tokens that need this are short.
struct alignas(32) PairLimits {
  static constexpr uint32_t kMaxBytes = 8;
  static constexpr int32_t kUnlimited = MatchRow::kNoToken;

  // [a - 1], or [a - 5]: where the token's last a bytes are a token in its
  // making: that joins only into tokens of lower ids than this. Else 0.
  int32_t right[4];
  // [b - 1], or [b - 5]: the same of its first b bytes.
  int32_t left[4];
};
static_assert(2 * PairLimits::kMaxBytes <= MatchRow::kMaxBytes);

}  // namespace peaktext

// Whether two short tokens can stand side by side, told from the tokens that
// the text around has anyway (bpe_model.cc, 5).
#pragma once

#include <cstdint>
#include <cstring>

namespace peaktext {

// Four token ids side by side.
typedef int32_t IdLanes __attribute__((vector_size(16)));

inline IdLanes LoadIds(const int32_t* ids) {
  IdLanes lanes;
  std::memcpy(&lanes, ids, sizeof(lanes));
  return lanes;
}

// Of one token of at most kMaxBytes bytes.
struct alignas(64) PairLimits {
  static constexpr uint32_t kMaxBytes = 8;
  static constexpr int32_t kUnlimited = INT32_MAX;

  // [a - 1]: where the token's last a bytes are a token in its making: that
  // joins only into tokens of lower ids than this. Else 0.
  int32_t right[kMaxBytes];
  // [b - 1]: the same of its first b bytes.
  int32_t left[kMaxBytes];
};

// The tokens that start at one place of a text: [n - 1] is the one of n bytes.
struct MatchRow {
  static constexpr uint32_t kMaxBytes = 2 * PairLimits::kMaxBytes;
  static constexpr int32_t kNoToken = INT32_MAX;

  int32_t ids[kMaxBytes];
};

}  // namespace peaktext

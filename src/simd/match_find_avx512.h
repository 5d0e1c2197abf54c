#pragma once

#include <string_view>

#include "simd/match_kernels.h"

namespace peaktext {

#if defined(__x86_64__)
// MatchKernels::find, eight places at a time. For processors that gather fast.
void FindTokensAvx512(const TrieWords& trie, std::string_view text,
                      size_t places, MatchBuffer* buffer, size_t first,
                      OpenPlaces* open);
#endif

}  // namespace peaktext

// MatchKernels::find with AVX2, also for those AVX-512 processors that gather
// slowly (GathersFast), and with AVX-512. Only on x86-64.
#pragma once

#include <cstddef>
#include <string_view>

#include "simd/match_kernels.h"

namespace peaktext {

void FindTokensAvx2(const TrieWords& trie, std::string_view text, size_t places,
                    MatchBuffer* buffer, size_t first, OpenPlaces* open);
void FindTokensAvx512(const TrieWords& trie, std::string_view text,
                      size_t places, MatchBuffer* buffer, size_t first,
                      OpenPlaces* open);

}  // namespace peaktext

// MatchKernels::foresee with AVX2 and with AVX-512. Only on x86-64.
#pragma once

#include <cstddef>

#include "simd/match_kernels.h"

namespace peaktext {

void ForeseeAvx2(const TokenLimits* limits, int shift, size_t first,
                 size_t places, MatchBuffer* buffer);
void ForeseeAvx512(const TokenLimits* limits, int shift, size_t first,
                   size_t places, MatchBuffer* buffer);

}  // namespace peaktext

// TokenizeKernels::cut with AVX-512; the second where GathersFast(). Only on
// x86-64.
#pragma once

#include <cstdint>

#include "simd/cut_table.h"

namespace peaktext {

uint64_t CutAvx512(const char* text, uint64_t places, const CutTable& cuts);
uint64_t CutGatheringAvx512(const char* text, uint64_t places,
                            const CutTable& cuts);

}  // namespace peaktext

// TokenizeKernels::classify with AVX2. Only on x86-64.
#pragma once

#include <cstddef>
#include <string_view>

#include "simd/tokenize_kernels.h"

namespace peaktext {

Classified ClassifyAvx2(std::string_view text, const RoleTable& roles,
                        size_t from, ClassMasks* masks);

}  // namespace peaktext

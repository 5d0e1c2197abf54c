// TokenizeKernels::classify with AVX2. Only on x86-64.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "simd/tokenize_kernels.h"

namespace peaktext {

size_t ClassifyAvx2(std::string_view text, const RoleTable& roles,
                    std::span<ClassMasks> blocks);

}  // namespace peaktext

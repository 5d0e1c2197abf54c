#include "simd/text_kernels.h"

#include <cassert>

#include "simd/text_kernels_tables.h"

namespace peaktext {

const TextKernels& TextKernelsFor(Isa isa) {
  assert(IsaSupported(isa));
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return kTextKernelsAvx512;
  if (isa == Isa::kAvx2) return kTextKernelsAvx2;
#endif
  (void)isa;
  return kTextKernelsScalar;
}

}  // namespace peaktext

#include "simd/minhash_kernels.h"

#include <cassert>

#include "simd/minhash_kernels_tables.h"

namespace peaktext {

const MinhashKernels& MinhashKernelsFor(Isa isa) {
  assert(IsaSupported(isa));
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return kMinhashKernelsAvx512;
  if (isa == Isa::kAvx2) return kMinhashKernelsAvx2;
#endif
  (void)isa;
  return kMinhashKernelsScalar;
}

}  // namespace peaktext

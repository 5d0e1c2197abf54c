#include "simd/minhash_kernels.h"

#include <cassert>

#include "simd/minhash_kernels_tables.h"

namespace peaktext {

const MinhashKernels& MinhashKernelsFor(Isa isa) {
  assert(IsaSupported(isa));
  (void)isa;
  return kMinhashKernelsScalar;
}

}  // namespace peaktext

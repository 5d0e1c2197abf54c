#include "simd/text_kernels.h"

#include <cassert>

#include "simd/text_kernels_tables.h"

namespace peaktext {

const TextKernels& TextKernelsFor(Isa isa) {
  assert(IsaSupported(isa));
  (void)isa;
  return kTextKernelsScalar;
}

}  // namespace peaktext

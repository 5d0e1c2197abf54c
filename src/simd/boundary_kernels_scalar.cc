#include <algorithm>
#include <bit>

#include "simd/boundary_kernels.h"
#include "simd/boundary_lanes.h"

#define PEAKTEXT_TARGET

namespace peaktext {
namespace {

// One block after the other.
using Words = uint64_t;
constexpr size_t kLanes = 1;

inline Words All(uint64_t word) { return word; }
inline Words Load(const uint64_t* from) { return *from; }
inline void Store(uint64_t* to, Words words) { *to = words; }
inline unsigned Lanes(Words words) { return words != 0 ? 1 : 0; }
inline Words InLast(uint64_t word) { return word; }
inline Words Up(Words, Words before) { return before; }
inline Words IsZero(Words words) { return words == 0 ? ~uint64_t{0} : 0; }

#include "simd/boundary_step.h"

}  // namespace

BoundaryFunction* ScalarBoundaries(BoundarySet set) { return FunctionFor(set); }

BoundaryFunction* BoundariesFor(Isa isa, BoundarySet set) {
  switch (isa) {
    case Isa::kAvx2:
      return Avx2Boundaries(set);
    case Isa::kAvx512:
      return Avx512Boundaries(set);
    case Isa::kScalar:
      break;
  }
  return ScalarBoundaries(set);
}

}  // namespace peaktext

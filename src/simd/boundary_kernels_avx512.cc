#include "simd/boundary_kernels.h"

#if defined(__x86_64__)
#include <algorithm>
#include <bit>

#include "simd/avx512.h"
#include "simd/boundary_lanes.h"

#define PEAKTEXT_TARGET PEAKTEXT_AVX512

namespace peaktext {
namespace {

typedef uint64_t Words __attribute__((vector_size(64)));
constexpr size_t kLanes = 8;

PEAKTEXT_TARGET inline Words All(uint64_t word) { return Words{} + word; }
PEAKTEXT_TARGET inline Words Load(const uint64_t* from) {
  return (Words)_mm512_loadu_si512(from);
}
PEAKTEXT_TARGET inline void Store(uint64_t* to, Words words) {
  _mm512_storeu_si512(to, (__m512i)words);
}
PEAKTEXT_TARGET inline unsigned Lanes(Words words) {
  return _mm512_test_epi64_mask((__m512i)words, (__m512i)words);
}
PEAKTEXT_TARGET inline Words IsZero(Words words) {
  return (Words)_mm512_movm_epi64(
      _mm512_testn_epi64_mask((__m512i)words, (__m512i)words));
}
PEAKTEXT_TARGET inline Words InLast(uint64_t word) {
  return Words{0, 0, 0, 0, 0, 0, 0, word};
}
PEAKTEXT_TARGET inline Words Up(Words words, Words before) {
  return (Words)_mm512_alignr_epi64((__m512i)words, (__m512i)before, 7);
}

#include "simd/boundary_step.h"

}  // namespace

BoundaryFunction* Avx512Boundaries(BoundarySet set) { return FunctionFor(set); }

}  // namespace peaktext

#else

namespace peaktext {
BoundaryFunction* Avx512Boundaries(BoundarySet set) {
  return ScalarBoundaries(set);
}
}  // namespace peaktext

#endif

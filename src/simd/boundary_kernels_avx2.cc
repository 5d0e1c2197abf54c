#include "simd/boundary_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <bit>

#include "simd/boundary_lanes.h"

#define PEAKTEXT_TARGET [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

typedef uint64_t Words __attribute__((vector_size(32)));
constexpr size_t kLanes = 4;

PEAKTEXT_TARGET inline Words All(uint64_t word) { return Words{} + word; }
PEAKTEXT_TARGET inline Words Load(const uint64_t* from) {
  return (Words)_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
PEAKTEXT_TARGET inline void Store(uint64_t* to, Words words) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)words);
}
PEAKTEXT_TARGET inline Words IsZero(Words words) {
  return (Words)_mm256_cmpeq_epi64((__m256i)words, _mm256_setzero_si256());
}
PEAKTEXT_TARGET inline unsigned Lanes(Words words) {
  const int zero = _mm256_movemask_pd((__m256d)IsZero(words));
  return static_cast<unsigned>(zero) ^ 0xF;
}
PEAKTEXT_TARGET inline Words InLast(uint64_t word) {
  return Words{0, 0, 0, word};
}
PEAKTEXT_TARGET inline Words Up(Words words, Words before) {
  const __m256i middle =
      _mm256_permute2x128_si256((__m256i)before, (__m256i)words, 0x21);
  return (Words)_mm256_alignr_epi8((__m256i)words, middle, 8);
}

#include "simd/boundary_step.h"

}  // namespace

BoundaryFunction* Avx2Boundaries(BoundarySet set) { return FunctionFor(set); }

}  // namespace peaktext

#else

namespace peaktext {
BoundaryFunction* Avx2Boundaries(BoundarySet set) {
  return ScalarBoundaries(set);
}
}  // namespace peaktext

#endif

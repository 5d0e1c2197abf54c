// Eight pretokens side by side.
#include "simd/merge_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>

#define PEAKTEXT_TARGET [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

typedef uint32_t Words __attribute__((vector_size(32)));
using Mask = __m256i;  // by each lane's highest bit
constexpr size_t kLanes = 8;
constexpr size_t kGroups = 4;  // at once

PEAKTEXT_TARGET inline Words All(uint32_t word) { return Words{} + word; }
PEAKTEXT_TARGET inline Words Load(const uint32_t* from) {
  return (Words)_mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}
PEAKTEXT_TARGET inline void Store(uint32_t* to, Words words) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), (__m256i)words);
}
PEAKTEXT_TARGET inline Words Min(Words a, Words b) {
  return (Words)_mm256_min_epu32((__m256i)a, (__m256i)b);
}
PEAKTEXT_TARGET inline Words OneAt(Words places) {
  return (Words)_mm256_sllv_epi32((__m256i)All(1), (__m256i)places);
}
// From a number's exponent as a float, of two bits beside each other only the
// higher, lest it is rounded up.
PEAKTEXT_TARGET inline Words HighestPlace(Words bits) {
  const Words apart = bits & ~(bits >> 1);
  return ((Words)_mm256_cvtepi32_ps((__m256i)apart) >> 23) - 127;
}
// Single loads: no slower than a gather where that is fast, and it is not
// everywhere (GathersFast).
PEAKTEXT_TARGET inline Words Gather(const uint32_t* from,
                                    const uint32_t* places) {
  const auto word = [&](size_t i) { return from[places[i]]; };
  return Words{word(0), word(1), word(2), word(3),
               word(4), word(5), word(6), word(7)};
}
PEAKTEXT_TARGET inline Mask IsLess(Words a, Words b) {
  return _mm256_cmpgt_epi32((__m256i)b, (__m256i)a);
}
PEAKTEXT_TARGET inline Mask IsEqual(Words a, Words b) {
  return _mm256_cmpeq_epi32((__m256i)a, (__m256i)b);
}
PEAKTEXT_TARGET inline Mask IsSet(Words bits, Words bit) {
  return IsEqual(bits & bit, bit);
}
PEAKTEXT_TARGET inline bool Any(Mask mask) {
  return _mm256_movemask_ps((__m256)mask) != 0;
}
PEAKTEXT_TARGET inline Words Choose(Mask mask, Words yes, Words no) {
  return (Words)_mm256_blendv_ps((__m256)no, (__m256)yes, (__m256)mask);
}

#include "simd/merge_step.h"

}  // namespace

PEAKTEXT_TARGET void CountMergedAvx2(
    const MergeWords& words, std::span<const std::string_view> pretokens,
    uint32_t* tokens) {
  CountGroups(words, pretokens, tokens);
}

}  // namespace peaktext

#else

namespace peaktext {
void CountMergedAvx2(const MergeWords& words,
                     std::span<const std::string_view> pretokens,
                     uint32_t* tokens) {
  CountMergedScalar(words, pretokens, tokens);
}
}  // namespace peaktext

#endif

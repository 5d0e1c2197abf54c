// Sixteen pretokens side by side.
#include "simd/merge_kernels.h"

#if defined(__x86_64__)
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>

#include "simd/avx512.h"

#define PEAKTEXT_TARGET PEAKTEXT_AVX512

namespace peaktext {
namespace {

typedef uint32_t Words __attribute__((vector_size(64)));
using Mask = __mmask16;
constexpr size_t kLanes = 16;
constexpr size_t kGroups = 4;  // at once

PEAKTEXT_TARGET inline Words All(uint32_t word) { return Words{} + word; }
PEAKTEXT_TARGET inline Words Load(const uint32_t* from) {
  return (Words)_mm512_load_si512(from);
}
PEAKTEXT_TARGET inline void Store(uint32_t* to, Words words) {
  _mm512_store_si512(to, (__m512i)words);
}
PEAKTEXT_TARGET inline Words Min(Words a, Words b) {
  return (Words)_mm512_min_epu32((__m512i)a, (__m512i)b);
}
PEAKTEXT_TARGET inline Words OneAt(Words places) {
  return (Words)_mm512_sllv_epi32((__m512i)All(1), (__m512i)places);
}
// From a number's exponent as a float, of two bits beside each other only the
// higher, lest it is rounded up.
PEAKTEXT_TARGET inline Words HighestPlace(Words bits) {
  const Words apart = bits & ~(bits >> 1);
  return ((Words)_mm512_cvtepi32_ps((__m512i)apart) >> 23) - 127;
}
// Single loads: hardly slower than a gather where that is fast, and it is not
// everywhere (GathersFast).
PEAKTEXT_TARGET inline Words Gather(const uint32_t* from,
                                    const uint32_t* places) {
  const auto word = [&](size_t i) { return from[places[i]]; };
  return Words{word(0),  word(1),  word(2),  word(3), word(4),  word(5),
               word(6),  word(7),  word(8),  word(9), word(10), word(11),
               word(12), word(13), word(14), word(15)};
}
PEAKTEXT_TARGET inline Mask IsLess(Words a, Words b) {
  return _mm512_cmplt_epu32_mask((__m512i)a, (__m512i)b);
}
PEAKTEXT_TARGET inline Mask IsEqual(Words a, Words b) {
  return _mm512_cmpeq_epi32_mask((__m512i)a, (__m512i)b);
}
PEAKTEXT_TARGET inline Mask IsSet(Words bits, Words bit) {
  return _mm512_test_epi32_mask((__m512i)bits, (__m512i)bit);
}
PEAKTEXT_TARGET inline bool Any(Mask mask) { return mask != 0; }
PEAKTEXT_TARGET inline Words Choose(Mask mask, Words yes, Words no) {
  return (Words)_mm512_mask_mov_epi32((__m512i)no, mask, (__m512i)yes);
}

#include "simd/merge_step.h"

}  // namespace

PEAKTEXT_TARGET void CountMergedAvx512(
    const MergeWords& words, std::span<const std::string_view> pretokens,
    uint32_t* tokens) {
  CountGroups(words, pretokens, tokens);
}

}  // namespace peaktext

#else

namespace peaktext {
void CountMergedAvx512(const MergeWords& words,
                       std::span<const std::string_view> pretokens,
                       uint32_t* tokens) {
  CountMergedScalar(words, pretokens, tokens);
}
}  // namespace peaktext

#endif

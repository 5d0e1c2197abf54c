// Sixteen pretokens side by side.
#include "simd/merge_kernels.h"

#if defined(__x86_64__)
#include <algorithm>
#include <bit>
#include <cstring>

#include "simd/avx512.h"

#define PEAKTEXT_TARGET PEAKTEXT_AVX512

namespace peaktext {
namespace {

using Words = __m512i;
using Mask = __mmask16;
constexpr size_t kLanes = 16;
constexpr size_t kGroups = 2;  // at once

PEAKTEXT_TARGET inline Words All(uint32_t word) {
  return _mm512_set1_epi32(static_cast<int>(word));
}
PEAKTEXT_TARGET inline Words Load(const uint32_t* from) {
  return _mm512_load_si512(from);
}
PEAKTEXT_TARGET inline void Store(uint32_t* to, Words words) {
  _mm512_store_si512(to, words);
}
PEAKTEXT_TARGET inline Words And(Words a, Words b) {
  return _mm512_and_si512(a, b);
}
PEAKTEXT_TARGET inline Words AndNot(Words a, Words b) {
  return _mm512_andnot_si512(a, b);
}
PEAKTEXT_TARGET inline Words Or(Words a, Words b) {
  return _mm512_or_si512(a, b);
}
PEAKTEXT_TARGET inline Words Xor(Words a, Words b) {
  return _mm512_xor_si512(a, b);
}
PEAKTEXT_TARGET inline Words Add(Words a, Words b) {
  return _mm512_add_epi32(a, b);
}
PEAKTEXT_TARGET inline Words Subtract(Words a, Words b) {
  return _mm512_sub_epi32(a, b);
}
PEAKTEXT_TARGET inline Words Min(Words a, Words b) {
  return _mm512_min_epu32(a, b);
}
template <unsigned kBits>
PEAKTEXT_TARGET inline Words Up(Words words) {
  return _mm512_slli_epi32(words, kBits);
}
template <unsigned kBits>
PEAKTEXT_TARGET inline Words Down(Words words) {
  return _mm512_srli_epi32(words, kBits);
}
PEAKTEXT_TARGET inline Words OneAt(Words place) {
  return _mm512_sllv_epi32(All(1), place);
}
// From a number's exponent as a float, of two bits beside each other only the
// higher, lest it is rounded up.
PEAKTEXT_TARGET inline Words HighestPlace(Words bits) {
  const Words apart = AndNot(Down<1>(bits), bits);
  const Words exponent =
      Down<23>(_mm512_castps_si512(_mm512_cvtepi32_ps(apart)));
  return Subtract(exponent, All(127));
}
// Single loads: hardly slower than a gather where that is fast, and it is not
// everywhere (GathersFast).
PEAKTEXT_TARGET inline Words Gather(const uint32_t* from, Words at) {
  alignas(64) uint32_t places[kLanes];
  Store(places, at);
  const auto word = [&](size_t i) { return static_cast<int>(from[places[i]]); };
  return _mm512_setr_epi32(word(0), word(1), word(2), word(3), word(4), word(5),
                           word(6), word(7), word(8), word(9), word(10),
                           word(11), word(12), word(13), word(14), word(15));
}
PEAKTEXT_TARGET inline Mask IsLess(Words a, Words b) {
  return _mm512_cmplt_epu32_mask(a, b);
}
PEAKTEXT_TARGET inline Mask IsEqual(Words a, Words b) {
  return _mm512_cmpeq_epi32_mask(a, b);
}
PEAKTEXT_TARGET inline Mask Has(Words bits, size_t place) {
  return _mm512_test_epi32_mask(bits, All(uint32_t{1} << place));
}
PEAKTEXT_TARGET inline bool Any(Mask mask) { return mask != 0; }
PEAKTEXT_TARGET inline Words Choose(Mask mask, Words yes, Words no) {
  return _mm512_mask_mov_epi32(no, mask, yes);
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

// Eight pretokens side by side.
#include "simd/merge_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

#define PEAKTEXT_TARGET [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

using Words = __m256i;
using Mask = __m256i;  // by each lane's highest bit
constexpr size_t kLanes = 8;
constexpr size_t kGroups = 4;  // at once

PEAKTEXT_TARGET inline Words All(uint32_t word) {
  return _mm256_set1_epi32(static_cast<int>(word));
}
PEAKTEXT_TARGET inline Words Load(const uint32_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}
PEAKTEXT_TARGET inline void Store(uint32_t* to, Words words) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), words);
}
PEAKTEXT_TARGET inline Words And(Words a, Words b) {
  return _mm256_and_si256(a, b);
}
PEAKTEXT_TARGET inline Words AndNot(Words a, Words b) {
  return _mm256_andnot_si256(a, b);
}
PEAKTEXT_TARGET inline Words Or(Words a, Words b) {
  return _mm256_or_si256(a, b);
}
PEAKTEXT_TARGET inline Words Xor(Words a, Words b) {
  return _mm256_xor_si256(a, b);
}
PEAKTEXT_TARGET inline Words Add(Words a, Words b) {
  return _mm256_add_epi32(a, b);
}
PEAKTEXT_TARGET inline Words Subtract(Words a, Words b) {
  return _mm256_sub_epi32(a, b);
}
PEAKTEXT_TARGET inline Words Min(Words a, Words b) {
  return _mm256_min_epu32(a, b);
}
template <int kBits>
PEAKTEXT_TARGET inline Words Up(Words words) {
  return _mm256_slli_epi32(words, kBits);
}
template <int kBits>
PEAKTEXT_TARGET inline Words Down(Words words) {
  return _mm256_srli_epi32(words, kBits);
}
PEAKTEXT_TARGET inline Words OneAt(Words place) {
  return _mm256_sllv_epi32(All(1), place);
}
// From a number's exponent as a float, of two bits beside each other only the
// higher, lest it is rounded up.
PEAKTEXT_TARGET inline Words HighestPlace(Words bits) {
  const Words apart = AndNot(Down<1>(bits), bits);
  const Words exponent =
      Down<23>(_mm256_castps_si256(_mm256_cvtepi32_ps(apart)));
  return Subtract(exponent, All(127));
}
// Single loads: no slower than a gather where that is fast, and it is not
// everywhere (GathersFast).
PEAKTEXT_TARGET inline Words Gather(const uint32_t* from, Words at) {
  alignas(32) uint32_t places[kLanes];
  Store(places, at);
  const auto word = [&](size_t i) { return static_cast<int>(from[places[i]]); };
  return _mm256_setr_epi32(word(0), word(1), word(2), word(3), word(4), word(5),
                           word(6), word(7));
}
PEAKTEXT_TARGET inline Mask IsLess(Words a, Words b) {
  return _mm256_cmpgt_epi32(b, a);
}
PEAKTEXT_TARGET inline Mask IsEqual(Words a, Words b) {
  return _mm256_cmpeq_epi32(a, b);
}
PEAKTEXT_TARGET inline Mask Has(Words bits, size_t place) {
  return _mm256_sll_epi32(bits,
                          _mm_cvtsi32_si128(31 - static_cast<int>(place)));
}
PEAKTEXT_TARGET inline bool Any(Mask mask) {
  return _mm256_movemask_ps(_mm256_castsi256_ps(mask)) != 0;
}
PEAKTEXT_TARGET inline Words Choose(Mask mask, Words yes, Words no) {
  return _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(no),
                                              _mm256_castsi256_ps(yes),
                                              _mm256_castsi256_ps(mask)));
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

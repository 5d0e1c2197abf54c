// Where gathers are slow, tokens are found as with AVX2: twice as many places
// at a time gain nothing there, as their look-ups take the time.
#include "simd/match_kernels.h"

#if defined(__x86_64__)
#include "simd/avx512.h"
#include "simd/match_find.h"
#include "simd/match_foresee.h"

namespace peaktext {
namespace {

#define PEAKTEXT_TARGET PEAKTEXT_AVX512
#include "simd/match_step.h"

// Sixteen hits at a time are looked for: of four rows, one after the other, of
// which the first is four or eight bytes before the boundary.
class Judge {
 public:
  PEAKTEXT_AVX512 explicit Judge(const ShortSteps& steps)
      : steps_(steps), short_from_(steps.buffer->long_end + 4) {}

  PEAKTEXT_AVX512 void SetLeft(TokenMatch last) {
    last_ = last;
    near_left_ = LeftOf(steps_.limits[last.id].near);
    if (last.bytes > 4) far_left_ = LeftOf(steps_.limits[last.id].far);
  }

  PEAKTEXT_AVX512 Verdict Of(TokenMatch next, size_t place) const {
    const auto* rights =
        reinterpret_cast<const __m128i*>(steps_.limits[next.id].near.left);
    if (((last_.bytes - 1) | (next.bytes - 1)) >= 4) [[unlikely]] {
      if (steps_.buffer->IsFar(last_, next, place)) return Verdict::kDoubt;
      const auto* far =
          reinterpret_cast<const __m128i*>(steps_.limits[next.id].far.left);
      return OfFar(_mm512_zextsi256_si512(_mm256_set_m128i(
                       _mm_load_si128(far), _mm_load_si128(rights))),
                   place);
    }
    return HitsOf(*steps_.buffer, place, place < short_from_, near_left_,
                  _mm_load_si128(rights))
        .verdict();
  }

  // The limit of four bytes four times, then those of three, two, one.
  PEAKTEXT_AVX512 static __m512i LeftOf(const PairLimits& left) {
    const __m512i at =
        _mm512_setr_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
    return _mm512_permutexvar_epi32(
        at, _mm512_castsi128_si512(
                _mm_load_si128(reinterpret_cast<const __m128i*>(left.right))));
  }
  PEAKTEXT_AVX512 static Verdict OfNear(const MatchBuffer& buffer, size_t place,
                                        bool some_long, __m512i left,
                                        const PairLimits& right) {
    return HitsOf(buffer, place, some_long, left,
                  _mm_load_si128(reinterpret_cast<const __m128i*>(right.left)))
        .verdict();
  }

 private:
  struct Hits {
    __mmask16 any = 0;
    __mmask16 sure = 0;

    PEAKTEXT_AVX512 void Look(__m512i marks, __m512i left, __m512i right) {
      const __mmask16 hits = _mm512_mask_cmplt_epi32_mask(
          _mm512_cmplt_epi32_mask(marks, left), marks, right);
      any = static_cast<__mmask16>(any | hits);
      sure =
          static_cast<__mmask16>(sure | _mm512_mask_testn_epi32_mask(
                                            hits, marks, _mm512_set1_epi32(1)));
    }
    PEAKTEXT_AVX512 Verdict verdict() const {
      if (any == 0) return Verdict::kFits;
      return sure != 0 ? Verdict::kHits : Verdict::kDoubt;
    }
  };

  PEAKTEXT_AVX512 static Hits HitsOf(const MatchBuffer& buffer, size_t place,
                                     bool some_long, __m512i left,
                                     __m128i right) {
    const __m512i near = _mm512_zextsi128_si512(right);
    Hits hits;
    hits.Look(Rows(buffer, 0, 4, place), left, From<-2>(near));
    if (some_long) hits.Look(Rows(buffer, 1, 4, place), left, From<2>(near));
    return hits;
  }

  // Of eight limits, for 1 to 8 bytes, those for kFrom, ... kFrom + 3, then for
  // kFrom + 1, ... kFrom + 4, and so on; 0 where there is none.
  template <int kFrom>
  PEAKTEXT_AVX512 static __m512i From(__m512i limits) {
    const __m512i at = _mm512_add_epi32(
        _mm512_setr_epi32(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6),
        _mm512_set1_epi32(kFrom - 1));
    // Those of 9 to 16 bytes are 0 already, those of less than 1 are not.
    constexpr auto kThere = static_cast<__mmask16>(kFrom > 0 ? 0xFFFF : 0xFEC8);
    return _mm512_maskz_permutexvar_epi32(kThere, at, limits);
  }
  PEAKTEXT_AVX512 static __m512i Rows(const MatchBuffer& buffer, size_t plane,
                                      size_t back, size_t place) {
    return _mm512_loadu_si512(buffer.rows[plane] +
                              (MatchBuffer::kBefore + place - back));
  }

  PEAKTEXT_AVX512 Verdict OfFar(__m512i rights, size_t place) const {
    const __m512i from[3] = {From<-2>(rights), From<2>(rights),
                             From<6>(rights)};
    Hits hits;
    for (size_t plane = 0; plane < 3; ++plane) {
      hits.Look(Rows(*steps_.buffer, plane, 4, place), near_left_, from[plane]);
      if (last_.bytes <= 4) continue;
      hits.Look(Rows(*steps_.buffer, plane + 1, 8, place), far_left_,
                from[plane]);
    }
    return hits.verdict();
  }

  const ShortSteps& steps_;
  // From this place on no token of six bytes lies across it, four before it.
  const size_t short_from_;
  TokenMatch last_ = {};
  __m512i near_left_ = {};
  __m512i far_left_ = {};
};

}  // namespace

const MatchKernels& Avx512MatchKernels() {
  static const MatchKernels kKernels = {
      "avx512", GathersFast() ? FindTokensAvx512 : FindTokensAvx2,
      ForeseeAvx512, Step<Judge>};
  return kKernels;
}

}  // namespace peaktext
#else

namespace peaktext {
const MatchKernels& Avx512MatchKernels() { return ScalarMatchKernels(); }
}  // namespace peaktext

#endif

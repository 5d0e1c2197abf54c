#include "simd/match_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd/match_find.h"
#include "simd/match_foresee.h"

#define PEAKTEXT_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

#define PEAKTEXT_TARGET PEAKTEXT_AVX2
#include "simd/match_step.h"

// Eight hits at a time are looked for: of two rows, one after the other, of
// which the first is `back` bytes before the boundary.
class Judge {
 public:
  PEAKTEXT_AVX2 explicit Judge(const ShortSteps& steps)
      : steps_(steps), short_from_(steps.buffer->long_end + 4) {}

  PEAKTEXT_AVX2 void SetLeft(TokenMatch last) {
    last_ = last;
    near_left_ = LeftOf(steps_.limits[last.id].near);
    if (last.bytes <= 4) return;
    far_left_ = LeftOf(steps_.limits[last.id].far);
  }

  PEAKTEXT_AVX2 Verdict Of(TokenMatch next, size_t place) const {
    const auto* rights =
        reinterpret_cast<const __m128i*>(steps_.limits[next.id].near.left);
    if (((last_.bytes - 1) | (next.bytes - 1)) >= 4) [[unlikely]] {
      if (steps_.buffer->IsFar(last_, next, place)) return Verdict::kDoubt;
      const auto* far =
          reinterpret_cast<const __m128i*>(steps_.limits[next.id].far.left);
      return OfFar(
          _mm256_set_m128i(_mm_load_si128(far), _mm_load_si128(rights)), place);
    }
    return HitsOf(*steps_.buffer, place, place < short_from_, near_left_,
                  _mm_load_si128(rights))
        .verdict();
  }

  // Of the last one and two bytes, and of three and four.
  struct Lefts {
    __m256i of[2];
  };

  PEAKTEXT_AVX2 static Lefts LeftOf(const PairLimits& left) {
    const __m256i limits = Load(left.right);
    return {{Spread(limits, 0), Spread(limits, 2)}};
  }
  PEAKTEXT_AVX2 static Verdict OfNear(const MatchBuffer& buffer, size_t place,
                                      bool some_long, const Lefts& left,
                                      const PairLimits& right) {
    return HitsOf(buffer, place, some_long, left,
                  _mm_load_si128(reinterpret_cast<const __m128i*>(right.left)))
        .verdict();
  }

 private:
  struct Hits {
    __m256i any = {};
    __m256i sure = {};  // in the lowest bits

    PEAKTEXT_AVX2 void Look(__m256i marks, __m256i left, __m256i right) {
      const __m256i hits =
          _mm256_cmpgt_epi32(_mm256_min_epi32(left, right), marks);
      any = _mm256_or_si256(any, hits);
      sure = _mm256_or_si256(sure, _mm256_andnot_si256(marks, hits));
    }
    PEAKTEXT_AVX2 Verdict verdict() const {
      if (_mm256_testz_si256(any, any) != 0) return Verdict::kFits;
      return _mm256_testz_si256(sure, _mm256_set1_epi32(1)) == 0
                 ? Verdict::kHits
                 : Verdict::kDoubt;
    }
  };

  PEAKTEXT_AVX2 static Hits HitsOf(const MatchBuffer& buffer, size_t place,
                                   bool some_long, const Lefts& left,
                                   __m128i right) {
    const __m256i near = _mm256_zextsi128_si256(right);
    Hits hits;
    hits.Look(Rows(buffer, 0, 2, place), left.of[0], From<0>(near));
    hits.Look(Rows(buffer, 0, 4, place), left.of[1], From<-2>(near));
    if (some_long) {
      hits.Look(Rows(buffer, 1, 2, place), left.of[0], From<4>(near));
      hits.Look(Rows(buffer, 1, 4, place), left.of[1], From<2>(near));
    }
    return hits;
  }

  PEAKTEXT_AVX2 static __m256i Load(const int32_t* limits) {
    return _mm256_castsi128_si256(
        _mm_load_si128(reinterpret_cast<const __m128i*>(limits)));
  }
  // limits[i + 1] four times, limits[i] four times.
  PEAKTEXT_AVX2 static __m256i Spread(__m256i limits, int i) {
    return _mm256_permutevar8x32_epi32(
        limits, _mm256_add_epi32(_mm256_setr_epi32(1, 1, 1, 1, 0, 0, 0, 0),
                                 _mm256_set1_epi32(i)));
  }
  // Of eight limits, for 1 to 8 bytes, those for kFrom, kFrom + 1, ... kFrom +
  // 3, then for kFrom + 1, ... kFrom + 4; 0 where there is none.
  template <int kFrom>
  PEAKTEXT_AVX2 static __m256i From(__m256i limits) {
    const __m256i at =
        _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 1, 2, 3, 4),
                         _mm256_set1_epi32(kFrom - 1));
    const __m256i there =
        _mm256_cmpeq_epi32(_mm256_srli_epi32(at, 3), _mm256_setzero_si256());
    return _mm256_and_si256(_mm256_permutevar8x32_epi32(limits, at), there);
  }

  PEAKTEXT_AVX2 static __m256i Rows(const MatchBuffer& buffer, size_t plane,
                                    size_t back, size_t place) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(
        buffer.rows[plane] + (MatchBuffer::kBefore + place - back)));
  }

  PEAKTEXT_AVX2 Verdict OfFar(__m256i rights, size_t place) const {
    const __m256i from[6] = {From<-2>(rights), From<0>(rights),
                             From<2>(rights),  From<4>(rights),
                             From<6>(rights),  From<8>(rights)};
    const MatchBuffer& buffer = *steps_.buffer;
    Hits hits;
    for (size_t plane = 0; plane < 3; ++plane) {
      hits.Look(Rows(buffer, plane, 2, place), near_left_.of[0],
                from[2 * plane + 1]);
      hits.Look(Rows(buffer, plane, 4, place), near_left_.of[1],
                from[2 * plane]);
      if (last_.bytes <= 4) continue;
      hits.Look(Rows(buffer, plane + 1, 6, place), far_left_.of[0],
                from[2 * plane + 1]);
      hits.Look(Rows(buffer, plane + 1, 8, place), far_left_.of[1],
                from[2 * plane]);
    }
    return hits.verdict();
  }

  const ShortSteps& steps_;
  // From this place on no token of six bytes lies across it, four before it.
  const size_t short_from_;
  TokenMatch last_ = {};
  Lefts near_left_ = {};
  Lefts far_left_ = {};
};

}  // namespace

const MatchKernels& Avx2MatchKernels() {
  static constexpr MatchKernels kKernels = {"avx2", FindTokensAvx2, ForeseeAvx2,
                                            Step<Judge>};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const MatchKernels& Avx2MatchKernels() { return ScalarMatchKernels(); }
}  // namespace peaktext

#endif

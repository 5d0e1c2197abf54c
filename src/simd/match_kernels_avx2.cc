// Four places at a time, one in each lane of 64 bits. And byte after byte for
// all places, not place after place: nearly all that is done for a place waits
// for its look-ups, and the processor can hold no more of it at a time than of
// one or two places.
#include "simd/match_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

#define PEAKTEXT_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

#define PEAKTEXT_TARGET PEAKTEXT_AVX2
#include "simd/match_step.h"

constexpr long long kNoToken = TrieWords::kNoToken;

// The plain intrinsic leaves it undefined what the result is merged into: the
// look-ups would wait for those before.
PEAKTEXT_AVX2 inline __m256i Gather(const uint64_t* words, __m256i indexes) {
  return _mm256_mask_i64gather_epi64(_mm256_setzero_si256(),
                                     reinterpret_cast<const long long*>(words),
                                     indexes, _mm256_set1_epi64x(-1), 8);
}

PEAKTEXT_AVX2 inline __m256i None() {
  return _mm256_set1_epi64x(static_cast<long long>(TrieWords::kNoNode));
}

PEAKTEXT_AVX2 inline __m256i Buckets(__m256i bytes) {
  const __m128i table =
      _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 4, 5, 6, 7);
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table),
                             _mm256_and_si256(bytes, _mm256_set1_epi64x(15)));
}

PEAKTEXT_AVX2 inline __m256i Child(const uint64_t* slots, __m256i nodes,
                                   __m256i bytes) {
  const __m256i one = _mm256_set1_epi64x(1);
  const __m256i there =
      _mm256_and_si256(_mm256_srlv_epi64(nodes, Buckets(bytes)), one);
  const __m256i base = _mm256_and_si256(_mm256_srli_epi64(nodes, 21),
                                        _mm256_set1_epi64x((1 << 21) - 1));
  const __m256i slot =
      _mm256_and_si256(_mm256_xor_si256(base, bytes),
                       _mm256_sub_epi64(_mm256_setzero_si256(), there));
  const __m256i child = Gather(slots, slot);
  const __m256i differ =
      _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64(child, 12), bytes),
                       _mm256_set1_epi64x(511));
  const __m256i yes = _mm256_cmpeq_epi64(differ, _mm256_set1_epi64x(256));
  return _mm256_or_si256(_mm256_and_si256(yes, child),
                         _mm256_andnot_si256(yes, None()));
}

// Makes the tokens of `marks`, where there is one, the longest.
PEAKTEXT_AVX2 inline void AddLonger(__m256i marks, long long bytes,
                                    __m256i* longest, __m256i* second) {
  const __m256i none = _mm256_cmpeq_epi64(marks, _mm256_set1_epi64x(kNoToken));
  const __m256i match = _mm256_or_si256(marks, _mm256_set1_epi64x(bytes << 32));
  *second = _mm256_blendv_epi8(*longest, *second, none);
  *longest = _mm256_blendv_epi8(match, *longest, none);
}

// Four places' tokens of four lengths, as rows.
PEAKTEXT_AVX2 inline void StoreRows(MatchBuffer::Row* rows, __m256i a,
                                    __m256i b, __m256i c, __m256i d) {
  const __m256i ab = _mm256_or_si256(a, _mm256_slli_epi64(b, 32));
  const __m256i cd = _mm256_or_si256(c, _mm256_slli_epi64(d, 32));
  const __m256i even = _mm256_unpacklo_epi64(ab, cd);
  const __m256i odd = _mm256_unpackhi_epi64(ab, cd);
  auto* to = reinterpret_cast<__m256i*>(rows);
  _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
  _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
}

PEAKTEXT_AVX2 inline __m256i Load(const uint64_t* words) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}
PEAKTEXT_AVX2 inline void Store(uint64_t* words, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), value);
}

// One byte of each of four places.
PEAKTEXT_AVX2 inline __m256i Bytes(const char* text) {
  int32_t four;
  std::memcpy(&four, text, sizeof(four));
  return _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four));
}

struct Wide {
  static constexpr size_t kMany = 4;

  PEAKTEXT_AVX2 static void Heads(const TrieWords& trie, size_t places,
                                  OpenPlaces* open) {
    for (size_t at = 0; at < places; at += 4) {
      const char* text = open->text + at;
      const __m256i two =
          _mm256_or_si256(Bytes(text), _mm256_slli_epi64(Bytes(text + 1), 8));
      Store(open->nodes[0] + at, Gather(trie.heads, two));
    }
  }

  PEAKTEXT_AVX2 static void GoOn(const TrieWords& trie, size_t places,
                                 const char* text, const uint64_t* from,
                                 uint64_t* to) {
    for (size_t at = 0; at < places; at += 4) {
      Store(to + at, Child(trie.slots, Load(from + at), Bytes(text + at)));
    }
  }

  PEAKTEXT_AVX2 static void Add(const TrieWords& trie, size_t places,
                                size_t plane, MatchBuffer* buffer, size_t first,
                                OpenPlaces* open) {
    const auto shortest = static_cast<long long>(plane) * 4 + 2;
    open->count = 0;
    for (size_t at = 0; at < places; at += 4) {
      uint64_t* to_longest = buffer->longest + first + at;
      uint64_t* to_second = buffer->second + first + at;
      auto* to_lowest = reinterpret_cast<__m128i*>(buffer->lowest + first + at);
      __m256i longest = _mm256_set1_epi64x(kNoToken);
      __m256i second = longest;
      __m256i lowest = longest;
      if (plane == 0) {
        AddLonger(Ones(trie, open->text + at), 1, &longest, &second);
      } else {
        longest = Load(to_longest);
        second = Load(to_second);
        lowest = _mm256_cvtepu32_epi64(_mm_loadu_si128(to_lowest));
      }
      __m256i marks[4];
      for (size_t i = 0; i < 4; ++i) {
        marks[i] = _mm256_srli_epi64(Load(open->nodes[i] + at), 42);
        lowest = _mm256_min_epu32(lowest, marks[i]);
        AddLonger(marks[i], shortest + static_cast<long long>(i), &longest,
                  &second);
      }
      Store(to_longest, longest);
      Store(to_second, second);
      _mm_storeu_si128(to_lowest,
                       _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(
                           lowest, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6))));
      StoreRows(buffer->rows[plane] + (MatchBuffer::kBefore + first + at),
                marks[0], marks[1], marks[2], marks[3]);
      const __m256i ends =
          _mm256_cmpeq_epi64(Load(open->nodes[3] + at), None());
      auto goes_on = static_cast<unsigned>(
          ~_mm256_movemask_pd(_mm256_castsi256_pd(ends)) & 15);
      // Behind the last place there may be some, too.
      if (places - at < 4) goes_on &= (1U << (places - at)) - 1;
      for (; goes_on != 0; goes_on &= goes_on - 1) {
        open->places[open->count++] = static_cast<uint8_t>(
            at + static_cast<size_t>(std::countr_zero(goes_on)));
      }
    }
  }

 private:
  PEAKTEXT_AVX2 static __m256i Ones(const TrieWords& trie, const char* text) {
    const __m128i ones = _mm256_mask_i64gather_epi32(
        _mm_setzero_si128(), reinterpret_cast<const int*>(trie.ones),
        Bytes(text), _mm_set1_epi32(-1), 4);
    return _mm256_cvtepu32_epi64(
        _mm_min_epu32(_mm_slli_epi32(ones, 1), _mm_set1_epi32(kNoToken)));
  }
};

// Eight hits at a time are looked for: of two rows, one after the other, of
// which the first is `back` bytes before the boundary.
class Judge {
 public:
  PEAKTEXT_AVX2 explicit Judge(const ShortSteps& steps)
      : steps_(steps), short_from_(steps.buffer->long_end + 4) {}

  PEAKTEXT_AVX2 void SetLeft(TokenMatch last) {
    last_ = last;
    near_left_ = LeftOf(steps_.near_limits[last.id]);
    if (last.bytes <= 4) return;
    far_left_ = LeftOf(steps_.far_limits[last.id]);
  }

  PEAKTEXT_AVX2 Verdict Of(TokenMatch next, size_t place) const {
    const auto* rights =
        reinterpret_cast<const __m128i*>(steps_.near_limits[next.id].left);
    if (((last_.bytes - 1) | (next.bytes - 1)) >= 4) [[unlikely]] {
      if (steps_.buffer->IsFar(last_, next, place)) return Verdict::kDoubt;
      const auto* far =
          reinterpret_cast<const __m128i*>(steps_.far_limits[next.id].left);
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

  PEAKTEXT_AVX2 static bool TakesNext(const PairLimits& left,
                                      const MatchBuffer& buffer, size_t place,
                                      int32_t most) {
    const MatchBuffer::Row* row = buffer.rows[0] + MatchBuffer::kBefore + place;
    const __m128i marks = _mm_setr_epi32(row[-1].marks[0], row[-2].marks[1],
                                         row[-3].marks[2], row[-4].marks[3]);
    const __m128i limits =
        _mm_load_si128(reinterpret_cast<const __m128i*>(left.right));
    const __m128i out =
        _mm_or_si128(_mm_cmpgt_epi32(marks, _mm_set1_epi32(most)),
                     _mm_slli_epi32(marks, 31));
    const __m128i taken = _mm_andnot_si128(out, _mm_cmpgt_epi32(limits, marks));
    return _mm_movemask_ps(_mm_castsi128_ps(taken)) != 0;
  }

 private:
  struct Hits {
    __m256i any = {};
    __m256i sure = {};  // in the top bits

    PEAKTEXT_AVX2 void Look(__m256i marks, __m256i left, __m256i right) {
      const __m256i hits = _mm256_and_si256(_mm256_cmpgt_epi32(left, marks),
                                            _mm256_cmpgt_epi32(right, marks));
      any = _mm256_or_si256(any, hits);
      const __m256i doubt = _mm256_slli_epi32(marks, 31);
      sure = _mm256_or_si256(sure, _mm256_andnot_si256(doubt, hits));
    }
    PEAKTEXT_AVX2 Verdict verdict() const {
      if (_mm256_testz_si256(any, any) != 0) return Verdict::kFits;
      return _mm256_movemask_ps(_mm256_castsi256_ps(sure)) != 0
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
  static constexpr MatchKernels kKernels = {"avx2", FindWide<Wide>,
                                            Foresee<Judge>, Step<Judge>};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const MatchKernels& Avx2MatchKernels() { return ScalarMatchKernels(); }
}  // namespace peaktext

#endif

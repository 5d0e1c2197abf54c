// Eight places at a time; otherwise as match_kernels_avx2.cc.
#include "simd/match_kernels.h"

#if defined(__x86_64__)
// g++ 12 warns of the registers that its own header leaves undefined on purpose
// (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

#define PEAKTEXT_AVX512                                \
  [[gnu::target(                                       \
      "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi," \
      "avx512vbmi2,avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

#define PEAKTEXT_TARGET PEAKTEXT_AVX512
#include "simd/match_step.h"

constexpr long long kNoToken = TrieWords::kNoToken;

PEAKTEXT_AVX512 inline __m512i None() {
  return _mm512_set1_epi64(static_cast<long long>(TrieWords::kNoNode));
}
PEAKTEXT_AVX512 inline __m512i Load(const uint64_t* words) {
  return _mm512_loadu_si512(words);
}
PEAKTEXT_AVX512 inline void Store(uint64_t* words, __m512i value) {
  _mm512_storeu_si512(words, value);
}

PEAKTEXT_AVX512 inline __m512i Gather(const uint64_t* words, __mmask8 where,
                                      __m512i indexes) {
  return _mm512_mask_i64gather_epi64(None(), where, indexes, words, 8);
}

// One byte of each of eight places.
PEAKTEXT_AVX512 inline __m512i Bytes(const char* text) {
  return _mm512_cvtepu8_epi64(
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text)));
}

// Eight places' tokens of four lengths, as rows.
PEAKTEXT_AVX512 inline void StoreRows(MatchBuffer::Row* rows,
                                      const __m512i (&marks)[4]) {
  const __m512i ab = _mm512_or_si512(marks[0], _mm512_slli_epi64(marks[1], 32));
  const __m512i cd = _mm512_or_si512(marks[2], _mm512_slli_epi64(marks[3], 32));
  const __m512i low = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
  const __m512i high = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
  _mm512_storeu_si512(rows, _mm512_permutex2var_epi64(ab, low, cd));
  _mm512_storeu_si512(rows + 4, _mm512_permutex2var_epi64(ab, high, cd));
}

struct Wide {
  static constexpr size_t kMany = 8;

  PEAKTEXT_AVX512 static void Heads(const TrieWords& trie, size_t places,
                                    OpenPlaces* open) {
    for (size_t at = 0; at < places; at += 8) {
      const char* text = open->text + at;
      const __m512i two =
          _mm512_or_si512(Bytes(text), _mm512_slli_epi64(Bytes(text + 1), 8));
      Store(open->nodes[0] + at, Gather(trie.heads, 0xFF, two));
    }
  }

  PEAKTEXT_AVX512 static void GoOn(const TrieWords& trie, size_t places,
                                   const char* text, const uint64_t* from,
                                   uint64_t* to) {
    alignas(64) static constexpr auto kBuckets = [] {
      struct {
        char of[64];
      } table{};
      for (uint32_t byte = 0; byte < 64; ++byte) {
        table.of[byte] = static_cast<char>(TrieWords::Bucket(byte));
      }
      return table;
    }();
    const __m512i buckets = _mm512_load_si512(kBuckets.of);
    const __m512i one = _mm512_set1_epi64(1);
    for (size_t at = 0; at < places; at += 8) {
      const __m512i byte = Bytes(text + at);
      const __m512i nodes = Load(from + at);
      const __mmask8 maybe = _mm512_test_epi64_mask(
          _mm512_srlv_epi64(nodes, _mm512_permutexvar_epi8(byte, buckets)),
          one);
      const __m512i base = _mm512_and_si512(_mm512_srli_epi64(nodes, 21),
                                            _mm512_set1_epi64((1 << 21) - 1));
      const __m512i child =
          Gather(trie.slots, maybe, _mm512_xor_si512(base, byte));
      const __m512i differ =
          _mm512_and_si512(_mm512_xor_si512(_mm512_srli_epi64(child, 12), byte),
                           _mm512_set1_epi64(511));
      const __mmask8 yes =
          _mm512_mask_cmpeq_epi64_mask(maybe, differ, _mm512_set1_epi64(256));
      Store(to + at, _mm512_mask_mov_epi64(None(), yes, child));
    }
  }

  PEAKTEXT_AVX512 static void Add(const TrieWords& trie, size_t places,
                                  size_t plane, MatchBuffer* buffer,
                                  size_t first, OpenPlaces* open) {
    const __m512i no_token = _mm512_set1_epi64(kNoToken);
    const __m128i eight = _mm_cvtsi64_si128(0x0706050403020100);
    const auto shortest = static_cast<long long>(plane) * 4 + 2;
    size_t count = 0;
    for (size_t at = 0; at < places; at += 8) {
      uint64_t* to_longest = buffer->longest + first + at;
      uint64_t* to_second = buffer->second + first + at;
      auto* to_lowest = reinterpret_cast<__m256i*>(buffer->lowest + first + at);
      __m512i longest;
      __m512i second = no_token;
      __m512i lowest = no_token;
      if (plane == 0) {
        longest = Ones(trie, open->text + at);
      } else {
        longest = Load(to_longest);
        second = Load(to_second);
        lowest = _mm512_cvtepu32_epi64(_mm256_loadu_si256(to_lowest));
      }
      __m512i marks[4];
      for (size_t i = 0; i < 4; ++i) {
        marks[i] = _mm512_srli_epi64(Load(open->nodes[i] + at), 42);
        const __mmask8 is_token = _mm512_cmpneq_epi64_mask(marks[i], no_token);
        second = _mm512_mask_mov_epi64(second, is_token, longest);
        lowest = _mm512_min_epu32(lowest, marks[i]);
        const long long bytes = shortest + static_cast<long long>(i);
        longest = _mm512_mask_or_epi64(longest, is_token, marks[i],
                                       _mm512_set1_epi64(bytes << 32));
      }
      Store(to_longest, longest);
      Store(to_second, second);
      _mm256_storeu_si256(to_lowest, _mm512_cvtepi64_epi32(lowest));
      StoreRows(buffer->rows[plane] + (MatchBuffer::kBefore + first + at),
                marks);
      auto goes_on = static_cast<unsigned>(
          _mm512_cmpneq_epi64_mask(Load(open->nodes[3] + at), None()));
      if (places - at < 8) goes_on &= (1U << (places - at)) - 1;
      const __m128i here =
          _mm_add_epi8(eight, _mm_set1_epi8(static_cast<char>(at)));
      _mm_storel_epi64(
          reinterpret_cast<__m128i*>(open->places + count),
          _mm_maskz_compress_epi8(static_cast<__mmask16>(goes_on), here));
      count += static_cast<size_t>(std::popcount(goes_on));
    }
    open->count = count;
  }

 private:
  // Tokens of one byte, with their length.
  PEAKTEXT_AVX512 static __m512i Ones(const TrieWords& trie, const char* text) {
    const __m256i byte = _mm256_cvtepu8_epi32(
        _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text)));
    const __m256i ones = _mm256_mmask_i32gather_epi32(_mm256_setzero_si256(),
                                                      0xFF, byte, trie.ones, 4);
    const __m512i marks = _mm512_cvtepu32_epi64(_mm256_min_epu32(
        _mm256_slli_epi32(ones, 1), _mm256_set1_epi32(kNoToken)));
    return _mm512_mask_or_epi64(
        marks, _mm512_cmpneq_epi64_mask(marks, _mm512_set1_epi64(kNoToken)),
        marks, _mm512_set1_epi64(1LL << 32));
  }
};

// All places alike as long as more than one in kMany of them go on: then that
// is less work than to choose.
PEAKTEXT_AVX512 void Find(const TrieWords& trie, std::string_view text,
                          size_t places, MatchBuffer* buffer, size_t first,
                          OpenPlaces* open) {
  open->TakeText(text, places);
  open->bytes = 1;
  size_t plane = 0;
  for (; plane < MatchBuffer::kPlanes; ++plane) {
    if (plane > 0 && open->count * Wide::kMany < places) break;
    for (size_t i = 0; i < 4; ++i) {
      const char* last = open->text + open->bytes++;
      if (plane == 0 && i == 0) {
        Wide::Heads(trie, places, open);
      } else {
        Wide::GoOn(trie, places, last, open->nodes[(i + 3) % 4],
                   open->nodes[i]);
      }
    }
    open->EndNodes(text.size(), places, 4 * plane + 2);
    Wide::Add(trie, places, plane, buffer, first, open);
  }
  if (plane > 1) buffer->RememberTo(first + places);
  buffer->ForgetFrom(plane, first);
}

// Sixteen hits at a time are looked for: of four rows, one after the other, of
// which the first is four or eight bytes before the boundary.
class Judge {
 public:
  PEAKTEXT_AVX512 explicit Judge(const ShortSteps& steps)
      : steps_(steps), short_from_(steps.buffer->long_end + 4) {}

  PEAKTEXT_AVX512 void SetLeft(TokenMatch last) {
    last_ = last;
    near_left_ = LeftOf(steps_.near_limits[last.id]);
    if (last.bytes > 4) far_left_ = LeftOf(steps_.far_limits[last.id]);
  }

  PEAKTEXT_AVX512 Verdict Of(TokenMatch next, size_t place) const {
    const auto* rights =
        reinterpret_cast<const __m128i*>(steps_.near_limits[next.id].left);
    if (((last_.bytes - 1) | (next.bytes - 1)) >= 4) [[unlikely]] {
      if (steps_.buffer->IsFar(last_, next, place)) return Verdict::kDoubt;
      const auto* far =
          reinterpret_cast<const __m128i*>(steps_.far_limits[next.id].left);
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

  PEAKTEXT_AVX512 static bool TakesNext(const PairLimits& left,
                                        const MatchBuffer& buffer, size_t place,
                                        int32_t most) {
    const __m512i rows =
        _mm512_loadu_si512(buffer.rows[0] + (MatchBuffer::kBefore + place - 4));
    const __m128i marks = _mm512_castsi512_si128(_mm512_permutexvar_epi32(
        _mm512_zextsi128_si512(_mm_setr_epi32(12, 9, 6, 3)), rows));
    const __m128i limits =
        _mm_load_si128(reinterpret_cast<const __m128i*>(left.right));
    const __mmask8 within = _mm_mask_cmple_epi32_mask(
        _mm_cmplt_epi32_mask(marks, limits), marks, _mm_set1_epi32(most));
    return _mm_mask_testn_epi32_mask(within, marks, _mm_set1_epi32(1)) != 0;
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
  static constexpr MatchKernels kKernels = {
      "avx512", Find, Foresee<AsJudged<Judge>>, Step<Judge>};
  return kKernels;
}

}  // namespace peaktext
#pragma GCC diagnostic pop
#else

namespace peaktext {
const MatchKernels& Avx512MatchKernels() { return ScalarMatchKernels(); }
}  // namespace peaktext

#endif

// Four places at a time, one in each lane of 64 bits. And byte after byte for
// all places, not place after place: nearly all that is done for a place waits
// for its look-ups, and the processor can hold no more of it at a time than of
// one or two places.
#include "simd/match_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#define PEAKTEXT_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

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
  return _mm256_blendv_epi8(None(), child, yes);
}

// `nodes` where a place has at least `bytes` of the `left` from the first on.
PEAKTEXT_AVX2 inline __m256i IfLeft(__m256i nodes, __m256i lefts,
                                    long long bytes) {
  const __m256i yes = _mm256_cmpgt_epi64(lefts, _mm256_set1_epi64x(bytes - 1));
  return _mm256_blendv_epi8(None(), nodes, yes);
}

// `token`, where there is one, with its length, else `shorter`.
PEAKTEXT_AVX2 inline __m256i Longer(__m256i shorter, __m256i tokens,
                                    long long bytes) {
  const __m256i none = _mm256_cmpeq_epi64(tokens, _mm256_set1_epi64x(kNoToken));
  const __m256i match =
      _mm256_or_si256(tokens, _mm256_set1_epi64x(bytes << 32));
  return _mm256_blendv_epi8(match, shorter, none);
}

PEAKTEXT_AVX2 inline void StoreRows(MatchRow* rows, size_t count, __m256i ones,
                                    __m256i twos, __m256i threes,
                                    __m256i fours) {
  const __m256i a = _mm256_or_si256(ones, _mm256_slli_epi64(twos, 32));
  const __m256i b = _mm256_or_si256(threes, _mm256_slli_epi64(fours, 32));
  const __m256i even = _mm256_unpacklo_epi64(a, b);
  const __m256i odd = _mm256_unpackhi_epi64(a, b);
  const __m128i ids[4] = {
      _mm256_castsi256_si128(even), _mm256_castsi256_si128(odd),
      _mm256_extracti128_si256(even, 1), _mm256_extracti128_si256(odd, 1)};
  const __m256i none = _mm256_set1_epi32(MatchRow::kNoToken);
  for (size_t i = 0; i < 4; ++i) {
    if (i == count) return;
    __m256i* row = reinterpret_cast<__m256i*>(rows[i].ids);
    _mm256_store_si256(row, _mm256_inserti128_si256(none, ids[i], 0));
    _mm256_store_si256(row + 1, none);
  }
}

// A text of which eight bytes can be read at once, zeros where it ends.
class Text {
 public:
  explicit Text(std::string_view text)
      : data_(text.data()), size_(text.size()) {
    if (size_ >= sizeof(uint64_t)) {
      last_ = size_ - sizeof(uint64_t);
    } else {
      std::memcpy(short_, data_, size_);
      data_ = short_;
    }
  }
  size_t size() const { return size_; }
  uint64_t Word(size_t at) const {
    const size_t from = std::min(at, last_);
    uint64_t word;
    std::memcpy(&word, data_ + from, sizeof(word));
    return word >> 8 * (at - from);
  }

 private:
  const char* data_;
  size_t size_;
  size_t last_ = 0;  // where eight bytes can be read
  char short_[sizeof(uint64_t)] = {};
};

PEAKTEXT_AVX2 inline __m256i Load(const uint64_t* words) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}
PEAKTEXT_AVX2 inline void Store(uint64_t* words, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), value);
}

// The text from each of four places on, at least four bytes of it.
PEAKTEXT_AVX2 inline __m256i FourFrom(const Text& text, size_t at) {
  return _mm256_srlv_epi64(
      _mm256_set1_epi64x(static_cast<long long>(text.Word(at))),
      _mm256_setr_epi64x(0, 8, 16, 24));
}

// How much there is of the text from each of four places on.
PEAKTEXT_AVX2 inline __m256i LeftFrom(const Text& text, size_t at) {
  return _mm256_sub_epi64(
      _mm256_set1_epi64x(static_cast<long long>(text.size() - at)),
      _mm256_setr_epi64x(0, 1, 2, 3));
}

// The nodes of `bytes` from those of one byte less.
PEAKTEXT_AVX2 void GoOn(const TrieWords& trie, const Text& text, size_t places,
                        int bytes, const uint64_t* from, uint64_t* to) {
  const __m128i shift = _mm_cvtsi32_si128(8 * (bytes - 1));
  for (size_t at = 0; at < places; at += 4) {
    const __m256i next = _mm256_and_si256(
        _mm256_srl_epi64(FourFrom(text, at), shift), _mm256_set1_epi64x(255));
    const __m256i nodes = Child(trie.slots, Load(from + at), next);
    Store(to + at, IfLeft(nodes, LeftFrom(text, at), bytes));
  }
}

PEAKTEXT_AVX2 void Find(const TrieWords& trie, std::string_view whole,
                        size_t places, const MatchesFound& found) {
  const Text text(whole);
  for (size_t at = 0; at < places; at += 4) {
    const __m256i two =
        _mm256_and_si256(FourFrom(text, at), _mm256_set1_epi64x(0xFFFF));
    Store(found.nodes[0] + at,
          IfLeft(Gather(trie.heads, two), LeftFrom(text, at), 2));
  }
  GoOn(trie, text, places, 3, found.nodes[0], found.nodes[1]);
  GoOn(trie, text, places, 4, found.nodes[1], found.nodes[2]);
  for (size_t at = 0; at < places; at += 4) {
    const __m256i first =
        _mm256_and_si256(FourFrom(text, at), _mm256_set1_epi64x(255));
    const __m128i one = _mm256_mask_i64gather_epi32(
        _mm_setzero_si128(), reinterpret_cast<const int*>(trie.ones), first,
        _mm_set1_epi32(-1), 4);
    const __m256i token1 = _mm256_cvtepu32_epi64(
        _mm_min_epu32(one, _mm_set1_epi32(TrieWords::kNoToken)));
    const __m256i node4 = Load(found.nodes[2] + at);
    const __m256i token2 = _mm256_srli_epi64(Load(found.nodes[0] + at), 42);
    const __m256i token3 = _mm256_srli_epi64(Load(found.nodes[1] + at), 42);
    const __m256i token4 = _mm256_srli_epi64(node4, 42);
    __m256i longest = Longer(_mm256_set1_epi64x(kNoToken), token1, 1);
    longest = Longer(longest, token2, 2);
    longest = Longer(longest, token3, 3);
    longest = Longer(longest, token4, 4);
    Store(found.longest + at, longest);
    StoreRows(found.rows + at, std::min<size_t>(places - at, 4), token1, token2,
              token3, token4);
    const __m256i ends = _mm256_cmpeq_epi64(node4, None());
    const auto goes_on = static_cast<unsigned>(
        ~_mm256_movemask_pd(_mm256_castsi256_pd(ends)) & 15);
    const unsigned there = places - at < 4 ? (1U << (places - at)) - 1 : 15;
    found.goes_on[at / 4] = static_cast<uint8_t>(goes_on & there);
  }
}

}  // namespace

const MatchKernels& Avx2MatchKernels() {
  static constexpr MatchKernels kKernels = {"avx2", Find};
  return kKernels;
}

}  // namespace peaktext

#else

namespace peaktext {
const MatchKernels& Avx2MatchKernels() { return ScalarMatchKernels(); }
}  // namespace peaktext

#endif

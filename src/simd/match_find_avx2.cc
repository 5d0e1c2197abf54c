// Four places at a time, one in each lane of 64 bits. And byte after byte for
// all places, not place after place: nearly all that is done for a place waits
// for its look-ups, and the processor can hold no more of it at a time than of
// one or two places.
#include "simd/match_find.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

#define PEAKTEXT_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]

namespace peaktext {
namespace {

constexpr int kNoToken = TrieWords::kNoToken;
constexpr size_t kNodes = 4;

// Four loads of their own: a gather is slow on most processors that have no
// AVX-512.
PEAKTEXT_AVX2 inline __m256i Gather(const uint64_t* words, __m256i indexes) {
  const __m128i low = _mm256_castsi256_si128(indexes);
  const __m128i high = _mm256_extracti128_si256(indexes, 1);
  const auto word = [words](long long index) {
    return static_cast<long long>(words[static_cast<uint64_t>(index)]);
  };
  const __m128i a =
      _mm_insert_epi64(_mm_cvtsi64_si128(word(_mm_cvtsi128_si64(low))),
                       word(_mm_extract_epi64(low, 1)), 1);
  const __m128i b =
      _mm_insert_epi64(_mm_cvtsi64_si128(word(_mm_cvtsi128_si64(high))),
                       word(_mm_extract_epi64(high, 1)), 1);
  return _mm256_set_m128i(b, a);
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
                                   const char* text) {
  int32_t four;
  std::memcpy(&four, text, sizeof(four));
  const __m256i bytes = _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four));
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

PEAKTEXT_AVX2 inline __m256i Load(const uint64_t* words) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}
PEAKTEXT_AVX2 inline void Store(uint64_t* words, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), value);
}

PEAKTEXT_AVX2 inline __m256i HeadsOf(const TrieWords& trie, const char* text) {
  const auto head = [&trie, text](size_t i) {
    uint16_t two;
    std::memcpy(&two, text + i, sizeof(two));
    return static_cast<long long>(trie.heads[two]);
  };
  return _mm256_setr_epi64x(head(0), head(1), head(2), head(3));
}

// What is known of eight places, one in each lane of 32 bits, in the order in
// which two vectors of four are shuffled into one, and unpacked again: 0, 1, 4,
// 5, 2, 3, 6, 7. A match is bytes << 22 | mark there.
class Several {
 public:
  static constexpr size_t kPlaces = 8;
  static constexpr int kMarkBits = 22;

  PEAKTEXT_AVX2 static __m256i None() { return _mm256_set1_epi32(kNoToken); }
  // The upper, or lower, halves of two vectors.
  PEAKTEXT_AVX2 static __m256i Upper(__m256i a, __m256i b) {
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),
                                                 _mm256_castsi256_ps(b), 0xDD));
  }
  PEAKTEXT_AVX2 static __m256i Lower(__m256i a, __m256i b) {
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),
                                                 _mm256_castsi256_ps(b), 0x88));
  }
  PEAKTEXT_AVX2 static __m256i MarksOf(const uint64_t* nodes) {
    return _mm256_srli_epi32(Upper(Load(nodes), Load(nodes + 4)), 10);
  }

  // With no more than the first byte's token.
  PEAKTEXT_AVX2 Several(const uint32_t* ones, const char* text) {
    const auto one = [ones, text](size_t i) {
      return static_cast<int>(ones[static_cast<unsigned char>(text[i])]);
    };
    const __m256i ids = _mm256_setr_epi32(one(0), one(1), one(4), one(5),
                                          one(2), one(3), one(6), one(7));
    second_ = lowest_ = longest_ = None();
    Add(_mm256_min_epu32(_mm256_slli_epi32(ids, 1), None()), 1);
    lowest_ = None();
  }
  PEAKTEXT_AVX2 Several(const MatchBuffer& buffer, size_t place)
      : longest_(Packed(buffer.longest + place)),
        second_(Packed(buffer.second + place)),
        lowest_(InOrder(_mm256_loadu_si256(
            reinterpret_cast<const __m256i*>(buffer.lowest + place)))) {}

  // Of tokens that are longer than what there is.
  PEAKTEXT_AVX2 void Add(__m256i marks, int bytes) {
    const __m256i none = _mm256_cmpeq_epi32(marks, None());
    const __m256i match =
        _mm256_or_si256(marks, _mm256_set1_epi32(bytes << kMarkBits));
    second_ = _mm256_blendv_epi8(longest_, second_, none);
    longest_ = _mm256_blendv_epi8(match, longest_, none);
    lowest_ = _mm256_min_epu32(lowest_, marks);
  }
  PEAKTEXT_AVX2 void StoreTo(MatchBuffer* buffer, size_t place) const {
    Unpack(longest_, buffer->longest + place);
    Unpack(second_, buffer->second + place);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(buffer->lowest + place),
                        InOrder(lowest_));
  }
  // Marks of four lengths, as rows.
  PEAKTEXT_AVX2 static void StoreRows(const __m256i* marks,
                                      MatchBuffer::Row* rows) {
    StoreFour(_mm256_unpacklo_epi32(marks[0], marks[1]),
              _mm256_unpacklo_epi32(marks[2], marks[3]), rows);
    StoreFour(_mm256_unpackhi_epi32(marks[0], marks[1]),
              _mm256_unpackhi_epi32(marks[2], marks[3]), rows + 4);
  }

 private:
  // Back and forth.
  PEAKTEXT_AVX2 static __m256i InOrder(__m256i lanes) {
    return _mm256_permute4x64_epi64(lanes, 0xD8);
  }
  PEAKTEXT_AVX2 static __m256i Packed(const uint64_t* matches) {
    const __m256i a = Load(matches);
    const __m256i b = Load(matches + 4);
    return _mm256_or_si256(Lower(a, b),
                           _mm256_slli_epi32(Upper(a, b), kMarkBits));
  }
  PEAKTEXT_AVX2 static void Unpack(__m256i matches, uint64_t* to) {
    const __m256i marks = _mm256_and_si256(matches, None());
    const __m256i bytes = _mm256_srli_epi32(matches, kMarkBits);
    Store(to, _mm256_unpacklo_epi32(marks, bytes));
    Store(to + 4, _mm256_unpackhi_epi32(marks, bytes));
  }
  PEAKTEXT_AVX2 static void StoreFour(__m256i ab, __m256i cd,
                                      MatchBuffer::Row* rows) {
    const __m256i even = _mm256_unpacklo_epi64(ab, cd);
    const __m256i odd = _mm256_unpackhi_epi64(ab, cd);
    auto* to = reinterpret_cast<__m256i*>(rows);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }

  __m256i longest_;
  __m256i second_;
  __m256i lowest_;
};

// All ones for each of four nodes that has no children, else zeros.
PEAKTEXT_AVX2 inline __m256i AreLeaves(__m256i nodes) {
  return _mm256_cmpeq_epi64(_mm256_and_si256(nodes, _mm256_set1_epi64x(4095)),
                            _mm256_setzero_si256());
}

// How many of the nodes that it is given, four at a time, have children.
class Inner {
 public:
  PEAKTEXT_AVX2 void Add(__m256i nodes) {
    leaves_ = _mm256_sub_epi64(leaves_, AreLeaves(nodes));
    all_ += 4;
  }
  PEAKTEXT_AVX2 size_t count() const {
    const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(leaves_),
                                      _mm256_extracti128_si256(leaves_, 1));
    return all_ - static_cast<size_t>(_mm_cvtsi128_si64(two) +
                                      _mm_extract_epi64(two, 1));
  }

 private:
  __m256i leaves_ = {};
  size_t all_ = 0;
};

// A bit for each of up to 64 nodes: set for those with children.
PEAKTEXT_AVX2 inline uint64_t InnerOf(const uint64_t* nodes, size_t count) {
  uint64_t leaves = 0;
  for (size_t i = 0; i < count; i += 4) {
    const __m256d four = _mm256_castsi256_pd(AreLeaves(Load(nodes + i)));
    leaves |= uint64_t{static_cast<unsigned>(_mm256_movemask_pd(four))} << i;
  }
  return ~leaves & (~uint64_t{0} >> (64 - count));
}

// Where there are nodes with children.
PEAKTEXT_AVX2 void ListOpen(const uint64_t* nodes, size_t places,
                            OpenPlaces* open) {
  open->count = 0;
  for (size_t at = 0; at < places; at += 64) {
    uint64_t left = InnerOf(nodes + at, std::min<size_t>(places - at, 64));
    for (; left != 0; left &= left - 1) {
      const size_t place = at + static_cast<size_t>(std::countr_zero(left));
      open->places[open->count++] = static_cast<uint8_t>(place);
      open->nodes[3][place] = nodes[place];
    }
  }
}

#define PEAKTEXT_TARGET PEAKTEXT_AVX2
#include "simd/match_find_step.h"

}  // namespace

PEAKTEXT_AVX2 void FindTokensAvx2(const TrieWords& trie, std::string_view text,
                                  size_t places, MatchBuffer* buffer,
                                  size_t first, OpenPlaces* open) {
  FindTokens(trie, text, places, buffer, first, open);
}

}  // namespace peaktext
#endif

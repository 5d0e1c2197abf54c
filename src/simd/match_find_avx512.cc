// As match_find_avx2.cc has it, but eight nodes at a time, which are gathered.
#include "simd/match_find.h"

#if defined(__x86_64__)
#include <bit>

#include "simd/avx512.h"

namespace peaktext {
namespace {

constexpr int kNoToken = TrieWords::kNoToken;
constexpr size_t kNodes = 8;

PEAKTEXT_AVX512 inline __m512i Load(const uint64_t* words) {
  return _mm512_loadu_si512(words);
}
PEAKTEXT_AVX512 inline void Store(uint64_t* words, __m512i value) {
  _mm512_storeu_si512(words, value);
}

PEAKTEXT_AVX512 inline __m512i None() {
  return _mm512_set1_epi64(static_cast<long long>(TrieWords::kNoNode));
}

PEAKTEXT_AVX512 inline __m512i Buckets(__m512i bytes) {
  const __m128i table =
      _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 4, 5, 6, 7);
  return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(table),
                             _mm512_and_si512(bytes, _mm512_set1_epi64(15)));
}

PEAKTEXT_AVX512 inline __m512i Child(const uint64_t* slots, __m512i nodes,
                                     const char* text) {
  const __m512i bytes = _mm512_cvtepu8_epi64(
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text)));
  const __mmask8 there = _mm512_test_epi64_mask(
      _mm512_srlv_epi64(nodes, Buckets(bytes)), _mm512_set1_epi64(1));
  const __m512i slot =
      _mm512_xor_si512(_mm512_and_si512(_mm512_srli_epi64(nodes, 21),
                                        _mm512_set1_epi64((1 << 21) - 1)),
                       bytes);
  const __m512i child =
      _mm512_mask_i64gather_epi64(None(), there, slot, slots, 8);
  const __m512i differ =
      _mm512_and_si512(_mm512_xor_si512(_mm512_srli_epi64(child, 12), bytes),
                       _mm512_set1_epi64(511));
  return _mm512_mask_mov_epi64(
      None(), _mm512_cmpeq_epi64_mask(differ, _mm512_set1_epi64(256)), child);
}

PEAKTEXT_AVX512 inline __m512i HeadsOf(const TrieWords& trie,
                                       const char* text) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i two = _mm_unpacklo_epi8(bytes, _mm_srli_si128(bytes, 1));
  return _mm512_i32gather_epi64(_mm256_cvtepu16_epi32(two), trie.heads, 8);
}

// What is known of sixteen places, one in each lane of 32 bits, in an order in
// which rows are made of them by unpacking alone: 0, 4, 8, 12, 1, 5 and so on.
// A match is bytes << 22 | mark there.
class Several {
 public:
  static constexpr size_t kPlaces = 16;
  static constexpr int kMarkBits = 22;

  PEAKTEXT_AVX512 static __m512i None() { return _mm512_set1_epi32(kNoToken); }
  PEAKTEXT_AVX512 static __m512i MarksOf(const uint64_t* nodes) {
    return _mm512_srli_epi32(Upper(nodes), 10);
  }

  // With no more than the first byte's token.
  PEAKTEXT_AVX512 Several(const uint32_t* ones, const char* text) {
    const __m128i order =
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m128i bytes = _mm_shuffle_epi8(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(text)), order);
    const __m512i ids =
        _mm512_i32gather_epi32(_mm512_cvtepu8_epi32(bytes), ones, 4);
    second_ = lowest_ = longest_ = None();
    Add(_mm512_min_epu32(_mm512_slli_epi32(ids, 1), None()), 1);
    lowest_ = None();
  }
  PEAKTEXT_AVX512 Several(const MatchBuffer& buffer, size_t place)
      : longest_(Packed(buffer.longest + place)),
        second_(Packed(buffer.second + place)),
        lowest_(InOrder(_mm512_loadu_si512(buffer.lowest + place))) {}

  // Of tokens that are longer than what there is.
  PEAKTEXT_AVX512 void Add(__m512i marks, int bytes) {
    const __mmask16 some = _mm512_cmpneq_epi32_mask(marks, None());
    second_ = _mm512_mask_mov_epi32(second_, some, longest_);
    longest_ = _mm512_mask_or_epi32(longest_, some, marks,
                                    _mm512_set1_epi32(bytes << kMarkBits));
    lowest_ = _mm512_min_epu32(lowest_, marks);
  }
  PEAKTEXT_AVX512 void StoreTo(MatchBuffer* buffer, size_t place) const {
    Unpack(longest_, buffer->longest + place);
    Unpack(second_, buffer->second + place);
    _mm512_storeu_si512(buffer->lowest + place, InOrder(lowest_));
  }
  // Marks of four lengths, as rows.
  PEAKTEXT_AVX512 static void StoreRows(const __m512i* marks,
                                        MatchBuffer::Row* rows) {
    const __m512i ab[2] = {_mm512_unpacklo_epi32(marks[0], marks[1]),
                           _mm512_unpackhi_epi32(marks[0], marks[1])};
    const __m512i cd[2] = {_mm512_unpacklo_epi32(marks[2], marks[3]),
                           _mm512_unpackhi_epi32(marks[2], marks[3])};
    for (int i = 0; i < 2; ++i) {
      _mm512_storeu_si512(rows + 8 * i, _mm512_unpacklo_epi64(ab[i], cd[i]));
      _mm512_storeu_si512(rows + 8 * i + 4,
                          _mm512_unpackhi_epi64(ab[i], cd[i]));
    }
  }

 private:
  // The upper, or lower, halves of sixteen words.
  PEAKTEXT_AVX512 static __m512i Upper(const uint64_t* words) {
    return Lower(words, 1);
  }
  PEAKTEXT_AVX512 static __m512i Lower(const uint64_t* words, int half = 0) {
    const __m512i order =
        _mm512_add_epi32(_mm512_set1_epi32(half),
                         _mm512_setr_epi32(0, 8, 16, 24, 2, 10, 18, 26, 4, 12,
                                           20, 28, 6, 14, 22, 30));
    return _mm512_permutex2var_epi32(_mm512_loadu_si512(words), order,
                                     _mm512_loadu_si512(words + 8));
  }
  // Back and forth.
  PEAKTEXT_AVX512 static __m512i InOrder(__m512i lanes) {
    const __m512i order =
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_permutexvar_epi32(order, lanes);
  }
  PEAKTEXT_AVX512 static __m512i Packed(const uint64_t* matches) {
    return _mm512_or_si512(Lower(matches),
                           _mm512_slli_epi32(Upper(matches), kMarkBits));
  }
  PEAKTEXT_AVX512 static void Unpack(__m512i matches, uint64_t* to) {
    const __m512i marks = _mm512_and_si512(matches, None());
    const __m512i bytes = _mm512_srli_epi32(matches, kMarkBits);
    const __m512i low = _mm512_setr_epi32(0, 16, 4, 20, 8, 24, 12, 28, 1, 17, 5,
                                          21, 9, 25, 13, 29);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(2));
    _mm512_storeu_si512(to, _mm512_permutex2var_epi32(marks, low, bytes));
    _mm512_storeu_si512(to + 8, _mm512_permutex2var_epi32(marks, high, bytes));
  }

  __m512i longest_;
  __m512i second_;
  __m512i lowest_;
};

PEAKTEXT_AVX512 inline unsigned AreInner(__m512i nodes) {
  return _mm512_test_epi64_mask(nodes, _mm512_set1_epi64(TrieWords::kChildren));
}

class Inner {
 public:
  PEAKTEXT_AVX512 void Add(__m512i nodes) {
    count_ =
        _mm512_mask_add_epi64(count_, static_cast<__mmask8>(AreInner(nodes)),
                              count_, _mm512_set1_epi64(1));
  }
  PEAKTEXT_AVX512 size_t count() const {
    return static_cast<size_t>(_mm512_reduce_add_epi64(count_));
  }

 private:
  __m512i count_ = {};
};

// Where there are nodes with children.
PEAKTEXT_AVX512 void ListOpen(const uint64_t* nodes, size_t places,
                              OpenPlaces* open) {
  open->count = 0;
  for (size_t at = 0; at < places; at += kNodes) {
    const __m512i eight = Load(nodes + at);
    Store(open->nodes[3] + at, eight);
    const size_t left = places - at;
    const unsigned inner =
        AreInner(eight) & (left >= kNodes ? 0xFF : (1U << left) - 1);
    const __m128i numbers = _mm_add_epi8(_mm_set1_epi8(static_cast<char>(at)),
                                         _mm_cvtsi64_si128(0x0706050403020100));
    _mm_storel_epi64(
        reinterpret_cast<__m128i*>(open->places + open->count),
        _mm_maskz_compress_epi8(static_cast<__mmask16>(inner), numbers));
    open->count += static_cast<size_t>(std::popcount(inner));
  }
}

#define PEAKTEXT_TARGET PEAKTEXT_AVX512
#include "simd/match_find_step.h"

}  // namespace

PEAKTEXT_AVX512 void FindTokensAvx512(const TrieWords& trie,
                                      std::string_view text, size_t places,
                                      MatchBuffer* buffer, size_t first,
                                      OpenPlaces* open) {
  FindTokens(trie, text, places, buffer, first, open);
}

}  // namespace peaktext
#endif

// Eight places at a time, one in each lane of 64 bits. As match_find_avx2.cc
// has it, but with gathers.
#include "simd/match_find_avx512.h"

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

constexpr int kNoToken = TrieWords::kNoToken;

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
                                     __m512i bytes) {
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

// One byte of each of eight places.
PEAKTEXT_AVX512 inline __m512i Bytes(const char* text) {
  return _mm512_cvtepu8_epi64(
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text)));
}

// What is known of sixteen places, one in each lane of 32 bits, in an order in
// which rows are made of them by unpacking alone: 0, 4, 8, 12, 1, 5 and so on.
// A match is bytes << 22 | mark there.
class Sixteen {
 public:
  static constexpr int kMarkBits = 22;

  PEAKTEXT_AVX512 static __m512i None() { return _mm512_set1_epi32(kNoToken); }
  PEAKTEXT_AVX512 static __m512i MarksOf(const uint64_t* nodes) {
    return _mm512_srli_epi32(Upper(nodes), 10);
  }

  // With no more than the first byte's token.
  PEAKTEXT_AVX512 Sixteen(const uint32_t* ones, const char* text) {
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
  PEAKTEXT_AVX512 Sixteen(const MatchBuffer& buffer, size_t place)
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
    const __m512i order = _mm512_add_epi32(
        _mm512_set1_epi32(half), _mm512_setr_epi32(0, 8, 16, 24, 2, 10, 18, 26, 4,
                                                   12, 20, 28, 6, 14, 22, 30));
    return _mm512_permutex2var_epi32(_mm512_loadu_si512(words), order,
                                     _mm512_loadu_si512(words + 8));
  }
  // Back and forth.
  PEAKTEXT_AVX512 static __m512i InOrder(__m512i lanes) {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10,
                                            14, 3, 7, 11, 15);
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

// A bit for each of eight nodes: set for those with children.
PEAKTEXT_AVX512 inline __mmask8 AreInner(__m512i nodes) {
  return _mm512_test_epi64_mask(nodes,
                                _mm512_set1_epi64(TrieWords::kChildren));
}

// How many of the nodes that it is given have children.
class Inner {
 public:
  PEAKTEXT_AVX512 void Add(__m512i nodes) {
    count_ = _mm512_mask_add_epi64(count_, AreInner(nodes), count_,
                                   _mm512_set1_epi64(1));
  }
  PEAKTEXT_AVX512 size_t count() const {
    return static_cast<size_t>(_mm512_reduce_add_epi64(count_));
  }

 private:
  __m512i count_ = {};
};

// Nodes of two bytes; returns how many have children.
PEAKTEXT_AVX512 size_t Heads(const TrieWords& trie, size_t places,
                             OpenPlaces* open) {
  Inner inner;
  for (size_t at = 0; at < places; at += 8) {
    const __m128i text = _mm_loadu_si128(
        reinterpret_cast<const __m128i*>(open->text + at));
    const __m256i two = _mm256_cvtepu16_epi32(_mm_unpacklo_epi8(text, _mm_srli_si128(text, 1)));
    const __m512i nodes = _mm512_i32gather_epi64(two, trie.heads, 8);
    _mm512_storeu_si512(open->nodes[0] + at, nodes);
    inner.Add(nodes);
  }
  return inner.count();
}

// The same from those of one byte less, and that byte of each place.
PEAKTEXT_AVX512 size_t GoOn(const TrieWords& trie, size_t places,
                            const char* text, const uint64_t* from,
                            uint64_t* to) {
  Inner inner;
  for (size_t at = 0; at < places; at += 8) {
    const __m512i nodes =
        Child(trie.slots, _mm512_loadu_si512(from + at), Bytes(text + at));
    _mm512_storeu_si512(to + at, nodes);
    inner.Add(nodes);
  }
  return inner.count();
}

// What nodes of 4 plane + 2 bytes and more, of kLengths lengths, mean for the
// places.
template <int kLengths>
PEAKTEXT_AVX512 void AddLengths(const TrieWords& trie, size_t places,
                                size_t plane, MatchBuffer* buffer, size_t first,
                                const OpenPlaces& open) {
  const int shortest = static_cast<int>(plane) * 4 + 2;
  for (size_t at = 0; at < places; at += 16) {
    Sixteen sixteen = plane == 0 ? Sixteen(trie.ones, open.text + at)
                                 : Sixteen(*buffer, first + at);
    __m512i marks[4];
    for (int i = 0; i < kLengths; ++i) {
      marks[i] = Sixteen::MarksOf(open.nodes[i] + at);
      sixteen.Add(marks[i], shortest + i);
    }
    for (int i = kLengths; i < 4; ++i) marks[i] = Sixteen::None();
    sixteen.StoreTo(buffer, first + at);
    Sixteen::StoreRows(
        marks, buffer->rows[plane] + (MatchBuffer::kBefore + first + at));
  }
}

PEAKTEXT_AVX512 void Add(size_t lengths, const TrieWords& trie, size_t places,
                         size_t plane, MatchBuffer* buffer, size_t first,
                         const OpenPlaces& open) {
  static constexpr decltype(&AddLengths<1>) kAdd[] = {
      AddLengths<1>, AddLengths<2>, AddLengths<3>, AddLengths<4>};
  kAdd[lengths - 1](trie, places, plane, buffer, first, open);
}

// Where there are nodes with children.
PEAKTEXT_AVX512 void ListOpen(const TrieWords& trie, const uint64_t* nodes,
                              size_t places, OpenPlaces* open) {
  open->count = 0;
  for (size_t at = 0; at < places; at += 8) {
    const __m512i eight = _mm512_loadu_si512(nodes + at);
    const auto valid =
        static_cast<__mmask8>(places - at >= 8 ? 0xFF : (1U << (places - at)) - 1);
    const __mmask8 inner = AreInner(eight) & valid;
    _mm512_storeu_si512(open->nodes[3] + at, eight);
    const __m128i numbers = _mm_add_epi8(
        _mm_set1_epi8(static_cast<char>(at)),
        _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(open->places + open->count),
                     _mm_maskz_compress_epi8(inner, numbers));
    open->count += static_cast<size_t>(std::popcount(unsigned{inner}));
  }
  for (size_t i = 0; i < open->count; ++i) {
    const size_t place = open->places[i];
    // One will be looked up next.
    const auto byte =
        static_cast<unsigned char>(open->text[place + open->bytes]);
    __builtin_prefetch(trie.slots +
                       ((nodes[place] >> 21 & ((1 << 21) - 1)) ^ byte));
  }
}

}  // namespace

// All places alike as long as more than one in kMany of them go on: then that
// is less work than to choose.
PEAKTEXT_AVX512 void FindTokensAvx512(const TrieWords& trie,
                                      std::string_view text, size_t places,
                                      MatchBuffer* buffer, size_t first,
                                      OpenPlaces* open) {
  constexpr size_t kMany = 4;
  open->TakeText(text, places);
  open->bytes = 1;
  size_t plane = 0;
  size_t lengths = 0;
  size_t inner = places;
  for (; plane < MatchBuffer::kPlanes && inner * kMany >= places; ++plane) {
    for (lengths = 0; lengths < 4 && inner * kMany >= places; ++lengths) {
      const char* last = open->text + open->bytes++;
      inner = plane == 0 && lengths == 0
                  ? Heads(trie, places, open)
                  : GoOn(trie, places, last, open->nodes[(lengths + 3) % 4],
                         open->nodes[lengths]);
    }
    open->EndNodes(text.size(), places, 4 * plane + 2);
    Add(lengths, trie, places, plane, buffer, first, *open);
  }
  ListOpen(trie, open->nodes[lengths - 1], places, open);
  if (plane > 1) buffer->RememberTo(first + places);
  buffer->ForgetFrom(plane, first);
}

}  // namespace peaktext
#pragma GCC diagnostic pop
#endif

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the undefined operands in its own intrinsics for ours (GCC bug
// 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <array>
#include <cassert>

#include "simd/text_blocks.h"
#include "simd/text_kernels.h"
#include "simd/text_kernels_tables.h"

#if defined(__x86_64__)

namespace peaktext {
namespace {

#define PEAKTEXT_AVX512                                       \
  gnu::target(                                                \
      "avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq," \
      "avx512vl,avx512vbmi,avx512vbmi2")

using text_blocks::SpaceBlocks;
using text_blocks::TextBlocks;

// Bit i: whether first <= byte i <= last.
[[PEAKTEXT_AVX512, gnu::always_inline]] inline uint64_t Between(__m512i bytes,
                                                                uint8_t first,
                                                                uint8_t last) {
  const __m512i above =
      _mm512_sub_epi8(bytes, _mm512_set1_epi8(static_cast<char>(first)));
  return _mm512_cmple_epu8_mask(
      above,
      _mm512_set1_epi8(static_cast<char>(static_cast<uint8_t>(last - first))));
}

[[PEAKTEXT_AVX512, gnu::always_inline]] inline uint64_t Equal(__m512i bytes,
                                                              uint8_t value) {
  return _mm512_cmpeq_epi8_mask(bytes,
                                _mm512_set1_epi8(static_cast<char>(value)));
}

// The next block of up to 64 bytes; zeros behind the end.
[[PEAKTEXT_AVX512, gnu::always_inline]] inline __m512i Load(const char* from,
                                                            size_t left) {
  const __mmask64 valid =
      left >= 64 ? ~0ULL : _bzhi_u64(~0ULL, static_cast<unsigned>(left));
  return _mm512_maskz_loadu_epi8(valid, from);
}

[[PEAKTEXT_AVX512]] void Classify(const char* text, size_t size,
                                  TextBlocks* blocks) {
  for (size_t at = 0; at < size; at += 64) {
    const __m512i bytes = Load(text + at, size - at);
    const uint64_t digit = Between(bytes, '0', '9');
    const uint64_t upper = Between(bytes, 'A', 'Z');
    const uint64_t lower = Between(bytes, 'a', 'z');
    const __m512i folded =
        _mm512_mask_add_epi8(bytes, upper, bytes, _mm512_set1_epi8('a' - 'A'));
    _mm512_store_si512(
        blocks->lowered + at,
        _mm512_mask_mov_epi8(folded, digit, _mm512_set1_epi8('0')));
    blocks->letter_or_digit[at / 64] = digit | upper | lower;
    blocks->digit[at / 64] = digit;
    blocks->not_ascii[at / 64] = _mm512_movepi8_mask(bytes);
  }
}

[[PEAKTEXT_AVX512]] void ClassifySpace(const char* text, size_t size,
                                       SpaceBlocks* blocks) {
  for (size_t at = 0; at < size; at += 64) {
    const __m512i bytes = Load(text + at, size - at);
    const uint64_t space = Equal(bytes, ' ') | Between(bytes, 9, 13);
    _mm512_store_si512(
        blocks->spaced + at,
        _mm512_mask_mov_epi8(bytes, space, _mm512_set1_epi8(' ')));
    blocks->space[at / 64] = space;
    uint64_t candidate = 0;
    if (_mm512_movepi8_mask(bytes) != 0) {
      candidate = text_blocks::SpaceCandidates(
          Equal(bytes, 0xC2), Equal(bytes, 0xE1), Equal(bytes, 0xE2),
          Equal(bytes, 0xE3), Equal(bytes, 0x80), Equal(bytes, 0x81),
          Equal(bytes, 0x9A));
    }
    blocks->candidate[at / 64] = candidate;
  }
}

[[PEAKTEXT_AVX512]] void ListEdges(const uint64_t* bits, size_t words,
                                   text_blocks::Edges* edges) {
  alignas(64) static constexpr auto kPositions = [] {
    std::array<uint8_t, 64> positions{};
    for (uint8_t i = 0; i < 64; ++i) positions[i] = i;
    return positions;
  }();
  const __m512i positions = _mm512_load_si512(kPositions.data());
  uint16_t* out = edges->at;
  uint64_t last = 0;
  for (size_t i = 0; i < words; ++i) {
    const uint64_t changed = bits[i] ^ ((bits[i] << 1) | last);
    last = bits[i] >> 63;
    const __m512i listed = _mm512_maskz_compress_epi8(changed, positions);
    const __m512i base = _mm512_set1_epi16(static_cast<int16_t>(i * 64));
    _mm512_storeu_si512(
        out, _mm512_add_epi16(
                 _mm512_cvtepu8_epi16(_mm512_castsi512_si256(listed)), base));
    _mm512_storeu_si512(
        out + 32,
        _mm512_add_epi16(
            _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(listed, 1)), base));
    out += _mm_popcnt_u64(changed);
  }
  edges->count = static_cast<size_t>(out - edges->at);
}

[[PEAKTEXT_AVX512]] size_t HashWords(const char* text, size_t size,
                                     WordCarry* carry, uint64_t* hashes) {
  assert(size <= kTextChunkBytes);
  TextBlocks blocks;
  Classify(text, size, &blocks);
  text_blocks::NormalisedText normalised(*carry);
  text_blocks::Normalise(blocks, text, size, &normalised);
  text_blocks::Edges edges;
  ListEdges(normalised.bits(), normalised.size() / 64 + 1, &edges);
  return normalised.Hash(edges, carry, hashes);
}

[[PEAKTEXT_AVX512]] size_t FoldSpace(const char* text, size_t size,
                                     SpaceCarry* carry, char* folded) {
  assert(size <= kTextChunkBytes);
  SpaceBlocks blocks;
  ClassifySpace(text, size, &blocks);
  return text_blocks::FoldSpace(&blocks, text, size, carry, folded);
}

}  // namespace

const TextKernels kTextKernelsAvx512 = {Isa::kAvx512, HashWords, FoldSpace};

}  // namespace peaktext

#endif

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
    uint64_t digit = Between(bytes, '0', '9');
    const uint64_t upper = Between(bytes, 'A', 'Z');
    const uint64_t lower = Between(bytes, 'a', 'z');
    __m512i lowered = _mm512_mask_mov_epi8(
        _mm512_mask_add_epi8(bytes, upper, bytes, _mm512_set1_epi8('a' - 'A')),
        digit, _mm512_set1_epi8('0'));
    uint64_t word = digit | upper | lower;
    const uint64_t not_ascii = _mm512_movepi8_mask(bytes);
    size_t kept = std::min<size_t>(64, size - at);
    const uint64_t repeated = digit & (digit << 1);
    if (repeated != 0 && not_ascii == 0) {
      lowered = _mm512_maskz_compress_epi8(~repeated, lowered);
      word = _pext_u64(word, ~repeated);
      digit = _pext_u64(digit, ~repeated);
      kept -= static_cast<size_t>(_mm_popcnt_u64(repeated));
    }
    _mm512_store_si512(blocks->lowered + at, lowered);
    blocks->letter_or_digit[at / 64] = word;
    blocks->digit[at / 64] = digit;
    blocks->not_ascii[at / 64] = not_ascii;
    blocks->kept[at / 64] = static_cast<uint8_t>(kept);
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
    const auto count = static_cast<size_t>(_mm_popcnt_u64(changed));
    if (count > 32) [[unlikely]] {
      _mm512_storeu_si512(
          out + 32, _mm512_add_epi16(_mm512_cvtepu8_epi16(
                                         _mm512_extracti64x4_epi64(listed, 1)),
                                     base));
    }
    out += count;
  }
  edges->count = static_cast<size_t>(out - edges->at);
}

[[PEAKTEXT_AVX512]] size_t HashWords(const char* text, size_t size,
                                     WordCarry* carry, uint64_t* hashes) {
  assert(size <= kTextChunkBytes);
  TextBlocks blocks;
  Classify(text, size, &blocks);
  text_blocks::NormalisedText normalised(*carry, size);
  text_blocks::Normalise(blocks, text, size, &normalised);
  text_blocks::Edges edges;
  ListEdges(normalised.bits(), normalised.size() / 64 + 1, &edges);
  return normalised.Hash(edges, carry, hashes);
}

[[PEAKTEXT_AVX512]] size_t FoldSpace(const char* text, size_t size,
                                     SpaceCarry* carry, char* folded) {
  assert(size <= kTextChunkBytes);
  text_blocks::SpaceRun run(text, size, *carry);
  char* out = folded;
  for (size_t at = 0; at < size; at += 64) {
    __builtin_prefetch(text + at + kPrefetchBytes);
    const __m512i bytes = Load(text + at, size - at);
    uint64_t space = Equal(bytes, ' ') | Between(bytes, 9, 13);
    uint64_t candidate = 0;
    if (_mm512_movepi8_mask(bytes) != 0) {
      candidate = text_blocks::SpaceCandidates(
          Equal(bytes, 0xC2), Equal(bytes, 0xE1), Equal(bytes, 0xE2),
          Equal(bytes, 0xE3), Equal(bytes, 0x80), Equal(bytes, 0x81),
          Equal(bytes, 0x9A));
    }
    space = run.Add(at, space, candidate);
    const __m512i spaced =
        _mm512_mask_mov_epi8(bytes, space, _mm512_set1_epi8(' '));
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(~run.drop(), spaced));
    out += run.taken() - static_cast<size_t>(_mm_popcnt_u64(run.drop()));
  }
  *carry = run.carry();
  return static_cast<size_t>(out - folded);
}

}  // namespace

const TextKernels kTextKernelsAvx512 = {Isa::kAvx512, HashWords, FoldSpace};

}  // namespace peaktext

#endif

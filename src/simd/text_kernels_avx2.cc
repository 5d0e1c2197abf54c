#include <immintrin.h>

#include <array>
#include <cassert>

#include "simd/text_blocks.h"
#include "simd/text_kernels.h"
#include "simd/text_kernels_tables.h"

#if defined(__x86_64__)

namespace peaktext {
namespace {

#define PEAKTEXT_AVX2 gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")

using text_blocks::TextBlocks;

// Whether first <= byte <= last, as 0xFF or 0.
[[PEAKTEXT_AVX2, gnu::always_inline]] inline __m256i Between(__m256i bytes,
                                                             uint8_t first,
                                                             uint8_t last) {
  const __m256i above =
      _mm256_sub_epi8(bytes, _mm256_set1_epi8(static_cast<char>(first)));
  const __m256i limit =
      _mm256_set1_epi8(static_cast<char>(static_cast<uint8_t>(last - first)));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(above, limit), above);
}

[[PEAKTEXT_AVX2, gnu::always_inline]] inline __m256i Equal(__m256i bytes,
                                                           uint8_t value) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(static_cast<char>(value)));
}

[[PEAKTEXT_AVX2, gnu::always_inline]] inline uint64_t Mask(__m256i bytes) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(bytes));
}

// Classifies 32 bytes, and puts their masks at `shift` of those of the block.
[[PEAKTEXT_AVX2, gnu::always_inline]] inline void ClassifyHalf(
    const uint8_t* from, uint8_t* lowered, unsigned shift, uint64_t* word,
    uint64_t* digit, uint64_t* not_ascii) {
  const __m256i bytes =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  const __m256i digits = Between(bytes, '0', '9');
  const __m256i upper = Between(bytes, 'A', 'Z');
  const __m256i lower =
      _mm256_or_si256(bytes, _mm256_and_si256(upper, _mm256_set1_epi8(0x20)));
  const __m256i letters = Between(lower, 'a', 'z');
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lowered),
                      _mm256_blendv_epi8(lower, _mm256_set1_epi8('0'), digits));
  *word |= Mask(_mm256_or_si256(letters, digits)) << shift;
  *digit |= Mask(digits) << shift;
  *not_ascii |= Mask(bytes) << shift;
}

[[PEAKTEXT_AVX2]] void Classify(const char* text, size_t size,
                                TextBlocks* blocks) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text);
  for (size_t at = 0; at < size; at += 64) {
    alignas(32) uint8_t tail[64];
    const uint8_t* from = bytes + at;
    if (size - at < 64) {
      std::memset(tail, 0, sizeof tail);
      std::memcpy(tail, from, size - at);
      from = tail;
    }
    uint64_t word = 0;
    uint64_t digit = 0;
    uint64_t not_ascii = 0;
    ClassifyHalf(from, blocks->lowered + at, 0, &word, &digit, &not_ascii);
    ClassifyHalf(from + 32, blocks->lowered + at + 32, 32, &word, &digit,
                 &not_ascii);
    size_t kept = std::min<size_t>(64, size - at);
    const uint64_t repeated = digit & (digit << 1);
    if (repeated != 0 && not_ascii == 0) {
      uint8_t lowered[128];
      std::memcpy(lowered, blocks->lowered + at, 64);
      text_blocks::CopyKept(lowered, kept, repeated, blocks->lowered + at);
      word = _pext_u64(word, ~repeated);
      digit = _pext_u64(digit, ~repeated);
      kept -= static_cast<size_t>(_mm_popcnt_u64(repeated));
    }
    blocks->letter_or_digit[at / 64] = word;
    blocks->digit[at / 64] = digit;
    blocks->not_ascii[at / 64] = not_ascii;
    blocks->kept[at / 64] = static_cast<uint8_t>(kept);
  }
}

// The masks of one block, from its two halves.
[[PEAKTEXT_AVX2, gnu::always_inline]] inline uint64_t EqualMask(
    const __m256i halves[2], uint8_t value) {
  return Mask(Equal(halves[0], value)) | Mask(Equal(halves[1], value)) << 32;
}

// The positions of the ones of each byte, then anything.
constexpr auto kOnesOfByte = [] {
  std::array<std::array<uint8_t, 8>, 256> positions{};
  for (size_t byte = 0; byte < 256; ++byte) {
    size_t count = 0;
    for (uint8_t bit = 0; bit < 8; ++bit) {
      if ((byte >> bit & 1) != 0) positions[byte][count++] = bit;
    }
  }
  return positions;
}();

// Byte by byte: how many edges a word of bits has cannot be predicted.
[[PEAKTEXT_AVX2]] void ListEdges(const uint64_t* bits, size_t words,
                                 text_blocks::Edges* edges) {
  uint16_t* out = edges->at;
  uint64_t last = 0;
  for (size_t i = 0; i < words; ++i) {
    const uint64_t changed = bits[i] ^ ((bits[i] << 1) | last);
    last = bits[i] >> 63;
    for (unsigned shift = 0; shift < 64; shift += 8) {
      const uint64_t byte = changed >> shift & 0xFF;
      const __m128i positions = _mm_cvtepu8_epi16(_mm_loadl_epi64(
          reinterpret_cast<const __m128i*>(kOnesOfByte[byte].data())));
      _mm_storeu_si128(
          reinterpret_cast<__m128i*>(out),
          _mm_add_epi16(positions,
                        _mm_set1_epi16(static_cast<int16_t>(i * 64 + shift))));
      out += _mm_popcnt_u64(byte);
    }
  }
  edges->count = static_cast<size_t>(out - edges->at);
}

[[PEAKTEXT_AVX2]] size_t HashWords(const char* text, size_t size,
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

[[PEAKTEXT_AVX2]] size_t FoldSpace(const char* text, size_t size,
                                   SpaceCarry* carry, char* folded) {
  assert(size <= kTextChunkBytes);
  const __m256i blank = _mm256_set1_epi8(' ');
  text_blocks::SpaceRun run(text, size, *carry);
  auto* out = reinterpret_cast<uint8_t*>(folded);
  for (size_t at = 0; at < size; at += 64) {
    __builtin_prefetch(text + at + kPrefetchBytes);
    // A block, and room to read beyond.
    alignas(32) uint8_t spaced[128];
    const char* from = text + at;
    if (size - at < 64) {
      std::memset(spaced, 0, 64);
      std::memcpy(spaced, from, size - at);
      from = reinterpret_cast<const char*>(spaced);
    }
    __m256i halves[2];
    __m256i spaces[2];
    for (int half = 0; half < 2; ++half) {
      halves[half] = _mm256_loadu_si256(
          reinterpret_cast<const __m256i*>(from + 32 * half));
      spaces[half] = _mm256_or_si256(_mm256_cmpeq_epi8(halves[half], blank),
                                     Between(halves[half], 9, 13));
    }
    uint64_t candidate = 0;
    if (_mm256_movemask_epi8(_mm256_or_si256(halves[0], halves[1])) != 0) {
      candidate = text_blocks::SpaceCandidates(
          EqualMask(halves, 0xC2), EqualMask(halves, 0xE1),
          EqualMask(halves, 0xE2), EqualMask(halves, 0xE3),
          EqualMask(halves, 0x80), EqualMask(halves, 0x81),
          EqualMask(halves, 0x9A));
    }
    const uint64_t ascii = Mask(spaces[0]) | Mask(spaces[1]) << 32;
    const uint64_t space = run.Add(at, ascii, candidate);
    for (int half = 0; half < 2; ++half) {
      halves[half] = _mm256_blendv_epi8(halves[half], blank, spaces[half]);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 32 * half),
                          halves[half]);
    }
    if ((run.drop() | (space ^ ascii)) == 0) [[likely]] {
      out += run.taken();
      continue;
    }
    for (int half = 0; half < 2; ++half) {
      _mm256_store_si256(reinterpret_cast<__m256i*>(spaced + 32 * half),
                         halves[half]);
    }
    // White space of several bytes: what is kept of it is its first byte.
    for (uint64_t wide = space ^ ascii; wide != 0; wide &= wide - 1) {
      spaced[std::countr_zero(wide)] = ' ';
    }
    out = text_blocks::CopyKept(spaced, run.taken(), run.drop(), out);
  }
  *carry = run.carry();
  return static_cast<size_t>(out - reinterpret_cast<uint8_t*>(folded));
}

}  // namespace

const TextKernels kTextKernelsAvx2 = {Isa::kAvx2, HashWords, FoldSpace};

}  // namespace peaktext

#endif

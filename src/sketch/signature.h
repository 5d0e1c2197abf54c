// A document's signature: what dedup needs to know of a text, from one pass
// over it.
//
//   Signer signer({.bands = 20, .rows = 6});
//   Signature signature;
//   signer.Sign(document.text, &signature);
//
// Not thread-safe: one Signer per thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "simd/isa.h"

namespace peaktext {

struct SignatureOptions {
  uint32_t bands = 20;
  uint32_t rows = 6;  // bands * rows <= 256... larger presets tile passes
  uint32_t shingle_words = 5;
  uint64_t seed = 1;
  Isa isa = BestIsa();
};

struct Signature {
  // XXH3-128 of the text with white space runs folded to one space and trimmed.
  Hash128 text_hash;
  // Shingles hashed, repeats included. 0: shorter than one shingle; then the
  // document has no bands and is only ever an exact duplicate.
  uint64_t shingles = 0;
  // 256 x 2 bits: the two low bits of 256 MinHash values, four to a byte.
  std::array<uint8_t, 64> sketch{};
  std::vector<uint64_t> band_hashes;  // `bands` of them, or none
  uint32_t first_minhash = 0;         // coordinate 0, for key sampling later
};

class Signer {
 public:
  explicit Signer(SignatureOptions options = {});
  ~Signer();
  Signer(Signer&&) noexcept;
  Signer& operator=(Signer&&) noexcept;

  // `text` is valid UTF-8.
  void Sign(std::string_view text, Signature* signature);

  // The distinct 64-bit shingle hashes of `text`, sorted: for exact Jaccard.
  void Shingles(std::string_view text, std::vector<uint64_t>* hashes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Estimated Jaccard similarity from two 64-byte sketches: (m/256 - 1/4)/(3/4)
// for m equal 2-bit values (b-bit MinHash, Li & Koenig 2010), clipped to [0,1].
double SketchSimilarity(const std::array<uint8_t, 64>& a,
                        const std::array<uint8_t, 64>& b);

// |A and B| / |A or B| of two sorted arrays of distinct hashes; 1 when both are
// empty.
double ExactJaccard(const std::vector<uint64_t>& a,
                    const std::vector<uint64_t>& b);

}  // namespace peaktext

// A document's signature: what dedup needs to know of a text, from one pass
// over it. How it is computed is told at the top of signature.cc.
//
//   Signer signer({.bands = 20, .rows = 6});
//   Signature signature;
//   signer.Sign(document.text, &signature);
//
// With b bands of r rows two documents of Jaccard similarity J share a band
// with probability 1-(1-J^r)^b:
//
//   J                   .3    .4    .5    .6    .7     .8      .85     .9
//   20 x 6 (default)    .014  .079  .270  .616  .918   .9977   .99992  1-3e-7
//   14 x 8 (fineweb)    .001  .009  .053  .211  .565   .924    .988    .9996
//   26 x 11 (dolma3)    .000  .001  .013  .090  .405   .903    .991    .9999
//
// The default finds practically all pairs at 0.85 and more, 998 of 1,000 at
// 0.8, and stores 120 bytes of band hashes per document.
//
// Not thread-safe: one Signer per thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "simd/isa.h"

namespace peaktext {

// Band hashes are numbers below 2^48, evenly spread: at 10^10 documents and 20
// bands chance makes some 10^8 of 10^21 pairs equal, which verification
// dismisses.
inline constexpr unsigned kBandHashBits = 48;

struct SignatureOptions {
  uint32_t bands = 20;
  uint32_t rows = 6;
  uint32_t shingle_words = 5;
  uint64_t seed = 1;
  Isa isa = BestIsa();  // of no influence on any value

  static SignatureOptions Fineweb() { return {.bands = 14, .rows = 8}; }
  static SignatureOptions Dolma3() { return {.bands = 26, .rows = 11}; }

  // kInvalidArgument when a number is zero or too large (bands * rows <= 4096,
  // shingle_words <= 32).
  Status Check() const;
  // Whether signatures of both can be compared: all but `isa` equal.
  bool Compatible(const SignatureOptions& other) const {
    return bands == other.bands && rows == other.rows &&
           shingle_words == other.shingle_words && seed == other.seed;
  }
};

struct Signature {
  // XXH3-128 of the text with white space runs folded to one space and trimmed.
  Hash128 text_hash;
  // Shingles hashed, repeats included. 0: shorter than one shingle; then the
  // document has no bands and is only ever an exact duplicate.
  uint64_t shingles = 0;
  // 256 x 2 bits, four to a byte, lowest bits first; zeros without shingles.
  std::array<uint8_t, 64> sketch{};
  // `bands` numbers below 2^48, or none. A band's number is hashed in: equal
  // values of two bands are chance.
  std::vector<uint64_t> band_hashes;
  // The least 64-bit shingle hash: a MinHash coordinate fine enough to name a
  // group among 10^10 documents, for key sampling. ~0 without shingles.
  uint64_t first_minhash = ~0ULL;

  bool operator==(const Signature&) const = default;
};

class Signer {
 public:
  // REQUIRES: options.Check().ok().
  explicit Signer(SignatureOptions options = {});
  ~Signer();
  Signer(Signer&&) noexcept;
  Signer& operator=(Signer&&) noexcept;

  // `text` is valid UTF-8; bytes that are not part words. Memory is bounded
  // (some 200 KB) whatever the text's length.
  void Sign(std::string_view text, Signature* signature);

  // The distinct 64-bit shingle hashes of `text`, sorted: for exact Jaccard. 8
  // bytes of memory per word.
  void Shingles(std::string_view text, std::vector<uint64_t>* hashes);

  const SignatureOptions& options() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Estimated Jaccard similarity from two 64-byte sketches: (m/256 - 1/4)/(3/4)
// for m equal 2-bit values (b-bit MinHash, Li & Koenig 2010), clipped to [0,1].
// Standard error at J = 0.8: 0.03 or less for any number of shingles. The
// sketch shares no permutation with the bands: that a pair was found by a band
// does not shift the estimate.
double SketchSimilarity(const std::array<uint8_t, 64>& a,
                        const std::array<uint8_t, 64>& b);

// The standard error of SketchSimilarity at similarity `jaccard`.
double SketchStandardError(double jaccard);

// |A and B| / |A or B| of two sorted arrays of distinct hashes; 1 when both are
// empty.
double ExactJaccard(const std::vector<uint64_t>& a,
                    const std::vector<uint64_t>& b);

}  // namespace peaktext

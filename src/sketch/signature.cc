// How a signature comes about
//
// Text is taken in chunks of 16 KiB, cut between characters. Per chunk:
//   1. White space folded to single spaces goes into XXH3-128: the text hash.
//   2. Normalised words become 64-bit hashes (simd/text_kernels.h).
//   3. Every `shingle_words` words in a row become a 64-bit shingle hash s.
//   4. Bands: bands x rows coordinates by MinHash (minhash_lanes.h), the first
//      quarter of them one end of as many lanes, the next another, so that a
//      band's rows are of unlike lanes; a band's hash is that of its rows.
//   5. Sketch: 256 bins by one-permutation hashing (Li, Owen, Zhang 2012): the
//      top 8 bits of s choose the bin, which keeps the least of bits 24...55.
//      That is one step per shingle where lanes would take 64. A bin that stays
//      empty, as most do in short texts, takes a coordinate as in 4.: each four
//      bins have a lane. A value
//      from a bin ranks before one from a lane, so every one of the 256
//      coordinates is the first of all shingles in one random order that is the
//      same for all documents: equal with probability J, as a permutation's
//      (the two rounds are those of Dahlgaard, Knudsen, Thorup 2017, Fast
//      Similarity Sketching). Shingles in bins are drawn without replacement,
//      so the variance is below that of 256 permutations.
// Which lanes are still needed is only known at the end; bins never empty
// again, so after each chunk the lanes of the bins that are empty by then are
// enough.
//
// The last `shingle_words` - 1 words stay for the next chunk.
#include "sketch/signature.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

#include "simd/minhash_kernels.h"
#include "simd/text_kernels.h"
#include "sketch/hash_sort.h"
#include "sketch/minhash_lanes.h"

namespace peaktext {
namespace {

constexpr uint32_t kEmpty = 0xFFFFFFFF;
constexpr uint64_t kGoldenRatio = 0x9e3779b97f4a7c15ULL;

constexpr size_t CeilDivide(size_t a, size_t b) { return (a + b - 1) / b; }

struct FreeHashState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

}  // namespace

Status SignatureOptions::Check() const {
  if (bands == 0 || rows == 0 || uint64_t{bands} * rows > 4096) {
    return {StatusCode::kInvalidArgument,
            fmt::format("bands {} x rows {}: must be 1 to 4096 hashes in all",
                        bands, rows)};
  }
  if (shingle_words == 0 || shingle_words > kMaxShingleWords) {
    return {StatusCode::kInvalidArgument,
            fmt::format("shingles of {} words: must be 1 to {}", shingle_words,
                        kMaxShingleWords)};
  }
  return {};
}

struct Signer::State {
  explicit State(SignatureOptions signature_options)
      : options(signature_options),
        text_kernels(TextKernelsFor(options.isa)),
        minhash_kernels(MinhashKernelsFor(options.isa)),
        shingle_key(Mix64(options.seed * kGoldenRatio)),
        band_keys(MakeLaneKeys(
            options.seed, CeilDivide(options.bands * options.rows, kLaneEnds))),
        sketch_keys(MakeLaneKeys(~options.seed, kSketchBins / kLaneEnds)),
        lanes(options.isa),
        words(options.shingle_words + kMaxWordsPerChunk),
        shingles(kMaxWordsPerChunk),
        cells(kMaxWordsPerChunk),
        folded(kFoldedChunkBytes + 1) {
    for (const LaneKey& key : band_keys) lanes.Append(key);
  }

  void Start() {
    word_carry = {};
    waiting_words = 0;
    lanes.Restart(band_keys.size());
    bins.fill(kEmpty);
    empty_count = kSketchBins / kLaneEnds;
    for (size_t i = 0; i < empty_count; ++i) {
      empty[i] = static_cast<uint8_t>(i);
    }
    least = ~0ULL;
    shingle_count = 0;
  }

  // Turns the words that wait and `added` new ones behind them into shingles;
  // gives how many, in `shingles` and `cells`.
  size_t MixShingles(size_t added) {
    const size_t have = waiting_words + added;
    const size_t keep = options.shingle_words - 1;
    if (have <= keep) {
      waiting_words = have;
      return 0;
    }
    const size_t count = have - keep;
    minhash_kernels.mix_shingles(words.data(), count, options.shingle_words,
                                 shingle_key, shingles.data(), cells.data(),
                                 &least);
    std::memmove(words.data(), words.data() + count, keep * sizeof(uint64_t));
    waiting_words = keep;
    return count;
  }

  // Hashes a chunk's words (and ends the last one after the `last` chunk) into
  // shingles; gives how many.
  size_t ChunkShingles(std::string_view chunk, bool last) {
    uint64_t* const end = words.data() + waiting_words;
    size_t added =
        text_kernels.hash_words(chunk.data(), chunk.size(), &word_carry, end);
    if (last) added += FinishWords(&word_carry, end + added);
    return MixShingles(added);
  }

  void AddToMinima(size_t count) {
    minhash_kernels.min_bins(shingles.data(), count, bins.data());
    if (empty_count > 0) ChooseSketchLanes();
    shingle_count += count;
    lanes.Add({shingles.data(), count}, {cells.data(), count});
  }

  // Behind the lanes of the bands come those of all bins that are empty; what
  // they have seen stays with them.
  void ChooseSketchLanes() {
    std::array<MinhashLanes::Seen, kSketchBins / kLaneEnds> seen;
    size_t left = 0;
    for (size_t i = 0; i < empty_count; ++i) {
      const uint8_t group = empty[i];
      empty[left] = group;
      if (shingle_count > 0) seen[left] = lanes.seen(band_keys.size() + i);
      const uint32_t* const four = bins.data() + kLaneEnds * group;
      left += std::max({four[0], four[1], four[2], four[3]}) == kEmpty;
    }
    empty_count = left;
    lanes.Truncate(band_keys.size());
    for (size_t i = 0; i < left; ++i) {
      lanes.Append(sketch_keys[empty[i]], seen[i]);
    }
  }

  std::array<uint8_t, 64> Sketch() const {
    std::array<uint8_t, 64> sketch{};
    // The low bits of a bin's shingle play no part in its being first.
    for (size_t i = 0; i < sketch.size(); ++i) {
      const uint32_t* const four = bins.data() + 4 * i;
      sketch[i] = static_cast<uint8_t>((four[0] & 3) | (four[1] & 3) << 2 |
                                       (four[2] & 3) << 4 | (four[3] & 3) << 6);
    }
    for (size_t i = 0; i < empty_count; ++i) {
      for (size_t end = 0; end < kLaneEnds; ++end) {
        const size_t bin = kLaneEnds * empty[i] + end;
        if (bins[bin] != kEmpty) continue;
        // One shingle may be first in many lanes: the bin is mixed in.
        const uint64_t value =
            Mix64(lanes.value(band_keys.size() + i, end) ^ uint64_t{bin} << 48);
        const unsigned shift = bin % 4 * 2;
        sketch[bin / 4] = static_cast<uint8_t>(
            (sketch[bin / 4] & ~(3U << shift)) | (value & 3) << shift);
      }
    }
    return sketch;
  }

  void BandHashes(std::vector<uint64_t>* hashes) {
    hashes->resize(options.bands);
    band_rows.resize(options.rows);
    const std::string_view bytes(
        reinterpret_cast<const char*>(band_rows.data()),
        band_rows.size() * sizeof(uint64_t));
    for (uint32_t band = 0; band < options.bands; ++band) {
      for (uint32_t row = 0; row < options.rows; ++row) {
        const size_t i = band * options.rows + row;
        band_rows[row] =
            lanes.value(i % band_keys.size(), i / band_keys.size());
      }
      (*hashes)[band] = HashBytes64(bytes, band + 1) >> (64 - kBandHashBits);
    }
  }

  // Feeds a chunk to the text hash. A space at its end waits: it counts only if
  // something follows.
  void HashText(std::string_view chunk) {
    char* const begin = folded.data() + 1;
    size_t size = text_kernels.fold_space(chunk.data(), chunk.size(),
                                          &space_carry, begin);
    if (size == 0) return;
    const char* from = begin;
    if (space_waits) {
      folded[0] = ' ';
      --from;
      ++size;
    }
    space_waits = from[size - 1] == ' ';
    XXH3_128bits_update(hash_state.get(), from, space_waits ? size - 1 : size);
  }

  const SignatureOptions options;
  const TextKernels& text_kernels;
  const MinhashKernels& minhash_kernels;
  const uint64_t shingle_key;
  const LaneKeys band_keys;
  const LaneKeys sketch_keys;  // per four bins
  MinhashLanes lanes;          // of the bands, then of empty bins
  std::vector<uint64_t> band_rows;
  std::vector<uint64_t> words;  // first `waiting_words` of the chunk before
  std::vector<uint64_t> shingles;
  std::vector<uint32_t> cells;
  std::vector<uint64_t> sorted;  // of Shingles(), to reuse
  std::vector<char> folded;
  std::unique_ptr<XXH3_state_t, FreeHashState> hash_state{XXH3_createState()};
  SpaceCarry space_carry;
  bool space_waits = false;
  WordCarry word_carry;
  size_t waiting_words = 0;
  alignas(64) std::array<uint32_t, kSketchBins> bins;
  // Every i of which bins 4i ... 4i + 3 are not all filled; after the first
  // shingles, the lane of the n-th is the n-th behind the bands'.
  std::array<uint8_t, kSketchBins / kLaneEnds> empty;
  size_t empty_count = 0;
  uint64_t least = ~0ULL;
  uint64_t shingle_count = 0;
};

Signer::Signer(SignatureOptions options)
    : state_(std::make_unique<State>(options)) {
  assert(options.Check().ok());
}
Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;

const SignatureOptions& Signer::options() const { return state_->options; }

void Signer::Sign(std::string_view text, Signature* signature) {
  State& state = *state_;
  state.Start();
  XXH3_128bits_reset(state.hash_state.get());
  state.space_carry = {};
  state.space_waits = false;
  size_t begin = 0;
  do {
    const size_t end = TextChunkEnd(text, begin);
    const std::string_view chunk = text.substr(begin, end - begin);
    // fold_space fetches the rest ahead.
    for (size_t i = 0; i < std::min(chunk.size(), kPrefetchBytes); i += 64) {
      __builtin_prefetch(chunk.data() + i);
    }
    state.HashText(chunk);
    const size_t count = state.ChunkShingles(chunk, end == text.size());
    if (count > 0) state.AddToMinima(count);
    begin = end;
  } while (begin < text.size());

  const XXH128_hash_t hash = XXH3_128bits_digest(state.hash_state.get());
  signature->text_hash = {hash.high64, hash.low64};
  signature->shingles = state.shingle_count;
  signature->first_minhash = state.least;
  if (state.shingle_count == 0) {
    signature->sketch = {};
    signature->band_hashes.clear();
    return;
  }
  signature->sketch = state.Sketch();
  state.BandHashes(&signature->band_hashes);
}

void Signer::Shingles(std::string_view text, std::vector<uint64_t>* hashes) {
  State& state = *state_;
  state.Start();
  hashes->clear();
  size_t begin = 0;
  do {
    const size_t end = TextChunkEnd(text, begin);
    const size_t count = state.ChunkShingles(text.substr(begin, end - begin),
                                             end == text.size());
    hashes->insert(hashes->end(), state.shingles.begin(),
                   state.shingles.begin() + static_cast<ptrdiff_t>(count));
    begin = end;
  } while (begin < text.size());
  SortHashes(hashes, &state.sorted);
  hashes->erase(std::unique(hashes->begin(), hashes->end()), hashes->end());
}

double SketchSimilarity(const std::array<uint8_t, 64>& a,
                        const std::array<uint8_t, 64>& b) {
  int unequal = 0;
  for (size_t i = 0; i < a.size(); i += sizeof(uint64_t)) {
    uint64_t x;
    uint64_t y;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    const uint64_t differ = x ^ y;
    unequal += std::popcount((differ | (differ >> 1)) & 0x5555555555555555ULL);
  }
  const double equal = 1 - unequal / static_cast<double>(kSketchBins);
  return std::clamp((equal - 0.25) / 0.75, 0.0, 1.0);
}

double SketchStandardError(double jaccard) {
  const double equal = 0.25 + 0.75 * jaccard;
  return std::sqrt(equal * (1 - equal) / kSketchBins) / 0.75;
}

double ExactJaccard(const std::vector<uint64_t>& a,
                    const std::vector<uint64_t>& b) {
  size_t common = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) ++common;
    const bool step_a = a[i] <= b[j];
    const bool step_b = b[j] <= a[i];
    i += step_a;
    j += step_b;
  }
  const size_t all = a.size() + b.size() - common;
  if (all == 0) return 1;
  return static_cast<double>(common) / static_cast<double>(all);
}

}  // namespace peaktext

// The project's hashes. All are xxHash (XXH3), so that values written to files
// mean the same on every machine and in every version.
#pragma once

#include <xxhash.h>  // Debian libxxhash-dev: fast, stable 64 and 128-bit hash.

#include <compare>
#include <cstdint>
#include <memory>
#include <string_view>

namespace peaktext {

struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

inline uint64_t HashBytes64(std::string_view bytes, uint64_t seed = 0) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

// HashBytes64 of bytes that come in pieces.
class RunningHash {
 public:
  RunningHash() : state_(::XXH3_createState()) {
    ::XXH3_64bits_reset(state_.get());
  }
  void Update(std::string_view bytes) {
    ::XXH3_64bits_update(state_.get(), bytes.data(), bytes.size());
  }
  uint64_t value() const { return ::XXH3_64bits_digest(state_.get()); }

 private:
  struct Deleter {
    void operator()(XXH3_state_t* state) const { ::XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Deleter> state_;
};

inline Hash128 HashBytes128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

// A bijective mixer of 64 bits: every output bit depends on every input bit
// (the finaliser of SplitMix64, Steele, Lea, Flood 2014).
constexpr uint64_t Mix64(uint64_t value) {
  value ^= value >> 30;
  value *= 0xbf58476d1ce4e5b9ULL;
  value ^= value >> 27;
  value *= 0x94d049bb133111ebULL;
  value ^= value >> 31;
  return value;
}

}  // namespace peaktext

// The token counts of pretokens seen before: one per thread and vocabulary.
//
//   PretokenCache cache(tables, cache_bytes);
//   uint64_t tokens = cache.Count(text, positions, lists);
//
// Bounded: a new pretoken takes the place of an old one. Exact: an entry holds
// all bytes of its pretoken. Layout and article: pretoken_cache.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/huge_array.h"
#include "simd/tokenize_kernels.h"
#include "tokenize/bpe_counter.h"
#include "tokenize/count_tables.h"

namespace peaktext {

class PretokenCache {
 public:
  // Takes at most `limit_bytes`, and not less than kMinBytes. `tables` outlives
  // the cache.
  static constexpr uint64_t kMinBytes = 256 << 10;
  PretokenCache(const CountTables& tables, uint64_t limit_bytes);

  // Tokens of the pretokens of two bytes and more that lie between neighbours
  // of `positions`, sorted into `lists`. REQUIRES: 16 bytes can be read after
  // each pretoken.
  uint64_t Count(const char* text, std::span<const uint16_t> positions,
                 const PretokenLists& lists);

  // Tokens of one pretoken, of any length.
  uint64_t CountOne(std::string_view pretoken);

  uint64_t memory_bytes() const;

 private:
  struct MidEntry {
    uint64_t head;
    uint64_t tail;  // up to seven bytes, then length and count
  };
  struct LongEntry {
    uint16_t bytes;
    uint16_t tokens;
    char text[60];
  };

  uint64_t CountShorts(const char* text, const PretokenLists& lists);
  uint64_t CountMids(const char* text, const PretokenLists& lists);
  uint64_t CountLong(std::string_view pretoken);
  uint64_t MissShort(const char* start, unsigned bytes, uint64_t key);
  uint64_t MissMid(const char* start, unsigned bytes, MidEntry key);

  const CountTables& tables_;
  BpeScratch scratch_;
  HugeArray<uint64_t> shorts_;
  HugeArray<MidEntry> mids_;
  HugeArray<LongEntry> longs_;
  int short_shift_;  // from a 64-bit hash to a pair of entries
  int mid_shift_;
  int long_shift_;
  std::vector<uint16_t> misses_;
};

}  // namespace peaktext

// The token counts of pretokens seen before: one per thread and vocabulary.
//
//   PretokenCache cache(tables, isa, cache_bytes);
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
  // Takes at most `limit_bytes` beside 64 KiB, and not less than kMinBytes.
  // `tables` outlive the cache.
  static constexpr uint64_t kMinBytes = 256 << 10;
  PretokenCache(const CountTables& tables, Isa isa, uint64_t limit_bytes);

  // Tokens of the pretokens of two bytes and more that lie between neighbours
  // of `positions`, sorted into `lists`. REQUIRES: 16 bytes can be read after
  // each pretoken.
  uint64_t Count(const char* text, std::span<const uint16_t> positions,
                 const PretokenLists& lists);

  // Tokens of one pretoken, of any length.
  uint64_t CountOne(std::string_view pretoken);

  uint64_t memory_bytes() const;

 private:
  struct ShortEntry {
    uint64_t words[1];
  };
  struct WideEntry {
    uint64_t words[4];
  };
  struct LongEntry {
    uint16_t bytes;
    uint16_t tokens;
    char text[124];
  };

  // Buckets of entries, the one last wanted first.
  template <class Entry, size_t kBucket, unsigned kCountBits>
  struct Table {
    HugeArray<Entry> entries;
    int shift = 0;  // from a hash to a bucket

    void Allocate(uint64_t bytes);
    const Entry* Bucket(uint64_t hash) const {
      return entries.data() + kBucket * (hash >> shift);
    }
    // The count of `key`, whose lowest kCountBits of its last word are 0.
    // Where there is none, `count()` is asked for it.
    template <class Counter>
    uint64_t FindOrAdd(const Entry& key, uint64_t hash, Counter count);
  };

  static WideEntry WideKey(const char* start, unsigned bytes);
  static uint64_t Hash(const WideEntry& key);

  uint64_t CountPairs(const char* text, const PretokenLists& lists);
  uint64_t CountShorts(const char* text, const PretokenLists& lists);
  uint64_t CountMids(const char* text, const PretokenLists& lists);
  uint64_t CountLongs(const char* text, std::span<const uint16_t> positions,
                      const PretokenLists& lists);
  uint64_t FetchLong(std::string_view pretoken) const;
  uint64_t CountWide(const char* start, unsigned bytes, uint64_t hash);
  uint64_t CountLong(std::string_view pretoken, uint64_t hash);

  const CountTables& tables_;
  const TokenizeKernels& kernels_;
  BpeScratch scratch_;
  std::vector<uint8_t> pairs_;  // by the two bytes; 0: not counted yet
  Table<ShortEntry, ShortCounts::kLine, 4> shorts_;
  Table<MidCounts::Entry, MidCounts::kBucket, 4> mids_;
  Table<WideEntry, 8, 8> wides_;
  HugeArray<LongEntry> longs_;
  int long_shift_;
  std::vector<uint16_t> misses_;
};

}  // namespace peaktext

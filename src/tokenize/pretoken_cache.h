// The token counts of pretokens seen before: one per thread and vocabulary.
//
//   PretokenCache cache(tables, isa, cache_bytes);
//   std::span<const uint64_t> tokens = cache.Count(window, batch);
//
// Bounded: a new pretoken takes the place of an old one. Exact: an entry holds
// all bytes of its pretoken. It starts with what earlier runs learned, and can
// be kept for later ones. Layout and article: pretoken_cache.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/huge_array.h"
#include "simd/count_kernels.h"
#include "simd/tokenize_kernels.h"
#include "tokenize/bpe_counter.h"
#include "tokenize/count_tables.h"
#include "tokenize/new_pretokens.h"
#include "tokenize/pretoken_batch.h"
#include "tokenize/pretoken_table.h"

namespace peaktext {

class PretokenCache {
 public:
  // Takes at most `limit_bytes`, and not less than kMinBytes, beside the lists
  // of the pretokens of one call.
  // `tables` outlive the cache.
  static constexpr uint64_t kMinBytes = 256 << 10;
  PretokenCache(const CountTables& tables, Isa isa, uint64_t limit_bytes);

  // Tokens of each text of `batch`, whose positions are from `window` on; until
  // the next call. REQUIRES: 16 bytes can be read after each pretoken.
  std::span<const uint64_t> Count(const char* window,
                                  const PretokenBatch& batch);

  // Tokens of one pretoken, of any length. REQUIRES: 16 bytes can be read.
  uint64_t CountOne(std::string_view pretoken);

  // Keeps what was learned, if much was new at the start and less, two thirds
  // at most, in the end. Where it cannot be kept, it is not.
  void KeepLearned();

  uint64_t memory_bytes() const;

 private:
  struct LongEntry {
    uint16_t bytes;
    uint16_t tokens;
    char text[124];
  };
  static constexpr size_t kLongPlaces = 4;  // where one may be

  // A table, and how looking into it went of late.
  template <class Counts, size_t kLines>
  struct Known : PretokenTable<Counts, kLines> {
    size_t places = 0;     // of a line, that its kernel looks at
    unsigned in_vain = 0;  // how often in a row too little was found
    unsigned skip = 0;     // how often nothing is to be looked for
    struct {
      size_t first;
      size_t count;
    } to_learn = {};  // of unknown_
  };

  void CountMisses(size_t pretokens);
  void CountPairs(const char* window, const PretokenList& list);
  // Those that are found; the others go to the end of unknown_.
  template <class Counts, size_t kLines>
  void CountKnown(const char* window, const PretokenList& list,
                  CountFunction<Counts>* kernel, Known<Counts, kLines>* table);
  template <class Counts, size_t kLines>
  size_t AddUnknown(const char* window, const PretokenList& list,
                    size_t missing, Known<Counts, kLines>* table);
  void CountKnownLongs(const char* window, const PretokenBatch& batch);
  void AddUnknownLong(std::string_view pretoken, uint64_t hash, size_t text);
  void CountUnknown();
  template <class Counts, size_t kLines>
  void Learn(Known<Counts, kLines>* table);
  void LearnLongs();

  template <class Counts, size_t kLines>
  uint64_t CountIn(Known<Counts, kLines>* table, std::string_view pretoken);
  uint64_t CountLong(std::string_view pretoken);
  uint64_t FetchLong(std::string_view pretoken) const;
  uint64_t FindLong(std::string_view pretoken, uint64_t hash) const;
  void AddLong(std::string_view pretoken, uint64_t hash, uint64_t tokens);

  const CountTables& tables_;
  const CountKernels& kernels_;
  BpeScratch scratch_;
  std::vector<uint8_t> pairs_;  // by the two bytes; 0: not counted yet
  Known<ShortCounts, 2> shorts_;
  Known<MidCounts, 2> mids_;
  Known<WideCounts, 4> wides_;
  HugeArray<LongEntry> longs_;
  int long_shift_;
  std::vector<uint64_t> tokens_;  // by text
  std::vector<uint16_t> misses_;
  NewPretokens unknown_;
  std::vector<uint32_t> counted_;    // of unknown_
  std::vector<uint64_t> new_longs_;  // hashes of the last ones of unknown_

  // Pretokens that were new, in periods of kPeriod pretokens.
  uint64_t pretokens_ = 0;  // of this period
  uint64_t new_ = 0;
  uint64_t periods_ = 0;
  uint64_t first_new_ = 0;  // in the first period
  uint64_t last_new_ = 0;   // in the last whole one
};

}  // namespace peaktext

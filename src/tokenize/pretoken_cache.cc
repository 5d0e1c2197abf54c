// Five tables, by the length of the pretoken, so that the most frequent ones,
// the short ones, lie close together; after it the bytes of an entry:
//
//   2 bytes         1:  tokens, at the place that the bytes say
//   3 to 7 bytes    8:  the bytes | length | tokens
//   8 to 15 bytes  16:  the first 8 bytes; the last 7 | length | tokens
//   16 to 30 bytes 32:  the first 16 bytes; the 14 last | length | tokens
//   31 to 124     128:  length, tokens, bytes
//
// An entry of the next three kinds equals the key of its pretoken but for the
// lowest bits of the last word, which are zero in a key and the count in an
// entry: so key XOR entry is the count if that is small, and there is no count
// of 0. An empty entry is zero, which no key is near to, as its length is not.
//
// Each table is divided into buckets; a pretoken may be anywhere in its own.
// Only the first two entries of a bucket are looked at in the loops over many
// pretokens, which take no branch on what they find: what is missing is put on
// a list and looked for in the whole bucket afterwards. The one that was found
// or counted then goes to the front, and the last falls out.
#include "tokenize/pretoken_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hash.h"

namespace peaktext {
namespace {

constexpr uint64_t kMultipliers[] = {
    ShortCounts::kMultiplier, 0xC2B2AE3D27D4EB4FULL, 0x165667B19E3779F9ULL,
    0x85EBCA77C2B2AE63ULL};

uint64_t Load8(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

// Largest power of two of buckets that fit, at least two.
size_t Buckets(uint64_t bytes, size_t bucket_bytes) {
  return std::bit_floor(std::max<uint64_t>(bytes / bucket_bytes, 2));
}
// How many long pretokens ahead their buckets are fetched.
constexpr size_t kAhead = 8;
constexpr size_t kWideBytes = 30;

int BucketShift(size_t buckets) { return 64 - std::countr_zero(buckets); }

}  // namespace

template <class Entry, size_t kBucket, unsigned kCountBits>
void PretokenCache::Table<Entry, kBucket, kCountBits>::Allocate(
    uint64_t bytes) {
  const size_t buckets = Buckets(bytes, kBucket * sizeof(Entry));
  entries.Allocate(buckets * kBucket);
  shift = BucketShift(buckets);
}

template <class Entry, size_t kBucket, unsigned kCountBits>
template <class Counter>
uint64_t PretokenCache::Table<Entry, kBucket, kCountBits>::FindOrAdd(
    const Entry& key, uint64_t hash, Counter count) {
  constexpr size_t kWords = std::size(Entry{}.words);
  Entry* bucket = entries.data() + kBucket * (hash >> shift);
  size_t at = 0;
  Entry entry = key;
  for (; at < kBucket; ++at) {
    const uint64_t found = bucket[at].words[kWords - 1] ^ key.words[kWords - 1];
    if (found >> kCountBits == 0 &&
        std::equal(key.words, key.words + kWords - 1, bucket[at].words)) {
      entry = bucket[at];
      break;
    }
  }
  if (at == kBucket) {
    --at;
    entry.words[kWords - 1] |= count();
  }
  std::copy_backward(bucket, bucket + at, bucket + at + 1);
  bucket[0] = entry;
  return entry.words[kWords - 1] ^ key.words[kWords - 1];
}

PretokenCache::PretokenCache(const CountTables& tables, Isa isa,
                             uint64_t limit_bytes)
    : tables_(tables),
      kernels_(TokenizeKernelsFor(isa)),
      scratch_(isa),
      pairs_(1 << 16) {
  // Beyond these sizes the tables only miss the processor's caches more.
  const uint64_t share = std::max(limit_bytes, kMinBytes) / 8;
  shorts_.Allocate(std::min<uint64_t>(share, 4 << 20));
  mids_.Allocate(std::min<uint64_t>(share * 2, 8 << 20));
  wides_.Allocate(std::min<uint64_t>(share * 4, 16 << 20));
  const size_t pairs =
      Buckets(std::min<uint64_t>(share, 4 << 20), 2 * sizeof(LongEntry));
  longs_.Allocate(2 * pairs);
  long_shift_ = BucketShift(pairs);
}

PretokenCache::WideEntry PretokenCache::WideKey(const char* start,
                                                unsigned bytes) {
  const char* end = start + bytes;
  return {{Load8(start), Load8(start + 8), Load8(end - 14),
           (Load8(end - 8) & ~uint64_t{0xFFFF}) | bytes << 8}};
}

// Of these only the highest bits are used, which all lower ones reach.
uint64_t PretokenCache::Hash(const WideEntry& key) {
  return (key.words[0] * kMultipliers[0] ^ key.words[1] * kMultipliers[1]) +
         (key.words[2] * kMultipliers[2] ^ key.words[3] * kMultipliers[3]);
}

uint64_t PretokenCache::Count(const char* text,
                              std::span<const uint16_t> positions,
                              const PretokenLists& lists) {
  misses_.resize(std::max(
      misses_.size(), std::max({lists.pairs, lists.shorts, lists.mids}) + 16));
  return CountPairs(text, lists) + CountShorts(text, lists) +
         CountMids(text, lists) + CountLongs(text, positions, lists);
}

uint64_t PretokenCache::CountPairs(const char* text,
                                   const PretokenLists& lists) {
  uint64_t tokens = 0;
  size_t missing = 0;
  const auto bytes_of = [&](size_t i) {
    uint16_t bytes;
    std::memcpy(&bytes, text + lists.pair_starts[i], sizeof(bytes));
    return bytes;
  };
  for (size_t i = 0; i < lists.pairs; ++i) {
    const uint8_t found = pairs_[bytes_of(i)];
    tokens += found;
    misses_[missing] = static_cast<uint16_t>(i);
    missing += found == 0;
  }
  for (size_t i = 0; i < missing; ++i) {
    const size_t at = misses_[i];
    const uint64_t counted =
        tables_.CountPretoken({text + lists.pair_starts[at], 2}, &scratch_);
    pairs_[bytes_of(at)] = static_cast<uint8_t>(counted);
    tokens += counted;
  }
  return tokens;
}

uint64_t PretokenCache::CountShorts(const char* text,
                                    const PretokenLists& lists) {
  size_t missing = 0;
  const ShortCounts counts = {shorts_.entries.data()->words, shorts_.shift};
  uint64_t tokens =
      kernels_.count_shorts(text, lists, counts, misses_.data(), &missing);
  for (size_t i = 0; i < missing; ++i) {
    const size_t at = misses_[i];
    const char* start = text + lists.short_starts[at];
    const unsigned bytes = lists.short_bytes[at];
    const uint64_t key = ShortCounts::Key(start, bytes);
    tokens += shorts_.FindOrAdd({{key}}, key * ShortCounts::kMultiplier, [&] {
      return tables_.CountPretoken({start, bytes}, &scratch_);
    });
  }
  return tokens;
}

uint64_t PretokenCache::CountMids(const char* text,
                                  const PretokenLists& lists) {
  size_t missing = 0;
  const MidCounts counts = {mids_.entries.data(), mids_.shift};
  uint64_t tokens =
      kernels_.count_mids(text, lists, counts, misses_.data(), &missing);
  for (size_t i = 0; i < missing; ++i) {
    const size_t at = misses_[i];
    const char* start = text + lists.mid_starts[at];
    const unsigned bytes = lists.mid_bytes[at];
    const MidCounts::Entry key = MidCounts::Key(start, bytes);
    tokens += mids_.FindOrAdd(key, MidCounts::Hash(key), [&] {
      return tables_.CountPretoken({start, bytes}, &scratch_);
    });
  }
  return tokens;
}

uint64_t PretokenCache::CountLongs(const char* text,
                                   std::span<const uint16_t> positions,
                                   const PretokenLists& lists) {
  const auto long_at = [&](size_t i) -> std::string_view {
    const size_t index = lists.long_indexes[i];
    const size_t start = positions[index];
    return {text + start, positions[index + 1] - start};
  };
  uint64_t hashes[kAhead];
  uint64_t tokens = 0;
  for (size_t i = 0; i < lists.longs + kAhead; ++i) {
    uint64_t* hash = &hashes[i % kAhead];
    if (i >= kAhead) tokens += CountLong(long_at(i - kAhead), *hash);
    if (i < lists.longs) *hash = FetchLong(long_at(i));
  }
  return tokens;
}

// The hash of a pretoken whose bucket is on its way to the processor.
uint64_t PretokenCache::FetchLong(std::string_view pretoken) const {
  if (pretoken.size() > kWideBytes) {
    if (pretoken.size() > sizeof(LongEntry::text)) return 0;
    const uint64_t hash = HashBytes64(pretoken);
    __builtin_prefetch(longs_.data() + 2 * (hash >> long_shift_));
    return hash;
  }
  const uint64_t hash =
      Hash(WideKey(pretoken.data(), static_cast<unsigned>(pretoken.size())));
  __builtin_prefetch(wides_.Bucket(hash));
  return hash;
}

uint64_t PretokenCache::CountWide(const char* start, unsigned bytes,
                                  uint64_t hash) {
  const WideEntry key = WideKey(start, bytes);
  const WideEntry* bucket = wides_.Bucket(hash);
  const auto differ = [&key](const WideEntry& entry) {
    const uint64_t head = (entry.words[0] ^ key.words[0]) |
                          (entry.words[1] ^ key.words[1]) |
                          (entry.words[2] ^ key.words[2]);
    return (entry.words[3] ^ key.words[3]) | head << 8 | head >> 32;
  };
  const uint64_t found = std::min(differ(bucket[0]), differ(bucket[1]));
  if (found < 256) return found;
  return wides_.FindOrAdd(key, hash, [&] {
    return tables_.CountPretoken({start, bytes}, &scratch_);
  });
}

uint64_t PretokenCache::CountLong(std::string_view pretoken, uint64_t hash) {
  if (pretoken.size() <= kWideBytes) {
    return CountWide(pretoken.data(), static_cast<unsigned>(pretoken.size()),
                     hash);
  }
  if (pretoken.size() > sizeof(LongEntry::text)) {
    return tables_.CountPretoken(pretoken, &scratch_);
  }
  LongEntry* pair = longs_.data() + 2 * (hash >> long_shift_);
  for (LongEntry* entry : {pair, pair + 1}) {
    if (entry->bytes == pretoken.size() &&
        std::memcmp(entry->text, pretoken.data(), pretoken.size()) == 0) {
      return entry->tokens;
    }
  }
  const uint64_t tokens = tables_.CountPretoken(pretoken, &scratch_);
  pair[1] = pair[0];
  pair[0].bytes = static_cast<uint16_t>(pretoken.size());
  pair[0].tokens = static_cast<uint16_t>(tokens);
  std::memcpy(pair[0].text, pretoken.data(), pretoken.size());
  return tokens;
}

uint64_t PretokenCache::CountOne(std::string_view pretoken) {
  if (pretoken.size() >= 16) return CountLong(pretoken, FetchLong(pretoken));
  return tables_.CountPretoken(pretoken, &scratch_);
}

uint64_t PretokenCache::memory_bytes() const {
  return pairs_.size() + shorts_.entries.size() * sizeof(ShortEntry) +
         mids_.entries.size() * sizeof(MidCounts::Entry) +
         wides_.entries.size() * sizeof(WideEntry) +
         longs_.size() * sizeof(LongEntry);
}

}  // namespace peaktext

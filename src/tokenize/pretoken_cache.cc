// Three tables, by the length of the pretoken, so that the most frequent ones,
// the short ones, lie close together:
//
//   2 to 7 bytes    8:  bytes in the top, length << 4 | tokens in the lowest
//   8 to 15 bytes  16:  the first 8 bytes; the others like the above
//   16 to 60 bytes 64:  length, tokens, bytes
//
// An entry of the first two kinds equals the key of its pretoken but for the
// lowest four bits, which are zero in a key and the count in an entry: so key
// XOR entry is the count if it is below 16, and there is no count of 0. An
// empty entry is zero, which no key is near to, as its length is not.
//
// Each table is divided into pairs of entries; a pretoken may be in either of
// its pair. A new one goes first, what was there second. Loops over many
// pretokens take no branch on what they find: what is missing is put on a list
// and counted afterwards.
#include "tokenize/pretoken_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hash.h"

namespace peaktext {
namespace {

constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;
constexpr uint64_t kSecondMultiplier = 0xC2B2AE3D27D4EB4FULL;

uint64_t Load8(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

uint64_t ShortKey(const char* start, unsigned bytes) {
  return Load8(start) << (64 - 8 * bytes) | bytes << 4;
}
uint64_t ShortHash(uint64_t key) { return key * kMultiplier; }

uint64_t MidHash(uint64_t head, uint64_t tail) {
  const uint64_t mixed = head * kMultiplier ^ tail * kSecondMultiplier;
  return (mixed ^ mixed >> 32) * kMultiplier;
}

// Largest power of two of entries that fit, at least two.
size_t Entries(uint64_t bytes, size_t entry_bytes) {
  return std::bit_floor(std::max<uint64_t>(bytes / entry_bytes, 4));
}
int PairShift(size_t entries) { return 64 - (std::countr_zero(entries) - 1); }

}  // namespace

PretokenCache::PretokenCache(const CountTables& tables, uint64_t limit_bytes)
    : tables_(tables) {
  // Beyond these sizes the tables only miss the processor's caches more.
  const uint64_t share = std::max(limit_bytes, kMinBytes) / 4;
  shorts_.Allocate(Entries(std::min<uint64_t>(share, 4 << 20), 8));
  mids_.Allocate(Entries(std::min<uint64_t>(share * 2, 16 << 20), 16));
  longs_.Allocate(Entries(std::min<uint64_t>(share, 8 << 20), 64));
  short_shift_ = PairShift(shorts_.size());
  mid_shift_ = PairShift(mids_.size());
  long_shift_ = PairShift(longs_.size());
}

uint64_t PretokenCache::Count(const char* text,
                              std::span<const uint16_t> positions,
                              const PretokenLists& lists) {
  misses_.resize(std::max(lists.shorts, lists.mids) + 1);
  uint64_t tokens = CountShorts(text, lists) + CountMids(text, lists);
  for (size_t i = 0; i < lists.longs; ++i) {
    const size_t index = lists.long_indexes[i];
    const size_t start = positions[index];
    tokens += CountLong({text + start, positions[index + 1] - start});
  }
  return tokens;
}

uint64_t PretokenCache::CountShorts(const char* text,
                                    const PretokenLists& lists) {
  uint64_t tokens = 0;
  size_t missing = 0;
  const uint64_t* entries = shorts_.data();
  for (size_t i = 0; i < lists.shorts; ++i) {
    const uint64_t key =
        ShortKey(text + lists.short_starts[i], lists.short_bytes[i]);
    const uint64_t* pair = entries + 2 * (ShortHash(key) >> short_shift_);
    const uint64_t first = pair[0] ^ key;
    const uint64_t second = pair[1] ^ key;
    const uint64_t found = std::min(first, second);
    tokens += found < 16 ? found : 0;
    misses_[missing] = static_cast<uint16_t>(i);
    missing += found >= 16;
  }
  for (size_t i = 0; i < missing; ++i) {
    const size_t at = misses_[i];
    const char* start = text + lists.short_starts[at];
    const unsigned bytes = lists.short_bytes[at];
    tokens += MissShort(start, bytes, ShortKey(start, bytes));
  }
  return tokens;
}

uint64_t PretokenCache::MissShort(const char* start, unsigned bytes,
                                  uint64_t key) {
  uint64_t* pair = shorts_.data() + 2 * (ShortHash(key) >> short_shift_);
  // It may have been put there since it was missed.
  if (const uint64_t found = std::min(pair[0] ^ key, pair[1] ^ key);
      found < 16) {
    return found;
  }
  const uint64_t tokens = tables_.CountPretoken({start, bytes}, &scratch_);
  pair[1] = pair[0];
  pair[0] = key | tokens;
  return tokens;
}

uint64_t PretokenCache::CountMids(const char* text,
                                  const PretokenLists& lists) {
  uint64_t tokens = 0;
  size_t missing = 0;
  const MidEntry* entries = mids_.data();
  const auto key_of = [&](size_t i) -> MidEntry {
    const char* start = text + lists.mid_starts[i];
    const unsigned bytes = lists.mid_bytes[i];
    return {Load8(start),
            Load8(start + 8) << (120 - 8 * bytes) << 8 | bytes << 4};
  };
  for (size_t i = 0; i < lists.mids; ++i) {
    const MidEntry key = key_of(i);
    const MidEntry* pair =
        entries + 2 * (MidHash(key.head, key.tail) >> mid_shift_);
    const uint64_t first = (pair[0].tail ^ key.tail) |
                           (pair[0].head ^ key.head) << 4 |
                           (pair[0].head ^ key.head) >> 32;
    const uint64_t second = (pair[1].tail ^ key.tail) |
                            (pair[1].head ^ key.head) << 4 |
                            (pair[1].head ^ key.head) >> 32;
    const uint64_t found = std::min(first, second);
    tokens += found < 16 ? found : 0;
    misses_[missing] = static_cast<uint16_t>(i);
    missing += found >= 16;
  }
  for (size_t i = 0; i < missing; ++i) {
    const size_t at = misses_[i];
    tokens +=
        MissMid(text + lists.mid_starts[at], lists.mid_bytes[at], key_of(at));
  }
  return tokens;
}

uint64_t PretokenCache::MissMid(const char* start, unsigned bytes,
                                MidEntry key) {
  MidEntry* pair =
      mids_.data() + 2 * (MidHash(key.head, key.tail) >> mid_shift_);
  for (const MidEntry* entry : {pair, pair + 1}) {
    const uint64_t found = entry->tail ^ key.tail;
    if (entry->head == key.head && found < 16) return found;
  }
  const uint64_t tokens = tables_.CountPretoken({start, bytes}, &scratch_);
  pair[1] = pair[0];
  pair[0] = {key.head, key.tail | tokens};
  return tokens;
}

uint64_t PretokenCache::CountLong(std::string_view pretoken) {
  if (pretoken.size() > sizeof(LongEntry::text)) {
    return tables_.CountPretoken(pretoken, &scratch_);
  }
  LongEntry* pair = longs_.data() + 2 * (HashBytes64(pretoken) >> long_shift_);
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
  if (pretoken.size() >= 16) return CountLong(pretoken);
  return tables_.CountPretoken(pretoken, &scratch_);
}

uint64_t PretokenCache::memory_bytes() const {
  return shorts_.size() * sizeof(uint64_t) + mids_.size() * sizeof(MidEntry) +
         longs_.size() * sizeof(LongEntry);
}

}  // namespace peaktext

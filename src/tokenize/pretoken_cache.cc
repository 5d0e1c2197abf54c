// Five tables, by the length of the pretoken, so that the most frequent ones,
// the short ones, lie close together; after it the bytes of an entry:
//
//   2 bytes         1:  tokens, at the place that the bytes say
//   3 to 7 bytes    8:  the bytes | length | tokens
//   8 to 15 bytes  16:  the first 8 bytes; the last 7 | length | tokens
//   16 to 30 bytes 32:  the first 16 bytes; the 14 last | length | tokens
//   31 to 124     128:  length, tokens, bytes
//
// The next three are tables of their own (pretoken_table.h), and what is
// learned and kept. The pretokens of some texts that are in none of them are
// counted in the end, each once (new_pretokens.h), and then added.
#include "tokenize/pretoken_cache.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/hash.h"

namespace peaktext {
namespace {

// Beyond these sizes tables only miss the processor's caches more.
constexpr uint64_t kMostShortBytes = 4 << 20;
constexpr uint64_t kMostMidBytes = 16 << 20;
constexpr uint64_t kMostWideBytes = 8 << 20;
constexpr uint64_t kMostLongBytes = 4 << 20;
// As much as is cleared at once: a huge page (base/huge_array.h).
constexpr uint64_t kStartBytes = 2 << 20;
// Caches that are smaller are for short texts, or have little room to learn.
constexpr uint64_t kLearnFromBytes = 8 << 20;
// New pretokens are told apart by these, some 10 MB of text.
constexpr uint64_t kPeriod = 1 << 21;
// As many as take longer to count than they do to write down and read.
constexpr uint64_t kManyNew = 1 << 14;
// When to look for nothing for a while: on random letters looking is a third of
// the work.
constexpr size_t kFew = 32;  // too few to judge by
// If more of eight are new, looking was in vain. Short ones are soon counted.
template <class Counts>
constexpr size_t kMostNew = 5;
template <>
constexpr size_t kMostNew<ShortCounts> = 4;
constexpr unsigned kOften = 16;
constexpr unsigned kSkipped = 15;
// How many long pretokens ahead their buckets are fetched.
constexpr size_t kAhead = 32;

}  // namespace

PretokenCache::PretokenCache(const CountTables& tables, Isa isa,
                             uint64_t limit_bytes)
    : tables_(tables),
      kernels_(CountKernelsFor(isa)),
      scratch_(isa),
      pairs_(1 << 16) {
  const uint64_t share = std::max(limit_bytes, kMinBytes) / 8;
  const LearnedPretokens* const learned = tables.learned();
  const bool is_new =
      learned == nullptr || learned->empty() || limit_bytes < kLearnFromBytes;
  const auto allocate = [=](uint64_t most_bytes, size_t index, auto* table) {
    const uint64_t bytes = is_new ? kStartBytes : learned->table_bytes(index);
    table->Allocate(most_bytes, std::min(bytes, most_bytes));
    if (!is_new) table->Load(*learned, index);
  };
  allocate(std::min(share, kMostShortBytes), 0, &shorts_);
  allocate(std::min(share * 4, kMostMidBytes), 1, &mids_);
  allocate(std::min(share * 2, kMostWideBytes), 2, &wides_);
  shorts_.places = kernels_.short_places;
  mids_.places = kernels_.mid_places;
  wides_.places = kernels_.wide_places;
  const size_t pairs =
      std::bit_floor(std::min(share, kMostLongBytes) / (2 * sizeof(LongEntry)));
  longs_.Allocate(2 * pairs);
  long_shift_ = BucketShift(pairs);
}

void PretokenCache::KeepLearned() {
  const bool whole = shorts_.most_bytes() == kMostShortBytes &&
                     mids_.most_bytes() == kMostMidBytes &&
                     wides_.most_bytes() == kMostWideBytes;
  if (tables_.learned() == nullptr || !whole || periods_ < 2 ||
      first_new_ < kManyNew || 2 * first_new_ < 3 * last_new_) {
    return;
  }
  const std::array<std::string_view, LearnedPretokens::kTables> learned = {
      shorts_.bytes(), mids_.bytes(), wides_.bytes()};
  const Status kept = tables_.learned()->Replace(learned);
  static_cast<void>(kept.ok());
}

void PretokenCache::CountMisses(size_t pretokens) {
  pretokens_ += pretokens;
  if (pretokens_ < kPeriod) return;
  if (periods_++ == 0) first_new_ = new_;
  last_new_ = new_;
  pretokens_ = new_ = 0;
}

std::span<const uint64_t> PretokenCache::Count(const char* window,
                                               const PretokenBatch& batch) {
  const PretokenLists& lists = batch.lists();
  const size_t positions = batch.positions().size();
  misses_.resize(std::max(misses_.size(), positions + 16));
  CountMisses(positions);
  unknown_.Clear();
  tokens_.assign(batch.singles().begin(), batch.singles().end());
  CountPairs(window, lists.pairs);
  CountKnown(window, lists.shorts, kernels_.shorts, &shorts_);
  CountKnown(window, lists.mids, kernels_.mids, &mids_);
  CountKnown(window, lists.wides, kernels_.wides, &wides_);
  CountKnownLongs(window, batch);
  if (unknown_.size() == 0) return tokens_;
  CountUnknown();
  Learn(&shorts_);
  Learn(&mids_);
  Learn(&wides_);
  LearnLongs();
  return tokens_;
}

void PretokenCache::CountPairs(const char* window, const PretokenList& list) {
  for (size_t i = 0, text = 0; i < list.count; ++text) {
    uint64_t tokens = 0;
    for (; i < list.ends[text]; ++i) {
      const char* const start = window + list.starts[i];
      uint16_t bytes;
      std::memcpy(&bytes, start, sizeof(bytes));
      uint8_t& known = pairs_[bytes];
      if (known == 0) [[unlikely]] {
        known =
            static_cast<uint8_t>(tables_.CountPretoken({start, 2}, &scratch_));
      }
      tokens += known;
    }
    tokens_[text] += tokens;
  }
}

// Of `list`, those that the kernel did not find, the first ones of misses_:
// looks into the rest of their neighbourhoods. Returns how many are unknown.
template <class Counts, size_t kLines>
size_t PretokenCache::AddUnknown(const char* window, const PretokenList& list,
                                 size_t missing, Known<Counts, kLines>* table) {
  const auto pretoken_at = [&](size_t i) {
    return std::string_view(window + list.starts[i], list.bytes[i]);
  };
  const auto key_of = [](std::string_view pretoken) {
    return Counts::Key(pretoken.data(), static_cast<unsigned>(pretoken.size()));
  };
  unknown_.StartList(missing);
  size_t in_vain = 0;
  size_t in_doubt = 0;  // of misses_, in front
  for (size_t i = 0, text = 0; i < missing; ++i) {
    const size_t at = misses_[i];
    while (list.ends[text] <= at) ++text;
    const auto key = key_of(pretoken_at(at));
    if (table->FetchRest(key, table->places)) {
      misses_[in_doubt++] = misses_[i];
    } else {
      ++in_vain;
      unknown_.Add(pretoken_at(at), Counts::Hash(key), text);
    }
  }
  for (size_t i = 0, text = 0; i < in_doubt; ++i) {
    const size_t at = misses_[i];
    while (list.ends[text] <= at) ++text;
    const auto key = key_of(pretoken_at(at));
    const uint64_t found = table->FindOrAdd(key, [] { return uint64_t{0}; });
    tokens_[text] += found;
    if (found != 0) continue;
    ++in_vain;
    unknown_.Add(pretoken_at(at), Counts::Hash(key), text);
  }
  return in_vain;
}

template <class Counts, size_t kLines>
void PretokenCache::CountKnown(const char* window, const PretokenList& list,
                               CountFunction<Counts>* kernel,
                               Known<Counts, kLines>* table) {
  const size_t first = unknown_.size();
  if (table->skip > 0) {
    --table->skip;
    unknown_.Expect(list.count);
    for (size_t i = 0, text = 0; i < list.count; ++i) {
      while (list.ends[text] <= i) ++text;
      unknown_.AddUnseen({window + list.starts[i], list.bytes[i]}, text);
    }
    table->to_learn = {};
    return;
  }
  const size_t missing =
      kernel(window, list, table->counts(), tokens_.data(), misses_.data());
  const size_t in_vain = AddUnknown(window, list, missing, table);
  table->to_learn = {first, unknown_.size() - first};
  if (list.count >= kFew) {
    const bool vain = in_vain * 8 > list.count * kMostNew<Counts>;
    table->in_vain = vain ? table->in_vain + 1 : 0;
    if (table->in_vain >= kOften) table->skip = kSkipped;
  }
}

template <class Counts, size_t kLines>
void PretokenCache::Learn(Known<Counts, kLines>* table) {
  const auto [first, count] = table->to_learn;
  for (size_t i = first; i < first + count; ++i) {
    const auto bytes = static_cast<unsigned>(unknown_[i].size());
    table->Add(Counts::Key(unknown_[i].data(), bytes), counted_[i],
               table->places);
  }
  table->GrowIfHalfFull();
}

// Those of unknown_, each into counted_: of all texts together, as counting
// costs less the more there is to count.
void PretokenCache::CountUnknown() {
  new_ += unknown_.size();
  counted_.resize(std::max(counted_.size(), unknown_.size()));
  tables_.CountPretokens(unknown_.all(), counted_.data(), &scratch_);
  for (const NewPretokens::Place& place : unknown_.places()) {
    tokens_[place.text] += counted_[place.pretoken];
  }
}

template <class Counts, size_t kLines>
uint64_t PretokenCache::CountIn(Known<Counts, kLines>* table,
                                std::string_view pretoken) {
  const auto bytes = static_cast<unsigned>(pretoken.size());
  const uint64_t tokens = table->FindOrAdd(
      Counts::Key(pretoken.data(), bytes),
      [&] { return tables_.CountPretoken(pretoken, &scratch_); });
  table->GrowIfHalfFull();
  return tokens;
}

void PretokenCache::CountKnownLongs(const char* window,
                                    const PretokenBatch& batch) {
  const PretokenList& list = batch.lists().longs;
  const auto long_at = [&](size_t i) -> std::string_view {
    const uint16_t* const start = &batch.positions()[list.starts[i]];
    return {window + start[0], static_cast<size_t>(start[1] - start[0])};
  };
  new_longs_.clear();
  unknown_.StartList(list.count);
  uint64_t hashes[kAhead];
  size_t text = 0;
  for (size_t i = 0; i < list.count + kAhead; ++i) {
    uint64_t* hash = &hashes[i % kAhead];
    if (i >= kAhead) {
      const std::string_view pretoken = long_at(i - kAhead);
      while (list.ends[text] <= i - kAhead) ++text;
      const uint64_t found = FindLong(pretoken, *hash);
      tokens_[text] += found;
      if (found == 0) AddUnknownLong(pretoken, *hash, text);
    }
    if (i < list.count) *hash = FetchLong(long_at(i));
  }
}

// The hash of a pretoken whose bucket is on its way to the processor.
uint64_t PretokenCache::FetchLong(std::string_view pretoken) const {
  if (pretoken.size() > sizeof(LongEntry::text)) return 0;
  const uint64_t hash = HashBytes64(pretoken);
  __builtin_prefetch(longs_.data() + 2 * (hash >> long_shift_));
  return hash;
}

// 0 if there is none.
uint64_t PretokenCache::FindLong(std::string_view pretoken,
                                 uint64_t hash) const {
  // As in the other tables: the own pair first, then its neighbour.
  const size_t own = 2 * (hash >> long_shift_);
  for (size_t i = 0; i < kLongPlaces; ++i) {
    const LongEntry& entry = longs_[own ^ i];
    if (entry.bytes == pretoken.size() &&
        std::memcmp(entry.text, pretoken.data(), pretoken.size()) == 0) {
      return entry.tokens;
    }
  }
  return 0;
}

void PretokenCache::AddLong(std::string_view pretoken, uint64_t hash,
                            uint64_t tokens) {
  if (pretoken.size() > sizeof(LongEntry::text)) return;
  const size_t own = 2 * (hash >> long_shift_);
  size_t free = 0;
  while (free < kLongPlaces - 1 && longs_[own ^ free].bytes != 0) ++free;
  if (free > 1) longs_[own ^ free] = longs_[own ^ 1];
  longs_[own ^ 1] = longs_[own];
  LongEntry* entry = &longs_[own];
  entry->bytes = static_cast<uint16_t>(pretoken.size());
  entry->tokens = static_cast<uint16_t>(tokens);
  std::memcpy(entry->text, pretoken.data(), pretoken.size());
}

void PretokenCache::AddUnknownLong(std::string_view pretoken, uint64_t hash,
                                   size_t text) {
  const size_t before = unknown_.size();
  if (pretoken.size() > sizeof(LongEntry::text)) {
    unknown_.AddUnseen(pretoken, text);  // it has no hash
  } else {
    unknown_.Add(pretoken, hash, text);
  }
  if (unknown_.size() > before) new_longs_.push_back(hash);
}

// The last ones of unknown_.
void PretokenCache::LearnLongs() {
  const size_t first = unknown_.size() - new_longs_.size();
  for (size_t i = 0; i < new_longs_.size(); ++i) {
    AddLong(unknown_[first + i], new_longs_[i], counted_[first + i]);
  }
}

uint64_t PretokenCache::CountLong(std::string_view pretoken) {
  const uint64_t hash = FetchLong(pretoken);
  uint64_t tokens = FindLong(pretoken, hash);
  if (tokens != 0) return tokens;
  tokens = tables_.CountPretoken(pretoken, &scratch_);
  AddLong(pretoken, hash, tokens);
  return tokens;
}

uint64_t PretokenCache::CountOne(std::string_view pretoken) {
  if (pretoken.size() > 30) return CountLong(pretoken);
  if (pretoken.size() > 15) return CountIn(&wides_, pretoken);
  if (pretoken.size() > 7) return CountIn(&mids_, pretoken);
  if (pretoken.size() > 2) return CountIn(&shorts_, pretoken);
  return tables_.CountPretoken(pretoken, &scratch_);
}

uint64_t PretokenCache::memory_bytes() const {
  return pairs_.size() + shorts_.bytes().size() + mids_.bytes().size() +
         wides_.bytes().size() + longs_.size() * sizeof(LongEntry);
}

}  // namespace peaktext

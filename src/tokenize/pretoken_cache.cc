// Five tables, by the length of the pretoken, so that the most frequent ones,
// the short ones, lie close together; after it the bytes of an entry:
//
//   2 bytes         1:  tokens, at the place that the bytes say
//   3 to 7 bytes    8:  the bytes | length | tokens
//   8 to 15 bytes  16:  the first 8 bytes; the last 7 | length | tokens
//   16 to 30 bytes 32:  the first 16 bytes; the 14 last | length | tokens
//   31 to 124     128:  length, tokens, bytes
//
// The next three are looked up by the count kernels, which say what an entry
// and a line is. They look into a pretoken's own line only and take no branch
// on what they find; what is missing is put on a list and looked for in the
// neighbouring lines afterwards, as a line that overflows does so into those.
// The pretoken that was found there or counted then goes to the front of its
// line (those that are new in a text are counted in the end, each once:
// new_pretokens.h). What falls out there goes where that one was, or to an
// empty place of the neighbourhood, or takes the last one. So a line's empty
// places are its last ones, and what is not in its own line was pushed out of
// it when that was full, as it has been since. No pretoken may be twice in its
// line: it would be counted twice.
//
// They start at half their size and grow when half of that is filled: most
// texts are short, and what is not touched need neither be cleared nor kept in
// the processor's caches.
//
// These three are what is learned and kept, at their full size. A smaller table
// takes from each of the lines that are one for it what stood in front, if it
// is in its own line: else this one need not be full.
#include "tokenize/pretoken_cache.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/hash.h"

namespace peaktext {
namespace {

// Largest power of two of buckets that fit, at least two.
size_t Buckets(uint64_t bytes, size_t bucket_bytes) {
  return std::bit_floor(std::max<uint64_t>(bytes / bucket_bytes, 2));
}
constexpr uint64_t kMostShortBytes = 4 << 20;
constexpr uint64_t kMostMidBytes = 16 << 20;
constexpr uint64_t kMostWideBytes = 8 << 20;
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

int BucketShift(size_t buckets) { return 64 - std::countr_zero(buckets); }

}  // namespace

template <class Counts, size_t kLines>
void PretokenCache::Table<Counts, kLines>::Allocate(uint64_t most_bytes,
                                                    bool small) {
  const size_t lines =
      kLines * Buckets(most_bytes, kLines * Counts::kLine * sizeof(Entry));
  entries.Allocate(lines * Counts::kLine);
  size = entries.size() / (small ? 2 : 1);
  counts = {entries.data(), BucketShift(size / Counts::kLine)};
  added = 0;
}

// In place: a neighbourhood becomes the two that are at twice its place, where
// all that was there before has been moved already.
template <class Counts, size_t kLines>
void PretokenCache::Table<Counts, kLines>::Grow() {
  constexpr size_t kPlaces = kLines * Counts::kLine;
  size_t from = size;
  size *= 2;
  --counts.line_shift;
  added = 0;
  while (from > 0) {
    from -= kPlaces;
    std::array<Entry, kPlaces> old;
    std::copy_n(entries.data() + from, kPlaces, old.begin());
    std::fill_n(entries.data() + 2 * from, 2 * kPlaces, Entry{});
    // What stands in front of a line comes last, to stand there again.
    for (size_t i = kPlaces; i-- > 0;) {
      Entry key = old[i];
      uint64_t& last = std::end(key.words)[-1];
      const uint64_t count = last & ((1 << Counts::kCountBits) - 1);
      last ^= count;
      if (last != 0) FindOrAdd(key, [count] { return count; });
    }
  }
}

template <class Counts, size_t kLines>
void PretokenCache::Table<Counts, kLines>::Load(const LearnedPretokens& learned,
                                                size_t index) {
  constexpr uint64_t kPart = LearnedPretokens::kPartBytes;
  const uint64_t theirs = learned.table_bytes(index);
  const uint64_t fold = theirs / bytes().size();  // lines that are one here
  if (fold == 0 || fold > kPart / sizeof(Entry) / Counts::kLine) return;
  LearnedPretokens::Reader reader(learned, index);
  std::vector<Entry> part(fold > 1 ? kPart / sizeof(Entry) : 0);
  Entry* to = entries.data();
  bool sound = true;
  for (uint64_t at = 0; sound && at < theirs; at += kPart) {
    Entry* const into = fold > 1 ? part.data() : to;
    sound = reader.Read(
        std::span<char, kPart>(reinterpret_cast<char*>(into), kPart));
    if (fold == 1) to += kPart / sizeof(Entry);
    for (size_t line = 0; line < part.size(); line += fold * Counts::kLine) {
      for (size_t i = 0; i < Counts::kLine; ++i) {
        to[i] = part[line + i % fold * Counts::kLine + i / fold];
      }
      const auto own = static_cast<size_t>(to - entries.data());
      Entry* const end =
          std::remove_if(to, to + Counts::kLine, [this, own](Entry entry) {
            uint64_t& last = std::end(entry.words)[-1];
            last = last >> Counts::kCountBits << Counts::kCountBits;
            return last == 0 || LineOf(counts, entry) != own;
          });
      std::fill(end, to + Counts::kLine, Entry{});
      to += Counts::kLine;
    }
  }
  if (!sound || !reader.Sound()) Allocate(bytes().size(), /*small=*/false);
}

template <class Counts, size_t kLines>
void PretokenCache::Table<Counts, kLines>::FetchRest(const Entry& key) const {
  const size_t line = LineOf(counts, key);
  for (size_t i = 1; i < kLines; ++i) {
    __builtin_prefetch(&entries[line ^ i * Counts::kLine]);
  }
}

template <class Counts, size_t kLines>
template <class Counter>
uint64_t PretokenCache::Table<Counts, kLines>::FindOrAdd(const Entry& key,
                                                         Counter count) {
  constexpr size_t kLast = std::size(Entry{}.words) - 1;
  constexpr size_t kPlaces = kLines * Counts::kLine;
  const size_t line = LineOf(counts, key);
  // The places of the neighbourhood, those of the own line first.
  const auto place = [&](size_t i) -> Entry& { return entries[line ^ i]; };
  const auto differ = [&key](const Entry& entry) {
    uint64_t head = 0;
    for (size_t word = 0; word < kLast; ++word) {
      head |= entry.words[word] ^ key.words[word];
    }
    return head == 0 ? entry.words[kLast] ^ key.words[kLast] : ~uint64_t{0};
  };
  const auto is_empty = [&](size_t i) { return place(i).words[kLast] == 0; };
  size_t at = 0;
  bool found = false;
  while (at < kPlaces) {
    found = differ(place(at)) >> Counts::kCountBits == 0;
    // Where the own line is not full, no other has any of it.
    if (found || (at < Counts::kLine && is_empty(at))) break;
    ++at;
  }
  Entry entry = key;
  if (found) {
    entry = place(at);
  } else {
    const uint64_t counted = count();
    if (counted == 0) return 0;
    entry.words[kLast] |= counted;
    ++added;
    if (at == kPlaces) at = Counts::kLine;
    while (at < kPlaces - 1 && !is_empty(at)) ++at;
  }
  Entry* own = &place(0);
  if (at >= Counts::kLine) {
    place(at) = own[Counts::kLine - 1];
    at = Counts::kLine - 1;
  }
  std::copy_backward(own, own + at, own + at + 1);
  *own = entry;
  return differ(entry);
}

PretokenCache::PretokenCache(const CountTables& tables, Isa isa,
                             uint64_t limit_bytes)
    : tables_(tables),
      kernels_(CountKernelsFor(isa)),
      scratch_(isa),
      pairs_(1 << 16) {
  // Beyond these sizes the tables only miss the processor's caches more.
  const uint64_t share = std::max(limit_bytes, kMinBytes) / 8;
  const LearnedPretokens* const learned = tables.learned();
  const bool is_new =
      learned == nullptr || learned->empty() || limit_bytes < kLearnFromBytes;
  shorts_.Allocate(std::min(share, kMostShortBytes), is_new);
  mids_.Allocate(std::min(share * 4, kMostMidBytes), is_new);
  wides_.Allocate(std::min(share * 2, kMostWideBytes), is_new);
  const size_t pairs =
      Buckets(std::min<uint64_t>(share, 4 << 20), 2 * sizeof(LongEntry));
  longs_.Allocate(2 * pairs);
  long_shift_ = BucketShift(pairs);
  if (!is_new) {
    shorts_.Load(*learned, 0);
    mids_.Load(*learned, 1);
    wides_.Load(*learned, 2);
  }
}

void PretokenCache::KeepLearned() {
  const auto may_have = [](const auto& table, uint64_t bytes) {
    return table.entries.size() * sizeof(table.entries[0]) == bytes;
  };
  const bool whole = may_have(shorts_, kMostShortBytes) &&
                     may_have(mids_, kMostMidBytes) &&
                     may_have(wides_, kMostWideBytes);
  if (tables_.learned() == nullptr || !whole || periods_ < 2 ||
      first_new_ < kManyNew || 2 * first_new_ < 3 * last_new_) {
    return;
  }
  const auto grow = [](auto* table) {
    if (table->size < table->entries.size()) table->Grow();
  };
  grow(&shorts_);
  grow(&mids_);
  grow(&wides_);
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

uint64_t PretokenCache::Count(const char* text,
                              std::span<const uint16_t> positions,
                              const PretokenLists& lists) {
  misses_.resize(std::max(misses_.size(), positions.size() + 16));
  CountMisses(positions.size());
  unknown_.Clear();
  uint64_t tokens = CountPairs(text, lists.pairs) +
                    CountKnown(text, lists.shorts, kernels_.shorts, &shorts_) +
                    CountKnown(text, lists.mids, kernels_.mids, &mids_) +
                    CountKnown(text, lists.wides, kernels_.wides, &wides_) +
                    CountKnownLongs(text, positions, lists);
  if (unknown_.size() == 0) return tokens;
  tokens += CountUnknown();
  Learn(&shorts_);
  Learn(&mids_);
  Learn(&wides_);
  LearnLongs();
  return tokens;
}

uint64_t PretokenCache::CountPairs(const char* text, const PretokenList& list) {
  uint64_t tokens = 0;
  size_t missing = 0;
  const auto bytes_of = [&](size_t i) {
    uint16_t bytes;
    std::memcpy(&bytes, text + list.starts[i], sizeof(bytes));
    return bytes;
  };
  for (size_t i = 0; i < list.count; ++i) {
    const uint8_t found = pairs_[bytes_of(i)];
    tokens += found;
    misses_[missing] = static_cast<uint16_t>(i);
    missing += found == 0;
  }
  for (size_t i = 0; i < missing; ++i) {
    const size_t at = misses_[i];
    const uint64_t counted =
        tables_.CountPretoken({text + list.starts[at], 2}, &scratch_);
    pairs_[bytes_of(at)] = static_cast<uint8_t>(counted);
    tokens += counted;
  }
  return tokens;
}

template <class Counts, size_t kLines>
uint64_t PretokenCache::CountKnown(const char* text, const PretokenList& list,
                                   CountFunction<Counts>* kernel,
                                   Table<Counts, kLines>* table) {
  const size_t first = unknown_.size();
  if (table->skip > 0) {
    --table->skip;
    for (size_t i = 0; i < list.count; ++i) {
      unknown_.AddUnseen({text + list.starts[i], list.bytes[i]});
    }
    table->to_learn = {};
    return 0;
  }
  size_t missing = 0;
  uint64_t tokens = kernel(text, list, table->counts, misses_.data(), &missing);
  const std::span<const uint16_t> misses(misses_.data(), missing);
  for (const uint16_t at : misses) {
    table->FetchRest(Counts::Key(text + list.starts[at], list.bytes[at]));
  }
  unknown_.StartList(missing);
  size_t in_vain = 0;
  for (const uint16_t at : misses) {
    const std::string_view pretoken(text + list.starts[at], list.bytes[at]);
    const auto key = Counts::Key(pretoken.data(), list.bytes[at]);
    const uint64_t found = table->FindOrAdd(key, [] { return uint64_t{0}; });
    tokens += found;
    if (found != 0) continue;
    ++in_vain;
    unknown_.Add(pretoken, Counts::Hash(key));
  }
  table->to_learn = {first, unknown_.size() - first};
  if (list.count >= kFew) {
    const bool vain = in_vain * 8 > list.count * kMostNew<Counts>;
    table->in_vain = vain ? table->in_vain + 1 : 0;
    if (table->in_vain >= kOften) table->skip = kSkipped;
  }
  return tokens;
}

template <class Counts, size_t kLines>
void PretokenCache::Learn(Table<Counts, kLines>* table) {
  const auto [first, count] = table->to_learn;
  for (size_t i = first; i < first + count; ++i) {
    const auto bytes = static_cast<unsigned>(unknown_[i].size());
    table->FindOrAdd(Counts::Key(unknown_[i].data(), bytes),
                     [&] { return uint64_t{counted_[i]}; });
  }
  table->GrowIfHalfFull();
}

// Of unknown_, and of each into counted_: of a text together, as counting costs
// less the more there is to count.
uint64_t PretokenCache::CountUnknown() {
  new_ += unknown_.size();
  counted_.resize(std::max(counted_.size(), unknown_.size()));
  // Where most pretokens have been new for some time, their tokens have not.
  const bool is_new = shorts_.skip == 0 && mids_.skip == 0;
  tables_.CountPretokens(unknown_.all(), counted_.data(), &scratch_, is_new);
  uint64_t tokens = 0;
  for (size_t i = 0; i < unknown_.size(); ++i) {
    tokens += uint64_t{unknown_.times(i)} * counted_[i];
  }
  return tokens;
}

template <class Counts, size_t kLines>
uint64_t PretokenCache::CountIn(Table<Counts, kLines>* table,
                                std::string_view pretoken) {
  const auto bytes = static_cast<unsigned>(pretoken.size());
  const uint64_t tokens = table->FindOrAdd(
      Counts::Key(pretoken.data(), bytes),
      [&] { return tables_.CountPretoken(pretoken, &scratch_); });
  table->GrowIfHalfFull();
  return tokens;
}

uint64_t PretokenCache::CountKnownLongs(const char* text,
                                        std::span<const uint16_t> positions,
                                        const PretokenLists& lists) {
  const auto long_at = [&](size_t i) -> std::string_view {
    const size_t index = lists.long_indexes[i];
    const size_t start = positions[index];
    return {text + start, positions[index + 1] - start};
  };
  new_longs_.clear();
  unknown_.StartList(lists.longs);
  uint64_t hashes[kAhead];
  uint64_t tokens = 0;
  for (size_t i = 0; i < lists.longs + kAhead; ++i) {
    uint64_t* hash = &hashes[i % kAhead];
    if (i >= kAhead) {
      const std::string_view pretoken = long_at(i - kAhead);
      const uint64_t found = FindLong(pretoken, *hash);
      tokens += found;
      if (found == 0) AddUnknownLong(pretoken, *hash);
    }
    if (i < lists.longs) *hash = FetchLong(long_at(i));
  }
  return tokens;
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

void PretokenCache::AddUnknownLong(std::string_view pretoken, uint64_t hash) {
  const size_t before = unknown_.size();
  if (pretoken.size() > sizeof(LongEntry::text)) {
    unknown_.AddUnseen(pretoken);  // it has no hash
  } else {
    unknown_.Add(pretoken, hash);
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

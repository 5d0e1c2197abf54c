// A table of pretokens that were counted before, with their counts: what the
// count kernels look into (simd/count_kernels.h, which says what an entry and a
// line is), and how it is filled.
//
//   PretokenTable<ShortCounts, 2> table;
//   table.Allocate(4 << 20, 1 << 20);
//   uint64_t tokens = table.FindOrAdd(key, [&] { return CountIt(); });
//   table.GrowIfHalfFull();
//
// The kernels look into a pretoken's own line only and take no branch on what
// they find; what is missing there is looked for in the neighbouring lines
// afterwards, as a line that overflows does so into those. The pretoken that
// was found there or counted then goes to the front of its line. What falls out
// there goes where that one was, or to an empty place of the neighbourhood, or
// takes the last one. So a line's empty places are its last ones, and what is
// not in its own line was pushed out of it when that was full, as it has been
// since. No pretoken may be twice in its line: it would be counted twice.
//
// A table starts small and doubles when it is half filled: most texts are
// short, and what is not touched need neither be cleared nor kept in the
// processor's caches.
//
// Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "base/huge_array.h"
#include "simd/count_kernels.h"
#include "tokenize/learned_pretokens.h"

namespace peaktext {

// From a hash to one of a power of two of buckets.
inline int BucketShift(size_t buckets) {
  return 64 - std::countr_zero(buckets);
}

// Lines of entries, in neighbourhoods of kLines.
template <class Counts, size_t kLines>
class PretokenTable {
 public:
  using Entry = typename Counts::Entry;

  // Empty, of the largest size that fits into `bytes`, to grow to what fits
  // into `most_bytes`; of one neighbourhood at least, and two.
  void Allocate(uint64_t most_bytes, uint64_t bytes);
  void GrowIfHalfFull() {
    if (2 * added_ >= size_ && size_ < entries_.size()) Grow();
  }
  // Takes what `learned` has of the table `index`; nothing if that is damaged,
  // or does not fit. A smaller table than that takes from each of the lines
  // that are one for it what stood in front, if it is in its own line: else
  // this one need not be full. REQUIRES: empty, not larger than that.
  void Load(const LearnedPretokens& learned, size_t index);

  // For the kernels.
  const Counts& counts() const { return counts_; }
  // What is in use; and how many bytes may be.
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(entries_.data()),
            size_ * sizeof(Entry)};
  }
  uint64_t most_bytes() const { return entries_.size() * sizeof(Entry); }

  // For a key that is not among the first `places` of its own line, which is at
  // hand: whether it may be in the rest of it or in others of the
  // neighbourhood, which are sent for then. Where the line is not full, no
  // other has any of it.
  bool FetchRest(const Entry& key, size_t places) const;
  // The count of `key`. Where there is none, `count()` is asked for it; what
  // that does not know either, 0, is not added.
  template <class Counter>
  uint64_t FindOrAdd(const Entry& key, Counter count);
  // Adds what is hardly ever there: where the first `places` of its line have
  // room, behind those that have come before it.
  void Add(const Entry& key, uint64_t count, size_t places);

 private:
  static bool IsFilled(const Entry& entry) {
    return std::end(entry.words)[-1] != 0;
  }
  // The count of an entry of the key; of others more than any.
  static uint64_t CountOf(const Entry& entry, const Entry& key) {
    constexpr size_t kLast = std::size(Entry{}.words) - 1;
    uint64_t head = 0;
    for (size_t word = 0; word < kLast; ++word) {
      head |= entry.words[word] ^ key.words[word];
    }
    return head == 0 ? entry.words[kLast] ^ key.words[kLast] : ~uint64_t{0};
  }
  static bool IsOf(const Entry& entry, const Entry& key) {
    return CountOf(entry, key) >> Counts::kCountBits == 0;
  }
  // An entry without its count.
  static Entry KeyOf(Entry entry) {
    uint64_t& last = std::end(entry.words)[-1];
    last = last >> Counts::kCountBits << Counts::kCountBits;
    return entry;
  }
  void Grow();

  HugeArray<Entry> entries_;  // as many as there may be
  Counts counts_ = {};
  size_t size_ = 0;   // so many of them are in use
  size_t added_ = 0;  // so many of these have been filled
};

template <class Counts, size_t kLines>
void PretokenTable<Counts, kLines>::Allocate(uint64_t most_bytes,
                                             uint64_t bytes) {
  constexpr size_t kPlaces = kLines * Counts::kLine;
  const auto places = [](uint64_t of) {
    return kPlaces * std::bit_floor(of / sizeof(Entry) / kPlaces);
  };
  entries_.Allocate(std::max(places(most_bytes), 2 * kPlaces));
  size_ = std::min(std::max(places(bytes), kPlaces), entries_.size());
  counts_ = {entries_.data(), BucketShift(size_ / Counts::kLine)};
  added_ = 0;
}

// In place: a neighbourhood becomes the two that are at twice its place, where
// all that was there before has been moved already.
template <class Counts, size_t kLines>
void PretokenTable<Counts, kLines>::Grow() {
  constexpr size_t kPlaces = kLines * Counts::kLine;
  size_t from = size_;
  size_ *= 2;
  --counts_.line_shift;
  added_ = 0;
  while (from > 0) {
    from -= kPlaces;
    std::array<Entry, kPlaces> old;
    std::copy_n(entries_.data() + from, kPlaces, old.begin());
    std::fill_n(entries_.data() + 2 * from, 2 * kPlaces, Entry{});
    std::array<size_t, 2 * kLines> filled = {};  // places of each line
    size_t left = 0;  // for whom their lines have none, in front of old
    for (const Entry& entry : old) {
      if (!IsFilled(entry)) continue;
      const size_t line = LineOf(counts_, KeyOf(entry));
      size_t& places = filled[(line - 2 * from) / Counts::kLine];
      if (places < Counts::kLine) {
        entries_[line + places++] = entry;
        ++added_;
      } else {
        old[left++] = entry;
      }
    }
    for (size_t i = 0; i < left; ++i) {
      const Entry key = KeyOf(old[i]);
      const uint64_t count =
          std::end(old[i].words)[-1] ^ std::end(key.words)[-1];
      FindOrAdd(key, [count] { return count; });
    }
  }
}

template <class Counts, size_t kLines>
void PretokenTable<Counts, kLines>::Load(const LearnedPretokens& learned,
                                         size_t index) {
  constexpr uint64_t kPart = LearnedPretokens::kPartBytes;
  const uint64_t theirs = learned.table_bytes(index);
  const uint64_t fold = theirs / bytes().size();  // lines that are one here
  if (fold == 0 || fold > kPart / sizeof(Entry) / Counts::kLine) return;
  LearnedPretokens::Reader reader(learned, index);
  std::vector<Entry> part(fold > 1 ? kPart / sizeof(Entry) : 0);
  Entry* to = entries_.data();
  bool sound = true;
  for (uint64_t at = 0; sound && at < theirs; at += kPart) {
    Entry* const into = fold > 1 ? part.data() : to;
    sound = reader.Read(
        std::span<char, kPart>(reinterpret_cast<char*>(into), kPart));
    if (fold == 1) {
      added_ += static_cast<size_t>(
          std::count_if(to, to + kPart / sizeof(Entry), IsFilled));
      to += kPart / sizeof(Entry);
    }
    for (size_t line = 0; line < part.size(); line += fold * Counts::kLine) {
      for (size_t i = 0; i < Counts::kLine; ++i) {
        to[i] = part[line + i % fold * Counts::kLine + i / fold];
      }
      const auto own = static_cast<size_t>(to - entries_.data());
      Entry* const end =
          std::remove_if(to, to + Counts::kLine, [this, own](const Entry& one) {
            return !IsFilled(one) || LineOf(counts_, KeyOf(one)) != own;
          });
      added_ += static_cast<size_t>(end - to);
      std::fill(end, to + Counts::kLine, Entry{});
      to += Counts::kLine;
    }
  }
  if (!sound || !reader.Sound()) Allocate(most_bytes(), bytes().size());
}

template <class Counts, size_t kLines>
bool PretokenTable<Counts, kLines>::FetchRest(const Entry& key,
                                              size_t places) const {
  const size_t line = LineOf(counts_, key);
  const size_t last = Counts::kLine - 1;
  if (!IsFilled(entries_[line + std::min(places, last)])) return false;
  if (IsFilled(entries_[line + last])) {
    for (size_t i = 1; i < kLines; ++i) {
      __builtin_prefetch(&entries_[line ^ i * Counts::kLine]);
    }
  }
  return true;
}

template <class Counts, size_t kLines>
void PretokenTable<Counts, kLines>::Add(const Entry& key, uint64_t count,
                                        size_t places) {
  Entry* const line = &entries_[LineOf(counts_, key)];
  size_t at = 0;
  while (at < places && IsFilled(line[at]) && !IsOf(line[at], key)) ++at;
  if (at == places) {
    FindOrAdd(key, [count] { return count; });
  } else if (!IsFilled(line[at])) {
    line[at] = key;
    std::end(line[at].words)[-1] |= count;
    ++added_;
  }
}

template <class Counts, size_t kLines>
template <class Counter>
uint64_t PretokenTable<Counts, kLines>::FindOrAdd(const Entry& key,
                                                  Counter count) {
  constexpr size_t kLast = std::size(Entry{}.words) - 1;
  constexpr size_t kPlaces = kLines * Counts::kLine;
  const size_t line = LineOf(counts_, key);
  // The places of the neighbourhood, those of the own line first.
  const auto place = [&](size_t i) -> Entry& { return entries_[line ^ i]; };
  const auto is_empty = [&](size_t i) { return !IsFilled(place(i)); };
  size_t at = 0;
  bool found = false;
  while (at < kPlaces) {
    found = IsOf(place(at), key);
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
    ++added_;
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
  return CountOf(entry, key);
}

}  // namespace peaktext

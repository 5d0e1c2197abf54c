// Sorts records by a number that leads their order: the number's top bits say
// where each belongs, to within some hundred places, and only those are
// compared. The work for a record hardly grows with their count, and no second
// copy of them is held.
//
//   struct Record {
//     uint64_t SortKey() const;                      // leads operator<
//     bool operator<(const Record& other) const;
//   };
//   RadixSort<Record>(records);
//
// The digits are those of key - lowest key, so that rows of one range spread as
// well as hashes do. Any keys are sorted right; equal ones by comparing.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace peaktext {

template <class Record>
void RadixSort(std::span<Record> records) {
  constexpr size_t kFew = 1024;  // of them comparing is cheaper
  constexpr size_t kBinRecords = 256;
  constexpr size_t kMaxBins = 2048;
  constexpr size_t kAhead = std::max<size_t>(1, 128 / sizeof(Record));
  if (records.size() <= kFew) {
    std::sort(records.begin(), records.end());
    return;
  }
  uint64_t low = UINT64_MAX;
  uint64_t high = 0;
  for (const Record& record : records) {
    low = std::min(low, record.SortKey());
    high = std::max(high, record.SortKey());
  }
  if (low == high) {
    std::sort(records.begin(), records.end());
    return;
  }
  const size_t bins =
      std::min(std::bit_ceil(records.size() / kBinRecords), kMaxBins);
  const auto key_bits = static_cast<int>(std::bit_width(high - low));
  const int shift = std::max(0, key_bits - std::countr_zero(bins));
  const auto bin_of = [&](const Record& record) {
    return static_cast<size_t>((record.SortKey() - low) >> shift);
  };
  std::vector<size_t> next(bins + 1);  // bin b starts at next[b]
  for (const Record& record : records) ++next[bin_of(record) + 1];
  for (size_t bin = 1; bin <= bins; ++bin) next[bin] += next[bin - 1];
  const std::vector<size_t> starts = next;
  for (size_t bin = 0; bin < bins; ++bin) {
    while (next[bin] < starts[bin + 1]) {
      // Around until a record of this bin comes back.
      Record record = records[next[bin]];
      for (size_t to = bin_of(record); to != bin; to = bin_of(record)) {
        Record* const place = records.data() + next[to]++;
        std::swap(record, *place);
        // The bin's next places, which the processor does not foresee.
        __builtin_prefetch(place + kAhead, 1);
      }
      records[next[bin]++] = record;
    }
  }
  for (size_t bin = 0; bin < bins; ++bin) {
    RadixSort(records.subspan(starts[bin], starts[bin + 1] - starts[bin]));
  }
}

}  // namespace peaktext

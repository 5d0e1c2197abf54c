// One band has a hash per document. The hashes are spread evenly, so their top
// bits cut the documents into bins of some 16,384 (more only where many hash
// values are equal). A first reading of the band's column counts the bins;
// ranges of bins that fit the memory are then filled in one reading each: the
// radix step of the sort, cut off where a bin fits the processor's cache. What
// the bin does not say of the hash and the row are one word of 64 bits. In a
// bin, a table of counters finds the hashes seen once, which are most; only the
// others are sorted. A bin that is too large for the memory by itself (one
// bucket of half the crawl) goes through a sort on disk.
//
// Which documents meet depends on neither memory nor partitions: the pairs are
// sorted in the end, and the buckets' order in their file is of no meaning.
#include "dedup/band_join.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <vector>

#include "dedup/pair_file.h"
#include "dedup/record_sorter.h"
#include "sketch/hash_sort.h"

namespace peaktext {
namespace {

constexpr uint64_t kBinRows = 16384;
constexpr unsigned kMaxBinBits = 20;

// In a sort on disk.
struct Tuple {
  uint64_t hash = 0;
  uint64_t row = 0;
  uint64_t SortKey() const { return hash; }
  auto operator<=>(const Tuple&) const = default;
};

// Takes the members of one bucket after the other, rows rising.
class BucketSink {
 public:
  BucketSink(const BandJoinOptions& options, RecordSorter<Pair>* pairs,
             SpillWriter* buckets)
      : options_(options), pairs_(*pairs), buckets_(*buckets) {}

  void Add(uint64_t row) {
    ++size_;
    if (options_.chain) {
      if (size_ > 1) AddPair(row, last_);
      last_ = row;
      return;
    }
    if (size_ <= kSmallBucket) {
      for (const uint64_t earlier : members_) AddPair(row, earlier);
      members_.push_back(row);
      return;
    }
    if (size_ == kSmallBucket + 1) {
      for (const uint64_t member : members_) AppendToBucket(member);
    }
    for (size_t i = 0; i < kFirstMembers; ++i) AddPair(row, members_[i]);
    if (options_.neighbours) {
      for (size_t i = 0; i < kFirstMembers; ++i) {
        AddPair(row, members_[kSmallBucket - 1 - i]);
      }
      std::rotate(members_.begin() + kFirstMembers,
                  members_.begin() + kFirstMembers + 1, members_.end());
      members_.back() = row;
    }
    AppendToBucket(row);
  }
  void EndBucket() {
    if (size_ > kSmallBucket && !options_.chain) buckets_.AppendVarint(0);
    members_.clear();
    size_ = 0;
    last_ = 0;
  }

 private:
  void AddPair(uint64_t later, uint64_t earlier) {
    if (later >= options_.old_rows) pairs_.Add({later, earlier});
  }
  // Distances, the first one from -1; 0 ends the bucket.
  void AppendToBucket(uint64_t row) {
    buckets_.AppendVarint(row + 1 - last_);
    last_ = row + 1;
  }

  const BandJoinOptions& options_;
  RecordSorter<Pair>& pairs_;
  SpillWriter& buckets_;
  // The first kSmallBucket; with `neighbours` the first kFirstMembers and the
  // latest ones.
  std::vector<uint64_t> members_;
  size_t size_ = 0;
  uint64_t last_ = 0;
};

class BandJoiner {
 public:
  BandJoiner(const Columns& columns, uint32_t band,
             const BandJoinOptions& options, BandMemory* memory,
             BucketSink* sink, RecordSorter<Pair>* pairs)
      : columns_(columns),
        band_(band),
        options_(options),
        tuples_(memory->tuples),
        sink_(*sink),
        pairs_(*pairs) {
    const uint64_t bins = std::bit_ceil(columns.rows() / kBinRows + 1);
    bin_bits_ =
        std::min(kMaxBinBits, static_cast<unsigned>(std::countr_zero(bins)));
    row_bits_ = static_cast<unsigned>(std::bit_width(columns.rows()));
    // A word has what the bin does not say of the hash in its high bits, the
    // row in its low ones. They fit; so they do without this up to 2^35 rows.
    bin_bits_ = std::max(bin_bits_, row_bits_ > 16 ? row_bits_ - 16 : 0);
    hash_shift_ = 64 - kBandHashBits + bin_bits_;
    capacity_ = std::max<uint64_t>(kBinRows,
                                   options.memory_bytes / 2 / sizeof(uint64_t));
    if (options.partitions > 0) {
      capacity_ = std::min(capacity_, columns.rows() / options.partitions + 1);
    }
  }

  Status Join() {
    counts_.assign(uint64_t{1} << bin_bits_, 0);
    if (Status s =
            ForEachHash([&](uint64_t, uint64_t hash) { ++counts_[Bin(hash)]; });
        !s.ok()) {
      return s;
    }
    size_t begin = 0;
    while (begin < counts_.size()) {
      size_t end = begin;
      uint64_t size = 0;
      while (end < counts_.size() &&
             (end == begin || size + counts_[end] <= capacity_)) {
        size += counts_[end++];
      }
      const Status s =
          size > capacity_ ? JoinOnDisk(begin) : JoinRange(begin, end, size);
      if (!s.ok()) return s;
      begin = end;
    }
    return {};
  }

 private:
  size_t Bin(uint64_t hash) const {
    return static_cast<size_t>(hash >> (kBandHashBits - bin_bits_));
  }

  template <class Take>
  Status ForEachHash(Take take) {
    return columns_.ForEachHash(
        band_, [&](uint64_t first, std::span<const uint64_t> hashes) {
          for (size_t i = 0; i < hashes.size(); ++i) take(first + i, hashes[i]);
          if (options_.stop.stop_requested()) {
            return Status(StatusCode::kCancelled, "dedup: cancelled");
          }
          return Status();
        });
  }

  Status JoinRange(size_t begin, size_t end, uint64_t size) {
    // For the largest range, once: bands differ little.
    if (tuples_.size() < size) {
      tuples_.Allocate(std::min(capacity_, columns_.rows()));
    }
    std::vector<uint64_t> next(end - begin);
    uint64_t at = 0;
    for (size_t bin = begin; bin < end; ++bin) {
      next[bin - begin] = at;
      at += counts_[bin];
    }
    if (Status s = ForEachHash([&](uint64_t row, uint64_t hash) {
          const size_t bin = Bin(hash);
          if (bin - begin >= end - begin) return;
          tuples_[next[bin - begin]++] = hash << hash_shift_ | row;
        });
        !s.ok()) {
      return s;
    }
    at = 0;
    for (size_t bin = begin; bin < end; ++bin) {
      JoinBin({tuples_.data() + at, counts_[bin]});
      at += counts_[bin];
      if (!pairs_.status().ok()) return pairs_.status();
    }
    return {};
  }

  // Drops the tuples whose hash stands alone, or nearly all of them.
  std::span<uint64_t> SeenTwice(std::span<uint64_t> tuples) {
    const uint64_t slots = std::bit_ceil(8 * tuples.size() + 8);
    seen_.assign(slots, 0);
    const auto slot = [&](uint64_t tuple) -> uint8_t& {
      return seen_[((tuple >> hash_shift_) * 0x9e3779b97f4a7c15ULL >> 20) &
                   (slots - 1)];
    };
    for (const uint64_t tuple : tuples) {
      uint8_t& count = slot(tuple);
      count = static_cast<uint8_t>(count | (count + 1));  // 0, 1, 3, 7, ... 255
    }
    size_t kept = 0;
    for (const uint64_t tuple : tuples) {
      if (slot(tuple) > 1) tuples[kept++] = tuple;
    }
    return tuples.first(kept);
  }

  void JoinBin(std::span<uint64_t> tuples) {
    tuples = SeenTwice(tuples);
    sorted_.assign(tuples.begin(), tuples.end());
    SortHashes(&sorted_, &scratch_);
    tuples = sorted_;
    const auto hash = [&](size_t i) { return tuples[i] >> hash_shift_; };
    const uint64_t row = (uint64_t{1} << row_bits_) - 1;
    for (size_t i = 0; i < tuples.size();) {
      size_t end = i + 1;
      while (end < tuples.size() && hash(end) == hash(i)) ++end;
      if (end - i > 1) {
        for (size_t k = i; k < end; ++k) sink_.Add(tuples[k] & row);
        sink_.EndBucket();
      }
      i = end;
    }
  }

  Status JoinOnDisk(size_t wanted) {
    RecordSorter<Tuple> sorter(options_.folder, "bin-" + std::to_string(band_),
                               options_.memory_bytes / 4);
    if (Status s = ForEachHash([&](uint64_t row, uint64_t hash) {
          if (Bin(hash) == wanted) sorter.Add({hash, row});
        });
        !s.ok()) {
      return s;
    }
    if (Status s = sorter.Finish(); !s.ok()) return s;
    Tuple tuple;
    uint64_t hash = ~0ULL;  // of no tuple: those have 48 bits
    while (sorter.Next(&tuple)) {
      if (tuple.hash != hash) sink_.EndBucket();
      hash = tuple.hash;
      sink_.Add(tuple.row);
      if (!pairs_.status().ok()) return pairs_.status();
    }
    sink_.EndBucket();
    return sorter.status();
  }

  const Columns& columns_;
  const uint32_t band_;
  const BandJoinOptions& options_;
  HugeArray<uint64_t>& tuples_;
  BucketSink& sink_;
  RecordSorter<Pair>& pairs_;
  unsigned bin_bits_ = 0;
  unsigned row_bits_ = 0;
  unsigned hash_shift_ = 0;
  uint64_t capacity_ = 0;
  std::vector<uint64_t> counts_;  // tuples by bin
  std::vector<uint8_t> seen_;
  std::vector<uint64_t> sorted_;
  std::vector<uint64_t> scratch_;
};

Status WritePairs(RecordSorter<Pair>* pairs, const std::string& path) {
  if (Status s = pairs->Finish(); !s.ok()) return s;
  Result<PairWriter> writer = PairWriter::Create(path);
  if (!writer) return writer.error();
  Pair last;
  Pair pair;
  while (pairs->Next(&pair)) {
    if (pair == last) continue;
    writer->Append(pair);
    last = pair;
  }
  if (!pairs->status().ok()) return pairs->status();
  return writer->Commit();
}

}  // namespace

Status JoinBand(const Columns& columns, uint32_t band,
                const BandJoinOptions& options, BandMemory* memory,
                const std::string& pairs_path,
                const std::string& buckets_path) {
  RecordSorter<Pair> pairs(options.folder, "pairs-" + std::to_string(band),
                           options.memory_bytes * 3 / 8);
  Result<SpillWriter> buckets = SpillWriter::Create(buckets_path);
  if (!buckets) return buckets.error();
  BucketSink sink(options, &pairs, &*buckets);
  BandJoiner joiner(columns, band, options, memory, &sink, &pairs);
  if (Status s = joiner.Join(); !s.ok()) return s;
  if (Status s = buckets->Commit(); !s.ok()) return s;
  return WritePairs(&pairs, pairs_path);
}

Result<BucketReader> BucketReader::Open(std::string path) {
  Result<SpillReader> file = SpillReader::Open(std::move(path));
  if (!file) return Fail(file.error());
  return BucketReader(std::move(*file));
}

bool BucketReader::Next(const std::function<void(uint64_t row)>& member) {
  uint64_t distance = 0;
  uint64_t at = 0;
  while (file_.ReadVarint(&distance)) {
    if (distance == 0) return true;
    at += distance;
    member(at - 1);
  }
  return false;
}

}  // namespace peaktext

#include "dedup/pair_file.h"

#include <algorithm>

#include "base/hash.h"
#include "dedup/sink_top.h"

namespace peaktext {
namespace {

enum GroupKind : uint8_t { kOnePair = 0, kRecent = 1, kListed = 2 };
constexpr unsigned kKindBits = 2;

}  // namespace

size_t RecentGroups::SlotOf(const Group& group) {
  uint64_t hash = group.size();
  for (const uint64_t row : group) hash = Mix64(hash ^ row);
  return hash % kSlots;
}

void PairWriter::FlushGroup() {
  if (group_.empty()) return;
  const uint64_t step = (later_ - written_later_) << kKindBits;
  written_later_ = later_;
  if (group_.size() == 1) {
    file_.AppendVarint(step | kOnePair);
    file_.AppendVarint(later_ - group_[0]);
  } else if (const size_t slot = RecentGroups::SlotOf(group_);
             recent_.Get(slot) == group_) {
    file_.AppendVarint(step | kRecent);
    file_.AppendVarint(slot);
  } else {
    file_.AppendVarint(step | kListed);
    file_.AppendVarint(group_.size());
    file_.AppendVarint(later_ - group_[0]);
    for (size_t i = 1; i < group_.size(); ++i) {
      file_.AppendVarint(group_[i] - group_[i - 1]);
    }
    recent_.Put(group_);
  }
  group_.clear();
}

bool PairReader::ReadGroup() {
  group_.clear();
  at_ = 0;
  uint64_t step = 0;
  uint64_t value = 0;
  if (!file_.ReadVarint(&step) || !file_.ReadVarint(&value)) return false;
  later_ += step >> kKindBits;
  switch (step & ((1U << kKindBits) - 1)) {
    case kOnePair:
      group_.push_back(later_ - value);
      return true;
    case kRecent:
      group_ = recent_.Get(value % RecentGroups::kSlots);
      return !group_.empty();
    default:
      break;
  }
  uint64_t earlier = later_;
  for (uint64_t i = 0; i < value; ++i) {
    uint64_t distance = 0;
    if (!file_.ReadVarint(&distance)) return false;
    earlier = i == 0 ? later_ - distance : earlier + distance;
    group_.push_back(earlier);
  }
  recent_.Put(group_);
  return !group_.empty();
}

Result<PairMerger> PairMerger::Open(const std::vector<std::string>& paths) {
  PairMerger merger;
  for (const std::string& path : paths) {
    Result<PairReader> reader = PairReader::Open(path);
    if (!reader) return Fail(reader.error());
    Head head{{}, merger.readers_.size()};
    if (reader->Next(&head.pair)) {
      merger.heap_.push_back(head);
    } else if (!reader->status().ok()) {
      return Fail(reader->status());
    }
    merger.readers_.push_back(std::move(*reader));
  }
  std::make_heap(merger.heap_.begin(), merger.heap_.end(), Later);
  return merger;
}

bool PairMerger::Next(Pair* pair) {
  while (!heap_.empty()) {
    const Pair next = heap_.front().pair;
    PairReader& reader = readers_[heap_.front().reader];
    if (!reader.Next(&heap_.front().pair)) {
      if (!reader.status().ok()) {
        status_ = reader.status();
        return false;
      }
      heap_.front() = heap_.back();
      heap_.pop_back();
    }
    SinkTop(heap_, Later);
    // No pair is (0, 0): the earlier document has the lower row.
    if (next == last_) continue;
    last_ = next;
    *pair = next;
    return true;
  }
  return false;
}

}  // namespace peaktext

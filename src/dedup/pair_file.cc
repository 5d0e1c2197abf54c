#include "dedup/pair_file.h"

#include <algorithm>

namespace peaktext {

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
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    Head& head = heap_.back();
    const Pair next = head.pair;
    PairReader& reader = readers_[head.reader];
    if (reader.Next(&head.pair)) {
      std::push_heap(heap_.begin(), heap_.end(), Later);
    } else if (!reader.status().ok()) {
      status_ = reader.status();
      return false;
    } else {
      heap_.pop_back();
    }
    // No pair is (0, 0): the earlier document has the lower row.
    if (next == last_) continue;
    last_ = next;
    *pair = next;
    return true;
  }
  return false;
}

}  // namespace peaktext

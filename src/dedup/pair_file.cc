#include "dedup/pair_file.h"

#include <algorithm>

#include "dedup/sink_top.h"

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

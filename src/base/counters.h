// Mergeable counters of what was dropped, by reason.
//
//   DropCounts dropped;
//   dropped.Add("truncated", bytes);
//   total.Merge(dropped);
//
// Reasons are short snake_case words; they appear as they are in
// inventory.json, `ls --json` and on the last line of stderr.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace peaktext {

struct DropCount {
  uint64_t count = 0;
  uint64_t bytes = 0;
  bool operator==(const DropCount&) const = default;
};

class DropCounts {
 public:
  void Add(std::string_view reason, uint64_t bytes, uint64_t count = 1) {
    auto it = by_reason_.find(reason);
    if (it == by_reason_.end()) {
      it = by_reason_.emplace(std::string(reason), DropCount{}).first;
    }
    it->second.count += count;
    it->second.bytes += bytes;
  }
  void Merge(const DropCounts& other) {
    for (const auto& [reason, drop] : other.by_reason_) {
      Add(reason, drop.bytes, drop.count);
    }
  }
  bool empty() const { return by_reason_.empty(); }
  DropCount total() const {
    DropCount sum;
    for (const auto& [reason, drop] : by_reason_) {
      sum.count += drop.count;
      sum.bytes += drop.bytes;
    }
    return sum;
  }
  // Sorted by reason, so that every rendering of it is deterministic.
  const std::map<std::string, DropCount, std::less<>>& by_reason() const {
    return by_reason_;
  }
  bool operator==(const DropCounts&) const = default;

 private:
  std::map<std::string, DropCount, std::less<>> by_reason_;
};

}  // namespace peaktext

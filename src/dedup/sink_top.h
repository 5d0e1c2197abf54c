// The step of a merge: the top of a heap has changed. Half the work of taking
// it out and putting it back in.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace peaktext {

// Makes `heap` a heap again when only its front may be out of place. `later` as
// in std::make_heap.
template <class Item, class Later>
void SinkTop(std::vector<Item>& heap, Later later) {
  size_t at = 0;
  while (true) {
    size_t child = 2 * at + 1;
    if (child >= heap.size()) return;
    if (child + 1 < heap.size() && later(heap[child], heap[child + 1])) {
      ++child;
    }
    if (!later(heap[at], heap[child])) return;
    std::swap(heap[at], heap[child]);
    at = child;
  }
}

}  // namespace peaktext

// Inputs spread over threads: as many lanes as there are inputs to fill them,
// the threads that are left over divided among the lanes.
//
//   const Lanes lanes = Lanes::Plan(threads, inputs);
//   lanes.Run(inputs, [&](size_t lane, size_t index) { ... });
//
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace peaktext {

struct Lanes {
  size_t lanes = 1;
  size_t workers_per_lane = 1;

  static Lanes Plan(unsigned threads, size_t inputs) {
    const size_t lanes = std::max<size_t>(1, std::min<size_t>(threads, inputs));
    return {lanes, std::max<size_t>(1, threads / lanes)};
  }

  // Calls work(lane, index) for every index below `inputs`, in order of index
  // as lanes get free; an exception of one is thrown when all have ended.
  template <class Work>
  void Run(size_t inputs, const Work& work) const {
    std::atomic<size_t> next = 0;
    std::vector<std::exception_ptr> failures(lanes);
    {
      std::vector<std::jthread> threads;
      for (size_t lane = 0; lane < lanes; ++lane) {
        threads.emplace_back([&, lane] {
          try {
            for (size_t i = next++; i < inputs; i = next++) work(lane, i);
          } catch (...) {
            failures[lane] = std::current_exception();
          }
        });
      }
    }
    for (const std::exception_ptr& failure : failures) {
      if (failure) std::rethrow_exception(failure);
    }
  }
};

}  // namespace peaktext

// Independent pieces of work on several threads.
//
//   Status s = RunParallel(threads, shards.size(), stop,
//                          [&](size_t shard, unsigned thread) { ... });
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/status.h"

namespace peaktext {

// Calls work(piece, thread) for each piece in [0, pieces), thread < threads; no
// two calls with the same thread run at once. Stops early at a failure, or with
// kCancelled when `stop` is asked for; returns the failure of the lowest piece
// that failed.
inline Status RunParallel(
    unsigned threads, size_t pieces, const std::stop_token& stop,
    const std::function<Status(size_t piece, unsigned thread)>& work) {
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Status status;
  size_t status_piece = pieces;
  const auto run = [&](unsigned thread) {
    while (!failed) {
      const size_t piece = next++;
      if (piece >= pieces) return;
      Status done = stop.stop_requested()
                        ? Status(StatusCode::kCancelled, "dedup: cancelled")
                        : work(piece, thread);
      if (done.ok()) continue;
      const std::lock_guard lock(mutex);
      failed = true;
      if (piece < status_piece) {
        status_piece = piece;
        status = std::move(done);
      }
    }
  };
  const auto workers = static_cast<unsigned>(
      std::min<size_t>(std::max(1U, threads), std::max<size_t>(1, pieces)));
  std::vector<std::jthread> others;
  for (unsigned thread = 1; thread < workers; ++thread) {
    others.emplace_back(run, thread);
  }
  run(0);
  others.clear();  // joins
  return status;
}

}  // namespace peaktext

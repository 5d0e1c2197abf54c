// Finished batches of one input, given out in the order of their numbers
// whatever order the workers finish them in.
//
//   reader:   output.Enter(number) ... output.WaitFor(next_number)
//   workers:  output.Put(std::move(batch))
//   writer:   output.Drain(sink)
//   at last:  output.Close(), or output.Fail(status) at any time
//
// Thread-safe; one thread drains.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/status.h"
#include "pipelines/batch.h"

namespace peaktext {

// At most `window` batches are anywhere between Enter() and the sink.
class OrderedOutput {
 public:
  explicit OrderedOutput(size_t window) : window_(window) {}

  // Waits until batch `number` may start. False after a failure.
  bool Enter(uint64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failed_ || number < next_ + window_; });
    return !failed_;
  }

  void Put(Batch batch) {
    {
      std::lock_guard lock(mutex_);
      done_.emplace(batch.number, std::move(batch));
    }
    changed_.notify_all();
  }

  // All batches have been put: Drain() returns after the last.
  void Close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  void Fail(Status status) {
    {
      std::lock_guard lock(mutex_);
      if (!failed_) status_ = std::move(status);
      failed_ = true;
    }
    changed_.notify_all();
  }

  // Waits until every batch below `number` has been given out.
  bool WaitFor(uint64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failed_ || next_ >= number; });
    return !failed_;
  }

  // Gives batch after batch to the sink, until closed or failed.
  void Drain(const std::function<Status(const ScannedDocument&)>& sink) {
    while (std::optional<Batch> batch = Take()) {
      for (const OwnedDocument& document : batch->documents) {
        if (Status status = sink(document.View()); !status.ok()) {
          Fail(std::move(status));
          return;
        }
      }
      {
        std::lock_guard lock(mutex_);
        ++next_;
      }
      changed_.notify_all();
    }
  }

  Status status() {
    std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  std::optional<Batch> Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return failed_ || done_.contains(next_) || (closed_ && done_.empty());
    });
    if (failed_ || done_.empty()) return std::nullopt;
    auto node = done_.extract(next_);
    return std::move(node.mapped());
  }

  const uint64_t window_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, Batch> done_;
  uint64_t next_ = 0;  // to be given out
  bool closed_ = false;
  bool failed_ = false;
  Status status_;
  // Invariants: all keys of done_ are in [next_, next_ + window_).
};

}  // namespace peaktext

// A ceiling that threads share: who wants to hold something large takes its
// bytes here first and waits while there are not enough. Small things are
// covered by fixed per-thread shares and do not ask.
//
//   MemoryBudget budget(256 << 20);
//   MemoryBudget::Grant grant = budget.Take(record_bytes);   // may wait
//
// A request larger than the whole budget is granted once nothing else is held,
// so that one caller always gets on; callers check their limits first.
// Thread-safe. REQUIRES of callers: never wait for a second grant while holding
// one.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace peaktext {

class MemoryBudget {
 public:
  class Grant {
   public:
    Grant() = default;
    Grant(MemoryBudget* budget, uint64_t bytes)
        : budget_(budget), bytes_(bytes) {}
    Grant(Grant&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          bytes_(std::exchange(other.bytes_, 0)) {}
    Grant& operator=(Grant&& other) noexcept {
      if (this != &other) {
        Release();
        budget_ = std::exchange(other.budget_, nullptr);
        bytes_ = std::exchange(other.bytes_, 0);
      }
      return *this;
    }
    ~Grant() { Release(); }
    void Release() {
      if (budget_ != nullptr) budget_->GiveBack(bytes_);
      budget_ = nullptr;
      bytes_ = 0;
    }
    uint64_t bytes() const { return bytes_; }

   private:
    MemoryBudget* budget_ = nullptr;
    uint64_t bytes_ = 0;
  };

  explicit MemoryBudget(uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}

  Grant Take(uint64_t bytes) {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] {
      return held_bytes_ == 0 || held_bytes_ + bytes <= limit_bytes_;
    });
    held_bytes_ += bytes;
    return {this, bytes};
  }

  uint64_t limit_bytes() const { return limit_bytes_; }

 private:
  void GiveBack(uint64_t bytes) {
    {
      std::lock_guard lock(mutex_);
      held_bytes_ -= bytes;
    }
    freed_.notify_all();
  }

  const uint64_t limit_bytes_;
  std::mutex mutex_;
  std::condition_variable freed_;
  uint64_t held_bytes_ = 0;
};

}  // namespace peaktext

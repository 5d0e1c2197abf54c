// The manners of all threads towards each host: so many connections at once,
// so many requests a second, and silence while a host has asked for it.
//
//   RateLimiter limiter({.max_connections = 4, .requests_per_second = 1});
//   Result<RateLimiter::Slot> slot = limiter.Acquire("data.example", stop);
//   ... one request; *slot holds the connection until it is destroyed ...
//   limiter.BlockFor("data.example", 30);   // it said Retry-After: 30
//
// Thread-safe. Turns are given in the order of asking. Whoever owns the options
// owns the limiter; it outlives every slot.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "base/status.h"

namespace peaktext {

class RateLimiter {
  struct Host;

 public:
  struct Limits {
    unsigned max_connections = 4;    // 0 counts as 1
    double requests_per_second = 1;  // <= 0: no ceiling
  };

  // The right to one connection; given back at the end of its life.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept
        : limiter_(std::exchange(other.limiter_, nullptr)),
          host_(other.host_) {}
    Slot& operator=(Slot&& other) noexcept {
      if (this != &other) {
        Release();
        limiter_ = std::exchange(other.limiter_, nullptr);
        host_ = other.host_;
      }
      return *this;
    }
    ~Slot() { Release(); }
    void Release() {
      if (limiter_ != nullptr) limiter_->GiveBack(host_);
      limiter_ = nullptr;
    }

   private:
    friend class RateLimiter;
    Slot(RateLimiter* limiter, Host* host) : limiter_(limiter), host_(host) {}
    RateLimiter* limiter_ = nullptr;
    Host* host_ = nullptr;
  };

  explicit RateLimiter(Limits limits);
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  // Waits for a free connection and for the moment of the next request. Fails
  // with kCancelled only.
  Result<Slot> Acquire(const std::string& host, const std::stop_token& stop);

  // No request to `host` for so long from now; never shortens a block.
  void BlockFor(const std::string& host, double seconds);

 private:
  using Clock = std::chrono::steady_clock;

  struct Host {
    unsigned in_use = 0;
    Clock::time_point next;      // when the next request may go out
    Clock::time_point blocked;   // none before
    std::set<uint64_t> waiting;  // tickets; the lowest has its turn
    uint64_t tickets = 0;
  };

  void GiveBack(Host* host);

  const unsigned max_connections_;
  const Clock::duration interval_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Host> hosts_;
  // Invariants: in_use <= max_connections_ for every host; two requests to a
  // host are at least interval_ apart.
};

// Sleeps; kCancelled as soon as `stop` asks for it.
Status WaitSeconds(double seconds, const std::stop_token& stop);

}  // namespace peaktext

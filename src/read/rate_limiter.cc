#include "read/rate_limiter.h"

#include <algorithm>

namespace peaktext {
namespace {

// A request reaches the server some time after it was let go, and that time
// varies; so much air keeps the server's count per second below the limit too.
constexpr double kAir = 1.1;

template <class Clock>
typename Clock::duration Seconds(double seconds) {
  return std::chrono::duration_cast<typename Clock::duration>(
      std::chrono::duration<double>(std::clamp(seconds, 0.0, 1e8)));
}

Status Cancelled() { return {StatusCode::kCancelled, "cancelled"}; }

}  // namespace

RateLimiter::RateLimiter(Limits limits)
    : max_connections_(std::max(1U, limits.max_connections)),
      interval_(limits.requests_per_second > 0
                    ? Seconds<Clock>(kAir / limits.requests_per_second)
                    : Clock::duration::zero()) {}

Result<RateLimiter::Slot> RateLimiter::Acquire(const std::string& name,
                                               const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  Host& host = hosts_[name];  // nodes of a map stay where they are
  const uint64_t ticket = host.tickets++;
  host.waiting.insert(ticket);
  const auto has_turn = [&] {
    return *host.waiting.begin() == ticket && host.in_use < max_connections_;
  };
  bool granted = false;
  while (!granted && changed_.wait(lock, stop, has_turn)) {
    // Only who has the turn waits for its moment, so a block that comes
    // meanwhile moves the moment for all.
    const Clock::time_point moment = std::max(host.next, host.blocked);
    granted = Clock::now() >= moment;
    if (granted) break;
    changed_.wait_until(lock, stop, moment,
                        [&] { return host.blocked > moment; });
    if (stop.stop_requested()) break;
  }
  host.waiting.erase(ticket);
  if (granted) {
    ++host.in_use;
    host.next = Clock::now() + interval_;
  }
  lock.unlock();
  changed_.notify_all();
  if (!granted) return Fail(Cancelled());
  return Slot(this, &host);
}

void RateLimiter::BlockFor(const std::string& name, double seconds) {
  {
    std::lock_guard lock(mutex_);
    Host& host = hosts_[name];
    host.blocked =
        std::max(host.blocked, Clock::now() + Seconds<Clock>(seconds));
  }
  changed_.notify_all();
}

void RateLimiter::GiveBack(Host* host) {
  {
    std::lock_guard lock(mutex_);
    --host->in_use;
  }
  changed_.notify_all();
}

Status WaitSeconds(double seconds, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, Seconds<std::chrono::steady_clock>(seconds),
                 [] { return false; });
  return stop.stop_requested() ? Cancelled() : Status();
}

}  // namespace peaktext

#include "read/rate_limiter.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace peaktext {
namespace {

using Clock = std::chrono::steady_clock;

BOOST_AUTO_TEST_SUITE(rate_limiter)

BOOST_AUTO_TEST_CASE(requests_of_all_threads_keep_their_distance) {
  RateLimiter limiter({.max_connections = 8, .requests_per_second = 100});
  const Clock::time_point start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int request = 0; request < 5; ++request) {
          auto slot = limiter.Acquire("h", {});
        }
      });
    }
  }
  // 19 gaps of a hundredth of a second at least, whoever asked.
  BOOST_TEST((Clock::now() - start >= std::chrono::milliseconds(19 * 10)));
}

BOOST_AUTO_TEST_CASE(connections_stay_below_their_ceiling) {
  RateLimiter limiter({.max_connections = 2, .requests_per_second = 0});
  {  // As many as are allowed go together: neither waits for the other.
    const auto first = limiter.Acquire("h", {});
    BOOST_TEST(limiter.Acquire("h", {}).has_value());
  }
  std::atomic<int> open = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        for (int request = 0; request < 20; ++request) {
          auto slot = limiter.Acquire("h", {});
          const int now = ++open;
          int seen = most;
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::yield();
          --open;
        }
      });
    }
  }
  BOOST_TEST(most >= 1);
  BOOST_TEST(most <= 2);
}

BOOST_AUTO_TEST_CASE(hosts_do_not_wait_for_each_other) {
  RateLimiter limiter({.max_connections = 1, .requests_per_second = 0.001});
  for (const char* host : {"a", "b", "c"}) {
    BOOST_TEST(limiter.Acquire(host, {}).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_block_holds_for_those_who_wait_already) {
  RateLimiter limiter({.max_connections = 1, .requests_per_second = 0});
  std::optional<RateLimiter::Slot> first(limiter.Acquire("h", {}).value());
  const Clock::time_point start = Clock::now();
  std::jthread waiter(
      [&] { BOOST_TEST(limiter.Acquire("h", {}).has_value()); });
  limiter.BlockFor("h", 0.3);
  limiter.BlockFor("h", 0.1);  // shortens nothing
  first.reset();
  waiter.join();
  BOOST_TEST((Clock::now() - start >= std::chrono::milliseconds(250)));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_every_wait_and_lets_the_others_on) {
  RateLimiter limiter({.max_connections = 1, .requests_per_second = 0});
  std::optional<RateLimiter::Slot> held(limiter.Acquire("h", {}).value());
  std::stop_source stop;
  // (Boost.Test is for one thread.)
  bool was_cancelled = false;
  bool was_let_on = false;
  std::jthread cancelled([&] {
    const auto slot = limiter.Acquire("h", stop.get_token());
    was_cancelled = slot.error().code() == StatusCode::kCancelled;
  });
  std::jthread patient(
      [&] { was_let_on = limiter.Acquire("h", {}).has_value(); });
  stop.request_stop();
  cancelled.join();
  held.reset();
  patient.join();
  BOOST_TEST(was_cancelled);
  BOOST_TEST(was_let_on);
  BOOST_TEST(
      (WaitSeconds(1000, stop.get_token()).code() == StatusCode::kCancelled));
  limiter.BlockFor("h", 1000);
  BOOST_TEST(!limiter.Acquire("h", stop.get_token()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

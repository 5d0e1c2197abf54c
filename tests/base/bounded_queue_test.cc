#include "base/bounded_queue.h"

#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(bounded_queue)

BOOST_AUTO_TEST_CASE(every_value_arrives_once_with_many_threads) {
  BoundedQueue<int> queue(3);
  constexpr int kProducers = 3;
  constexpr int kEach = 1000;
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&queue, p] {
      for (int i = 0; i < kEach; ++i) queue.Push(p * kEach + i);
    });
  }
  std::vector<std::vector<int>> taken(2);
  std::vector<std::thread> consumers;
  for (std::vector<int>& mine : taken) {
    consumers.emplace_back([&queue, &mine] {
      while (const std::optional<int> value = queue.Pop()) {
        mine.push_back(*value);
      }
    });
  }
  for (std::thread& thread : producers) thread.join();
  queue.Close();
  for (std::thread& thread : consumers) thread.join();
  std::vector<int> seen(kProducers * kEach);
  for (const std::vector<int>& mine : taken) {
    for (const int value : mine) ++seen[static_cast<size_t>(value)];
  }
  BOOST_TEST((seen == std::vector<int>(kProducers * kEach, 1)));
}

BOOST_AUTO_TEST_CASE(push_after_close_is_refused_and_the_rest_is_drained) {
  BoundedQueue<int> queue(2);
  BOOST_TEST(queue.Push(1));
  queue.Close();
  BOOST_TEST(!queue.Push(2));
  BOOST_TEST(queue.Pop().value() == 1);
  BOOST_TEST(!queue.Pop().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

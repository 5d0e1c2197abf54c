#include "pipelines/options.h"

#include <algorithm>

namespace peaktext {

void KeepTo(MemoryBudget* budget, ReadOptions* read) {
  read->budget = budget;
  if (budget->limit_bytes() >= read->max_record_bytes) return;
  read->max_record_bytes = budget->limit_bytes();
  read->limit_flag = "--memory";
}

MemoryPlan MemoryPlan::Divide(uint64_t memory_bytes, size_t vocabularies,
                              unsigned threads) {
  constexpr uint64_t kMiB = 1ULL << 20;
  const uint64_t fixed = vocabularies * kTableBytes + threads * kThreadBytes;
  // Less than the fixed part cannot be kept to: then as little as works.
  const uint64_t rest = memory_bytes > fixed ? memory_bytes - fixed : 0;
  MemoryPlan plan;
  plan.counter_cache_bytes =
      std::clamp(rest / 4 / threads, 1 * kMiB,
                 32 * kMiB * std::max<uint64_t>(vocabularies, 1));
  const uint64_t caches = plan.counter_cache_bytes * threads;
  plan.large_bytes =
      std::max(32 * kMiB, rest > caches ? (rest - caches) / 2 : 0);
  plan.body_bytes = std::max(32 * kMiB, plan.large_bytes / threads);
  return plan;
}

uint64_t MemoryPlan::CacheFor(uint64_t input_bytes, size_t vocabularies,
                              uint64_t cache_bytes) {
  constexpr uint64_t kPerByte = 4;  // of an input as it is stored
  const uint64_t least = std::max<uint64_t>(vocabularies, 1) << 20;
  if (input_bytes >= cache_bytes / kPerByte) return cache_bytes;
  const uint64_t wanted =
      std::max(least, input_bytes * kPerByte * vocabularies);
  return std::min(cache_bytes, wanted);
}

}  // namespace peaktext

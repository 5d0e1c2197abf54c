// The settings of whole flows, as the command line gives them.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory_budget.h"
#include "extract/extractor.h"
#include "read/byte_source.h"
#include "read/record_reader.h"
#include "sketch/signature.h"

namespace peaktext {

// What a person is told while a flow runs. All are called from any thread.
struct FlowEvents {
  // The total may be 0: not known.
  std::function<void(std::string_view stage, uint64_t total_bytes)> on_stage =
      [](std::string_view, uint64_t) {};
  std::function<void(uint64_t bytes)> on_bytes = [](uint64_t) {};
  // Something is wrong.
  std::function<void(std::string_view line)> on_message = [](std::string_view) {
  };
  // Good to know.
  std::function<void(std::string_view line)> on_note = [](std::string_view) {};
};

struct ScanOptions {
  std::vector<std::string> vocabularies = {"o200k_base"};
  bool added_tokens = false;  // as Hugging Face's tokenizers split them out
  SourceOptions source;
  ReadOptions read;
  ExtractOptions extract;
  SignatureOptions signature;
  bool keep_texts = true;   // for verification, export and explain
  bool paragraphs = false;  // counts them, too, for the inventory
  unsigned threads = 1;
  uint64_t memory_bytes = 2ULL << 30;
  bool force = false;  // start over in a folder that holds another scan
  std::stop_token stop;
  FlowEvents events;
};

// Records take their bytes from `budget`, a part of --memory, and those that
// are larger than it are over the limit.
void KeepTo(MemoryBudget* budget, ReadOptions* read);

// How --memory is divided among what a scan holds.
struct MemoryPlan {
  // Tables of one vocabulary, shared by all threads.
  static constexpr uint64_t kTableBytes = 64ULL << 20;
  // Buffers of one thread: windows of the decoder, batches, compressors.
  static constexpr uint64_t kThreadBytes = 24ULL << 20;

  uint64_t counter_cache_bytes = 0;  // per thread
  // For records over 8 MiB, all threads together; half of what there is, since
  // a record may be decoded into another text of its size.
  uint64_t large_bytes = 0;
  // For what an HTTP body inflates to, per thread.
  uint64_t body_bytes = 0;

  static MemoryPlan Divide(uint64_t memory_bytes, size_t vocabularies,
                           unsigned threads);
  // Less of a counter's cache for inputs that are too small to fill it: memory
  // that is new must be cleared, and costs more than it saves.
  static uint64_t CacheFor(uint64_t input_bytes, size_t vocabularies,
                           uint64_t cache_bytes);
};

}  // namespace peaktext

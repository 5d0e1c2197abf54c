// Any bytes: one call, pieces of one byte, tiny windows and every instruction
// set must count the same, for all patterns.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tokenize/token_counter.h"

namespace {

using namespace peaktext;

std::vector<std::unique_ptr<const CountTables>> AllTables() {
  std::vector<std::unique_ptr<const CountTables>> all;
  for (int kind = 0; kind <= static_cast<int>(Pattern::kWholeText); ++kind) {
    auto vocabulary = std::make_unique<Vocabulary>();
    vocabulary->pattern = static_cast<Pattern>(kind);
    for (int byte = 0; byte < 256; ++byte) {
      vocabulary->tokens.Append(std::string(1, static_cast<char>(byte)));
    }
    for (const char* token : {"  ", "aa", "aaa", "ab", "\n\n", "'s", " a",
                              "\xE4\xB8", "\xE4\xB8\xAD", "    "}) {
      vocabulary->tokens.Append(token);
    }
    all.push_back(BuildCountTables(std::move(vocabulary)).value());
  }
  return all;
}

std::vector<std::unique_ptr<TokenCounter>> AllCounters(
    const std::vector<const CountTables*>& tables) {
  std::vector<std::unique_ptr<TokenCounter>> counters;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (!IsaSupported(isa)) continue;
    for (const size_t window_bytes : {5U, 200U, 32U << 10}) {
      counters.push_back(std::make_unique<TokenCounter>(
          tables, CounterOptions{.cache_bytes = 1 << 18,
                                 .isa = isa,
                                 .window_bytes = window_bytes}));
    }
  }
  return counters;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto owned = AllTables();
  static const auto tables = [] {
    std::vector<const CountTables*> all;
    for (const auto& one : owned) all.push_back(one.get());
    return all;
  }();
  static const auto counters = AllCounters(tables);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<uint64_t> expected(tables.size());
  counters[0]->Count(text, expected);
  for (const auto& counter : counters) {
    std::vector<uint64_t> counted(tables.size());
    counter->Count(text, counted);
    if (counted != expected) std::abort();
    for (size_t at = 0; at < size; ++at) counter->Feed(text.substr(at, 1));
    counter->Finish(counted);
    if (counted != expected) std::abort();
  }
  return 0;
}

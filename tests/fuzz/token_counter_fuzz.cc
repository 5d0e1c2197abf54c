// Any bytes: one call, pieces, tiny windows and every instruction set must
// count the same as the scalar kernels do, and pieces that are texts of their
// own the same together as one after the other.
//
//   first byte: the pattern · second byte: the counter that is compared, and
//   the bytes of a piece · the rest is the text
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/small_vocabularies.h"
#include "tokenize/token_counter.h"
#include "tokenize/tokenizer_json.h"

namespace {

using namespace peaktext;

std::unique_ptr<const CountTables> MakeTables(Pattern pattern) {
  if (pattern == Pattern::kWholeText) {  // characters, listed merges
    return BuildCountTables(
               std::make_unique<const Vocabulary>(
                   ParseTokenizerJson(ByteFallbackTokenizerJson(), "small")
                       .value()))
        .value();
  }
  // Merging reaches all of them: what is longer than a window is no whole.
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->pattern = pattern;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary->tokens.Append(std::string(1, static_cast<char>(byte)));
  }
  for (const char* token :
       {"  ", "aa", "aaa", "ab", "\n\n", "'s", " a", "\xE4\xB8", "\xE4\xB8\xAD",
        "    ", "--", "----", "--------", "---", "-=", "-=-=", "=-="}) {
    vocabulary->tokens.Append(token);
  }
  return BuildCountTables(std::move(vocabulary)).value();
}

// The counters of one pattern; the first one says what is right.
struct Counters {
  explicit Counters(Pattern pattern) : tables(MakeTables(pattern)) {
    for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
      if (!IsaSupported(isa)) continue;
      for (const size_t window_bytes : {32U << 10, 200U, 5U}) {
        all.push_back(std::make_unique<TokenCounter>(
            std::vector<const CountTables*>{tables.get()},
            CounterOptions{.cache_bytes = 1 << 16,
                           .isa = isa,
                           .window_bytes = window_bytes}));
      }
    }
  }
  std::unique_ptr<const CountTables> tables;
  std::vector<std::unique_ptr<TokenCounter>> all;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kPatterns = static_cast<size_t>(Pattern::kWholeText) + 1;
  static std::array<std::unique_ptr<Counters>, kPatterns> patterns;
  if (size < 2) return 0;
  auto& pattern = patterns[data[0] % kPatterns];
  if (pattern == nullptr) {
    pattern =
        std::make_unique<Counters>(static_cast<Pattern>(data[0] % kPatterns));
  }
  const auto& counters = pattern->all;
  TokenCounter& counter = *counters[data[1] % counters.size()];
  const size_t piece = 1 + data[1] / counters.size();
  const std::string_view text(reinterpret_cast<const char*>(data) + 2,
                              size - 2);
  uint64_t expected = 0;
  counters[0]->Count(text, {&expected, 1});
  uint64_t counted = 0;
  counter.Count(text, {&counted, 1});
  if (counted != expected) std::abort();
  std::vector<std::string_view> pieces;
  for (size_t at = 0; at < text.size(); at += piece) {
    pieces.push_back(text.substr(at, piece));
  }
  for (const std::string_view part : pieces) counter.Feed(part);
  counted = 0;
  counter.Finish({&counted, 1});
  if (counted != expected) std::abort();
  std::vector<uint64_t> all(pieces.size());
  counter.CountAll(pieces, all);
  for (size_t i = 0; i < pieces.size(); ++i) {
    counters[0]->Feed(pieces[i]);
    counters[0]->Finish({&expected, 1});
    if (all[i] != expected) std::abort();
  }
  return 0;
}

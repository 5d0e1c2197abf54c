#include <iterator>

#include "simd/count_kernels.h"

namespace peaktext {
namespace {

// No branch on what is found: misses are rare but not to be foreseen.
template <class Counts>
size_t Count(const char* window, const PretokenList& list, const Counts& counts,
             uint64_t* tokens, uint16_t* misses) {
  constexpr uint64_t kLimit = 1 << Counts::kCountBits;
  constexpr size_t kLast = std::size(typename Counts::Entry{}.words) - 1;
  size_t missing = 0;
  for (size_t i = 0, text = 0; i < list.count; ++text) {
    uint64_t sum = 0;
    for (; i < list.ends[text]; ++i) {
      const auto key = Counts::Key(window + list.starts[i], list.bytes[i]);
      const auto* line = counts.entries + LineOf(counts, key);
      // What an entry and its own key differ by is the count.
      const auto differ = [&key](const typename Counts::Entry& entry) {
        uint64_t head = 0;
        for (size_t word = 0; word < kLast; ++word) {
          head |= entry.words[word] ^ key.words[word];
        }
        return (entry.words[kLast] ^ key.words[kLast]) |
               head << Counts::kCountBits | head >> 32;
      };
      const uint64_t found = std::min(differ(line[0]), differ(line[1]));
      sum += found < kLimit ? found : 0;
      misses[missing] = static_cast<uint16_t>(i);
      missing += found >= kLimit;
    }
    tokens[text] += sum;
  }
  return missing;
}

}  // namespace

const CountKernels& ScalarCountKernels() {
  static constexpr CountKernels kKernels = {
      "scalar", Count<ShortCounts>, Count<MidCounts>, Count<WideCounts>, 2, 2,
      2};
  return kKernels;
}

const CountKernels& CountKernelsFor(Isa isa) {
  switch (isa) {
    case Isa::kAvx2:
      return Avx2CountKernels();
    case Isa::kAvx512:
      return Avx512CountKernels();
    case Isa::kScalar:
      break;
  }
  return ScalarCountKernels();
}

}  // namespace peaktext

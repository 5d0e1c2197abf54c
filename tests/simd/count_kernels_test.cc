// Every instruction set finds what the tables hold, and lists what they do not.
#include "simd/count_kernels.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

#include "simd/supported_isas.h"

namespace peaktext {
namespace {

template <class Counts>
struct alignas(64) Line {
  typename Counts::Entry entries[Counts::kLine];
};

// Tokens of the entry, 0 if it is not the key's.
template <class Counts>
uint64_t TokensIn(const typename Counts::Entry& entry,
                  const typename Counts::Entry& key) {
  constexpr size_t kLast = std::size(typename Counts::Entry{}.words) - 1;
  if (!std::equal(key.words, key.words + kLast, entry.words)) return 0;
  const uint64_t tokens = entry.words[kLast] ^ key.words[kLast];
  return tokens >> Counts::kCountBits == 0 ? tokens : 0;
}

// Ends of some texts, of which some have nothing, among `count` pretokens.
std::vector<uint16_t> SomeEnds(size_t count, std::mt19937* random) {
  std::vector<uint16_t> ends;
  for (size_t texts = (*random)() % 6; texts > 0; --texts) {
    ends.push_back(static_cast<uint16_t>((*random)() % (count + 1)));
    if ((*random)() % 3 == 0) ends.push_back(ends.back());
  }
  ends.push_back(static_cast<uint16_t>(count));
  std::sort(ends.begin(), ends.end());
  return ends;
}

// Found or missing, every pretoken is accounted for once, in its text,
// whichever places of the lines are filled.
template <class Counts>
void CheckAccounts(CountFunction<Counts>* kernel, unsigned shortest,
                   unsigned longest, std::string_view alphabet) {
  constexpr size_t kLast = std::size(typename Counts::Entry{}.words) - 1;
  constexpr int kLineBits = 4;
  std::mt19937 random(shortest);
  for (size_t count = 0; count < 300; ++count) {
    std::string text(4 * count + 64, '\0');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    std::vector<uint16_t> starts(count + 64);
    std::vector<uint8_t> bytes(count + 64);
    for (size_t i = 0; i < count; ++i) {
      starts[i] = static_cast<uint16_t>(4 * i);
      bytes[i] =
          static_cast<uint8_t>(shortest + random() % (longest - shortest + 1));
    }
    std::vector<uint16_t> ends = SomeEnds(count, &random);
    const PretokenList list = {starts.data(), bytes.data(), ends.data(), count};
    std::vector<Line<Counts>> lines(1 << kLineBits);
    const Counts counts = {lines[0].entries, 64 - kLineBits};
    const auto key_of = [&](size_t i) {
      return Counts::Key(text.data() + starts[i], bytes[i]);
    };
    const auto place_of = [&](size_t i) {
      const auto* line = counts.entries + LineOf(counts, key_of(i));
      return std::find_if(line, line + Counts::kLine,
                          [&](const auto& entry) {
                            return TokensIn<Counts>(entry, key_of(i)) != 0;
                          }) -
             line;
    };
    for (size_t i = 0; i < count; i += 2) {
      if (place_of(i) != Counts::kLine) continue;
      const size_t line = LineOf(counts, key_of(i)) / Counts::kLine;
      auto* entry = &lines[line].entries[random() % Counts::kLine];
      *entry = key_of(i);
      entry->words[kLast] |= 1 + random() % shortest;
    }
    std::vector<uint16_t> misses(count + 16);
    std::vector<uint64_t> tokens(ends.size(), 7);
    const size_t missing =
        kernel(text.data(), list, counts, tokens.data(), misses.data());
    BOOST_REQUIRE(missing <= count);
    misses.resize(missing);
    std::vector<uint64_t> expected(ends.size(), 7);
    for (size_t i = 0; i < count; ++i) {
      const auto of =
          std::upper_bound(ends.begin(), ends.end(), i) - ends.begin();
      const auto listed = std::count(misses.begin(), misses.end(), i);
      const auto place = place_of(i);
      if (place < 2) BOOST_REQUIRE(listed == 0);
      if (place == Counts::kLine) BOOST_REQUIRE(listed == 1);
      if (listed != 0) continue;
      expected[static_cast<size_t>(of)] += TokensIn<Counts>(
          counts
              .entries[LineOf(counts, key_of(i)) + static_cast<size_t>(place)],
          key_of(i));
    }
    BOOST_REQUIRE(tokens == expected);
    BOOST_REQUIRE(std::is_sorted(misses.begin(), misses.end()));
  }
}

// Alphabets with one letter for the most part, so that keys differ in few
// bytes, anywhere.
BOOST_AUTO_TEST_SUITE(count_kernels)

BOOST_DATA_TEST_CASE(short_pretokens_are_found_or_missing, SupportedIsas(),
                     isa) {
  CheckAccounts<ShortCounts>(CountKernelsFor(isa).shorts, 3, 7, "ab\xC3\xFF");
}

BOOST_DATA_TEST_CASE(middle_pretokens_are_found_or_missing, SupportedIsas(),
                     isa) {
  CheckAccounts<MidCounts>(CountKernelsFor(isa).mids, 8, 15, "aaaaaaab");
}

BOOST_DATA_TEST_CASE(wide_pretokens_are_found_or_missing, SupportedIsas(),
                     isa) {
  CheckAccounts<WideCounts>(CountKernelsFor(isa).wides, 16, 30,
                            "aaaaaaaaaaaaaaab");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

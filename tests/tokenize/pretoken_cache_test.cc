// Counts that come from the cache are those of counting anew, for every length
// of pretoken, while more come than the tables hold.
#include "tokenize/pretoken_cache.h"

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

#include "tokenize/token_counter.h"

namespace peaktext {
namespace {

// All bytes and some hundred pairs and fours of letters.
std::unique_ptr<const CountTables> SomeTables() {
  std::mt19937_64 random(2);
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = "some";
  vocabulary->pattern = Pattern::kGpt2;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary->tokens.Append(std::string(1, static_cast<char>(byte)));
  }
  std::vector<std::string> pairs;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) {
      if (random() % 2 == 0) pairs.push_back(std::string{a, b});
    }
  }
  for (const std::string& pair : pairs) vocabulary->tokens.Append(pair);
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    vocabulary->tokens.Append(pairs[i] + pairs[i + 1]);
  }
  return BuildCountTables(std::move(vocabulary)).value();
}

// `count` words of `shortest` to `longest` letters.
std::vector<std::string> Words(std::mt19937_64& random, size_t count,
                               size_t shortest, size_t longest) {
  std::vector<std::string> words(count);
  for (std::string& word : words) {
    word.resize(shortest + random() % (longest - shortest + 1));
    for (char& c : word) c = static_cast<char>('a' + random() % 26);
  }
  return words;
}

BOOST_AUTO_TEST_SUITE(pretoken_cache)

BOOST_AUTO_TEST_CASE(cached_counts_are_those_of_counting_anew) {
  const std::unique_ptr<const CountTables> tables = SomeTables();
  const CountTables* const one[] = {tables.get()};
  std::mt19937_64 random(3);
  BpeScratch scratch;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (!IsaSupported(isa)) continue;
    // Tables of 4096 entries and fewer.
    TokenCounter counter(one,
                         {.cache_bytes = PretokenCache::kMinBytes, .isa = isa});
    const uint64_t bytes = counter.memory_bytes();
    for (const auto& [shortest, longest] : {std::pair<size_t, size_t>{2, 2},
                                            {3, 7},
                                            {8, 15},
                                            {16, 30},
                                            {31, 124},
                                            {125, 140},
                                            {2, 140}}) {
      const std::vector<std::string> words =
          Words(random, longest > 30 ? 3000 : 12000, shortest, longest);
      std::vector<uint64_t> counts;
      for (const std::string& word : words) {
        counts.push_back(tables->CountPretoken(word, &scratch));
      }
      // Some come again soon, some only when they have fallen out.
      for (int pass = 0; pass < 3; ++pass) {
        std::string text;
        uint64_t expected = 0;
        for (size_t i = 0; i < words.size(); ++i) {
          const size_t back = std::min<size_t>(i, random() % 50);
          for (const size_t which : {i, i - back, random() % 20}) {
            text += words[which] + '\n';
            expected += counts[which] + 1;
          }
        }
        uint64_t tokens[1];
        counter.Count(text, tokens);
        BOOST_TEST_REQUIRE(tokens[0] == expected,
                           IsaName(isa) << ", from " << shortest << " bytes");
      }
    }
    BOOST_TEST(counter.memory_bytes() <= bytes + (2 << 20));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

// Counts that come from the cache are those of counting anew, for every length
// of pretoken, while more come than the tables hold.
#include "tokenize/pretoken_cache.h"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "temporary_folder.h"
#include "tokenize/learned_pretokens.h"
#include "tokenize/token_counter.h"

namespace peaktext {
namespace {

// All bytes and some hundred pairs and fours of letters.
std::unique_ptr<CountTables> SomeTables() {
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

const std::string kSum(64, 'a');

// Beside a vocabulary file "v" in a folder of its own, which is not there.
struct Learning {
  TemporaryFolder folder;
  const std::string file = folder.path("v.pretokens");

  std::unique_ptr<CountTables> Tables(const std::string& sum = kSum) const {
    std::unique_ptr<CountTables> tables = SomeTables();
    tables->SetLearned(LearnedPretokens(folder.path("v"), sum));
    return tables;
  }
  ino_t inode() const {
    struct stat found = {};
    return ::stat(file.c_str(), &found) == 0 ? found.st_ino : 0;
  }
};

// Words of their own by `seed`, again and again: some are new in the first
// millions of pretokens only.
std::string Repeated(uint64_t seed) {
  std::mt19937_64 random(seed);
  const std::vector<std::string> words = Words(random, 40'000, 3, 20);
  std::string text;
  for (size_t i = 0; i < 4'500'000; ++i) {
    text += words[random() % words.size()];
    text += ' ';
  }
  return text;
}

uint64_t CountOf(const CountTables& tables, const std::string& text,
                 CounterOptions options = {}, bool keep = false) {
  const CountTables* const one[] = {&tables};
  TokenCounter counter(one, options);
  uint64_t tokens[1];
  counter.Count(text, tokens);
  if (keep) counter.KeepLearned();
  return tokens[0];
}

BOOST_AUTO_TEST_CASE(what_is_learned_changes_no_count_and_is_kept_once) {
  const Learning learning;
  const std::string text = Repeated(5);
  const std::unique_ptr<CountTables> nothing = learning.Tables();
  BOOST_TEST(nothing->learned()->empty());
  const uint64_t expected = CountOf(*nothing, text, {}, /*keep=*/true);
  BOOST_TEST_REQUIRE(learning.inode() != 0);
  // What is in use of the tables.
  BOOST_TEST(std::filesystem::file_size(learning.file) == (6 << 20) + 128);

  // It is read: with it the same text has nothing new, and it stays.
  const std::unique_ptr<CountTables> with = learning.Tables();
  BOOST_TEST(!with->learned()->empty());
  const ino_t kept = learning.inode();
  BOOST_TEST(CountOf(*with, text, {}, /*keep=*/true) == expected);
  BOOST_TEST(learning.inode() == kept);
  // Caches of all sizes start with it: twice the lines, four times, none.
  const std::string start = text.substr(0, 1'000'000);
  const uint64_t of_start = CountOf(*nothing, start);
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (!IsaSupported(isa)) continue;
    for (const uint64_t megabytes : {64, 32, 16, 8, 4, 1}) {
      BOOST_TEST(
          CountOf(*with, start, {.cache_bytes = megabytes << 20, .isa = isa}) ==
          of_start);
    }
  }
  // Small caches are not kept; others are when the text is another one, ...
  const std::string other = Repeated(6);
  CountOf(*with, other, {.cache_bytes = 16 << 20}, /*keep=*/true);
  BOOST_TEST(learning.inode() == kept);
  CountOf(*with, other, {}, /*keep=*/true);
  const ino_t replaced = learning.inode();
  BOOST_TEST(replaced != kept);
  // ... but not where somebody else has replaced the file since.
  CountOf(*with, other, {}, /*keep=*/true);
  BOOST_TEST(learning.inode() == replaced);
}

BOOST_AUTO_TEST_CASE(learned_files_that_do_not_fit_are_as_good_as_none) {
  const Learning learning;
  const std::string text = Repeated(5);
  const uint64_t expected =
      CountOf(*learning.Tables(), text, {}, /*keep=*/true);
  const std::string sound = ReadWholeFile(learning.file).value();
  const std::string start = text.substr(0, 300'000);
  const uint64_t of_start = CountOf(*SomeTables(), start);
  const auto write = [&](const std::string& bytes) {
    BOOST_REQUIRE(WriteFileAtomically(learning.file, bytes).ok());
  };
  BOOST_TEST(learning.Tables(std::string(64, 'b'))->learned()->empty());
  for (const size_t size : {size_t{0}, size_t{100}, size_t{128},
                            sound.size() / 2, sound.size() - 1}) {
    write(sound.substr(0, size));
    BOOST_TEST(learning.Tables()->learned()->empty());
  }
  // Version, a table's size, and its checksum.
  for (const size_t at : {0, 8, 17, 24}) {
    std::string odd = sound;
    odd[at] = static_cast<char>(odd[at] ^ 2);
    write(odd);
    BOOST_TEST(learning.Tables()->learned()->empty() == (at < 24));
    BOOST_TEST(CountOf(*learning.Tables(), start) == of_start);
  }
  // The counts that the entries hold.
  for (size_t at = 128; at < sound.size(); at += sound.size() / 7) {
    std::string odd = sound;
    for (size_t i = at; i < std::min(sound.size(), at + 800'000); i += 8) {
      odd[i] = static_cast<char>(odd[i] ^ 1);
    }
    write(odd);
    for (const uint64_t megabytes : {32, 8}) {
      BOOST_TEST(CountOf(*learning.Tables(), start,
                         {.cache_bytes = megabytes << 20}) == of_start);
    }
  }
  // What is of no use is replaced; where nothing can be written nothing
  // happens.
  write("of another version");
  const ino_t odd = learning.inode();
  BOOST_TEST(CountOf(*learning.Tables(), text, {}, /*keep=*/true) == expected);
  BOOST_TEST(learning.inode() != odd);
  std::unique_ptr<CountTables> nowhere = SomeTables();
  nowhere->SetLearned(LearnedPretokens(learning.folder.path("no/v"), kSum));
  BOOST_TEST(CountOf(*nowhere, text, {}, /*keep=*/true) == expected);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

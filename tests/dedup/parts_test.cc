// The parts of dedup, each against the obvious way of doing it.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "dedup/band_join.h"
#include "dedup/column_file.h"
#include "dedup/corpus.h"
#include "dedup/pair_file.h"
#include "dedup/radix_sort.h"
#include "dedup/record_sorter.h"
#include "dedup/sketch_filter.h"
#include "dedup/sketch_match.h"
#include "dedup/spill_file.h"
#include "simd/supported_isas.h"
#include "sketch/signature.h"

namespace peaktext {
namespace {

using namespace testing;  // NOLINT: the tests' own helpers

BOOST_AUTO_TEST_SUITE(dedup_parts)

BOOST_AUTO_TEST_CASE(spill_file_gives_back_numbers_and_bytes) {
  TemporaryFolder folder;
  std::mt19937_64 random(1);
  std::vector<uint64_t> numbers;
  for (int i = 0; i < 100000; ++i)
    numbers.push_back(random() >> (random() % 64));
  numbers.push_back(0);
  numbers.push_back(UINT64_MAX);
  const std::string path = folder.path("spill");
  auto writer = SpillWriter::Create(path);
  BOOST_REQUIRE(writer.has_value());
  for (const uint64_t number : numbers) {
    writer->AppendVarint(number);
    writer->Append(&number, number % 9);
  }
  BOOST_REQUIRE(writer->Commit().ok());
  auto reader = SpillReader::Open(path);
  BOOST_REQUIRE(reader.has_value());
  for (const uint64_t number : numbers) {
    uint64_t value = 0;
    uint64_t bytes = 0;
    BOOST_REQUIRE(reader->ReadVarint(&value));
    BOOST_REQUIRE(value == number);
    BOOST_REQUIRE((number % 9 == 0 || reader->Read(&bytes, number % 9)));
  }
  uint64_t value = 0;
  BOOST_TEST(!reader->ReadVarint(&value));
  BOOST_TEST(reader->status().ok());
}

BOOST_AUTO_TEST_CASE(cut_spill_file_is_detected) {
  TemporaryFolder folder;
  const std::string path = folder.path("spill");
  auto writer = SpillWriter::Create(path);
  for (uint64_t i = 0; i < 100; ++i) writer->AppendVarint(i * i);
  BOOST_REQUIRE(writer->Commit().ok());
  const auto good = ReadWholeFile(path);
  for (size_t size = 0; size < good->size(); ++size) {
    BOOST_REQUIRE(WriteFileAtomically(path, good->substr(0, size)).ok());
    auto reader = SpillReader::Open(path);
    uint64_t value = 0;
    while (reader->ReadVarint(&value)) {
    }
    BOOST_TEST((reader->status().code() == StatusCode::kCorrupt));
  }
}

struct Record {
  uint64_t key = 0;
  uint64_t value = 0;
  uint64_t SortKey() const { return key; }
  auto operator<=>(const Record&) const = default;
};

// Keys of every kind: spread, in a range far from 0, few, one that stands
// apart, falling, all equal.
const std::function<uint64_t(uint64_t, uint64_t)> kKeys[] = {
    [](uint64_t random, uint64_t) { return random; },
    [](uint64_t random, uint64_t) { return ~(random % 100000); },
    [](uint64_t random, uint64_t) { return random % 3; },
    [](uint64_t random, uint64_t i) { return i == 7 ? ~0ULL : random % 50000; },
    [](uint64_t, uint64_t i) { return 3000000 - i; },
    [](uint64_t, uint64_t) { return 5; },
};

BOOST_DATA_TEST_CASE(radix_sort_sorts_as_comparing_does,
                     boost::unit_test::data::xrange(std::size(kKeys)), kind) {
  std::mt19937_64 random(kind);
  for (const size_t size : {0U, 1U, 2U, 1024U, 1025U, 5000U, 300000U}) {
    std::vector<Record> records(size);
    for (size_t i = 0; i < size; ++i) {
      records[i] = {kKeys[kind](random(), i), random()};
    }
    std::vector<Record> expected = records;
    std::sort(expected.begin(), expected.end());
    RadixSort<Record>(records);
    BOOST_TEST((records == expected));
  }
}

const uint64_t kMemories[] = {1, 100000, 1 << 30};

BOOST_DATA_TEST_CASE(sorter_sorts_within_any_memory, kMemories, memory) {
  TemporaryFolder folder;
  std::mt19937_64 random(memory);
  std::vector<Record> records;
  // Enough for more than kMaxRuns runs at the smallest memory.
  for (int i = 0; i < 100000; ++i)
    records.push_back({random() % 1000, random()});
  {
    RecordSorter<Record> sorter(folder.path(), "x", memory);
    for (const Record& record : records) sorter.Add(record);
    BOOST_REQUIRE(sorter.Finish().ok());
    std::sort(records.begin(), records.end());
    Record record;
    for (const Record& expected : records) {
      BOOST_REQUIRE(sorter.Next(&record));
      BOOST_REQUIRE((record == expected));
    }
    BOOST_TEST(!sorter.Next(&record));
    BOOST_TEST(sorter.status().ok());
  }
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

// A table of random rows in several files, and what should be in it.
struct Table {
  std::vector<std::vector<uint64_t>> bands;
  std::vector<uint64_t> numbers;
  std::vector<Sketch> sketches;
  Columns columns;

  Table(const TemporaryFolder& folder, std::vector<size_t> file_rows,
        uint32_t band_count, uint64_t distinct) {
    std::mt19937_64 random(distinct);
    bands.resize(band_count);
    size_t file = 0;
    for (const size_t rows : file_rows) {
      const std::string path = folder.path("c" + std::to_string(file++));
      auto writer = ColumnWriter::Create(path, band_count);
      for (size_t i = 0; i < rows; ++i) {
        std::array<uint8_t, 64> sketch;
        for (uint8_t& byte : sketch) byte = static_cast<uint8_t>(random());
        std::vector<uint64_t> hashes;
        for (auto& band : bands) {
          // Few distinct hashes, spread as hashes are.
          band.push_back(Mix64(random() % distinct) >> 16);
          hashes.push_back(band.back());
        }
        numbers.push_back(random() >> 16);
        BOOST_REQUIRE(writer->Append(numbers.back(), sketch, hashes).ok());
        Sketch words;
        std::memcpy(&words, sketch.data(), sizeof(words));
        sketches.push_back(words);
      }
      BOOST_REQUIRE(writer->Commit().ok());
      BOOST_REQUIRE(columns.AddFile(path, band_count).ok());
    }
  }
};

BOOST_AUTO_TEST_CASE(columns_give_back_every_value) {
  TemporaryFolder folder;
  const Table table(folder, {1, 0, 255, 16384, 20000, 0, 256}, 3, 1000000);
  BOOST_TEST(table.columns.rows() == table.numbers.size());
  for (uint32_t band = 0; band < 3; ++band) {
    std::vector<uint64_t> hashes;
    BOOST_REQUIRE(
        table.columns
            .ForEachHash(band,
                         [&](uint64_t first, std::span<const uint64_t> values) {
                           BOOST_TEST(first == hashes.size());
                           hashes.insert(hashes.end(), values.begin(),
                                         values.end());
                           return Status();
                         })
            .ok());
    BOOST_TEST((hashes == table.bands[band]));
  }
  SketchCursor sketches(table.columns);
  NumberCursor numbers(table.columns);
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const uint64_t row = random() % table.columns.rows();
    BOOST_REQUIRE(numbers.Get(row) == table.numbers[row]);
    BOOST_REQUIRE(CountMatches(*sketches.Get(row), table.sketches[row]) ==
                  256U);
  }
  for (int i = 0; i < 50; ++i) {
    const uint64_t first = random() % table.columns.rows();
    std::vector<Sketch> some(
        std::min<uint64_t>(random() % 30000, table.columns.rows() - first));
    BOOST_REQUIRE(table.columns.ReadSketches(first, some).ok());
    for (size_t k = 0; k < some.size(); ++k) {
      BOOST_REQUIRE(std::memcmp(&some[k], &table.sketches[first + k],
                                sizeof(Sketch)) == 0);
    }
  }
}

// Pairs that the header promises, by looking at every bucket.
std::set<Pair> ExpectedPairs(const std::vector<uint64_t>& hashes,
                             const BandJoinOptions& options) {
  std::map<uint64_t, std::vector<uint64_t>> buckets;
  for (uint64_t row = 0; row < hashes.size(); ++row) {
    buckets[hashes[row]].push_back(row);
  }
  std::set<Pair> pairs;
  for (const auto& [hash, rows] : buckets) {
    for (size_t i = 1; i < rows.size(); ++i) {
      if (rows[i] < options.old_rows) continue;
      for (size_t k = 0; k < i; ++k) {
        const bool wanted =
            options.chain ? k + 1 == i
                          : i < kSmallBucket || k < kFirstMembers ||
                                (options.neighbours && i - k <= kFirstMembers);
        if (wanted) pairs.insert({rows[i], rows[k]});
      }
    }
  }
  return pairs;
}

const uint64_t kDistinct[] = {1, 50, 2000, 1000000};

BOOST_DATA_TEST_CASE(join_finds_the_promised_pairs, kDistinct, distinct) {
  TemporaryFolder folder;
  const Table table(folder, {3000, 17001}, 1, distinct);
  for (const int variant : {0, 1, 2, 3}) {
    BandJoinOptions options;
    options.folder = folder.path();
    options.chain = variant == 1;
    options.neighbours = variant == 2;
    options.old_rows = variant == 3 ? 5000 : 0;
    const std::set<Pair> expected = ExpectedPairs(table.bands[0], options);
    for (const unsigned partitions : {0U, 7U, 100000U}) {
      options.partitions = partitions;
      BandMemory memory;
      options.memory_bytes = partitions == 7 ? 1 << 18 : 64 << 20;
      BOOST_REQUIRE(JoinBand(table.columns, 0, options, &memory,
                             folder.path("pairs"), folder.path("buckets"))
                        .ok());
      auto reader = PairReader::Open(folder.path("pairs"));
      std::vector<Pair> found;
      Pair pair;
      while (reader->Next(&pair)) found.push_back(pair);
      BOOST_TEST(reader->status().ok());
      BOOST_TEST(
          (found == std::vector<Pair>(expected.begin(), expected.end())));
    }
  }
}

// Single pairs, groups of their own, and groups that recur after others of
// every number of them.
BOOST_AUTO_TEST_CASE(pair_file_gives_back_every_pair) {
  TemporaryFolder folder;
  std::mt19937_64 random(9);
  for (const uint64_t kinds : {1u, 3u, 300u, 100000u}) {
    std::vector<Pair> pairs;
    uint64_t later = 1000;
    for (int i = 0; i < 20000; ++i) {
      later += 1 + random() % (i % 2 == 0 ? 2 : 1000000);
      if (random() % 4 == 0) {
        pairs.push_back({later, random() % later});
        continue;
      }
      std::mt19937_64 group(random() % kinds);
      const uint64_t size = 1 + group() % 7;
      uint64_t earlier = group() % 100;
      for (uint64_t k = 0; k < size; ++k) {
        pairs.push_back({later, earlier});
        earlier += 1 + group() % 100;
      }
    }
    auto writer = PairWriter::Create(folder.path("pairs"));
    BOOST_REQUIRE(writer.has_value());
    for (const Pair& pair : pairs) writer->Append(pair);
    BOOST_REQUIRE(writer->Commit().ok());
    auto reader = PairReader::Open(folder.path("pairs"));
    BOOST_REQUIRE(reader.has_value());
    std::vector<Pair> read;
    Pair pair;
    while (reader->Next(&pair)) read.push_back(pair);
    BOOST_TEST(reader->status().ok());
    BOOST_TEST((read == pairs));
  }
}

// What disk is announced by: the pairs of a large bucket take two bytes a
// document.
BOOST_AUTO_TEST_CASE(pairs_with_the_same_documents_take_two_bytes) {
  TemporaryFolder folder;
  auto writer = PairWriter::Create(folder.path("pairs"));
  BOOST_REQUIRE(writer.has_value());
  constexpr uint64_t kRows = 100000;
  for (uint64_t later = 10; later < kRows; ++later) {
    for (const uint64_t earlier : {0u, 3u, 4u, 9u}) {
      writer->Append({later, earlier});
    }
  }
  BOOST_REQUIRE(writer->Commit().ok());
  BOOST_TEST(writer->size_bytes() < 2 * kRows + 2000);
}

BOOST_AUTO_TEST_CASE(large_buckets_are_written_whole) {
  TemporaryFolder folder;
  const Table table(folder, {2000}, 1, 60);
  BandJoinOptions options;
  options.folder = folder.path();
  BandMemory memory;
  BOOST_REQUIRE(JoinBand(table.columns, 0, options, &memory,
                         folder.path("pairs"), folder.path("buckets"))
                    .ok());
  std::map<uint64_t, std::vector<uint64_t>> expected;
  for (uint64_t row = 0; row < 2000; ++row) {
    expected[table.bands[0][row]].push_back(row);
  }
  std::erase_if(expected, [](const auto& bucket) {
    return bucket.second.size() <= kSmallBucket;
  });
  auto reader = BucketReader::Open(folder.path("buckets"));
  std::vector<uint64_t> rows;
  size_t buckets = 0;
  while (reader->Next([&](uint64_t row) { rows.push_back(row); })) {
    BOOST_TEST((expected[table.bands[0][rows[0]]] == rows));
    rows.clear();
    ++buckets;
  }
  BOOST_TEST(reader->status().ok());
  BOOST_TEST(buckets == expected.size());
}

BOOST_DATA_TEST_CASE(match_kernels_agree_with_counting_one_by_one,
                     SupportedIsas(), isa) {
  const MatchKernels& kernels = MatchKernelsOf(isa);
  std::mt19937_64 random(2);
  const auto noisy = [&](uint64_t bits, unsigned noise) {
    for (unsigned i = 0; i < noise; ++i) bits ^= 1ULL << (random() % 64);
    return bits;
  };
  Sketch base;
  for (uint64_t& word : base.words) word = random();
  std::vector<Sketch> others(300);
  std::vector<uint32_t> expected;
  for (size_t i = 0; i < others.size(); ++i) {
    uint32_t equal = 0;
    for (int w = 0; w < 8; ++w) {
      others[i].words[w] = noisy(base.words[w], static_cast<unsigned>(i) / 8);
      for (int value = 0; value < 32; ++value) {
        equal += (base.words[w] >> 2 * value & 3) ==
                         (others[i].words[w] >> 2 * value & 3)
                     ? 1
                     : 0;
      }
    }
    expected.push_back(equal);
    BOOST_TEST(kernels.count(base, others[i]) == equal);
  }
  for (const uint32_t low : {0U, 60U, 100U, 200U, 256U, 257U}) {
    for (size_t from = 0; from <= others.size(); from += 7) {
      size_t first = from;
      while (first < others.size() && expected[first] < low) ++first;
      BOOST_TEST(kernels.find(base, others, from, low) == first);
    }
  }
}

BOOST_AUTO_TEST_CASE(similarity_of_matches_is_that_of_the_sketches) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 1000; ++i) {
    std::array<uint8_t, 64> a;
    for (uint8_t& byte : a) byte = static_cast<uint8_t>(random());
    std::array<uint8_t, 64> b = a;
    for (uint8_t& byte : b) {
      if (random() % 4 == 0) byte = static_cast<uint8_t>(random());
    }
    Sketch x;
    Sketch y;
    std::memcpy(&x, a.data(), sizeof(x));
    std::memcpy(&y, b.data(), sizeof(y));
    BOOST_TEST(std::abs(SimilarityOfMatches(CountMatches(x, y)) -
                        SketchSimilarity(a, b)) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(zones_lie_around_the_threshold) {
  const MatchZone sketch = ZoneOf(0.8, Verify::kSketch, 6, true);
  BOOST_TEST(sketch.low == sketch.high);
  BOOST_TEST(SimilarityOfMatches(sketch.low) >= 0.8);
  BOOST_TEST(SimilarityOfMatches(sketch.low - 1U) < 0.8);
  const MatchZone sure = ZoneOf(0.8, Verify::kAuto, 6, true);
  BOOST_TEST(SimilarityOfMatches(sure.low) < 0.71);
  BOOST_TEST(SimilarityOfMatches(sure.high) > 0.9);
  const MatchZone no_texts = ZoneOf(0.8, Verify::kAuto, 6, false);
  BOOST_TEST(no_texts.low == sketch.low);
  BOOST_TEST(no_texts.high == sketch.high);
}

// The sketch's certainty, where a certain verdict would be a mistake: pairs at
// J = 0.75 that share a band must not look surely alike, pairs at 0.85 not
// surely unlike.
BOOST_AUTO_TEST_CASE(sure_verdicts_are_right_on_candidates) {
  const MatchZone zone = ZoneOf(0.8, Verify::kAuto, 6, true);
  Signer signer;
  Injector inject(12);
  size_t candidates = 0;
  for (const double jaccard : {0.75, 0.85}) {
    // n shingles in common, d more on each side: n/(n+2d).
    const size_t common = 300;
    const auto own = static_cast<size_t>(300 * (1 / jaccard - 1) / 2);
    for (uint64_t trial = 0; trial < 2000; ++trial) {
      Signature signatures[2];
      for (uint64_t side = 0; side < 2; ++side) {
        Words words;
        for (uint64_t i = 0; i < common + 4; ++i) {
          words.push_back(WordOf(trial * 1000 + i));
        }
        for (uint64_t i = 0; i < own; ++i) {
          words.push_back("x" + WordOf((2 * trial + side) * 1000 + i));
        }
        signer.Sign(Join(words), &signatures[side]);
      }
      bool shared = false;
      for (size_t band = 0; band < signatures[0].band_hashes.size(); ++band) {
        shared = shared || signatures[0].band_hashes[band] ==
                               signatures[1].band_hashes[band];
      }
      if (!shared) continue;
      ++candidates;
      Sketch a;
      Sketch b;
      std::memcpy(&a, signatures[0].sketch.data(), sizeof(a));
      std::memcpy(&b, signatures[1].sketch.data(), sizeof(b));
      const uint32_t matches = CountMatches(a, b);
      if (jaccard < 0.8) {
        BOOST_TEST(matches < zone.high);
      } else {
        BOOST_TEST(matches >= zone.low);
      }
    }
  }
  BOOST_TEST(candidates > 3500U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

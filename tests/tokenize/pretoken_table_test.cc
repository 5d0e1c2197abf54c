// Tables of pretokens hold what the count kernels rely on, while more comes
// than they hold, and as they grow.
#include "tokenize/pretoken_table.h"

#include <boost/test/unit_test.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "temporary_folder.h"
#include "tokenize/learned_pretokens.h"

namespace peaktext {
namespace {

struct Lengths {
  unsigned shortest;
  unsigned longest;
};
constexpr Lengths LengthsOf(const ShortCounts&) { return {3, 7}; }
constexpr Lengths LengthsOf(const MidCounts&) { return {8, 15}; }
constexpr Lengths LengthsOf(const WideCounts&) { return {16, 30}; }

template <class Counts>
std::vector<typename Counts::Entry> SomeKeys(std::mt19937_64& random,
                                             size_t count) {
  constexpr Lengths kLengths = LengthsOf(Counts());
  std::vector<typename Counts::Entry> keys(count);
  for (auto& key : keys) {
    char text[32 + 16] = {};
    for (char& c : text) c = static_cast<char>('a' + random() % 26);
    const auto bytes = static_cast<unsigned>(
        kLengths.shortest +
        random() % (kLengths.longest - kLengths.shortest + 1));
    key = Counts::Key(text + 8, bytes);
  }
  return keys;
}

// 1 to 7, the same for the same key.
template <class Counts>
uint64_t CountOf(const typename Counts::Entry& key) {
  return (Counts::Hash(key) >> 7) % 7 + 1;
}

// Asks for each place what the tables' article says of it.
template <class Counts, size_t kLines>
void CheckPlaces(const PretokenTable<Counts, kLines>& table) {
  using Entry = typename Counts::Entry;
  constexpr uint64_t kCounts = (1 << Counts::kCountBits) - 1;
  const Entry* const entries = table.counts().entries;
  const size_t places = table.bytes().size() / sizeof(Entry);
  constexpr size_t kPlaces = kLines * Counts::kLine;
  const auto last_of = [](const Entry& entry) {
    return std::end(entry.words)[-1];
  };
  const auto is_full = [&](size_t line) {
    return last_of(entries[line + Counts::kLine - 1]) != 0;
  };
  for (size_t first = 0; first < places; first += kPlaces) {
    std::set<std::vector<uint64_t>> keys;
    for (size_t at = first; at < first + kPlaces; ++at) {
      const size_t line = at / Counts::kLine * Counts::kLine;
      if (last_of(entries[at]) == 0) {
        const bool is_last = at + 1 == line + Counts::kLine;
        BOOST_REQUIRE(is_last || last_of(entries[at + 1]) == 0);
        continue;
      }
      Entry key = entries[at];
      const uint64_t count = last_of(key) & kCounts;
      std::end(key.words)[-1] ^= count;
      BOOST_REQUIRE_EQUAL(count, CountOf<Counts>(key));
      BOOST_REQUIRE(
          keys.emplace(std::begin(key.words), std::end(key.words)).second);
      const size_t own = LineOf(table.counts(), key);
      BOOST_REQUIRE_EQUAL(own / kPlaces, first / kPlaces);
      BOOST_REQUIRE(own == line || is_full(own));
      // Kernels that look at some of a line do not miss it for good.
      for (size_t seen = 2; seen <= Counts::kLine; seen *= 2) {
        const bool is_seen = own == line && at - line < seen;
        BOOST_REQUIRE(is_seen || table.FetchRest(key, seen));
      }
    }
  }
}

template <class Counts, size_t kLines>
void CheckTable(uint64_t most_bytes) {
  constexpr size_t kPlaces = kLines * Counts::kLine;
  std::mt19937_64 random(kPlaces);
  for (const double share : {0.15, 0.4, 3.0}) {
    PretokenTable<Counts, kLines> table;
    table.Allocate(most_bytes, most_bytes / 8);
    BOOST_TEST(table.bytes().size() <= table.most_bytes() / 2);
    const auto places = static_cast<double>(table.most_bytes()) /
                        sizeof(typename Counts::Entry);
    const auto keys =
        SomeKeys<Counts>(random, static_cast<size_t>(share * places) + 1);
    for (size_t i = 0; i < 4 * keys.size(); ++i) {
      // Some often, most now and then.
      const auto& key = keys[i % 2 == 0 ? i / 2 % keys.size()
                                        : random() % (keys.size() / 8 + 1)];
      const uint64_t count = CountOf<Counts>(key);
      BOOST_REQUIRE_EQUAL(table.FindOrAdd(key, [&] { return count; }), count);
      // It stands in front now.
      const auto& front = table.counts().entries[LineOf(table.counts(), key)];
      BOOST_REQUIRE_EQUAL(std::end(front.words)[-1],
                          std::end(key.words)[-1] | count);
      if (i % 8 == 0) table.GrowIfHalfFull();
      if (i % 512 == 0) CheckPlaces(table);
    }
    CheckPlaces(table);
    const bool has_grown = table.bytes().size() == table.most_bytes();
    BOOST_TEST(has_grown == share > 0.3);
    // While there is room, hardly anything is lost.
    size_t lost = 0;
    for (const auto& key : keys) {
      lost += table.FindOrAdd(key, [] { return uint64_t{0}; }) == 0;
    }
    if (share < 1) BOOST_TEST(100 * lost <= keys.size());
    // What is not known is not added.
    const std::string before(table.bytes());
    for (const auto& key : SomeKeys<Counts>(random, 100)) {
      BOOST_TEST(table.FindOrAdd(key, [] { return uint64_t{0}; }) == 0);
    }
    BOOST_TEST((before == table.bytes()));
  }
}

template <class Counts, size_t kLines>
void CheckLoading() {
  using Table = PretokenTable<Counts, kLines>;
  constexpr uint64_t kBytes = 1 << 20;
  constexpr size_t kPlaces = kBytes / sizeof(typename Counts::Entry);
  const TemporaryFolder folder;
  const std::string path = folder.path("v");
  const std::string sum(64, 'a');
  std::mt19937_64 random(7);
  const auto keys = SomeKeys<Counts>(random, kPlaces * 2 / 5);
  const auto add = [](const auto& some, Table* table) {
    for (const auto& key : some) {
      table->FindOrAdd(key, [&] { return CountOf<Counts>(key); });
      table->GrowIfHalfFull();
    }
  };
  const auto lost = [&](Table* table) {
    size_t count = 0;
    for (const auto& key : keys) {
      const uint64_t found = table->FindOrAdd(key, [] { return uint64_t{0}; });
      BOOST_REQUIRE(found == 0 || found == CountOf<Counts>(key));
      count += found == 0;
    }
    return count;
  };
  Table saved;
  saved.Allocate(kBytes, kBytes);
  add(keys, &saved);
  const std::string_view bytes = saved.bytes();
  const std::string_view all[] = {bytes, bytes, bytes};
  BOOST_REQUIRE(LearnedPretokens(path, sum).Replace(all).ok());
  const LearnedPretokens learned(path, sum);
  for (const uint64_t most_bytes :
       {4 * kBytes, kBytes, kBytes / 2, kBytes / 4}) {
    Table table;
    table.Allocate(most_bytes, std::min(most_bytes, kBytes));
    table.Load(learned, 1);
    CheckPlaces(table);
    BOOST_TEST(table.bytes().size() == std::min(most_bytes, kBytes));
    if (most_bytes >= kBytes) BOOST_TEST(lost(&table) == lost(&saved));
    BOOST_TEST(lost(&table) < keys.size() * 7 / 8);
    // It grows when it is half filled, as if it had been filled here.
    add(SomeKeys<Counts>(random, kPlaces / 5), &table);
    CheckPlaces(table);
    BOOST_TEST(table.bytes().size() == std::min(most_bytes, 2 * kBytes));
  }
}

BOOST_AUTO_TEST_SUITE(pretoken_table)

BOOST_AUTO_TEST_CASE(places_are_as_kernels_want_them) {
  CheckTable<ShortCounts, 2>(1 << 12);
  CheckTable<MidCounts, 2>(1 << 13);
  CheckTable<WideCounts, 4>(1 << 13);
  // One neighbourhood, and one that becomes two.
  CheckTable<ShortCounts, 2>(1);
  CheckTable<WideCounts, 4>(1);
}

BOOST_AUTO_TEST_CASE(what_was_kept_is_there_and_grows_on) {
  CheckLoading<ShortCounts, 2>();
  CheckLoading<MidCounts, 2>();
  CheckLoading<WideCounts, 4>();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

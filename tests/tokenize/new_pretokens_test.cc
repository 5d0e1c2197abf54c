#include "tokenize/new_pretokens.h"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(new_pretokens)

// Also where all hashes are alike, and more come than are looked at.
BOOST_AUTO_TEST_CASE(none_is_lost_however_often_it_comes) {
  std::mt19937_64 random(1);
  NewPretokens pretokens;
  for (const uint64_t kept : {~uint64_t{0}, uint64_t{7} << 61, uint64_t{0}}) {
    for (const size_t most : {0UL, 1UL, 2UL, 100UL, 65535UL}) {
      pretokens.Clear();
      pretokens.Expect(1);
      pretokens.AddUnseen("17", 17);
      pretokens.StartList(most);
      std::vector<std::string> words;
      for (size_t i = 0; i < most; ++i) {
        words.push_back(std::to_string(random() % (most / 2 + 1)));
      }
      std::map<std::string_view, uint32_t> expected;
      ++expected["17"];
      for (const std::string& word : words) {
        ++expected[word];
        const uint64_t number = std::stoull(word);
        pretokens.Add(word, number * 0x9E3779B97F4A7C15 & kept, number);
      }
      std::map<std::string_view, uint32_t> found;
      for (const NewPretokens::Place& place : pretokens.places()) {
        ++found[pretokens[place.pretoken]];
        // Here a text has its number as all of its pretokens.
        BOOST_TEST_REQUIRE(std::to_string(place.text) ==
                           pretokens[place.pretoken]);
      }
      BOOST_TEST((found == expected));
      BOOST_TEST(pretokens.all().size() == pretokens.size());
      // The one before the list may be there again.
      if (kept + 1 == 0) BOOST_TEST(pretokens.size() <= expected.size() + 1);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

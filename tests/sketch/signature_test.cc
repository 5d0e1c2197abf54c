#include "sketch/signature.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

#include "sketch/hash_sort.h"

namespace peaktext {
namespace {

Signature Sign(std::string_view text, SignatureOptions options = {}) {
  Signature signature;
  Signer(options).Sign(text, &signature);
  return signature;
}

bool SameShingles(std::string_view a, std::string_view b) {
  Signer signer;
  std::vector<uint64_t> x;
  std::vector<uint64_t> y;
  signer.Shingles(a, &x);
  signer.Shingles(b, &y);
  return x == y && !x.empty();
}

BOOST_AUTO_TEST_SUITE(signature)

BOOST_AUTO_TEST_CASE(hashes_are_sorted_however_they_are_spread) {
  std::mt19937_64 random(5);
  std::vector<uint64_t> scratch;
  for (const size_t size : {0, 1, 2, 64, 65, 127, 1000, 100000}) {
    for (const unsigned shift : {0U, 1U, 40U, 63U}) {
      for (const uint64_t repeats : {UINT64_MAX, uint64_t{7}}) {
        std::vector<uint64_t> hashes(size);
        for (uint64_t& hash : hashes) hash = random() % repeats >> shift;
        std::vector<uint64_t> expected = hashes;
        std::sort(expected.begin(), expected.end());
        SortHashes(&hashes, &scratch);
        BOOST_TEST((hashes == expected));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(case_punctuation_marks_and_numbers_do_not_count) {
  BOOST_TEST(
      SameShingles("One two, three: FOUR (five)!", "one two three four five"));
  BOOST_TEST(
      SameShingles("caf\u00E9 na\u00EFve \u00C5ngstr\u00F6m r\u00E9sum\u00E9 x",
                   "cafe naive angstrom resume x"));
  BOOST_TEST(SameShingles("cafe\u0301 a b c d", "caf\u00E9 a b c d"));
  BOOST_TEST(SameShingles("in 1984 at 7 pm", "in 2026 at 11 pm"));
  BOOST_TEST(SameShingles("soft\u00ADhyphen a b c d", "softhyphen a b c d"));
  BOOST_TEST(
      SameShingles("\uFF28\uFF45\uFF4C\uFF4C\uFF4F a b c d", "hello a b c d"));
  BOOST_TEST(
      !SameShingles("one two three four five", "one two three five four"));
}

BOOST_AUTO_TEST_CASE(scripts_without_spaces_go_by_character) {
  BOOST_TEST(Sign("\u4F60\u597D\u4E16\u754C\u4EBA").shingles == 1u);
  BOOST_TEST(Sign("\u0E2A\u0E27\u0E19\u0E01\u0E32\u0E23").shingles == 2u);
  BOOST_TEST(Sign("\uD55C\uAD6D\uC5B4 \uB2E8\uC5B4").shingles == 0u);
}

BOOST_AUTO_TEST_CASE(text_shorter_than_a_shingle_has_none) {
  for (const std::string_view text : {"", "   ", "one two three four", "?!"}) {
    const Signature signature = Sign(text);
    BOOST_TEST(signature.shingles == 0u);
    BOOST_TEST(signature.band_hashes.empty());
    BOOST_TEST((signature.sketch == std::array<uint8_t, 64>{}));
  }
}

BOOST_AUTO_TEST_CASE(text_hash_folds_white_space_only) {
  const Hash128 expected = HashBytes128("One two three");
  BOOST_TEST((Sign("One two three").text_hash == expected));
  BOOST_TEST(
      (Sign("\n One\ttwo \u00A0\u3000three\r\n\r\n").text_hash == expected));
  BOOST_TEST((Sign("one two three").text_hash != expected));
  BOOST_TEST((Sign("").text_hash == HashBytes128("")));
  BOOST_TEST((Sign(" \n ").text_hash == HashBytes128("")));
}

BOOST_AUTO_TEST_CASE(band_hashes_are_48_bits_and_differ) {
  const Signature signature = Sign("one two three four five six");
  BOOST_REQUIRE(signature.band_hashes.size() == 20u);
  for (const uint64_t hash : signature.band_hashes) {
    BOOST_TEST(hash >> kBandHashBits == 0u);
  }
  BOOST_TEST(signature.band_hashes[0] != signature.band_hashes[1]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

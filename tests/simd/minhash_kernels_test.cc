#include "simd/minhash_kernels.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>
#include <vector>

#include "simd/supported_isas.h"

namespace peaktext {
namespace {

std::vector<uint64_t> RandomNumbers(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint64_t> numbers(count);
  for (uint64_t& number : numbers) number = random();
  return numbers;
}

BOOST_AUTO_TEST_SUITE(minhash_kernels)

BOOST_DATA_TEST_CASE(shingles_are_those_of_the_specification, SupportedIsas(),
                     isa) {
  const MinhashKernels& scalar = MinhashKernelsFor(Isa::kScalar);
  const MinhashKernels& kernels = MinhashKernelsFor(isa);
  for (unsigned words = 1; words <= kMaxShingleWords; ++words) {
    for (size_t count = 0; count < (words == 5 ? 100u : 20u); ++count) {
      const std::vector<uint64_t> hashes =
          RandomNumbers(count + words - 1, 100 * words + count);
      std::vector<uint64_t> expected(count);
      std::vector<uint64_t> shingles(count);
      std::vector<uint32_t> expected_low(count);
      std::vector<uint32_t> low(count);
      uint64_t expected_least = count % 2 == 0 ? ~0ULL : 1ULL << 60;
      uint64_t least = expected_least;
      scalar.mix_shingles(hashes.data(), count, words, 77, expected.data(),
                          expected_low.data(), &expected_least);
      kernels.mix_shingles(hashes.data(), count, words, 77, shingles.data(),
                           low.data(), &least);
      BOOST_REQUIRE(shingles == expected);
      BOOST_REQUIRE(low == expected_low);
      BOOST_REQUIRE(least == expected_least);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_shingle_is_the_mixed_sum_of_rotated_words) {
  const std::vector<uint64_t> words = {1, 1ULL << 56, 3};
  uint64_t shingle = 0;
  uint32_t low = 0;
  uint64_t least = ~0ULL;
  MinhashKernelsFor(Isa::kScalar)
      .mix_shingles(words.data(), 1, 3, 9, &shingle, &low, &least);
  // 1 + rotl(2^56, 8) + rotl(3, 16) = 1 + 1 + 3 * 65536.
  BOOST_TEST(shingle == MixShingle(9 ^ (2 + 3 * 65536)));
  BOOST_TEST(low == (shingle & 0xFFFF) * 0x10001);
  BOOST_TEST(least == shingle);
}

BOOST_DATA_TEST_CASE(bounds_are_those_of_the_specification, SupportedIsas(),
                     isa) {
  std::mt19937 random(5);
  for (size_t lanes = 0; lanes <= 512; lanes += kLanesPerStep) {
    for (const size_t count : {0u, 1u, 2u, 37u}) {
      std::vector<uint32_t> cells(count);
      for (uint32_t& value : cells) {
        value = static_cast<uint32_t>(random() & 0xFFFF) * 0x10001;
      }
      std::vector<uint16_t> multipliers(lanes);
      std::vector<uint16_t> addends(lanes);
      std::vector<uint16_t> bounds(kLaneEnds * lanes);
      for (std::vector<uint16_t>* values : {&multipliers, &addends, &bounds}) {
        for (uint16_t& value : *values) {
          value = static_cast<uint16_t>(random());
        }
      }
      std::vector<uint16_t> expected = bounds;
      const auto bound = [&](Isa by, std::vector<uint16_t>* all) {
        uint16_t* const ends[kLaneEnds] = {all->data(), all->data() + lanes,
                                           all->data() + 2 * lanes,
                                           all->data() + 3 * lanes};
        MinhashKernelsFor(by).bound_lanes(cells.data(), count,
                                          multipliers.data(), addends.data(),
                                          lanes, ends);
      };
      bound(Isa::kScalar, &expected);
      bound(isa, &bounds);
      BOOST_REQUIRE(bounds == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(bounds_are_next_to_zero_and_to_its_antipode) {
  // Values 5, 0x7000, 0x9000, 0xFFF0 of the first lane.
  const std::vector<uint32_t> cells = {5, 0x7000, 0x9000, 0xFFF0};
  std::vector<uint16_t> multipliers(kLanesPerStep, 1);
  std::vector<uint16_t> addends(kLanesPerStep, 0);
  std::vector<uint16_t> least(kLanesPerStep, 0xFFFF);
  std::vector<uint16_t> greatest(kLanesPerStep, 0);
  std::vector<uint16_t> signed_least(kLanesPerStep, 0x7FFF);
  std::vector<uint16_t> signed_greatest(kLanesPerStep, 0x8000);
  uint16_t* const ends[kLaneEnds] = {least.data(), greatest.data(),
                                     signed_least.data(),
                                     signed_greatest.data()};
  MinhashKernelsFor(Isa::kScalar)
      .bound_lanes(cells.data(), cells.size(), multipliers.data(),
                   addends.data(), kLanesPerStep, ends);
  BOOST_TEST(least[0] == 5);
  BOOST_TEST(greatest[0] == 0xFFF0);
  BOOST_TEST(signed_least[0] == 0x9000);
  BOOST_TEST(signed_greatest[0] == 0x7000);
}

BOOST_DATA_TEST_CASE(wanted_cells_are_found, SupportedIsas(), isa) {
  std::mt19937_64 random(3);
  std::vector<uint64_t> wanted(65536 / 64);
  for (uint64_t& bits : wanted) bits = random() & random();
  for (size_t count = 0; count < 100; ++count) {
    std::vector<uint32_t> cells(count);
    std::vector<uint32_t> expected;
    for (size_t i = 0; i < count; ++i) {
      const auto cell = static_cast<uint32_t>(random() & 0xFFFF);
      cells[i] = cell * 0x10001;
      if (((wanted[cell / 64] >> (cell % 64)) & 1) != 0) {
        expected.push_back(static_cast<uint32_t>(i));
      }
    }
    std::vector<uint32_t> found(count + kLanesPerStep);
    found.resize(MinhashKernelsFor(isa).find_cells(
        cells.data(), count, wanted.data(), found.data()));
    BOOST_REQUIRE(found == expected);
  }
}

BOOST_DATA_TEST_CASE(bins_are_those_of_the_specification, SupportedIsas(),
                     isa) {
  for (const size_t count : {0u, 1u, 7u, 100u, 5000u}) {
    const std::vector<uint64_t> shingles = RandomNumbers(count, count);
    std::vector<uint32_t> expected(kSketchBins, ~0U);
    for (const uint64_t shingle : shingles) {
      uint32_t& bin = expected[shingle >> 56];
      bin = std::min(bin, static_cast<uint32_t>(shingle >> 24));
    }
    std::vector<uint32_t> bins(kSketchBins, ~0U);
    MinhashKernelsFor(isa).min_bins(shingles.data(), count, bins.data());
    BOOST_TEST((bins == expected));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

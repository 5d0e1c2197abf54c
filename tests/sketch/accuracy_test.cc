// How good signatures are as estimates, with fixed seeds: against the theory of
// independent permutations, for short texts and long ones.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include "sketch/signature.h"

namespace peaktext {
namespace {

// Two texts of n shingles each, all distinct, of which the last `changed` are
// not shared.
struct Pair {
  std::string a;
  std::string b;
};

Pair MakePair(size_t n, size_t changed, std::mt19937_64* random) {
  const auto word = [random] {
    std::string letters(7, ' ');
    for (char& c : letters) c = static_cast<char>('a' + (*random)() % 26);
    return letters + " ";
  };
  Pair pair;
  for (size_t i = 0; i < n + 4 - changed; ++i) pair.a += word();
  pair.b = pair.a;
  for (size_t i = 0; i < changed; ++i) {
    pair.a += word();
    pair.b += word();
  }
  return pair;
}

struct Setting {
  size_t shingles;
  size_t
      changed;  // so that J = (shingles - changed)/(shingles + changed) = 0.8
  size_t trials;
  double jaccard() const {
    return static_cast<double>(shingles - changed) /
           static_cast<double>(shingles + changed);
  }
};
std::ostream& operator<<(std::ostream& out, const Setting& setting) {
  return out << setting.shingles << " shingles";
}
const std::vector<Setting> kSettings = {
    {30, 3, 20000}, {100, 11, 12000}, {500, 56, 5000}, {5000, 556, 700}};

// More trials for a closer look: PEAKTEXT_ACCURACY_TRIALS=10 is ten times as
// many.
size_t Trials(const Setting& setting) {
  const char* factor = std::getenv("PEAKTEXT_ACCURACY_TRIALS");
  return setting.trials *
         (factor == nullptr ? 1
                            : std::max(1UL, std::strtoul(factor, nullptr, 10)));
}

size_t EqualBands(const Signature& a, const Signature& b) {
  size_t equal = 0;
  for (size_t i = 0; i < a.band_hashes.size(); ++i) {
    equal += a.band_hashes[i] == b.band_hashes[i];
  }
  return equal;
}

// Mean and root mean square error of an estimate.
struct Errors {
  void Add(double error) {
    sum += error;
    squares += error * error;
    ++count;
  }
  double mean() const { return sum / count; }
  double root_mean_square() const { return std::sqrt(squares / count); }
  double sum = 0;
  double squares = 0;
  double count = 0;
};

BOOST_AUTO_TEST_SUITE(accuracy)

BOOST_DATA_TEST_CASE(sketch_error_is_0_03_or_less, kSettings, setting) {
  std::mt19937_64 random(setting.shingles);
  Signer signer;
  Signature a;
  Signature b;
  Errors errors;
  Errors found;  // of pairs that share a band
  for (size_t i = 0; i < Trials(setting); ++i) {
    const Pair pair = MakePair(setting.shingles, setting.changed, &random);
    signer.Sign(pair.a, &a);
    signer.Sign(pair.b, &b);
    const double error =
        SketchSimilarity(a.sketch, b.sketch) - setting.jaccard();
    errors.Add(error);
    if (EqualBands(a, b) > 0) found.Add(error);
  }
  const double theory = SketchStandardError(setting.jaccard());
  BOOST_TEST_MESSAGE(setting << ": sketch RMSE " << errors.root_mean_square()
                             << ", theory " << theory << ", mean error "
                             << errors.mean());
  // Sampling error of the RMSE: 1/sqrt(2 trials) of it.
  const double sampling = 3 / std::sqrt(2 * errors.count);
  BOOST_TEST(errors.root_mean_square() <= 0.03 * (1 + sampling));
  BOOST_TEST(errors.root_mean_square() <= theory * (1 + sampling));
  BOOST_TEST(std::abs(errors.mean()) <= 4 * theory / std::sqrt(errors.count));
  BOOST_TEST(std::abs(found.mean()) <= 4 * theory / std::sqrt(found.count));
}

BOOST_DATA_TEST_CASE(minhash_error_is_that_of_permutations, kSettings,
                     setting) {
  std::mt19937_64 random(setting.shingles);
  constexpr uint32_t kLanes = 128;
  Signer signer({.bands = kLanes, .rows = 1});
  Signature a;
  Signature b;
  Errors errors;
  for (size_t i = 0; i < Trials(setting); ++i) {
    const Pair pair = MakePair(setting.shingles, setting.changed, &random);
    signer.Sign(pair.a, &a);
    signer.Sign(pair.b, &b);
    errors.Add(static_cast<double>(EqualBands(a, b)) / kLanes -
               setting.jaccard());
  }
  const double jaccard = setting.jaccard();
  const double theory = std::sqrt(jaccard * (1 - jaccard) / kLanes);
  BOOST_TEST_MESSAGE(setting << ": MinHash RMSE " << errors.root_mean_square()
                             << ", theory " << theory << ", mean error "
                             << errors.mean());
  const double sampling = 3 / std::sqrt(2 * errors.count);
  // Lanes share the 32-bit shingle hash: up to 4 % more, for short texts.
  BOOST_TEST(errors.root_mean_square() <= 1.04 * theory * (1 + sampling));
  BOOST_TEST(errors.root_mean_square() >= 0.94 * theory * (1 - sampling));
  BOOST_TEST(std::abs(errors.mean()) <= 4 * theory / std::sqrt(errors.count));
}

BOOST_DATA_TEST_CASE(band_hit_rates_follow_the_curve, kSettings, setting) {
  for (const SignatureOptions& options :
       {SignatureOptions(), SignatureOptions::Fineweb(),
        SignatureOptions::Dolma3(), SignatureOptions{.bands = 9, .rows = 13}}) {
    std::mt19937_64 random(setting.shingles + options.bands);
    Signer signer(options);
    Signature a;
    Signature b;
    double hits = 0;
    const size_t trials = Trials(setting) / 2;
    for (size_t i = 0; i < trials; ++i) {
      const Pair pair = MakePair(setting.shingles, setting.changed, &random);
      signer.Sign(pair.a, &a);
      signer.Sign(pair.b, &b);
      hits += EqualBands(a, b) > 0;
    }
    const double expected =
        1 -
        std::pow(1 - std::pow(setting.jaccard(), options.rows), options.bands);
    const double rate = hits / static_cast<double>(trials);
    const double deviation =
        std::sqrt(expected * (1 - expected) / static_cast<double>(trials));
    BOOST_TEST_MESSAGE(
        setting << ": " << options.bands << "x" << options.rows << " hit rate "
                << rate << ", expected " << expected << ", "
                << (rate - expected) / deviation << " standard errors");
    BOOST_TEST(std::abs(rate - expected) <=
               4 * deviation + 1 / static_cast<double>(trials));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

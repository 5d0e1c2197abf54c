#include "forecast/scaling_laws.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace peaktext {
namespace {

// Six digits.
constexpr double kRelative = 5e-7;

void CheckClose(double value, double expected, double relative = kRelative) {
  BOOST_TEST(std::abs(value - expected) <= relative * std::abs(expected),
             value << " is not " << expected);
}

// Slow truth: the best N for a compute budget by a scan and then golden-section
// search over the loss itself, with no use of derivatives.
double BestLossByScan(const RepetitionLaw& law, double compute, double unique) {
  double best = 1e300;
  double center = std::log(1e12);
  for (double width = 12, step = 0.01; width > 1e-7; width /= 50, step /= 50) {
    double at = center;
    for (double x = center - width; x <= center + width; x += step) {
      const double n = std::exp(x);
      const double loss = law.Loss(n, compute / 6 / n, unique);
      if (loss < best) {
        best = loss;
        at = x;
      }
    }
    center = at;
  }
  return best;
}

BOOST_AUTO_TEST_SUITE(scaling_laws)

BOOST_AUTO_TEST_CASE(ten_trillion_tokens_agree_with_the_published_values) {
  const RepetitionLaw law = MuennighoffLaw();
  const TrainingPoint one = law.AtEpochs(1, 1e13);
  CheckClose(one.parameters, 5.0987e11, 1e-4 / 5);
  CheckClose(one.compute_flop, 3.059e25, 1e-3 / 5);
  CheckClose(one.loss, 1.946585);
  const TrainingPoint e27 = law.AtCompute(1e27, 1e13);
  CheckClose(e27.parameters, 2.306e12, 1e-3 / 5);
  CheckClose(e27.epochs, 7.23, 1e-3);
  CheckClose(e27.loss, 1.914290);
  CheckClose(law.AtCompute(1e28, 1e13).loss, 1.905608);
  CheckClose(law.AtCompute(1e27, 1e40).loss, 1.911017);
  CheckClose(law.AtCompute(1e28, 1e40).loss, 1.897044);
  CheckClose(law.LossLimit(1e13), 1.903807);
}

BOOST_AUTO_TEST_CASE(effective_epochs_agree_with_the_published_ones) {
  const RepetitionLaw law = MuennighoffLaw();
  const double expected[][3] = {
      {1, 1, 1e-12},   {2, 1.968, 2e-4}, {4, 3.726, 2e-4},
      {8, 6.62, 1e-3}, {16, 10.6, 5e-3}, {40, 15.2, 5e-3},
  };
  for (const auto& [epochs, effective, tolerance] : expected) {
    CheckClose(law.EffectiveTokens(epochs * 1e9, 1e9) / 1e9, effective,
               tolerance);
  }
  CheckClose(law.EffectiveTokens(1e15, 1e9) / 1e9, 16.387756);
}

BOOST_AUTO_TEST_CASE(one_epoch_sizes_of_the_other_laws_agree) {
  CheckClose(BesirogluLaw().OptimalParameters(1e13), 6.04e11, 2e-3);
  CheckClose(HoffmannLaw().OptimalParameters(1e13), 8.7e10, 5e-3);
  CheckClose(6 * BesirogluLaw().OptimalParameters(1e13) * 1e13, 3.62e25, 2e-3);
  // Chinchilla itself, by the paper's own rounded law.
  CheckClose(
      HoffmannLaw().Loss(7e10, 1.4e12),
      1.69 + 406.4 / std::pow(7e10, .34) + 410.7 / std::pow(1.4e12, .28));
}

BOOST_AUTO_TEST_CASE(the_optimum_is_where_a_scan_finds_it) {
  const RepetitionLaw law = MuennighoffLaw();
  for (const double unique : {1e9, 1e11, 1e13}) {
    for (const double compute : {1e20, 1e23, 1e26, 1e28}) {
      const TrainingPoint point = law.AtCompute(compute, unique);
      CheckClose(point.compute_flop, compute, 1e-9);
      CheckClose(point.loss, BestLossByScan(law, compute, unique), 1e-9);
    }
  }
}

BOOST_AUTO_TEST_CASE(epochs_and_compute_describe_the_same_run) {
  const RepetitionLaw law = MuennighoffLaw();
  for (const double epochs : {0.5, 1.0, 4.0, 40.0, 200.0}) {
    const TrainingPoint point = law.AtEpochs(epochs, 3e12);
    const TrainingPoint same = law.AtCompute(point.compute_flop, 3e12);
    CheckClose(same.epochs, epochs, 1e-6);
    CheckClose(same.loss, point.loss, 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(the_published_fit_scores_as_published_on_its_runs) {
  const char* shared = std::getenv("PEAKTEXT_SHARED");
  const std::filesystem::path path =
      std::filesystem::path(
          shared != nullptr ? shared : PEAKTEXT_SOURCE_DIR "/../shared") /
      "data/datablations_runs_fit182.csv";
  std::ifstream file(path);
  if (!file) {
    BOOST_TEST_MESSAGE("SKIPPED: no " << path);
    return;
  }
  const RepetitionLaw law = MuennighoffLaw();
  std::string line;
  std::getline(file, line);
  double huber_sum = 0;
  size_t runs = 0;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::vector<double> values;
    for (std::string field; std::getline(fields, field, ',');) {
      values.push_back(std::strtod(field.c_str(), nullptr));
    }
    const double predicted = law.Loss(values[1], values[2], values[3]);
    const double error = std::abs(std::log(predicted) - std::log(values[4]));
    constexpr double kDelta = 1e-3;
    huber_sum +=
        error <= kDelta ? error * error / 2 : kDelta * (error - kDelta / 2);
    ++runs;
  }
  BOOST_TEST(runs == 182u);
  CheckClose(huber_sum, 0.0158259353, 1e-6);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

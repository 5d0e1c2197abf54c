#include "forecast/scaling_laws.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>  // Debian libboost-math: roots
#include <cmath>
#include <cstdint>

namespace peaktext {
namespace {

// The root of a function that falls from positive to negative between e^low and
// e^high, to the last bits of a double.
template <class Function>
double RootOnLogScale(Function function, double log_low, double log_high) {
  std::uintmax_t iterations = 200;
  const auto bracket = boost::math::tools::toms748_solve(
      [&](double log_x) { return function(std::exp(log_x)); }, log_low,
      log_high, boost::math::tools::eps_tolerance<double>(50), iterations);
  return std::exp((bracket.first + bracket.second) / 2);
}

// Wide enough for every model and every compute budget anybody will write down.
constexpr double kLogSmallestModel = 0;
constexpr double kLogLargestModel = 115;  // e^115 = 1e50

double Saturating(double once, double total, double r_star) {
  const double repeats = total / once - 1;
  return once + once * r_star * (1 - std::exp(-repeats / r_star));
}

}  // namespace

double ChinchillaLaw::Loss(double parameters, double tokens) const {
  return e + a / std::pow(parameters, alpha) + b / std::pow(tokens, beta);
}

double ChinchillaLaw::OptimalParameters(double tokens) const {
  const double g = std::pow(alpha * a / (beta * b), 1 / (alpha + beta));
  return g * std::pow(g * tokens, beta / alpha);
}

ChinchillaLaw HoffmannLaw() {
  return {.name = "Hoffmann 2022",
          .source = "arXiv 2203.15556, approach 3, constants as printed",
          .a = 406.4,
          .b = 410.7,
          .e = 1.69,
          .alpha = 0.34,
          .beta = 0.28};
}

ChinchillaLaw HoffmannUnroundedLaw() {
  return {.name = "Hoffmann 2022 unrounded",
          .source = "arXiv 2203.15556, approach 3, constants of its TeX source",
          .a = std::exp(6.0073404),
          .b = std::exp(6.0179186),
          .e = std::exp(0.5267228),
          .alpha = 0.33917084,
          .beta = 0.2849083};
}

ChinchillaLaw BesirogluLaw() {
  return {.name = "Besiroglu 2024",
          .source = "arXiv 2404.10102, re-fit of Hoffmann's runs",
          .a = 482.01,
          .b = 2085.43,
          .e = 1.8172,
          .alpha = 0.3478,
          .beta = 0.3658};
}

LawIntervals BesirogluIntervals() {
  return {.a = {{285, 744}},
          .b = {{1042, 5810}},
          .e = {{1.769, 1.871}},
          .alpha = {{0.317, 0.373}},
          .beta = {{0.331, 0.415}}};
}

RepetitionLaw MuennighoffLaw() {
  return {
      .base = {.name = "Muennighoff 2023",
               .source = "arXiv 2305.16264, constants of the authors' fit "
                         "(huggingface/datablations)",
               .a = std::exp(6.255414),
               .b = std::exp(7.3049974),
               .e = std::exp(0.6254804),
               .alpha = 0.3526596,
               .beta = 0.3526596},
      .r_star_d = 15.387756,
      .r_star_n = 5.309743,
  };
}

double RepetitionLaw::EffectiveTokens(double tokens_seen,
                                      double unique_tokens) const {
  const double once = std::min(unique_tokens, tokens_seen);
  return Saturating(once, tokens_seen, r_star_d);
}

double RepetitionLaw::EffectiveParameters(double parameters, double tokens_seen,
                                          double unique_tokens) const {
  const double once = std::min(
      parameters, base.OptimalParameters(std::min(unique_tokens, tokens_seen)));
  return Saturating(once, parameters, r_star_n);
}

double RepetitionLaw::Loss(double parameters, double tokens_seen,
                           double unique_tokens) const {
  return base.Loss(EffectiveParameters(parameters, tokens_seen, unique_tokens),
                   EffectiveTokens(tokens_seen, unique_tokens));
}

double RepetitionLaw::GainOfSize(double parameters, double tokens_seen,
                                 double unique_tokens) const {
  const double once = std::min(
      parameters, base.OptimalParameters(std::min(unique_tokens, tokens_seen)));
  const double effective = Saturating(once, parameters, r_star_n);
  const double slope = std::exp(-(parameters / once - 1) / r_star_n);
  return base.alpha * base.a * std::pow(effective, -base.alpha - 1) * slope *
         parameters;
}

double RepetitionLaw::GainOfData(double tokens_seen,
                                 double unique_tokens) const {
  const double once = std::min(unique_tokens, tokens_seen);
  const double effective = Saturating(once, tokens_seen, r_star_d);
  const double slope = std::exp(-(tokens_seen / once - 1) / r_star_d);
  return base.beta * base.b * std::pow(effective, -base.beta - 1) * slope *
         tokens_seen;
}

TrainingPoint RepetitionLaw::PointAt(double parameters, double tokens_seen,
                                     double unique_tokens) const {
  return {.epochs = tokens_seen / unique_tokens,
          .tokens_seen = tokens_seen,
          .effective_tokens = EffectiveTokens(tokens_seen, unique_tokens),
          .parameters = parameters,
          .compute_flop = 6 * parameters * tokens_seen,
          .loss = Loss(parameters, tokens_seen, unique_tokens)};
}

TrainingPoint RepetitionLaw::AtEpochs(double epochs,
                                      double unique_tokens) const {
  const double tokens = epochs * unique_tokens;
  const double wanted = std::log(GainOfData(tokens, unique_tokens));
  const double parameters = RootOnLogScale(
      [&](double n) {
        // In logarithms: the exponential cut-off underflows for absurd sizes.
        const double gain = GainOfSize(n, tokens, unique_tokens);
        return gain > 0 ? std::log(gain) - wanted : -1e300;
      },
      kLogSmallestModel, kLogLargestModel);
  return PointAt(parameters, tokens, unique_tokens);
}

TrainingPoint RepetitionLaw::AtCompute(double compute_flop,
                                       double unique_tokens) const {
  const double product = compute_flop / 6;
  const double parameters = RootOnLogScale(
      [&](double n) {
        const double size = GainOfSize(n, product / n, unique_tokens);
        const double data = GainOfData(product / n, unique_tokens);
        if (!(size > 0)) return -1e300;
        if (!(data > 0)) return 1e300;
        return std::log(size) - std::log(data);
      },
      kLogSmallestModel, std::log(product));
  return PointAt(parameters, product / parameters, unique_tokens);
}

double RepetitionLaw::LossLimit(double unique_tokens) const {
  return base.Loss(base.OptimalParameters(unique_tokens) * (1 + r_star_n),
                   unique_tokens * (1 + r_star_d));
}

}  // namespace peaktext

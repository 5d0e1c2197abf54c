// Scaling laws: the loss of a language model from its size and its data, with
// the exact constants of their papers.
//
//   const ChinchillaLaw law = BesirogluLaw();
//   law.Loss(7e10, 1.4e12);                       // nats per token
//   const RepetitionLaw repeated = MuennighoffLaw();
//   repeated.AtEpochs(4, 1e13).parameters;        // compute-optimal size
//
// Units: N in parameters, D and U in tokens, C in FLOP with C = 6 N D, losses
// in nats per token of the law's own tokenizer and validation set: losses of
// different laws are not comparable to the third digit. All functions are
// total for positive arguments; nothing here fails.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace peaktext {

// L(N, D) = E + A / N^alpha + B / D^beta.
struct ChinchillaLaw {
  std::string_view name;
  std::string_view source;
  double a = 0;
  double b = 0;
  double e = 0;
  double alpha = 0;
  double beta = 0;

  double Loss(double parameters, double tokens) const;
  // The size that is best when `tokens` are all seen once:
  // N = G (G D)^(beta/alpha), G = (alpha A / (beta B))^(1/(alpha+beta)), which
  // is Hoffmann et al.'s N_opt(C), D_opt(C) with C eliminated.
  double OptimalParameters(double tokens) const;
};

// Hoffmann et al. 2022 (arXiv 2203.15556), approach 3: the rounded constants of
// the paper, and those of its TeX source before rounding (as recovered by
// Besiroglu et al.).
ChinchillaLaw HoffmannLaw();
ChinchillaLaw HoffmannUnroundedLaw();
// Besiroglu et al. 2024 (arXiv 2404.10102): the re-fit to the same runs.
ChinchillaLaw BesirogluLaw();

// 95 % intervals of a law's constants, each alone; absent where none are
// published.
struct LawIntervals {
  std::optional<std::array<double, 2>> a, b, e, alpha, beta;
};
// By Besiroglu et al.'s own 4,000 bootstraps.
LawIntervals BesirogluIntervals();

// One point of a training run over repeated data.
struct TrainingPoint {
  double epochs = 0;            // D / U
  double tokens_seen = 0;       // D
  double effective_tokens = 0;  // D'
  double parameters = 0;        // N
  double compute_flop = 0;      // 6 N D
  double loss = 0;
};

// Muennighoff et al. 2023 (arXiv 2305.16264): ChinchillaLaw on D' and N',
//   U_D = min(U, D),  R_D = D / U_D - 1,  D' = U_D + U_D R*_D (1 -
//   e^(-R_D/R*_D)) U_N = min(N, size that is best for U_D), R_N = N / U_N - 1,
//   N' likewise.
struct RepetitionLaw {
  ChinchillaLaw base;
  double r_star_d = 0;
  double r_star_n = 0;

  double EffectiveTokens(double tokens_seen, double unique_tokens) const;
  double EffectiveParameters(double parameters, double tokens_seen,
                             double unique_tokens) const;
  double Loss(double parameters, double tokens_seen,
              double unique_tokens) const;

  // The compute-optimal run that passes `epochs` times over `unique_tokens`:
  // the N at which a FLOP more helps as much in N as in D (dL/dlnN = dL/dlnD).
  // REQUIRES: epochs > 0.
  TrainingPoint AtEpochs(double epochs, double unique_tokens) const;
  // The compute-optimal run that costs `compute_flop`.
  TrainingPoint AtCompute(double compute_flop, double unique_tokens) const;
  // The loss that no compute and no repetition of this data gets below.
  double LossLimit(double unique_tokens) const;

 private:
  // N -dL/dN and D -dL/dD: how much a relative step of each lowers the loss.
  double GainOfSize(double parameters, double tokens_seen,
                    double unique_tokens) const;
  double GainOfData(double tokens_seen, double unique_tokens) const;
  TrainingPoint PointAt(double parameters, double tokens_seen,
                        double unique_tokens) const;
};

RepetitionLaw MuennighoffLaw();

}  // namespace peaktext

// What a stock of unique tokens is worth: its share of the limit, and what
// passing over it again and again buys.
//
//   const Forecast forecast = MakeForecast({.unique_tokens = 1e13});
//   PrintForecast(forecast, &text);  WriteForecast(forecast, &json);
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "forecast/scaling_laws.h"

namespace peaktext {

// The size of the stock that models outgrow first, in tokens: the scale of the
// deduplicated English web (see README, "The limit").
inline constexpr double kLimitTokens = 1e13;

inline constexpr std::array<double, 6> kEpochs = {1, 2, 4, 8, 16, 40};

struct ForecastInput {
  double unique_tokens = 0;  // > 0
  std::string origin;        // where that number is from, for the report
  double limit_tokens = kLimitTokens;
};

// A number that another program may rely on.
struct Figure {
  double value = 0;
  // 95 %; absent where the source gives none. An exact count has [value,
  // value].
  std::optional<std::array<double, 2>> interval;
  std::string_view unit;
  std::string source;
};

struct EpochRow {
  Figure epochs;
  Figure tokens_seen;
  Figure effective_tokens;
  Figure parameters;
  Figure compute;
  Figure loss;
};

struct OneEpochRow {
  std::string_view law;
  Figure parameters;
  Figure compute;
  Figure loss;
};

// A law as it is used here, so that every figure can be computed again.
struct LawRow {
  std::string_view law;
  std::string_view formula;
  std::vector<std::pair<std::string_view, Figure>> constants;
};

struct Forecast {
  Figure unique_tokens;
  Figure limit_tokens;
  Figure share_of_limit;
  std::vector<EpochRow> repeated;  // by Muennighoff, kEpochs
  Figure loss_limit;               // no repetition gets below
  Figure effective_tokens_limit;
  std::vector<OneEpochRow> one_epoch;  // every law at its own best size
  std::vector<LawRow> laws;            // with their exact constants
};

// REQUIRES: input.unique_tokens > 0, input.limit_tokens > 0.
Forecast MakeForecast(const ForecastInput& input);

// A table for people.
std::string PrintForecast(const Forecast& forecast);
// {"schema":1,"unique_tokens":F,...}: every figure as
// {"value","interval","unit","source"}.
void WriteForecast(const Forecast& forecast, JsonWriter* json);

// "10T", "15.5B", "300M", "2k", "1e12": tokens. nullopt when it is none of
// them or not positive and finite.
std::optional<double> ParseTokens(std::string_view text);

}  // namespace peaktext

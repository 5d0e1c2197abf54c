#include "forecast/forecast.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <string>

namespace peaktext {
namespace {

Figure Exact(double value, std::string_view unit, std::string source) {
  return {value, std::array{value, value}, unit, std::move(source)};
}

Figure Estimate(double value, std::string_view unit, std::string_view source) {
  return {value, std::nullopt, unit, std::string(source)};
}

// 12345678 -> "12.3M": three digits and the suffix of thousands.
std::string Short(double value) {
  static constexpr std::string_view kSuffixes = " kMBT";
  size_t thousands = 0;
  while (value >= 999.5 && thousands + 1 < kSuffixes.size()) {
    value /= 1000;
    ++thousands;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  const std::string digits = fmt::format("{:.{}f}", value, decimals);
  return thousands == 0 ? digits : digits + kSuffixes[thousands];
}

void WriteFigure(std::string_view key, const Figure& figure, JsonWriter* json) {
  json->Key(key);
  json->StartObject();
  json->Key("value");
  json->Double(figure.value);
  json->Key("interval");
  if (figure.interval) {
    json->StartArray();
    json->Double((*figure.interval)[0]);
    json->Double((*figure.interval)[1]);
    json->EndArray();
  } else {
    json->Null();
  }
  json->Member("unit", figure.unit);
  json->Member("source", figure.source);
  json->EndObject();
}

EpochRow MakeEpochRow(const TrainingPoint& point, std::string_view source) {
  return {
      .epochs = Exact(point.epochs, "epochs", "chosen"),
      .tokens_seen =
          Exact(point.tokens_seen, "tokens", "epochs times unique tokens"),
      .effective_tokens = Estimate(point.effective_tokens, "tokens", source),
      .parameters = Estimate(point.parameters, "parameters", source),
      .compute = Estimate(point.compute_flop, "FLOP", source),
      .loss = Estimate(point.loss, "nats/token", source)};
}

OneEpochRow MakeOneEpochRow(const ChinchillaLaw& law, double tokens) {
  const double parameters = law.OptimalParameters(tokens);
  return {
      .law = law.name,
      .parameters = Estimate(parameters, "parameters", law.source),
      .compute = Estimate(6 * parameters * tokens, "FLOP", law.source),
      .loss = Estimate(law.Loss(parameters, tokens), "nats/token", law.source)};
}

using Interval = std::optional<std::array<double, 2>>;

LawRow MakeLawRow(const ChinchillaLaw& law, const LawIntervals& intervals) {
  const auto constant = [&law](std::string_view name, double value,
                               const Interval& interval,
                               std::string_view unit = "1") {
    return std::pair{name,
                     Figure{value, interval, unit, std::string(law.source)}};
  };
  return {.law = law.name,
          .formula = "L = E + A / N^alpha + B / D^beta",
          .constants = {constant("A", law.a, intervals.a),
                        constant("B", law.b, intervals.b),
                        constant("E", law.e, intervals.e, "nats/token"),
                        constant("alpha", law.alpha, intervals.alpha),
                        constant("beta", law.beta, intervals.beta)}};
}

LawRow MakeLawRow(const RepetitionLaw& law) {
  LawRow row = MakeLawRow(law.base, {});
  row.formula =
      "L = E + A / N'^alpha + B / D'^beta, "
      "X' = U_X (1 + R*_X (1 - exp((1 - X / U_X) / R*_X)))";
  const std::string source(law.base.source);
  row.constants.push_back({"R*_D", Estimate(law.r_star_d, "epochs", source)});
  row.constants.push_back({"R*_N", Estimate(law.r_star_n, "1", source)});
  return row;
}

}  // namespace

Forecast MakeForecast(const ForecastInput& input) {
  const RepetitionLaw law = MuennighoffLaw();
  const std::string_view source = law.base.source;
  const double unique = input.unique_tokens;
  Forecast forecast;
  forecast.unique_tokens = Exact(unique, "tokens", input.origin);
  forecast.limit_tokens =
      Exact(input.limit_tokens, "tokens", "the limit that is measured against");
  forecast.share_of_limit =
      Exact(unique / input.limit_tokens, "share", "unique tokens over limit");
  for (const double epochs : kEpochs) {
    forecast.repeated.push_back(
        MakeEpochRow(law.AtEpochs(epochs, unique), source));
  }
  forecast.loss_limit = Estimate(law.LossLimit(unique), "nats/token", source);
  forecast.effective_tokens_limit =
      Estimate(unique * (1 + law.r_star_d), "tokens", source);
  for (const ChinchillaLaw& one :
       {law.base, HoffmannLaw(), HoffmannUnroundedLaw(), BesirogluLaw()}) {
    forecast.one_epoch.push_back(MakeOneEpochRow(one, unique));
  }
  forecast.laws = {MakeLawRow(law), MakeLawRow(HoffmannLaw(), {}),
                   MakeLawRow(HoffmannUnroundedLaw(), {}),
                   MakeLawRow(BesirogluLaw(), BesirogluIntervals())};
  return forecast;
}

std::string PrintForecast(const Forecast& forecast) {
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "unique tokens    {:>12}   ({})\n",
                 Short(forecast.unique_tokens.value),
                 forecast.unique_tokens.source);
  fmt::format_to(out, "share of {:<8}{:>12.6g} %\n\n",
                 Short(forecast.limit_tokens.value),
                 100 * forecast.share_of_limit.value);
  fmt::format_to(out, "What repetition buys ({}):\n",
                 MuennighoffLaw().base.source);
  fmt::format_to(out, "{:>6} {:>12} {:>12} {:>12} {:>11} {:>10}\n", "epochs",
                 "seen", "effective", "parameters", "FLOP", "loss");
  for (const EpochRow& row : forecast.repeated) {
    fmt::format_to(out, "{:>6} {:>12} {:>12} {:>12} {:>11.3e} {:>10.6f}\n",
                   row.epochs.value, Short(row.tokens_seen.value),
                   Short(row.effective_tokens.value),
                   Short(row.parameters.value), row.compute.value,
                   row.loss.value);
  }
  fmt::format_to(out, "{:>6} {:>12} {:>12} {:>12} {:>11} {:>10.6f}\n\n",
                 "limit", "", Short(forecast.effective_tokens_limit.value), "",
                 "", forecast.loss_limit.value);
  fmt::format_to(out, "One epoch, each law at its own best size:\n");
  for (const OneEpochRow& row : forecast.one_epoch) {
    fmt::format_to(out, "{:<24} {:>21} {:>11.3e} {:>10.6f}   {}\n", row.law,
                   Short(row.parameters.value), row.compute.value,
                   row.loss.value, row.loss.source);
  }
  fmt::format_to(out, "\nThe laws, with the constants used:\n");
  for (const LawRow& row : forecast.laws) {
    fmt::format_to(out, "{}: {}\n ", row.law, row.formula);
    for (const auto& [name, figure] : row.constants) {
      fmt::format_to(out, " {} {:.10g}", name, figure.value);
    }
    out = '\n';
  }
  fmt::format_to(
      out,
      "\nThe laws' authors publish no intervals for these losses; each law has "
      "its own\ntokenizer and validation set, so the spread between the rows "
      "says how far to trust them.\n");
  return text;
}

void WriteForecast(const Forecast& forecast, JsonWriter* json) {
  json->StartObject();
  json->Member("schema", uint64_t{1});
  WriteFigure("unique_tokens", forecast.unique_tokens, json);
  WriteFigure("limit_tokens", forecast.limit_tokens, json);
  WriteFigure("share_of_limit", forecast.share_of_limit, json);
  json->Key("repeated");
  json->StartArray();
  for (const EpochRow& row : forecast.repeated) {
    json->StartObject();
    WriteFigure("epochs", row.epochs, json);
    WriteFigure("tokens_seen", row.tokens_seen, json);
    WriteFigure("effective_tokens", row.effective_tokens, json);
    WriteFigure("parameters", row.parameters, json);
    WriteFigure("compute", row.compute, json);
    WriteFigure("loss", row.loss, json);
    json->EndObject();
  }
  json->EndArray();
  WriteFigure("effective_tokens_limit", forecast.effective_tokens_limit, json);
  WriteFigure("loss_limit", forecast.loss_limit, json);
  json->Key("one_epoch");
  json->StartArray();
  for (const OneEpochRow& row : forecast.one_epoch) {
    json->StartObject();
    json->Member("law", row.law);
    WriteFigure("parameters", row.parameters, json);
    WriteFigure("compute", row.compute, json);
    WriteFigure("loss", row.loss, json);
    json->EndObject();
  }
  json->EndArray();
  json->Key("laws");
  json->StartArray();
  for (const LawRow& row : forecast.laws) {
    json->StartObject();
    json->Member("law", row.law);
    json->Member("formula", row.formula);
    for (const auto& [name, figure] : row.constants) {
      WriteFigure(name, figure, json);
    }
    json->EndObject();
  }
  json->EndArray();
  json->EndObject();
}

std::optional<double> ParseTokens(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  const std::string_view suffix(
      end, static_cast<size_t>(text.data() + text.size() - end));
  if (suffix == "k" || suffix == "K") {
    value *= 1e3;
  } else if (suffix == "M") {
    value *= 1e6;
  } else if (suffix == "B" || suffix == "G") {
    value *= 1e9;
  } else if (suffix == "T") {
    value *= 1e12;
  } else if (!suffix.empty()) {
    return std::nullopt;
  }
  if (!std::isfinite(value) || value <= 0) return std::nullopt;
  return value;
}

}  // namespace peaktext

#include "forecast/forecast.h"

#include <fmt/core.h>

#include "commands.h"
#include "flags.h"
#include "inventory/inventory.h"
#include "run_main.h"

namespace peaktext {
namespace {

struct ForecastFlags {
  std::string inventory;
  std::string vocabulary;
  std::string unique;
  std::string limit = "10T";
  OutputFlags output;
};

// The unique tokens that the inventory found: the survivors' of one vocabulary.
Result<ForecastInput> InputFromInventory(const ForecastFlags& flags) {
  const Result<Inventory> inventory = ReadInventory(flags.inventory);
  if (!inventory) return Fail(inventory.error());
  if (!inventory->decided) {
    return Fail(StatusCode::kNotFound,
                fmt::format("{}: what is unique is not known yet: run peaktext "
                            "dedup, then inventory, on its folder",
                            flags.inventory));
  }
  size_t index = 0;
  if (!flags.vocabulary.empty()) {
    const std::optional<size_t> found =
        inventory->FindVocabulary(flags.vocabulary);
    if (!found) {
      return Fail(StatusCode::kInvalidArgument,
                  fmt::format("{}: no counts of vocabulary {}", flags.inventory,
                              flags.vocabulary));
    }
    index = *found;
  }
  const std::vector<uint64_t>& tokens = inventory->totals.near_unique.tokens;
  if (index >= tokens.size() || tokens[index] == 0) {
    return Fail(StatusCode::kNotFound,
                fmt::format("{}: no unique tokens in it", flags.inventory));
  }
  return ForecastInput{
      .unique_tokens = static_cast<double>(tokens[index]),
      .origin = fmt::format("{}, near-unique, {}", flags.inventory,
                            inventory->vocabularies[index])};
}

Result<ForecastInput> InputFromFlags(const ForecastFlags& flags) {
  const std::optional<double> limit = ParseTokens(flags.limit);
  if (!limit) {
    return Fail(StatusCode::kInvalidArgument,
                fmt::format("--limit {}: not a number of tokens such as 10T",
                            flags.limit));
  }
  ForecastInput input;
  if (!flags.unique.empty()) {
    const std::optional<double> unique = ParseTokens(flags.unique);
    if (!unique) {
      return Fail(StatusCode::kInvalidArgument,
                  fmt::format("--unique {}: not a number of tokens such as 10T",
                              flags.unique));
    }
    input = {.unique_tokens = *unique, .origin = "--unique " + flags.unique};
  } else if (flags.inventory.empty()) {
    return Fail(StatusCode::kInvalidArgument,
                "forecast: an INVENTORY or --unique is needed");
  } else {
    Result<ForecastInput> found = InputFromInventory(flags);
    if (!found) return found;
    input = std::move(*found);
  }
  input.limit_tokens = *limit;
  return input;
}

int RunForecast(const ForecastFlags& flags) {
  const Result<ForecastInput> input = InputFromFlags(flags);
  if (!input) return ReportFailure(input.error());
  const Forecast forecast = MakeForecast(*input);
  if (flags.output.json) {
    JsonWriter json;
    WriteForecast(forecast, &json);
    fmt::print("{}\n", json.Take());
  } else {
    fmt::print("{}", PrintForecast(forecast));
  }
  return kExitDone;
}

}  // namespace

void AddForecastCommand(CLI::App& app, CommandContext& context) {
  ForecastFlags& flags = context.Keep<ForecastFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "forecast",
       .sentence =
           "Says what a stock of unique tokens is worth: its share of "
           "the 10T limit, and what passing over it several times buys.",
       .assumes =
           "Scaling laws with the constants of their papers, which measured "
           "other data with other tokenizers: the spread between them is part "
           "of the answer. No growth of the web yet.",
       .memory = "a few MiB",
       .examples = {"peaktext forecast out", "peaktext forecast --unique 10T"}},
      [&] { return RunForecast(flags); });
  command->add_option("INVENTORY", flags.inventory,
                      "an inventory.json, or the folder that holds it");
  command->add_option("--unique", flags.unique,
                      "this many unique tokens instead (10T, 1.5B, 1e12)");
  command->add_option("--limit", flags.limit,
                      "the limit to measure against (default 10T)");
  command->add_option("--vocab", flags.vocabulary,
                      "whose counts to take (default: the inventory's first)");
  AddJsonFlag(*command, flags.output);
}

}  // namespace peaktext

#include "forecast/forecast.h"

#include <simdjson.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(forecast)

BOOST_AUTO_TEST_CASE(token_amounts_are_read_as_people_write_them) {
  const std::pair<const char*, double> good[] = {
      {"10T", 1e13}, {"15.5B", 15.5e9}, {"300M", 3e8},     {"1e12", 1e12},
      {"2k", 2000},  {"7", 7},          {"1.5e3G", 1.5e12}};
  for (const auto& [text, tokens] : good) {
    BOOST_REQUIRE(ParseTokens(text).has_value());
    BOOST_TEST(*ParseTokens(text) == tokens);
  }
  for (const char* text : {"", "T", "10X", "-3T", "0", "inf", "nan", "10 T"}) {
    BOOST_TEST(!ParseTokens(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(every_figure_has_value_interval_unit_and_source) {
  JsonWriter json;
  WriteForecast(MakeForecast({.unique_tokens = 1e13, .origin = "--unique"}),
                &json);
  const std::string text = json.Take();
  simdjson::dom::parser parser;
  const simdjson::dom::object root = parser.parse(text).get_object();
  size_t figures = 0;
  const auto check = [&figures](simdjson::dom::element figure) {
    const simdjson::dom::object fields = figure.get_object();
    if (fields["value"].error() != simdjson::SUCCESS) return;
    BOOST_TEST(fields["value"].is_double());
    BOOST_TEST(fields["interval"].error() == simdjson::SUCCESS);
    BOOST_TEST(!std::string_view(fields["unit"]).empty());
    BOOST_TEST(!std::string_view(fields["source"]).empty());
    ++figures;
  };
  for (const auto& [key, value] : root) {
    if (value.is_object()) check(value);
    if (!value.is_array()) continue;
    for (const simdjson::dom::element row : value.get_array()) {
      for (const auto& [name, figure] : row.get_object()) {
        if (figure.is_object()) check(figure);
      }
    }
  }
  // The laws: five constants each, Muennighoff's R*_D and R*_N besides.
  BOOST_TEST(figures == 5 + 6 * kEpochs.size() + 3 * 4 + 4 * 5 + 2);
  BOOST_TEST(double(root["share_of_limit"]["value"]) == 1.0);
  BOOST_TEST(root["repeated"].get_array().size() == kEpochs.size());
}

// What another program computes from the constants is what the report says.
BOOST_AUTO_TEST_CASE(losses_follow_from_the_constants_that_are_told) {
  const Forecast forecast =
      MakeForecast({.unique_tokens = 3e12, .origin = "here"});
  BOOST_REQUIRE(forecast.laws.size() == forecast.one_epoch.size());
  for (size_t i = 0; i < forecast.laws.size(); ++i) {
    const LawRow& law = forecast.laws[i];
    const OneEpochRow& row = forecast.one_epoch[i];
    BOOST_REQUIRE(law.law == row.law);
    const auto constant = [&law](size_t index) {
      return law.constants[index].second.value;
    };
    const double loss =
        constant(2) +
        constant(0) / std::pow(row.parameters.value, constant(3)) +
        constant(1) / std::pow(3e12, constant(4));
    BOOST_TEST(std::abs(loss - row.loss.value) < 1e-12, law.law);
  }
}

BOOST_AUTO_TEST_CASE(the_table_names_every_law_and_every_epoch) {
  const std::string table = PrintForecast(
      MakeForecast({.unique_tokens = 2.5e6, .origin = "a small crawl"}));
  for (const char* part :
       {"2.50M", "a small crawl", "Hoffmann 2022", "Besiroglu 2024",
        "Muennighoff", "    40 ", "limit", "R*_D 15.387756", "A 482.01"}) {
    BOOST_TEST(table.find(part) != std::string::npos, part);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

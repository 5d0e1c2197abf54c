#include "extract/date.h"

#include <boost/test/unit_test.hpp>

#include "extract/priority.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(date)

BOOST_AUTO_TEST_CASE(dates_of_all_kinds_become_unix_time) {
  const struct {
    const char* text;
    int64_t seconds;
  } cases[] = {
      {"2024-05-18T01:58:10Z", 1715997490},
      {"2024-05-18T01:58:10.123456789Z", 1715997490},  // WARC 1.1
      {"2024-05-18T01:58:10", 1715997490},
      {" 2024-05-18 01:58:10Z", 1715997490},
      {"2024-05-18T03:58:10+02:00", 1715997490},
      {"2024-05-17T20:28:10.5-0530", 1715997490},
      {"2024-05-18T01:58Z", 1715997480},
      {"2024-05-18", 1715990400},
      {"2024-05", 1714521600},
      {"2024", 1704067200},
      {"20240518015810", 1715997490},                // ARC
      {"20240518015810123", 1715997490},             // 17 digits
      {"2024051801581012345678901234", 1715997490},  // 28 digits
      {"202405180158", 1715997480},
      {"20240518", 1715990400},
      {"19700101000000", 0},
      {"1969-12-31T23:59:59Z", -1},
      {"2016-12-31T23:59:60Z", 1483228800},  // a leap second
      {"2024-02-29T00:00:00Z", 1709164800},
  };
  for (const auto& c : cases) {
    BOOST_TEST(ParseDate(c.text) == c.seconds, c.text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_date_is_zero) {
  for (const char* text :
       {"", " ", "Z", "yesterday", "0000-01-01", "2024-13-01", "2024-02-30",
        "2023-02-29", "2024-05-18T24:00:00Z", "2024-05-18T01:60:00Z", "-",
        "202", "20241318"}) {
    BOOST_TEST(ParseDate(text) == 0, text);
  }
}

BOOST_AUTO_TEST_CASE(priorities_keep_the_order_of_numbers) {
  const char* const rising[] = {"-1e300", "-2",  "-1.5", "-1",
                                "-1e-9",  "0",   "1e-9", "1",
                                "3",      "3.5", "4e1",  "1e300"};
  for (size_t i = 1; i < std::size(rising); ++i) {
    BOOST_TEST(ParsePriority(rising[i - 1]) < ParsePriority(rising[i]),
               rising[i]);
  }
  for (const char* const none : {"", "x", "1x", "nan", "-0", "0.0"}) {
    BOOST_TEST(ParsePriority(none) == 0, none);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

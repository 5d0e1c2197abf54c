#include "read/http_headers.h"

#include <boost/test/unit_test.hpp>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(http_headers)

BOOST_AUTO_TEST_CASE(content_ranges_are_read_or_refused) {
  const auto range = ParseContentRange("bytes 5-9/100");
  BOOST_REQUIRE(range.has_value());
  BOOST_TEST((*range == ContentRange{5, 9, 100}));
  BOOST_TEST((ParseContentRange("bytes 0-0/*").value() ==
              ContentRange{0, 0, std::nullopt}));
  BOOST_TEST((ParseContentRange("bytes */7").value() ==
              ContentRange{std::nullopt, std::nullopt, 7}));
  for (const char* text :
       {"", "bytes", "bytes ", "bytes 1-2", "bytes 2-1/9", "bytes 1-9/9",
        "bytes -9/9", "bytes 1-/9", "bytes 1-2/", "bytes 1-2/x", "bits 1-2/9",
        "bytes 1-2/99999999999999999999999", "bytes +1-2/9", "bytes 1 -2/9",
        "bytes=1-2/9"}) {
    BOOST_TEST(!ParseContentRange(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(retry_after_is_seconds_or_a_date) {
  const time_t now = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
  BOOST_TEST(ParseRetryAfter("120", "", now).value() == 120);
  BOOST_TEST(ParseRetryAfter("0", "", now).value() == 0);
  BOOST_TEST(
      ParseRetryAfter("Sun, 06 Nov 1994 08:50:37 GMT", "", now).value() == 60);
  BOOST_TEST(
      ParseRetryAfter("Sunday, 06-Nov-94 08:50:37 GMT", "", now).value() == 60);
  BOOST_TEST(ParseRetryAfter("Sun Nov  6 08:50:37 1994", "", now).value() ==
             60);
  // A date gone by is no wait; a server's clock is its own.
  BOOST_TEST(
      ParseRetryAfter("Sun, 06 Nov 1994 08:00:00 GMT", "", now).value() == 0);
  BOOST_TEST(ParseRetryAfter("Sun, 06 Nov 1994 08:50:37 GMT",
                             "Sun, 06 Nov 1994 08:50:07 GMT", now + 99999)
                 .value() == 30);
  BOOST_TEST(ParseRetryAfter("Sun, 06 Nov 1994 08:50:37 GMT", "rubbish", now)
                 .value() == 60);
  for (const char* text : {"", "soon", "-5", "1.5x", "5 s"}) {
    BOOST_TEST(!ParseRetryAfter(text, "", now).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(weak_etags_are_no_validators) {
  BOOST_TEST(IsStrongEtag("\"5f-1\""));
  BOOST_TEST(!IsStrongEtag("W/\"5f-1\""));
  BOOST_TEST(!IsStrongEtag(""));
  BOOST_TEST(!IsStrongEtag("\""));
  BOOST_TEST(!IsStrongEtag("5f-1"));
}

BOOST_AUTO_TEST_CASE(urls_are_encoded_where_they_must_be_and_nowhere_else) {
  BOOST_TEST(EncodeUrl("https://h/a%20b+c=d?e=f&g") ==
             "https://h/a%20b+c=d?e=f&g");
  BOOST_TEST(EncodeUrl("https://h/a b\xc3\xa9<>") ==
             "https://h/a%20b%C3%A9%3C%3E");
  BOOST_TEST(EncodeUrl("https://b\xc3\xbc"
                       "cher.example/a b") ==
             "https://b\xc3\xbc"
             "cher.example/a%20b");
  BOOST_TEST(EncodeUrl("https://h") == "https://h");
  BOOST_TEST(EncodeUrl("https://h?a b") == "https://h?a%20b");
}

BOOST_AUTO_TEST_CASE(a_servers_words_become_one_printable_line) {
  BOOST_TEST(OneLine("  a\r\n\tb\x1b[31m\xff  ") == "a b [31m?");
  BOOST_TEST(OneLine("") == "");
  BOOST_TEST(OneLine("abcdef", 3) == "abc...");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

#include "base/text_table.h"

#include <boost/test/unit_test.hpp>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(text_table)

BOOST_AUTO_TEST_CASE(a_printable_name_moves_no_cursor_and_stays_readable) {
  BOOST_TEST(Printable("") == "");
  BOOST_TEST(Printable("a b~\xC2\xA0") == "a b~\xC2\xA0");
  BOOST_TEST(Printable("\x1b[2J\r\n\t\x7f") == "?[2J????");
  BOOST_TEST(Printable({"\0x", 2}) == "?x");
  // C1: CSI as a character of UTF-8, and as a byte of Latin-1.
  BOOST_TEST(Printable("\xC2\x9B"
                       "0m\xC2\x80\xC2\x9F") == "?0m??");
  BOOST_TEST(Printable("\x9b"
                       "0m") == "\uFFFD0m");
  BOOST_TEST(Printable("日本 é \U0001F642") == "日本 é \U0001F642");
  BOOST_TEST(Printable("caf\xE9") == "caf\uFFFD");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

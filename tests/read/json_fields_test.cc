#include "read/json_fields.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "read/decoded_window.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(json_fields)

BOOST_AUTO_TEST_CASE(what_lies_behind_a_line_changes_nothing) {
  for (const std::string line :
       {R"({"text":{""})", R"({"text":"a"})", R"({"id":[1,"text":"a"})",
        R"({"id":{"text":"a"})", R"({"text":"a","id":1})",
        R"({"text":"a"}})"}) {
    std::string first;
    for (int fill = 0; fill < 256; ++fill) {
      std::string bytes = line;
      bytes.append(DecodedWindow::kSlackBytes, static_cast<char>(fill));
      JsonFieldParser parser({});
      JsonFields fields;
      const JsonFault fault =
          parser.Parse({bytes.data(), line.size()}, &fields);
      const std::string told =
          (fault.reason == nullptr ? "" : fault.reason + fault.message) +
          std::string(fields.text.begin(), fields.text.end()) +
          std::string(fields.id);
      if (fill == 0) first = told;
      BOOST_TEST(told == first, line << " before " << fill);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

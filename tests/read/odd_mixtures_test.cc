// Oddities that meet in one file, one case each.
#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "read/shard_bytes.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_CASE(a_header_that_goes_on_in_the_next_member_has_none_to_end) {
  // Without a length a record ends where its member does: not this one, whose
  // member ends inside its header.
  const std::string header = "WARC/1.0\r\n" + WarcFields("a") + "\r\n";
  const std::string next = WarcRecord("b", Words(1, 500));
  for (size_t cut = 10; cut < header.size(); cut += 7) {
    for (const auto& pack : {+[](std::string_view b) { return Gzip(b); },
                             +[](std::string_view b) { return Zstd(b); }}) {
      const ReadBack read =
          ReadShard(pack(header.substr(0, cut)) +
                    pack(header.substr(cut) + Words(2, 90) + "\r\n\r\n") +
                    pack(next));
      BOOST_TEST(read.uris.back() == "http://example.org/b");
      for (const std::string& body : read.bodies) {
        BOOST_TEST(body.size() <= 600U);
      }
    }
  }
}

}  // namespace
}  // namespace peaktext

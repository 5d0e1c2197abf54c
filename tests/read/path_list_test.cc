#include "read/path_list.h"

#include <zlib.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace peaktext {
namespace {

std::string Gzip(const std::string& text) {
  std::string out(text.size() + 100, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::vector<uint64_t> Selected(const std::string& range, uint64_t count) {
  const Result<CommonCrawlReference> reference =
      ParseCommonCrawlReference("cc:CC-MAIN-2026-43/wet" + range);
  BOOST_REQUIRE_MESSAGE(reference.has_value(), range);
  const auto lines = SelectLines(reference->range.value_or(ListRange()), count);
  return lines ? *lines : std::vector<uint64_t>{999};
}

BOOST_AUTO_TEST_SUITE(path_list)

BOOST_AUTO_TEST_CASE(blank_lines_comments_and_line_ends_are_no_paths) {
  const std::vector<std::string> expected = {"a b", "c#d", "e"};
  BOOST_TEST(ParseList("\xef\xbb\xbf"
                       "a b\r\n\r\n# no\n \t c#d \n\n\n  #\ne") == expected);
  BOOST_TEST(ParseList("").empty());
  BOOST_TEST(ParseList("\n \r\n").empty());
}

BOOST_AUTO_TEST_CASE(gzip_lists_of_one_or_more_members_are_decoded) {
  BOOST_TEST(DecodeList("l", "a\nb\n").value() == "a\nb\n");
  BOOST_TEST(DecodeList("l", Gzip("a\nb\n")).value() == "a\nb\n");
  BOOST_TEST(DecodeList("l", Gzip("a\n") + Gzip("") + Gzip("b\n")).value() ==
             "a\nb\n");
}

BOOST_AUTO_TEST_CASE(a_list_cut_at_any_byte_is_an_error) {
  const std::string whole = Gzip("crawl-data/a\ncrawl-data/b\ncrawl-data/c\n");
  for (size_t size = 2; size < whole.size(); ++size) {
    const auto text = DecodeList("l.gz", whole.substr(0, size));
    BOOST_REQUIRE(!text.has_value());
    BOOST_TEST((text.error().code() == StatusCode::kCorrupt));
    BOOST_TEST(text.error().message().find("l.gz") == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_list_damaged_at_any_byte_of_its_body_is_an_error) {
  std::string whole = Gzip("crawl-data/a\ncrawl-data/b\ncrawl-data/c\n");
  for (size_t at = 10; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    BOOST_TEST(!DecodeList("l.gz", damaged).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_binary_file_is_no_list) {
  BOOST_TEST(!DecodeList("l", std::string("PAR1\0\0", 6)).has_value());
}

BOOST_AUTO_TEST_CASE(relative_lines_lie_beside_the_list) {
  BOOST_TEST(ResolveListed("x/y.gz", "/data/") == "/data/x/y.gz");
  BOOST_TEST(ResolveListed("./y.gz", "/data/") == "/data/y.gz");
  BOOST_TEST(ResolveListed("y.gz", "") == "y.gz");
  BOOST_TEST(ResolveListed("/y.gz", "/data/") == "/y.gz");
  BOOST_TEST(ResolveListed("https://h/y", "/data/") == "https://h/y");
  BOOST_TEST(ResolveListed("y.gz", "http://h/d/") == "http://h/d/y.gz");
}

BOOST_AUTO_TEST_CASE(ranges_mean_what_python_means) {
  using Lines = std::vector<uint64_t>;
  BOOST_TEST(Selected("", 3) == Lines({0, 1, 2}));
  BOOST_TEST(Selected("[0:2]", 5) == Lines({0, 1}));
  BOOST_TEST(Selected("[:2]", 5) == Lines({0, 1}));
  BOOST_TEST(Selected("[3:]", 5) == Lines({3, 4}));
  BOOST_TEST(Selected("[:]", 2) == Lines({0, 1}));
  BOOST_TEST(Selected("[-2:]", 5) == Lines({3, 4}));
  BOOST_TEST(Selected("[:-3]", 5) == Lines({0, 1}));
  BOOST_TEST(Selected("[-9:9]", 3) == Lines({0, 1, 2}));
  BOOST_TEST(Selected("[4:2]", 5) == Lines());
  BOOST_TEST(Selected("[7:9]", 5) == Lines());
  BOOST_TEST(Selected("[::2]", 5) == Lines({0, 2, 4}));
  BOOST_TEST(Selected("[1:5:3]", 5) == Lines({1, 4}));
  BOOST_TEST(Selected("[0:5:9223372036854775807]", 5) == Lines({0}));
  BOOST_TEST(Selected("[2]", 5) == Lines({2}));
  BOOST_TEST(Selected("[-1]", 5) == Lines({4}));
  BOOST_TEST(Selected("[5]", 5) == Lines({999}));
  BOOST_TEST(Selected("[-6]", 5) == Lines({999}));
  BOOST_TEST(Selected("[-9223372036854775808:]", 2) == Lines({0, 1}));
}

BOOST_AUTO_TEST_CASE(references_name_crawl_and_kind) {
  const auto reference =
      ParseCommonCrawlReference("cc:CC-MAIN-2026-43/wet[0:100]");
  BOOST_REQUIRE(reference.has_value());
  BOOST_TEST(reference->list_path() ==
             "crawl-data/CC-MAIN-2026-43/wet.paths.gz");
  BOOST_TEST(ParseCommonCrawlReference("cc:CC-NEWS/2026/10/warc")
                 .value()
                 .list_path() == "crawl-data/CC-NEWS/2026/10/warc.paths.gz");
  for (const char* kind : {"warc", "wat", "robotstxt", "non200responses"}) {
    BOOST_TEST(
        ParseCommonCrawlReference(std::string("cc:CC-MAIN-2013-20/") + kind)
            .has_value());
  }
}

BOOST_AUTO_TEST_CASE(wrong_references_are_the_callers_fault) {
  for (const char* text :
       {"cc:", "cc:/", "cc:wet", "cc:/wet", "cc:CC-MAIN-2026-43",
        "cc:CC-MAIN-2026-43/", "cc:CC-MAIN-2026-43/wets",
        "cc:CC-MAIN-2026-43/wet[", "cc:CC-MAIN-2026-43/wet[]",
        "cc:CC-MAIN-2026-43/wet[a:b]", "cc:CC-MAIN-2026-43/wet[1:2",
        "cc:CC-MAIN-2026-43/wet[1:2]x", "cc:CC-MAIN-2026-43/wet[1:2:3:4]",
        "cc:CC-MAIN-2026-43/wet[::0]", "cc:CC-MAIN-2026-43/wet[::-1]",
        "cc:CC-MAIN-2026-43/wet[99999999999999999999]", "cc:../x/wet",
        "cc:CC MAIN/wet"}) {
    const auto reference = ParseCommonCrawlReference(text);
    BOOST_REQUIRE_MESSAGE(!reference.has_value(), text);
    BOOST_TEST((reference.error().code() == StatusCode::kInvalidArgument),
               text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

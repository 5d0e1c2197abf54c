// What a build without Arrow says: this program has such a build's reader and
// writer of Parquet in place of the library's.
#include <boost/test/unit_test.hpp>
#include <string>

#include "pipelines/export_file.h"
#include "read/parquet_reader.h"
#include "read/record_reader.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

void ExpectRefusal(const Status& status, const std::string& name) {
  BOOST_TEST((status.code() == StatusCode::kUnsupported));
  BOOST_TEST(status.message().find(name + ": ") == 0U);
  BOOST_TEST(status.message().find("this build has no Parquet support") !=
             std::string::npos);
  BOOST_TEST(status.message().find("-DPEAKTEXT_ARROW=ON") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE(without_arrow)

BOOST_AUTO_TEST_CASE(a_parquet_file_is_refused_in_words) {
  BOOST_TEST(!HasParquet());
  const auto reader =
      OpenRecordReader(MemorySource("a.parquet", "PAR1....PAR1"), {});
  BOOST_REQUIRE(!reader.has_value());
  ExpectRefusal(reader.error(), "a.parquet");
}

BOOST_AUTO_TEST_CASE(an_export_to_parquet_is_refused_in_words) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.parquet");
  const auto file = CreateExportFile(ExportFormat::kParquet, path, {});
  BOOST_REQUIRE(!file.has_value());
  ExpectRefusal(file.error(), path);
}

BOOST_AUTO_TEST_CASE(all_else_is_read) {
  auto reader =
      OpenRecordReader(MemorySource("a.jsonl", "{\"text\":\"words\"}\n"), {});
  BOOST_REQUIRE(reader.has_value());
  Record record;
  BOOST_TEST((*reader)->Next(&record));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

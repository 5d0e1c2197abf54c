#include "base/block_file.h"

#include <boost/test/unit_test.hpp>
#include <random>

#include "file_damage.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

void WriteSmall(const std::string& path) {
  Result<BlockFileWriter> out =
      BlockFileWriter::Create(path, "PTTEST", 3, "a header");
  BOOST_REQUIRE(out.has_value());
  BOOST_REQUIRE(out->Append("first block", 11).ok());
  BOOST_REQUIRE(out->Append("", 0).ok());
  BOOST_REQUIRE(out->Append("third", 0xFFFFFFFF).ok());
  BOOST_REQUIRE(out->Commit().ok());
}

// Opens and reads all of it.
Status ReadAll(const std::string& path) {
  const Result<BlockFileReader> in = BlockFileReader::Open(path, "PTTEST", 3);
  if (!in) return in.error();
  std::string bytes;
  for (size_t i = 0; i < in->blocks(); ++i) {
    if (Status s = in->Read(i, &bytes); !s.ok()) return s;
  }
  return {};
}

BOOST_AUTO_TEST_SUITE(block_file)

BOOST_AUTO_TEST_CASE(blocks_tags_and_header_come_back) {
  TemporaryFolder folder;
  WriteSmall(folder.path("f"));
  const Result<BlockFileReader> in =
      BlockFileReader::Open(folder.path("f"), "PTTEST", 3);
  BOOST_REQUIRE(in.has_value());
  BOOST_TEST(in->header() == "a header");
  BOOST_REQUIRE(in->blocks() == 3u);
  BOOST_TEST(in->tag(0) == 11u);
  BOOST_TEST(in->tag(2) == 0xFFFFFFFFu);
  std::string bytes;
  BOOST_REQUIRE(in->Read(2, &bytes).ok());
  BOOST_TEST(bytes == "third");
  BOOST_REQUIRE(in->Read(0, &bytes).ok());
  BOOST_TEST(bytes == "first block");
}

BOOST_AUTO_TEST_CASE(every_cut_and_every_flipped_byte_is_found) {
  TemporaryFolder folder;
  WriteSmall(folder.path("f"));
  BOOST_REQUIRE(ReadAll(folder.path("f")).ok());
  ForEachDamage(folder.path("f"), folder.path("damaged"),
                [&](const std::string& what) {
                  const Status status = ReadAll(folder.path("damaged"));
                  const bool found = status.code() == StatusCode::kCorrupt;
                  BOOST_TEST(found, what << ": " << status.message());
                  return found;
                });
}

BOOST_AUTO_TEST_CASE(another_kind_or_schema_is_refused) {
  TemporaryFolder folder;
  WriteSmall(folder.path("f"));
  const auto code = [&](std::string_view kind, uint32_t schema) {
    return BlockFileReader::Open(folder.path("f"), kind, schema).error().code();
  };
  BOOST_TEST((code("PTTEXT", 3) == StatusCode::kCorrupt));
  BOOST_TEST((code("PTTEST", 4) == StatusCode::kUnsupported));
}

BOOST_AUTO_TEST_CASE(nothing_appears_without_commit) {
  TemporaryFolder folder;
  {
    Result<BlockFileWriter> out =
        BlockFileWriter::Create(folder.path("f"), "PTTEST", 1, "");
    BOOST_REQUIRE(out.has_value());
    BOOST_REQUIRE(out->Append("block", 1).ok());
  }
  BOOST_TEST(!std::filesystem::exists(folder.path("f")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

#include "inventory/document_table.h"

#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <limits>
#include <random>

#include "temporary_folder.h"

namespace peaktext {
namespace {

const std::string kInput = "folder/shard.warc.gz";

// A row that owns what DocumentRow views.
struct OwnedRow {
  std::string id, url, language;
  uint64_t offset = 0, bytes = 0;
  std::vector<uint64_t> tokens;
  Hash128 text_hash;
  int64_t date_seconds = 0;

  DocumentRow View() const {
    return {id, url, language, offset, bytes, tokens, text_hash, date_seconds};
  }
};

OwnedRow MakeRow(std::mt19937_64& random, size_t vocabularies) {
  OwnedRow row;
  switch (random() % 5) {
    case 0:
      row.id = fmt::format("urn:uuid:{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                           random() >> 32, random() >> 48, random() >> 48,
                           random() >> 48, random() >> 16);
      break;
    case 1:
      row.id = fmt::format("{}#{}", kInput, random() >> (random() % 64));
      break;
    case 2:
      row.id = std::string(random() % 300, 'x');
      break;
    default:
      row.id = fmt::format("doc-{}", random() % 1000);
  }
  row.url = fmt::format("https://example.org/{}", random() % 100000);
  row.language = random() % 3 == 0 ? "und" : "eng";
  row.offset = random() >> (random() % 64);
  row.bytes = random() % 100000;
  for (size_t i = 0; i < vocabularies; ++i)
    row.tokens.push_back(random() % 9999);
  row.text_hash = {random(), random()};
  row.date_seconds = static_cast<int64_t>(random() >> (random() % 64));
  return row;
}

void WriteTable(const std::string& path, const std::vector<OwnedRow>& rows,
                uint32_t vocabularies) {
  auto writer = DocumentTableWriter::Create(path, vocabularies, kInput);
  BOOST_REQUIRE(writer.has_value());
  for (const OwnedRow& row : rows)
    BOOST_REQUIRE(writer->Append(row.View()).ok());
  BOOST_REQUIRE(writer->Commit().ok());
}

void RequireEqual(const DocumentRow& got, const OwnedRow& want) {
  BOOST_REQUIRE_EQUAL(got.id, want.id);
  BOOST_REQUIRE_EQUAL(got.url, want.url);
  BOOST_REQUIRE_EQUAL(got.language, want.language);
  BOOST_REQUIRE_EQUAL(got.offset, want.offset);
  BOOST_REQUIRE_EQUAL(got.bytes, want.bytes);
  BOOST_REQUIRE(std::vector(got.tokens.begin(), got.tokens.end()) ==
                want.tokens);
  BOOST_REQUIRE((got.text_hash == want.text_hash));
  BOOST_REQUIRE_EQUAL(got.date_seconds, want.date_seconds);
}

BOOST_AUTO_TEST_CASE(rows_come_back_in_order_and_ids_at_random) {
  for (const size_t count : {0, 1, 255, 256, 257, 5000}) {
    for (const uint32_t vocabularies : {0U, 1U, 3U}) {
      const TemporaryFolder folder;
      std::mt19937_64 random(count + vocabularies);
      std::vector<OwnedRow> rows;
      for (size_t i = 0; i < count; ++i) {
        rows.push_back(MakeRow(random, vocabularies));
      }
      WriteTable(folder.path("t"), rows, vocabularies);
      auto reader = DocumentTableReader::Open(folder.path("t"), kInput);
      BOOST_REQUIRE_MESSAGE(reader, reader.error().message());
      BOOST_REQUIRE_EQUAL(reader->rows(), count);
      BOOST_REQUIRE_EQUAL(reader->vocabularies(), vocabularies);
      DocumentRow row;
      for (const OwnedRow& want : rows) {
        BOOST_REQUIRE(reader->Next(&row));
        RequireEqual(row, want);
      }
      BOOST_TEST(!reader->Next(&row));
      BOOST_TEST(reader->status().ok());
      for (int i = 0; i < 100 && count > 0; ++i) {
        const uint64_t at = random() % count;
        BOOST_REQUIRE_EQUAL(*reader->ReadId(at), rows[at].id);
      }
      BOOST_TEST(!reader->ReadId(count).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(ids_that_only_look_packable_come_back_as_they_were) {
  const TemporaryFolder folder;
  std::vector<OwnedRow> rows;
  for (const char* id : {"", "urn:uuid:00000000-0000-0000-0000-000000000000",
                         "urn:uuid:ABCDEF00-0000-0000-0000-000000000000",
                         "urn:uuid:00000000x0000-0000-0000-000000000000",
                         "urn:uuid:0000000-00000-0000-0000-000000000000",
                         "folder/shard.warc.gz#0", "folder/shard.warc.gz#007",
                         "folder/shard.warc.gz#", "folder/shard.warc.gz#-1",
                         "folder/shard.warc.gz#18446744073709551615",
                         "folder/shard.warc.gz#18446744073709551616",
                         "folder/shard.warc.gz", "folder/shard.warc.gz#1x"}) {
    OwnedRow row;
    row.id = id;
    row.date_seconds = std::numeric_limits<int64_t>::min();
    rows.push_back(row);
  }
  WriteTable(folder.path("t"), rows, 0);
  auto reader = DocumentTableReader::Open(folder.path("t"), kInput);
  BOOST_REQUIRE(reader.has_value());
  DocumentRow row;
  for (const OwnedRow& want : rows) {
    BOOST_REQUIRE(reader->Next(&row));
    RequireEqual(row, want);
  }
}

BOOST_AUTO_TEST_CASE(every_cut_and_every_flipped_byte_is_found) {
  const TemporaryFolder folder;
  std::mt19937_64 random(7);
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 300; ++i) rows.push_back(MakeRow(random, 2));
  WriteTable(folder.path("t"), rows, 2);
  const std::string bytes = *ReadWholeFile(folder.path("t"));
  const auto damaged = [&](const std::string& content) {
    std::ofstream(folder.path("d"), std::ios::binary) << content;
    auto reader = DocumentTableReader::Open(folder.path("d"), kInput);
    if (!reader) return reader.error().code() == StatusCode::kCorrupt;
    DocumentRow row;
    while (reader->Next(&row)) {
    }
    return reader->status().code() == StatusCode::kCorrupt;
  };
  for (int i = 0; i < 1000; ++i) {
    BOOST_REQUIRE(damaged(bytes.substr(0, random() % bytes.size())));
    std::string flipped = bytes;
    const size_t at = 8 + random() % (bytes.size() - 8);
    if (at >= 12 && at < 16) continue;  // reserved, not read
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << random() % 8));
    BOOST_REQUIRE_MESSAGE(damaged(flipped), "byte " << at);
  }
}

}  // namespace
}  // namespace peaktext

#include "inventory/paragraph_table.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <random>

#include "file_damage.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

// A row that owns what ParagraphRow views.
struct OwnedRow {
  uint64_t document = 0;
  Hash128 hash;
  uint64_t bytes = 0;
  std::vector<uint64_t> tokens;
  bool operator==(const OwnedRow&) const = default;
};

std::vector<OwnedRow> RandomRows(size_t count, size_t vocabularies) {
  std::mt19937_64 random(count);
  std::vector<OwnedRow> rows;
  uint64_t document = 0;
  for (size_t i = 0; i < count; ++i) {
    if (random() % 3 == 0) document += random() % 3;
    OwnedRow& row = rows.emplace_back();
    row = {document, {random(), random()}, random() >> random() % 64, {}};
    for (size_t v = 0; v < vocabularies; ++v) {
      row.tokens.push_back(random() % 300);
    }
  }
  return rows;
}

void Write(const std::string& path, const std::vector<OwnedRow>& rows,
           uint32_t vocabularies) {
  auto out = ParagraphTableWriter::Create(path, vocabularies);
  BOOST_REQUIRE(out.has_value());
  for (const OwnedRow& row : rows) {
    BOOST_REQUIRE(
        out->Append({row.document, row.hash, row.bytes, row.tokens}).ok());
  }
  BOOST_REQUIRE(out->Commit().ok());
}

// Of the documents 0 ... documents - 1.
Status ReadAll(const std::string& path, uint64_t documents,
               std::vector<OwnedRow>* rows) {
  Result<ParagraphTableReader> in = ParagraphTableReader::Open(path);
  if (!in) return in.error();
  ParagraphRow row;
  for (uint64_t document = 0; document < documents; ++document) {
    while (in->NextOf(document, &row)) {
      rows->push_back({row.document,
                       row.hash,
                       row.bytes,
                       {row.tokens.begin(), row.tokens.end()}});
    }
  }
  return in->CheckEnd();
}

BOOST_AUTO_TEST_SUITE(paragraph_table)

BOOST_AUTO_TEST_CASE(rows_come_back_document_by_document) {
  TemporaryFolder folder;
  for (const uint32_t vocabularies : {0U, 1U, 3U}) {
    for (const size_t count : {0u, 1u, 32767u, 32768u, 32769u, 70000u}) {
      const auto rows = RandomRows(count, vocabularies);
      Write(folder.path("p"), rows, vocabularies);
      std::vector<OwnedRow> read;
      const uint64_t documents = rows.empty() ? 5 : rows.back().document + 1;
      const Status status = ReadAll(folder.path("p"), documents, &read);
      BOOST_REQUIRE_MESSAGE(status.ok(), status.message());
      BOOST_TEST((read == rows));
    }
  }
}

BOOST_AUTO_TEST_CASE(paragraphs_of_no_document_are_found) {
  TemporaryFolder folder;
  const auto rows = RandomRows(100, 1);
  Write(folder.path("p"), rows, 1);
  std::vector<OwnedRow> read;
  const Status status = ReadAll(folder.path("p"), rows.back().document, &read);
  BOOST_TEST((status.code() == StatusCode::kCorrupt));
}

BOOST_AUTO_TEST_CASE(every_cut_and_every_flipped_byte_is_found) {
  TemporaryFolder folder;
  Write(folder.path("p"), RandomRows(6, 2), 2);
  ForEachDamage(
      folder.path("p"), folder.path("damaged"), [&](const std::string& what) {
        std::vector<OwnedRow> rows;
        const Status status = ReadAll(folder.path("damaged"), 100, &rows);
        const bool found = status.code() == StatusCode::kCorrupt;
        BOOST_TEST(found, what << ": " << status.message());
        return found;
      });
}

// A file written by schema 1, kept: later versions must read it.
BOOST_AUTO_TEST_CASE(committed_file_of_schema_1_is_read) {
  const std::string path = std::string(PEAKTEXT_SOURCE_DIR) +
                           "/tests/inventory/files/schema_1.paragraphs";
  const std::vector<OwnedRow> expected = {
      {0, HashBytes128("one"), 3, {1, 2}},
      {0, HashBytes128("two"), 300, {70, 80}},
      {2, HashBytes128("one"), 3, {1, 2}},
      {1000, HashBytes128("three"), 1ULL << 40, {1ULL << 38, 0}}};
  if (std::getenv("PEAKTEXT_WRITE_TEST_FILES") != nullptr) {
    Write(path, expected, 2);
  }
  std::vector<OwnedRow> rows;
  const Status status = ReadAll(path, 1001, &rows);
  BOOST_REQUIRE_MESSAGE(status.ok(), status.message());
  BOOST_TEST((rows == expected));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

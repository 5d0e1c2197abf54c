#include "sketch/signature_file.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <random>

#include "file_damage.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

SignatureRow RandomRow(std::mt19937_64* random, uint32_t bands) {
  SignatureRow row;
  Signature& signature = row.signature;
  signature.text_hash = {(*random)(), (*random)()};
  signature.shingles = (*random)() % 5 == 0 ? 0 : (*random)() % 3000 + 1;
  if (signature.shingles > 0) {
    signature.first_minhash = (*random)() / signature.shingles;
    for (uint8_t& byte : signature.sketch) {
      byte = static_cast<uint8_t>((*random)());
    }
    for (uint32_t i = 0; i < bands; ++i) {
      signature.band_hashes.push_back((*random)() >> 16);
    }
  }
  row.text_bytes = (*random)() % 20000;
  row.date_seconds = 1700000000 + static_cast<int64_t>((*random)() % 1000000);
  row.priority = static_cast<int64_t>((*random)() % 7) - 3;
  return row;
}

std::vector<SignatureRow> RandomRows(size_t count, uint32_t bands) {
  std::mt19937_64 random(count);
  std::vector<SignatureRow> rows;
  for (size_t i = 0; i < count; ++i) rows.push_back(RandomRow(&random, bands));
  return rows;
}

void Write(const std::string& path, const SignatureOptions& options,
           const std::vector<SignatureRow>& rows) {
  Result<SignatureWriter> out = SignatureWriter::Create(path, options);
  BOOST_REQUIRE(out.has_value());
  for (const SignatureRow& row : rows) BOOST_REQUIRE(out->Append(row).ok());
  BOOST_REQUIRE(out->Commit().ok());
}

BOOST_AUTO_TEST_SUITE(signature_file)

BOOST_AUTO_TEST_CASE(rows_come_back_in_blocks_and_at_random) {
  TemporaryFolder folder;
  for (const size_t count : {0u, 1u, 4095u, 4096u, 4097u, 9000u}) {
    const std::string path = folder.path(std::to_string(count));
    const SignatureOptions options{.bands = 14, .rows = 8, .seed = 9};
    const std::vector<SignatureRow> rows = RandomRows(count, 14);
    Write(path, options, rows);
    const Result<SignatureReader> in = SignatureReader::Open(path);
    BOOST_REQUIRE(in.has_value());
    BOOST_REQUIRE(in->rows() == count);
    BOOST_TEST(in->options().Compatible(options));
    std::vector<SignatureRow> read;
    BOOST_REQUIRE(in->Read(0, count, &read).ok());
    BOOST_TEST((read == rows));
    for (size_t first = 0; first < count; first += 1 + count / 7) {
      BOOST_REQUIRE(in->Read(first, 1, &read).ok());
      BOOST_TEST((read.at(0) == rows[first]));
    }
  }
}

BOOST_AUTO_TEST_CASE(one_column_is_read_alone) {
  TemporaryFolder folder;
  const std::vector<SignatureRow> rows = RandomRows(5000, 20);
  Write(folder.path("s"), {}, rows);
  const Result<SignatureReader> in = SignatureReader::Open(folder.path("s"));
  BOOST_REQUIRE(in.has_value());
  BOOST_REQUIRE(in->blocks() == 2u);
  SignatureColumns columns;
  BOOST_REQUIRE(in->ReadBlock(1, kBandColumn, &columns).ok());
  BOOST_TEST(columns.first_row == 4096u);
  BOOST_REQUIRE(columns.rows == 904u);
  BOOST_TEST(columns.sketches.empty());
  BOOST_TEST(columns.shingles.empty());
  for (size_t i = 0; i < columns.rows; ++i) {
    const Signature& signature = rows[4096 + i].signature;
    for (size_t band = 0; band < 20; ++band) {
      const uint64_t expected =
          signature.shingles > 0 ? signature.band_hashes[band] : 0;
      BOOST_REQUIRE(columns.band_hashes[band * columns.rows + i] == expected);
    }
  }
}

// Opens and reads all of it.
Status ReadAll(const std::string& path, std::vector<SignatureRow>* rows) {
  const Result<SignatureReader> in = SignatureReader::Open(path);
  if (!in) return in.error();
  return in->Read(0, in->rows(), rows);
}

BOOST_AUTO_TEST_CASE(every_cut_and_every_flipped_byte_is_found) {
  TemporaryFolder folder;
  Write(folder.path("s"), {.bands = 2, .rows = 3}, RandomRows(3, 2));
  ForEachDamage(folder.path("s"), folder.path("damaged"),
                [&](const std::string& what) {
                  std::vector<SignatureRow> rows;
                  const Status status = ReadAll(folder.path("damaged"), &rows);
                  const bool found = status.code() == StatusCode::kCorrupt;
                  BOOST_TEST(found, what << ": " << status.message());
                  return found;
                });
}

// A file written by schema 2, kept: later versions must read it, and must sign
// the same texts the same way as long as the schema is the same.
BOOST_AUTO_TEST_CASE(committed_file_of_schema_2_is_read) {
  const std::string path = std::string(PEAKTEXT_SOURCE_DIR) +
                           "/tests/sketch/files/schema_2.signatures";
  std::vector<SignatureRow> expected;
  Signer signer;
  std::string text;
  for (int64_t i = 0; i < 40; ++i) {
    text += "caf\u00E9 number " + std::to_string(i) + " \u4E2D\u6587, ";
    SignatureRow& row = expected.emplace_back();
    signer.Sign(i == 0 ? "short" : text + std::to_string(i * i),
                &row.signature);
    row.text_bytes = text.size();
    row.date_seconds = 1700000000 + i;
    row.priority = i % 3 - 1;
  }
  if (std::getenv("PEAKTEXT_WRITE_TEST_FILES") != nullptr) {
    Write(path, {}, expected);
  }
  std::vector<SignatureRow> rows;
  const Status status = ReadAll(path, &rows);
  BOOST_REQUIRE_MESSAGE(status.ok(), status.message());
  BOOST_TEST((rows == expected));
}

BOOST_AUTO_TEST_CASE(file_of_schema_1_is_refused_by_its_number) {
  const std::string path = std::string(PEAKTEXT_SOURCE_DIR) +
                           "/tests/sketch/files/schema_1.signatures";
  const Result<SignatureReader> in = SignatureReader::Open(path);
  BOOST_REQUIRE(!in.has_value());
  BOOST_TEST((in.error().code() == StatusCode::kUnsupported));
  BOOST_TEST(in.error().message() == path + ": schema 1, this version reads 2");
}

BOOST_AUTO_TEST_CASE(other_options_are_not_comparable) {
  TemporaryFolder folder;
  Write(folder.path("a"), {}, {});
  Write(folder.path("b"), SignatureOptions::Fineweb(), {});
  const Result<SignatureReader> a = SignatureReader::Open(folder.path("a"));
  const Result<SignatureReader> b = SignatureReader::Open(folder.path("b"));
  BOOST_REQUIRE(a.has_value());
  BOOST_REQUIRE(b.has_value());
  BOOST_TEST(CheckCompatible(*a, *a).ok());
  BOOST_TEST((CheckCompatible(*a, *b).code() == StatusCode::kInvalidArgument));
}

BOOST_AUTO_TEST_CASE(a_document_takes_less_than_220_bytes) {
  TemporaryFolder folder;
  Result<SignatureWriter> out = SignatureWriter::Create(folder.path("s"), {});
  BOOST_REQUIRE(out.has_value());
  for (const SignatureRow& row : RandomRows(20000, 20)) {
    BOOST_REQUIRE(out->Append(row).ok());
  }
  BOOST_REQUIRE(out->Commit().ok());
  BOOST_TEST(out->size_bytes() < 220u * 20000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

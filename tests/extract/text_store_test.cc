#include "extract/text_store.h"

#include <boost/test/unit_test.hpp>
#include <random>

#include "file_damage.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

// Texts of every kind of length: empty, short, about a frame, several frames.
std::vector<std::string> SomeTexts() {
  std::mt19937_64 random(7);
  std::vector<std::string> texts;
  for (const size_t size :
       {0u, 1u, 5u, 100u, 65527u, 65532u, 65533u, 65536u, 65537u, 0u, 0u,
        300000u, 1000000u, 3u, 131072u, 65528u, 4u, 0u}) {
    std::string text(size, ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % 20);
    texts.push_back(text);
  }
  for (int i = 0; i < 3000; ++i) {
    texts.push_back(
        std::string(random() % 400, static_cast<char>('a' + i % 9)));
  }
  return texts;
}

void Write(const std::string& path, const std::vector<std::string>& texts) {
  Result<TextStoreWriter> out = TextStoreWriter::Create(path);
  BOOST_REQUIRE(out.has_value());
  for (const std::string& text : texts) BOOST_REQUIRE(out->Append(text).ok());
  BOOST_TEST(out->rows() == texts.size());
  BOOST_REQUIRE(out->Commit().ok());
}

BOOST_AUTO_TEST_SUITE(text_store)

BOOST_AUTO_TEST_CASE(texts_come_back_in_order_and_at_random) {
  TemporaryFolder folder;
  const std::vector<std::string> texts = SomeTexts();
  Write(folder.path("t"), texts);
  Result<TextStoreReader> in = TextStoreReader::Open(folder.path("t"));
  BOOST_REQUIRE(in.has_value());
  BOOST_REQUIRE(in->rows() == texts.size());
  std::string text;
  for (size_t row = 0; row < texts.size(); ++row) {
    BOOST_REQUIRE(in->Read(row, &text).ok());
    BOOST_REQUIRE(text == texts[row]);
  }
  std::mt19937_64 random(8);
  for (int i = 0; i < 300; ++i) {
    const size_t row = i % 3 == 0 ? random() % 20 : random() % texts.size();
    BOOST_REQUIRE(in->Read(row, &text).ok());
    BOOST_REQUIRE(text == texts[row]);
  }
}

BOOST_AUTO_TEST_CASE(long_text_comes_in_small_pieces) {
  TemporaryFolder folder;
  const std::string text(5 << 20, 'x');
  Write(folder.path("t"), {"before", text, "after"});
  Result<TextStoreReader> in = TextStoreReader::Open(folder.path("t"));
  BOOST_REQUIRE(in.has_value());
  size_t bytes = 0;
  size_t longest = 0;
  const Status status = in->ReadPieces(1, [&](std::string_view piece) {
    bytes += piece.size();
    longest = std::max(longest, piece.size());
    return true;
  });
  BOOST_TEST(status.ok());
  BOOST_TEST(bytes == text.size());
  BOOST_TEST(longest <= 64u << 10);
}

BOOST_AUTO_TEST_CASE(empty_store_has_no_rows) {
  TemporaryFolder folder;
  Write(folder.path("t"), {});
  Result<TextStoreReader> in = TextStoreReader::Open(folder.path("t"));
  BOOST_REQUIRE(in.has_value());
  BOOST_TEST(in->rows() == 0u);
}

// Opens and reads all of it.
Status ReadAll(const std::string& path, std::vector<std::string>* texts) {
  texts->clear();
  Result<TextStoreReader> in = TextStoreReader::Open(path);
  if (!in) return in.error();
  for (uint64_t row = 0; row < in->rows(); ++row) {
    if (Status s = in->Read(row, &texts->emplace_back()); !s.ok()) return s;
  }
  return {};
}

BOOST_AUTO_TEST_CASE(every_cut_and_every_flipped_byte_is_found) {
  TemporaryFolder folder;
  Write(folder.path("t"), {"one", "", "three", std::string(300000, 'x'), "4"});
  ForEachDamage(folder.path("t"), folder.path("damaged"),
                [&](const std::string& what) {
                  std::vector<std::string> texts;
                  const Status status = ReadAll(folder.path("damaged"), &texts);
                  const bool found = status.code() == StatusCode::kCorrupt;
                  BOOST_TEST(found, what << ": " << status.message());
                  return found;
                });
}

// A damaged block does not stop others from being read.
BOOST_AUTO_TEST_CASE(texts_beside_a_damaged_frame_are_read) {
  TemporaryFolder folder;
  std::mt19937_64 random(3);
  std::vector<std::string> texts(3, std::string(200000, ' '));
  for (std::string& text : texts) {
    for (char& c : text) c = static_cast<char>(random());
  }
  Write(folder.path("t"), texts);
  std::string bytes = ReadBytes(folder.path("t"));
  bytes[300000] = static_cast<char>(bytes[300000] ^ 1);
  WriteBytes(folder.path("t"), bytes);
  Result<TextStoreReader> in = TextStoreReader::Open(folder.path("t"));
  BOOST_REQUIRE(in.has_value());
  std::string text;
  BOOST_TEST(in->Read(0, &text).ok());
  BOOST_TEST((in->Read(1, &text).code() == StatusCode::kCorrupt));
  BOOST_REQUIRE(in->Read(2, &text).ok());
  BOOST_TEST((text == texts[2]));
}

// A file written by schema 2, kept: later versions must read it.
BOOST_AUTO_TEST_CASE(committed_file_of_schema_2_is_read) {
  const std::string path =
      std::string(PEAKTEXT_SOURCE_DIR) + "/tests/extract/files/schema_2.texts";
  const std::vector<std::string> expected = {"One text.", "", "\u4E2D\u6587\n",
                                             std::string(300000, 'l')};
  if (std::getenv("PEAKTEXT_WRITE_TEST_FILES") != nullptr) {
    Write(path, expected);
  }
  std::vector<std::string> texts;
  const Status status = ReadAll(path, &texts);
  BOOST_REQUIRE_MESSAGE(status.ok(), status.message());
  BOOST_TEST((texts == expected));
}

BOOST_AUTO_TEST_CASE(file_of_schema_1_is_refused_by_its_number) {
  const Result<TextStoreReader> in = TextStoreReader::Open(
      std::string(PEAKTEXT_SOURCE_DIR) + "/tests/extract/files/schema_1.texts");
  BOOST_REQUIRE(!in.has_value());
  BOOST_TEST((in.error().code() == StatusCode::kUnsupported));
}

BOOST_AUTO_TEST_CASE(missing_file_is_not_found) {
  const Result<TextStoreReader> in = TextStoreReader::Open("/nonexistent/t");
  BOOST_REQUIRE(!in.has_value());
  BOOST_TEST((in.error().code() == StatusCode::kNotFound));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

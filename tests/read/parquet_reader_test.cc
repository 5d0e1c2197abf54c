#include "read/parquet_reader.h"

#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "temporary_folder.h"

#ifndef PEAKTEXT_PYTHON
#define PEAKTEXT_PYTHON "python3"
#endif

namespace peaktext {
namespace {

constexpr uint64_t kRows = 1000;

struct Row {
  uint64_t number = 0;
  std::string text, id, url, language;
  bool operator==(const Row&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.number << ' ' << row.id << ' ' << row.url << ' '
             << row.language << ' ' << row.text.substr(0, 20);
}

// The row of that number as make_parquet.py writes it; nullopt: without text.
std::optional<Row> RowOf(uint64_t i) {
  if (i % 7 == 3) return std::nullopt;
  Row row{.number = i, .text = {}, .id = {}, .url = {}, .language = {}};
  for (uint64_t n = 0; n < i % 50; ++n) {
    row.text += fmt::format("row {} \xc3\xa9 \xe6\xbc\xa2\xe5\xad\x97 ", i);
  }
  row.id = fmt::format("id-{}", i);
  if (i % 5 != 0) row.url = fmt::format("http://h/{}", i);
  if (i % 3 < 2) row.language = i % 3 == 0 ? "deu" : "zho";
  return row;
}

std::vector<Row> AllRows() {
  std::vector<Row> rows;
  for (uint64_t i = 0; i < kRows; ++i) {
    if (const auto row = RowOf(i)) rows.push_back(*row);
  }
  return rows;
}

struct Read {
  std::vector<Row> rows;
  ReadStats stats;
  std::vector<ReadIssue> issues;
  Status status;
};

Read ReadSource(std::unique_ptr<ByteSource> source, ReadOptions options = {}) {
  Read read;
  if (options.language_field.empty()) options.language_field = "lang";
  options.on_issue = [&](const ReadIssue& issue) {
    read.issues.push_back(issue);
  };
  auto reader = OpenRecordReader(std::move(source), options);
  if (!reader) {
    read.status = reader.error();
    return read;
  }
  for (Record record; (*reader)->Next(&record);) {
    BOOST_TEST(record.type == "row");
    read.rows.push_back({record.offset,
                         std::string(record.body.begin(), record.body.end()),
                         std::string(record.id), std::string(record.uri),
                         std::string(record.language)});
    // A caller may write into the body.
    std::fill(record.body.begin(), record.body.end(), '#');
  }
  read.status = (*reader)->status();
  read.stats = (*reader)->stats();
  BOOST_TEST(read.stats.used_bytes + read.stats.padding_bytes +
                 read.stats.dropped.total().bytes ==
             read.stats.stored_bytes);
  return read;
}

// The files of make_parquet.py, made once; nullptr where that cannot be.
const TemporaryFolder* Files() {
  static const TemporaryFolder folder;
  static const bool made = [] {
    if (!HasParquet()) {
      std::cerr << "SKIPPED: built without Arrow, Parquet is not tested\n";
      return false;
    }
    const std::string command =
        fmt::format("'{}' '{}/tests/read/make_parquet.py' '{}'",
                    PEAKTEXT_PYTHON, PEAKTEXT_SOURCE_DIR, folder.path());
    if (std::system(command.c_str()) != 0) {
      std::cerr << "SKIPPED: no pyarrow to write Parquet files with\n";
      return false;
    }
    return true;
  }();
  return made ? &folder : nullptr;
}

std::string Bytes(const std::string& name) {
  std::ifstream file(Files()->path(name + ".parquet"), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Read ReadFile(const std::string& name, ReadOptions options = {}) {
  return ReadSource(OpenSource(Files()->path(name + ".parquet"), {}).value(),
                    options);
}

// A source that streams, as http does.
class Streaming final : public ByteSource {
 public:
  explicit Streaming(std::string bytes)
      : source_(MemorySource("stream", std::move(bytes))) {}
  Result<size_t> Read(std::span<char> buffer) override {
    return source_->Read(buffer.first(std::min<size_t>(buffer.size(), 1000)));
  }
  const std::string& name() const override { return source_->name(); }

 private:
  std::unique_ptr<ByteSource> source_;
};

BOOST_AUTO_TEST_SUITE(parquet_reader)

BOOST_AUTO_TEST_CASE(every_type_encoding_and_compression_gives_the_same_rows) {
  if (Files() == nullptr) return;
  const std::vector<Row> expected = AllRows();
  for (const char* name :
       {"compression-none", "compression-snappy", "compression-gzip",
        "compression-brotli", "compression-zstd", "compression-lz4",
        "pages-v1.0", "pages-v2.0", "large_string", "binary", "string_view",
        "dictionary", "no-dictionary", "delta_byte_array",
        "delta_length_byte_array", "dictionary-overflow", "one-group",
        "many-groups"}) {
    const Read read = ReadFile(name);
    BOOST_TEST(read.status.ok(), name << ": " << read.status.message());
    BOOST_TEST((read.rows == expected), name);
    BOOST_TEST(read.stats.records == expected.size());
    const auto& dropped = read.stats.dropped.by_reason();
    BOOST_REQUIRE(dropped.size() == 1u);
    BOOST_TEST(dropped.begin()->first == "missing_text");
    BOOST_TEST(dropped.begin()->second.count == kRows - expected.size());
    BOOST_TEST(read.stats.stored_bytes ==
               std::filesystem::file_size(
                   Files()->path(std::string(name) + ".parquet")));
  }
}

BOOST_AUTO_TEST_CASE(what_only_streams_is_read_too) {
  if (Files() == nullptr) return;
  const Read read =
      ReadSource(std::make_unique<Streaming>(Bytes("compression-zstd")));
  BOOST_TEST((read.rows == AllRows()));
  BOOST_TEST((ReadSource(MemorySource("m", Bytes("compression-zstd"))).rows ==
              AllRows()));
}

BOOST_AUTO_TEST_CASE(nested_fields_go_by_dots_or_slashes) {
  if (Files() == nullptr) return;
  for (const std::string separator : {"meta.", "/meta/"}) {
    ReadOptions options;
    options.text_field = separator + "text";
    options.id_field = separator + "id";
    const Read read = ReadFile("nested", options);
    BOOST_REQUIRE(read.rows.size() == AllRows().size());
    for (size_t i = 0; i < read.rows.size(); ++i) {
      const Row row = AllRows()[i];
      BOOST_TEST(read.rows[i].text == row.text);
      BOOST_TEST(read.rows[i].id == std::to_string(row.number));
      BOOST_TEST(read.rows[i].url == row.url);
      if (i == 20) break;
    }
  }
  BOOST_TEST(ReadFile("integer-id").rows[0].id == "0");
}

BOOST_AUTO_TEST_CASE(a_missing_or_wrong_column_is_the_callers_fault) {
  if (Files() == nullptr) return;
  for (const char* name : {"nested", "list", "numbers"}) {
    const Read read = ReadFile(name);
    BOOST_TEST((read.status.code() == StatusCode::kInvalidArgument), name);
    BOOST_TEST(read.status.message().find("no column of text 'text'; it has") !=
               std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_file_has_no_rows) {
  if (Files() == nullptr) return;
  const Read read = ReadFile("empty");
  BOOST_TEST(read.status.ok());
  BOOST_TEST(read.rows.empty());
  BOOST_TEST(read.stats.dropped.empty());
}

BOOST_AUTO_TEST_CASE(a_text_over_the_limit_is_skipped_and_counted) {
  if (Files() == nullptr) return;
  ReadOptions options;
  options.max_record_bytes = 1 << 20;
  const Read read = ReadFile("long", options);
  BOOST_REQUIRE(read.rows.size() == 2u);
  BOOST_TEST(read.rows[1].text == "b");
  BOOST_TEST(read.stats.dropped.by_reason().at("too_large").count == 1u);
  MemoryBudget budget(1 << 20);
  options.max_record_bytes = 64 << 20;
  options.budget = &budget;
  BOOST_TEST(ReadFile("long", options).rows.size() == 3u);
}

BOOST_AUTO_TEST_CASE(millions_of_rows_in_a_few_bytes_are_a_bomb) {
  if (Files() == nullptr) return;
  auto reader = OpenRecordReader(
      OpenSource(Files()->path("nulls.parquet"), {}).value(), {});
  BOOST_REQUIRE(reader.has_value());
  Record record;
  BOOST_TEST(!(*reader)->Next(&record));
  const ReadStats& stats = (*reader)->stats();
  BOOST_TEST(stats.dropped.by_reason().at("bomb").count == 1u);
  BOOST_TEST(stats.dropped.by_reason().at("missing_text").count < 10'000'000u);
  BOOST_TEST(stats.used_bytes + stats.dropped.total().bytes ==
             stats.stored_bytes);
}

BOOST_AUTO_TEST_CASE(a_file_without_its_footer_is_dropped_as_truncated) {
  if (Files() == nullptr) return;
  const std::string bytes = Bytes("compression-snappy");
  for (size_t size = 4; size < bytes.size(); size += 997) {
    const Read read = ReadSource(MemorySource("cut", bytes.substr(0, size)));
    BOOST_TEST(read.status.ok());
    BOOST_TEST(read.rows.empty());
    BOOST_REQUIRE(read.issues.size() == 1u);
    BOOST_TEST(read.issues[0].reason == "truncated");
    BOOST_TEST(read.issues[0].message.find("cut: offset 0: ") == 0u);
    BOOST_TEST(read.issues[0].dropped_bytes == size);
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_row_group_costs_its_rows_and_no_others) {
  if (Files() == nullptr) return;
  std::string bytes = Bytes("pages-v1.0");
  // In the second of four groups, at 40 % of the file: its pages have sums.
  bytes[bytes.size() * 2 / 5] ^= 0x55;
  const Read read = ReadSource(MemorySource("d", bytes));
  BOOST_TEST(read.status.ok());
  const std::vector<Row> all = AllRows();
  BOOST_TEST(read.rows.size() < all.size());
  BOOST_TEST(read.rows.size() >= all.size() - 300);
  size_t at = 0;
  for (const Row& row : all) {
    if (at < read.rows.size() && read.rows[at] == row) ++at;
  }
  BOOST_TEST(at == read.rows.size());  // what is read is right, in order
  BOOST_TEST(read.rows.back() == all.back());
  BOOST_TEST(read.stats.dropped.by_reason().at("corrupt").bytes > 0u);
}

BOOST_AUTO_TEST_CASE(no_flipped_bytes_end_in_a_crash) {
  if (Files() == nullptr) return;
  std::mt19937 random(7);
  const std::string whole = Bytes("pages-v2.0");
  for (int i = 0; i < 300; ++i) {
    std::string bytes = whole;
    for (int n = 0; n < 3; ++n) {
      const size_t at = i % 2 == 0 ? random() % bytes.size()
                                   : bytes.size() - 1 - random() % 3000;
      bytes[at] = static_cast<char>(random());
    }
    const Read read = ReadSource(MemorySource("f", bytes));
    BOOST_TEST(read.rows.size() <= 4 * kRows);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

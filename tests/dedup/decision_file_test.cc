#include "dedup/decision_file.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>
#include <vector>

#include "temporary_folder.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(decision_file)

std::vector<Decision> SomeDecisions(uint64_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Decision> decisions(count);
  for (uint64_t i = 0; i < count; ++i) {
    Decision& decision = decisions[i];
    decision.verified = static_cast<Evidence>(random() % 5);
    decision.survivor = decision.verified == Evidence::kKept ? i : random();
    decision.similarity = static_cast<float>(random() % 1001) / 1000;
    decision.exact_copy = random() % 2 == 0;
    decision.too_short = random() % 2 == 0;
  }
  return decisions;
}

std::string Write(const TemporaryFolder& folder,
                  const std::vector<Decision>& decisions) {
  const std::string path = folder.path("decisions");
  Result<DecisionWriter> writer =
      DecisionWriter::Create(path, decisions.size());
  BOOST_REQUIRE(writer.has_value());
  for (const Decision& decision : decisions) {
    BOOST_REQUIRE(writer->Append(decision).ok());
  }
  BOOST_REQUIRE(writer->Commit().ok());
  return path;
}

const uint64_t kSizes[] = {0, 1, 4095, 4096, 4097, 20000};

BOOST_DATA_TEST_CASE(what_is_written_is_read_in_order, kSizes, size) {
  TemporaryFolder folder;
  const std::vector<Decision> decisions = SomeDecisions(size, size);
  Result<DecisionReader> reader =
      DecisionReader::Open(Write(folder, decisions));
  BOOST_REQUIRE(reader.has_value());
  BOOST_TEST(reader->rows() == size);
  Decision decision;
  for (const Decision& expected : decisions) {
    BOOST_REQUIRE(reader->Next(&decision));
    BOOST_REQUIRE((decision == expected));
  }
  BOOST_TEST(!reader->Next(&decision));
  BOOST_TEST(reader->status().ok());
}

BOOST_AUTO_TEST_CASE(any_document_is_found_by_its_number) {
  TemporaryFolder folder;
  const std::vector<Decision> decisions = SomeDecisions(10000, 7);
  Result<DecisionReader> reader =
      DecisionReader::Open(Write(folder, decisions));
  BOOST_REQUIRE(reader.has_value());
  std::mt19937_64 random(3);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t number = random() % decisions.size();
    Decision decision;
    BOOST_REQUIRE(reader->Read(number, &decision).ok());
    BOOST_REQUIRE((decision == decisions[number]));
  }
}

BOOST_AUTO_TEST_CASE(file_with_too_few_decisions_does_not_appear) {
  TemporaryFolder folder;
  {
    Result<DecisionWriter> writer =
        DecisionWriter::Create(folder.path("decisions"), 2);
    BOOST_REQUIRE(writer.has_value());
    BOOST_REQUIRE(writer->Append({}).ok());
    BOOST_TEST(!writer->Commit().ok());
  }
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_is_detected) {
  TemporaryFolder folder;
  const std::vector<Decision> decisions = SomeDecisions(5, 1);
  Result<std::string> good = ReadWholeFile(Write(folder, decisions));
  BOOST_REQUIRE(good.has_value());
  const std::string path = folder.path("bad");
  for (size_t at = 0; at < good->size(); ++at) {
    // The eight bytes that are always 0 are covered by the header's checksum.
    std::string bad = *good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    BOOST_REQUIRE(WriteFileAtomically(path, bad).ok());
    Result<DecisionReader> reader = DecisionReader::Open(path);
    if (!reader) continue;
    Decision decision;
    while (reader->Next(&decision)) {
    }
    BOOST_TEST((reader->status().code() == StatusCode::kCorrupt),
               "byte " << at);
  }
}

BOOST_AUTO_TEST_CASE(every_truncation_is_detected) {
  TemporaryFolder folder;
  Result<std::string> good = ReadWholeFile(Write(folder, SomeDecisions(5, 1)));
  BOOST_REQUIRE(good.has_value());
  const std::string path = folder.path("bad");
  for (size_t size = 0; size < good->size(); ++size) {
    BOOST_REQUIRE(WriteFileAtomically(path, good->substr(0, size)).ok());
    Result<DecisionReader> reader = DecisionReader::Open(path);
    BOOST_REQUIRE(!reader.has_value());
    BOOST_TEST((reader.error().code() == StatusCode::kCorrupt));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

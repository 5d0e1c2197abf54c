#include "base/input_file.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

#include "base/atomic_file.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(input_file)

// Through the page cache; past it as is usual; past it with small files too.
const int kWays[] = {0, 1, 2};

PageCache CacheOf(int way) {
  return way == 0 ? PageCache::kKeep : PageCache::kPass;
}

Result<InputFile> Open(const std::string& path, int way) {
  return way == 2 ? InputFile::Open(path, CacheOf(way), 0)
                  : InputFile::Open(path, CacheOf(way));
}

// Random bytes, written the same way.
std::string WriteRandom(const std::string& path, size_t size, PageCache way) {
  std::mt19937_64 random(size);
  std::string bytes;
  while (bytes.size() < size) bytes.push_back(static_cast<char>(random()));
  auto file = AtomicFile::Create(path, way);
  BOOST_REQUIRE(file.has_value());
  BOOST_REQUIRE(file->Write(bytes).ok());
  BOOST_REQUIRE(file->Commit().ok());
  return bytes;
}

BOOST_DATA_TEST_CASE(any_range_reads_as_written, kWays, way) {
  TemporaryFolder folder;
  for (const size_t size :
       {1U, 4095U, 4096U, 4097U, 100000U, 3U << 20, 5U << 20}) {
    const std::string path = folder.path(std::to_string(size));
    const std::string expected = WriteRandom(path, size, CacheOf(way));
    auto file = Open(path, way);
    BOOST_REQUIRE(file.has_value());
    BOOST_TEST(file->size_bytes() == size);
    std::mt19937_64 random(1);
    ReadBuffer buffer;
    for (int i = 0; i < 200; ++i) {
      const size_t offset = random() % size;
      const size_t count = random() % (size - offset + 1);
      std::string_view around;
      BOOST_REQUIRE(file->ReadAround(offset, count, &buffer, &around).ok());
      BOOST_REQUIRE(around == std::string_view(expected).substr(offset, count));
      std::string bytes(count, '\0');
      BOOST_REQUIRE(file->ReadAt(offset, bytes.data(), count).ok());
      BOOST_REQUIRE(bytes == around);
    }
  }
}

BOOST_DATA_TEST_CASE(a_read_past_the_end_is_corrupt_and_names_the_file, kWays,
                     way) {
  TemporaryFolder folder;
  for (const size_t size : {0U, 1U, 4096U, 5000U}) {
    const std::string path = folder.path(std::to_string(size));
    WriteRandom(path, size, CacheOf(way));
    auto file = Open(path, way);
    BOOST_REQUIRE(file.has_value());
    for (const size_t offset : {size_t{0}, size / 2, size, size + 5000}) {
      ReadBuffer buffer;
      std::string_view bytes;
      const Status status =
          file->ReadAround(offset, size - size / 2 + 1 + size, &buffer, &bytes);
      BOOST_TEST((status.code() == StatusCode::kCorrupt));
      BOOST_TEST(status.message().find(path) != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

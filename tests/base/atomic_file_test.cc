#include "base/atomic_file.h"

#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(atomic_file)

BOOST_AUTO_TEST_CASE(file_appears_only_on_commit) {
  TemporaryFolder folder;
  const std::string path = folder.path("out");
  {
    Result<AtomicFile> file = AtomicFile::Create(path);
    BOOST_REQUIRE(file.has_value());
    BOOST_TEST(file->Write("half").ok());
    BOOST_TEST(!std::filesystem::exists(path));
  }
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(content_size_and_checksum_are_those_written) {
  TemporaryFolder folder;
  const std::string path = folder.path("out");
  std::string expected;
  Result<AtomicFile> file = AtomicFile::Create(path);
  BOOST_REQUIRE(file.has_value());
  for (const size_t piece : {1u, 1000u, (1u << 20) - 5u, 3u << 20, 0u, 7u}) {
    const std::string bytes(piece, static_cast<char>('a' + piece % 26));
    expected += bytes;
    BOOST_TEST(file->Write(bytes).ok());
  }
  BOOST_TEST(file->checksum() == HashBytes64(expected));
  BOOST_TEST(file->size_bytes() == expected.size());
  BOOST_TEST(file->Commit().ok());
  BOOST_TEST((ReadWholeFile(path).value() == expected));
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_leaves_nothing) {
  TemporaryFolder folder;
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const Status status =
      WriteFileAtomically(folder.path("out"), std::string(5000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  BOOST_TEST((status.code() == StatusCode::kNoSpace));
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(leftovers_are_swept_and_nothing_else) {
  TemporaryFolder folder;
  for (const char* name : {"a.tmp.12", "b.tmp.", "c.tmp.1x", "d"}) {
    std::ofstream(folder.path(name)) << "x";
  }
  RemoveLeftovers(folder.path());
  BOOST_TEST(!std::filesystem::exists(folder.path("a.tmp.12")));
  BOOST_TEST(std::filesystem::exists(folder.path("b.tmp.")));
  BOOST_TEST(std::filesystem::exists(folder.path("c.tmp.1x")));
  BOOST_TEST(std::filesystem::exists(folder.path("d")));
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_not_found) {
  BOOST_TEST((WriteFileAtomically("/nonexistent/x", "").code() ==
              StatusCode::kNotFound));
  BOOST_TEST((ReadWholeFile("/nonexistent/x").error().code() ==
              StatusCode::kNotFound));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

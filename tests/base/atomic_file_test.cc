#include "base/atomic_file.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

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

BOOST_AUTO_TEST_CASE(a_temporary_file_of_another_with_our_pid_is_left_alone) {
  TemporaryFolder folder;
  const std::string path = folder.path("out");
  const std::string other = fmt::format("{}.tmp.{}", path, ::getpid());
  std::ofstream(other) << "other";
  Result<AtomicFile> first = AtomicFile::Create(path);
  Result<AtomicFile> second = AtomicFile::Create(path);
  BOOST_REQUIRE(first.has_value());
  BOOST_REQUIRE(second.has_value());
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    BOOST_TEST(IsTemporaryName(entry.path().filename().string()));
  }
  BOOST_TEST(first->Write("first").ok());
  BOOST_TEST(second->Write("second").ok());
  BOOST_TEST(first->Commit().ok());
  BOOST_TEST(ReadWholeFile(path).value() == "first");
  BOOST_TEST(second->Commit().ok());
  BOOST_TEST(ReadWholeFile(path).value() == "second");
  BOOST_TEST(ReadWholeFile(other).value() == "other");
}

BOOST_AUTO_TEST_CASE(old_leftovers_of_one_file_and_its_companions_are_swept) {
  TemporaryFolder folder;
  const auto now = std::filesystem::file_time_type::clock::now();
  const auto write = [&](const char* name, std::chrono::minutes age) {
    std::ofstream(folder.path(name)) << "x";
    std::filesystem::last_write_time(folder.path(name), now - age);
  };
  const std::vector<const char*> old = {"a.b.tmp.12", "a.b.tables.tmp.3"};
  const std::vector<const char*> others = {
      "a.b",         "a.b.tables", "a.tmp.1",      "a.bc.tmp.1",
      "a.b.tmp.",    "a.b.tmp.1x", "a.b.x.tmp",    "a.b.tmp.5.old",
      "z.a.b.tmp.1", "b.tmp.1",    "a.b.x.y.tmp.1"};
  for (const char* name : old) write(name, std::chrono::minutes(61));
  for (const char* name : others) write(name, std::chrono::minutes(61));
  write("a.b.tmp.77", std::chrono::minutes(59));
  std::filesystem::create_directory(folder.path("a.b.tmp.9"));
  std::filesystem::last_write_time(folder.path("a.b.tmp.9"),
                                   now - std::chrono::hours(2));
  std::filesystem::create_symlink("a.b", folder.path("a.b.tmp.8"));
  RemoveOldLeftovers(folder.path("a.b"));
  for (const char* name : old) {
    BOOST_TEST(!std::filesystem::exists(folder.path(name)), name);
  }
  for (const char* name : others) {
    BOOST_TEST(std::filesystem::exists(folder.path(name)), name);
  }
  for (const char* name : {"a.b.tmp.77", "a.b.tmp.9", "a.b.tmp.8"}) {
    BOOST_TEST(std::filesystem::exists(folder.path(name)), name);
  }
  // Where nothing can be read there is nothing to sweep.
  RemoveOldLeftovers("/nonexistent/x");
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

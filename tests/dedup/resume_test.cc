// A run that is killed at any moment and started again gives the same bytes.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <random>

#include "base/atomic_file.h"
#include "dedup/corpus.h"

namespace peaktext {
namespace {

using namespace testing;  // NOLINT: the tests' own helpers

BOOST_AUTO_TEST_SUITE(resume)

// Runs Dedup in a process of its own, killed after `microseconds`. True when it
// finished before that.
bool RunAndKill(const std::vector<DedupShard>& shards,
                const DedupOptions& options, useconds_t microseconds) {
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    const auto result = Dedup(shards, options);
    ::_exit(result.has_value() ? 0 : 1);
  }
  ::usleep(microseconds);
  ::kill(child, SIGKILL);
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) BOOST_REQUIRE(WEXITSTATUS(status) == 0);
  return WIFEXITED(status);
}

BOOST_AUTO_TEST_CASE(killed_run_goes_on_to_the_same_bytes) {
  TemporaryFolder folder;
  const auto shards = WriteShards(folder.path(), MixedCorpus(2000, 5), 5);
  DedupOptions options = OptionsIn(folder);
  const auto start = std::chrono::steady_clock::now();
  RunDedup(shards, options);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  const auto expected = ReadWholeFile(options.decisions_path);
  std::mt19937_64 random(11);
  for (int round = 0; round < 6; ++round) {
    std::filesystem::remove(options.decisions_path);
    std::filesystem::remove_all(options.work_folder);
    // The machine that goes on need not be the one that began.
    for (int attempt = 0; attempt < 5; ++attempt) {
      options.threads = 1 + static_cast<unsigned>(random() % 3);
      options.partitions = static_cast<unsigned>(random() % 5);
      const auto wait = static_cast<useconds_t>(
          random() % static_cast<uint64_t>(whole.count()));
      if (RunAndKill(shards, options, wait)) break;
    }
    BOOST_REQUIRE(Dedup(shards, options).has_value());
    const auto bytes = ReadWholeFile(options.decisions_path);
    BOOST_REQUIRE(bytes.has_value());
    BOOST_TEST((*bytes == *expected), "round " << round);
  }
}

// Counts the steps that a run reports as begun: what is in the folder is not
// made again.
BOOST_AUTO_TEST_CASE(finished_bands_are_not_joined_again) {
  TemporaryFolder folder;
  const auto shards = WriteShards(folder.path(), MixedCorpus(500, 5), 2);
  DedupOptions options = OptionsIn(folder);
  options.threads = 1;
  std::stop_source stop;
  options.stop = stop.get_token();
  options.on_progress = [&](std::string_view stage, uint64_t done, uint64_t) {
    if (stage == "bands" && done == 7) stop.request_stop();
  };
  BOOST_REQUIRE(!Dedup(shards, options).has_value());
  std::vector<std::filesystem::file_time_type> times;
  for (int band = 0; band < 7; ++band) {
    const std::string path =
        options.work_folder + "/dedup-pairs-00" + std::to_string(band);
    BOOST_REQUIRE(std::filesystem::exists(path));
    times.push_back(std::filesystem::last_write_time(path));
  }
  options.stop = {};
  options.on_progress = [&](std::string_view stage, uint64_t done, uint64_t) {
    if (stage != "bands" || done != 20) return;
    for (int band = 0; band < 7; ++band) {
      const std::string path =
          options.work_folder + "/dedup-pairs-00" + std::to_string(band);
      BOOST_TEST((std::filesystem::last_write_time(path) ==
                  times[static_cast<size_t>(band)]));
    }
  };
  BOOST_TEST(RunDedup(shards, options).size() == 500U);
}

BOOST_AUTO_TEST_CASE(work_folder_of_other_options_is_not_used) {
  TemporaryFolder folder;
  const auto shards = WriteShards(folder.path(), MixedCorpus(500, 5), 2);
  DedupOptions options = OptionsIn(folder);
  options.keep_work_folder = true;
  options.threshold = 0.95;
  RunDedup(shards, options);
  options.threshold = 0.8;
  const std::vector<Decision> second = RunDedup(shards, options);
  std::filesystem::remove_all(options.work_folder);
  BOOST_TEST((second == RunDedup(shards, options)));
}

BOOST_AUTO_TEST_CASE(damaged_intermediate_file_is_an_error) {
  TemporaryFolder folder;
  const auto shards = WriteShards(folder.path(), MixedCorpus(500, 5), 2);
  DedupOptions options = OptionsIn(folder);
  options.keep_work_folder = true;
  RunDedup(shards, options);
  const std::vector<std::string> names = {"edges", "column-000000", "copies",
                                          "flags", "buckets-003"};
  for (const std::string& name : names) {
    const std::string path = options.work_folder + "/dedup-" + name;
    const auto good = ReadWholeFile(path);
    BOOST_REQUIRE(good.has_value());
    std::string bad = *good;
    // Of the columns, what every run reads: the numbers, which come first.
    bad[name.starts_with("column") ? 10 : bad.size() / 2] ^= 1;
    BOOST_REQUIRE(WriteFileAtomically(path, bad).ok());
    const auto result = Dedup(shards, options);
    BOOST_REQUIRE_MESSAGE(!result.has_value(), name);
    BOOST_TEST((result.error().code() == StatusCode::kCorrupt));
    BOOST_TEST(result.error().message().find(name) != std::string::npos);
    BOOST_REQUIRE(WriteFileAtomically(path, *good).ok());
  }
  BOOST_TEST(Dedup(shards, options).has_value());
}

// A limit on file size stands for the full disk: the write fails.
BOOST_AUTO_TEST_CASE(full_disk_is_an_error_and_leaves_no_answer) {
  TemporaryFolder folder;
  const auto shards = WriteShards(folder.path(), MixedCorpus(2000, 5), 2);
  const DedupOptions options = OptionsIn(folder);
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {100000, 100000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto result = Dedup(shards, options);
    const bool clean = !result && result.error().code() == StatusCode::kNoSpace;
    ::_exit(clean ? 0 : 1);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  BOOST_TEST(!std::filesystem::exists(options.decisions_path));
  BOOST_TEST(RunDedup(shards, options).size() == 2000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

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

// Texts that make every step write: copies, pairs that the sketch cannot
// decide, a bucket of pages too large for all its pairs, some of which its
// first members do not remove.
std::vector<std::string> CorpusForAllSteps() {
  std::vector<std::string> texts = MixedCorpus(1200, 5);
  Injector inject(6);
  const Words head = inject.Text(160);
  const Words body = inject.Text(80);
  for (uint64_t i = 0; i < 120; ++i) {
    Words nearly = i % 4 == 0 ? inject.Text(80) : body;
    nearly[i % 80] = "b" + WordOf(i);
    texts.push_back(Join(inject.Surround(nearly, head, {})));
  }
  return texts;
}

// Fifty moments spread over the whole run and chance within each fiftieth;
// every third run is killed again while it goes on.
BOOST_AUTO_TEST_CASE(killed_run_goes_on_to_the_same_bytes) {
  TemporaryFolder folder;
  const auto shards = WriteShards(folder.path(), CorpusForAllSteps(), 5);
  DedupOptions options = OptionsIn(folder);
  options.threads = 1;
  DedupReport report;
  const auto start = std::chrono::steady_clock::now();
  RunDedup(shards, options, &report);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  BOOST_TEST(report.exact_duplicates > 0U);
  BOOST_TEST(report.verified_by_text > 0U);
  BOOST_TEST(report.rounds > 2U);
  const auto expected = ReadWholeFile(options.decisions_path);
  std::mt19937_64 random(11);
  constexpr uint64_t kMoments = 50;
  const uint64_t part = static_cast<uint64_t>(whole.count()) / kMoments + 1;
  uint64_t killed = 0;
  for (uint64_t moment = 0; moment < kMoments; ++moment) {
    std::filesystem::remove(options.decisions_path);
    std::filesystem::remove_all(options.work_folder);
    const uint64_t attempts = moment % 3 == 0 ? 3 : 1;
    for (uint64_t attempt = 0; attempt < attempts; ++attempt) {
      // The machine that goes on need not be the one that began.
      options.threads = 1 + static_cast<unsigned>(random() % 3);
      options.partitions = static_cast<unsigned>(random() % 5);
      const uint64_t wait = moment * part + random() % part;
      if (RunAndKill(shards, options, static_cast<useconds_t>(wait))) break;
      ++killed;
    }
    BOOST_REQUIRE(Dedup(shards, options).has_value());
    const auto bytes = ReadWholeFile(options.decisions_path);
    BOOST_REQUIRE(bytes.has_value());
    BOOST_TEST((*bytes == *expected), "moment " << moment);
  }
  BOOST_TEST(killed > 0U);
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

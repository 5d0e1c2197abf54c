// Files of real crawlers, outside the repository: read where they are found.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "read/record_reader.h"

namespace peaktext {
namespace {

std::filesystem::path SamplesFolder() {
  const char* const shared = std::getenv("PEAKTEXT_SHARED");
  const std::filesystem::path folder =
      shared != nullptr
          ? std::filesystem::path(shared)
          : std::filesystem::path(PEAKTEXT_SOURCE_DIR) / ".." / "shared";
  return folder / "samples";
}

BOOST_AUTO_TEST_CASE(real_samples_give_all_their_records) {
  if (!std::filesystem::is_directory(SamplesFolder())) {
    BOOST_TEST_MESSAGE("SKIPPED: no samples in " << SamplesFolder());
    return;
  }
  const struct {
    const char* file;
    uint64_t records;
  } kSamples[] = {{"whirlwind.warc.gz", 4},
                  {"whirlwind.warc.wet.gz", 2},
                  {"whirlwind.warc.wat.gz", 2},
                  {"cc-2016-50-one-member.wet.gz", 26},
                  {"iah-2008-blackbook.warc.gz", 822},
                  {"iana.warc.gz", 343},
                  {"iah-2008.arc.gz", 300},
                  {"gzip_extra_sl.warc.gz", 1}};
  for (const auto& sample : kSamples) {
    const std::string path = SamplesFolder() / sample.file;
    auto source = OpenSource(path, {});
    BOOST_REQUIRE_MESSAGE(source, path);
    ReadOptions options;
    options.on_issue = [](const ReadIssue& issue) {
      BOOST_ERROR(issue.message);
    };
    auto reader = OpenRecordReader(std::move(*source), options);
    BOOST_REQUIRE_MESSAGE(reader, path);
    Record record;
    uint64_t records = 0;
    while ((*reader)->Next(&record)) ++records;
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST(records == sample.records);
      BOOST_TEST((*reader)->status().ok());
      const ReadStats& stats = (*reader)->stats();
      BOOST_TEST(stats.dropped.empty());
      BOOST_TEST(stats.stored_bytes == std::filesystem::file_size(path));
      BOOST_TEST(stats.used_bytes + stats.padding_bytes == stats.stored_bytes);
    }
  }
}

}  // namespace
}  // namespace peaktext

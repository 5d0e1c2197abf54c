// Bombs in bombs: a record's member, the codings of its body, and what is in
// the body. The limits hold for each and for all of them together.
#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "extract/extractor.h"
#include "read/record_reader.h"
#include "read/shard_bytes.h"

namespace peaktext {
namespace {

using Pack = std::string (*)(std::string_view);

std::string InGzip(std::string_view bytes) { return Gzip(bytes, 9); }
std::string InZstd(std::string_view bytes) { return Zstd(bytes); }

const std::vector<std::pair<std::string, Pack>> kCodings = {{"gzip", InGzip},
                                                            {"zstd", InZstd}};

std::string Page(std::string_view name, std::string_view codings,
                 std::string_view body) {
  const std::string block = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
      "Content-Encoding: {}\r\n\r\n{}",
      codings, body);
  return RawWarcRecord(
      fmt::format("WARC-Type: response\r\nWARC-Record-ID: <urn:{}>\r\n"
                  "Content-Type: application/http; msgtype=response\r\n"
                  "Content-Length: {}\r\n",
                  name, block.size()),
      block);
}

struct Outcome {
  std::vector<std::string> ids;
  std::vector<size_t> text_bytes;
  DropCounts in_reading;
  DropCounts in_extraction;
  uint64_t largest_body = 0;
};

Outcome ReadAndExtract(const std::string& shard, const ReadOptions& reading,
                       const ExtractOptions& extraction) {
  Outcome outcome;
  auto reader = OpenRecordReader(MemorySource("shard", shard), reading);
  BOOST_REQUIRE(reader.has_value());
  Extractor extractor(extraction);
  Record record;
  Document document;
  while ((*reader)->Next(&record)) {
    outcome.largest_body =
        std::max<uint64_t>(outcome.largest_body, record.body.size());
    if (extractor.Extract("shard", record, &document) ==
        ExtractOutcome::kDocument) {
      outcome.ids.emplace_back(document.id);
      outcome.text_bytes.push_back(document.text.size());
    }
  }
  const ReadStats& stats = (*reader)->stats();
  BOOST_TEST(stats.used_bytes + stats.padding_bytes +
                 stats.dropped.total().bytes ==
             shard.size());
  outcome.in_reading = stats.dropped;
  outcome.in_extraction = extractor.dropped();
  return outcome;
}

const std::vector<std::string> kOthers = {"urn:a", "urn:b"};

// `page` between two sound ones, in members of their own.
std::string Between(Pack member, const std::string& page) {
  const std::string sound = "<p>" + Words(1, 500);
  return member(Page("a", "gzip", Gzip(sound))) + member(page) +
         member(Page("b", "zstd", Zstd(sound)));
}

BOOST_AUTO_TEST_SUITE(nested_bombs)

BOOST_AUTO_TEST_CASE(codings_on_codings_in_members_are_one_bomb) {
  // 8 MiB in some hundred bytes: each layer alone is below the limit.
  const std::string page = "<p>" + std::string(8 << 20, ' ');
  for (const auto& [member_name, member] : kCodings) {
    for (const auto& [inner_name, inner] : kCodings) {
      for (const auto& [outer_name, outer] : kCodings) {
        const std::string body = outer(inner(page));
        const std::string codings = inner_name + ", " + outer_name;
        BOOST_TEST_CONTEXT(codings << " in " << member_name) {
          const Outcome outcome =
              ReadAndExtract(Between(member, Page("bomb", codings, body)), {},
                             {.max_ratio = 2000});
          BOOST_TEST(outcome.ids == kOthers);
          BOOST_TEST(outcome.in_reading.empty());
          BOOST_TEST(outcome.in_extraction.by_reason().at("bomb").count == 1U);
          BOOST_TEST(outcome.largest_body < 20000U);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_size_limit_holds_for_the_innermost_coding) {
  // Below every ratio, but too large.
  const std::string page = "<p>" + Words(3, 3 << 20);
  for (const auto& [member_name, member] : kCodings) {
    for (const auto& [name, pack] : kCodings) {
      const std::string shard =
          Between(member, Page("large", name + "," + name, pack(pack(page))));
      for (const bool fits : {false, true}) {
        const uint64_t limit = page.size() - (fits ? 0 : 1);
        const Outcome outcome =
            ReadAndExtract(shard, {}, {.max_body_bytes = limit});
        BOOST_TEST(outcome.ids.size() == (fits ? 3U : 2U));
        BOOST_TEST(outcome.in_extraction.empty() == fits);
        if (!fits) {
          BOOST_TEST(outcome.in_extraction.by_reason().at("too_large").count ==
                     1U);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_member_is_a_bomb_before_its_body_is_looked_at) {
  // The body of the record is blanks that inflate the member, coded in name
  // only, or coded and then padded.
  ReadOptions reading;
  reading.max_ratio = 100;
  const std::string blanks(30 << 20, ' ');
  for (const auto& [member_name, member] : kCodings) {
    for (const std::string& body : {blanks, Gzip("<p>words") + blanks}) {
      const Outcome outcome = ReadAndExtract(
          Between(member, Page("bomb", "gzip", body)), reading, {});
      BOOST_TEST(outcome.ids == kOthers, member_name);
      BOOST_TEST(outcome.in_reading.by_reason().at("bomb").count == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_compressed_in_a_page_beyond_its_codings_stays_so) {
  // A file that is served as it is: nobody announces its own compression.
  const std::string bomb = Gzip(Gzip(std::string(64 << 20, ' ')));
  for (const auto& [member_name, member] : kCodings) {
    for (const auto& [name, pack] : kCodings) {
      const Outcome outcome = ReadAndExtract(
          Between(member, Page("file", name, pack(bomb))), {}, {});
      BOOST_TEST(outcome.ids == kOthers, member_name);
      BOOST_TEST(outcome.in_reading.empty());
      BOOST_TEST(outcome.in_extraction.by_reason().at("not_html").count == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_member_in_a_member_is_not_unpacked) {
  // A shard that was compressed twice is no shard; it is not inflated on.
  const std::string twice =
      Gzip(Gzip(WarcRecord("a", std::string(64 << 20, ' '))));
  ReadOptions reading;
  uint64_t bytes = 0;
  auto reader = OpenRecordReader(MemorySource("shard", twice), reading);
  BOOST_REQUIRE(reader.has_value());
  Record record;
  while ((*reader)->Next(&record)) bytes += record.body.size();
  BOOST_TEST(bytes < 1U << 20);
  const ReadStats& stats = (*reader)->stats();
  BOOST_TEST(stats.used_bytes + stats.padding_bytes +
                 stats.dropped.total().bytes ==
             twice.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

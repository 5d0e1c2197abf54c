#include "extract/extractor.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

#include "extract/records.h"
#include "read/byte_source.h"

namespace peaktext {
namespace {

struct Extracted {
  ExtractOutcome outcome;
  std::string text, reason, id, language;
};

Extracted Run(OwnedRecord record, ExtractOptions options = {}) {
  Extractor extractor(options);
  Record view = record.View();
  Document document;
  const ExtractOutcome outcome = extractor.Extract("shard", view, &document);
  return {outcome, std::string(document.text),
          std::string(extractor.last_reason()), std::string(document.id),
          std::string(document.language)};
}

Extracted RunResponse(const std::string& body) { return Run(Response(body)); }

BOOST_AUTO_TEST_SUITE(extractor)

BOOST_AUTO_TEST_CASE(a_html_response_becomes_its_text) {
  const Extracted page = RunResponse(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Hello &amp; "
      "<b>bye</b>");
  BOOST_TEST((page.outcome == ExtractOutcome::kDocument));
  BOOST_TEST(page.text == "Hello & bye");
  BOOST_TEST(page.id == "shard#0");
}

BOOST_AUTO_TEST_CASE(what_is_no_html_page_is_dropped_with_its_reason) {
  const struct {
    const char* block;
    const char* reason;
  } cases[] = {
      {"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>x",
       "http_status"},
      {"HTTP/1.1 301 Moved\r\n\r\n", "http_status"},
      {"HTTP/1.1 0 x\r\nContent-Type: text/html\r\n\r\n<p>x", "http_status"},
      {"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx", "not_html"},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n%PDF-1.4",
       "not_html"},
      {"HTTP/1.1 200 OK\r\n\r\njust words", "not_html"},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n\r\n", "not_html"},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "empty"},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<script>x</script> ",
       "empty"},
  };
  for (const auto& c : cases) {
    const Extracted page = RunResponse(c.block);
    BOOST_TEST((page.outcome == ExtractOutcome::kDropped), c.block);
    BOOST_TEST(page.reason == c.reason, c.block);
  }
}

BOOST_AUTO_TEST_CASE(a_page_without_a_type_is_known_by_its_beginning) {
  BOOST_TEST(RunResponse("HTTP/1.0 200\n\n\n <!DOCTYPE html><p>x").text == "x");
  BOOST_TEST(RunResponse("<html><p>x").text == "x");
}

BOOST_AUTO_TEST_CASE(a_gzip_body_that_nobody_announced_is_decoded) {
  // "<p>Hello</p>"
  const std::string body(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\x29\xb0\xf3\x48\xcd\xc9"
      "\xc9\xb7\xd1\x2f\xb0\x03\x00\xe7\x79\x5f\x50\x0c\x00\x00\x00",
      32);
  BOOST_TEST(
      RunResponse("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body)
          .text == "Hello\n");
}

BOOST_AUTO_TEST_CASE(records_that_hold_no_document_are_skipped) {
  for (const char* type :
       {"warcinfo", "request", "metadata", "revisit", "continuation", ""}) {
    OwnedRecord record =
        Response("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x");
    record.type = type;
    BOOST_TEST((Run(record).outcome == ExtractOutcome::kSkipped), type);
  }
  OwnedRecord dns;
  dns.type = "response";
  dns.uri = "dns:example.org";
  dns.media_type = "text/dns";
  dns.body = "20080430204825\nexample.org. 3600 IN A 127.0.0.1\n";
  BOOST_TEST((Run(dns).outcome == ExtractOutcome::kSkipped));
}

BOOST_AUTO_TEST_CASE(a_conversion_is_its_text_and_invalid_bytes_are_replaced) {
  OwnedRecord record;
  record.type = "conversion";
  record.media_type = "text/plain";
  record.id = "urn:uuid:1";
  record.language = "spa,eng";
  record.body = "a\xE2\x82 b\xFF\xFE";
  const Extracted text = Run(record);
  BOOST_TEST(text.text == "a\xEF\xBF\xBD b\xEF\xBF\xBD\xEF\xBF\xBD");
  BOOST_TEST(text.id == "urn:uuid:1");
  BOOST_TEST(text.language == "spa");
}

BOOST_AUTO_TEST_CASE(a_header_that_knows_no_language_is_none) {
  OwnedRecord record;
  record.type = "conversion";
  record.media_type = "text/plain";
  record.language = "und";
  record.body =
      "Tous les \xC3\xAAtres humains naissent libres et \xC3\xA9gaux en "
      "dignit\xC3\xA9 et en droits.";
  BOOST_TEST(Run(record).language == "fra");
}

BOOST_AUTO_TEST_CASE(valid_text_is_passed_on_without_a_copy) {
  Extractor extractor({});
  std::string body = "valid \xE2\x82\xAC";
  Record record;
  record.format = RecordFormat::kJsonl;
  record.type = "json";
  record.body = body;
  Document document;
  BOOST_TEST((extractor.Extract("shard", record, &document) ==
              ExtractOutcome::kDocument));
  BOOST_TEST(static_cast<const void*>(document.text.data()) ==
             static_cast<const void*>(body.data()));
}

BOOST_AUTO_TEST_CASE(records_that_share_a_member_have_ids_of_their_own) {
  Extractor extractor({});
  std::string body = "x";
  Record record;
  record.format = RecordFormat::kJsonl;
  record.body = body;
  record.offset = 7;
  record.decoded_offset = 7;
  Document document;
  (void)extractor.Extract("a.jsonl", record, &document);
  BOOST_TEST(document.id == "a.jsonl#7");
  record.decoded_offset = 100;
  (void)extractor.Extract("a.jsonl.gz", record, &document);
  BOOST_TEST(document.id == "a.jsonl.gz#7+100");
  record.stored_bytes = 30;
  (void)extractor.Extract("a.jsonl.gz", record, &document);
  BOOST_TEST(document.id == "a.jsonl.gz#7");
}

BOOST_AUTO_TEST_CASE(pieces_of_plain_text_are_passed_on_with_one_id) {
  Extractor extractor({});
  std::string first = "caf\xC3", second = "\xA9";
  Record record;
  record.format = RecordFormat::kText;
  record.body = first;
  record.more = true;
  Document document;
  (void)extractor.Extract("t", record, &document);
  BOOST_TEST(document.text == first);
  record.body = second;
  record.offset = record.decoded_offset = 4;
  record.more = false;
  record.continued = true;
  (void)extractor.Extract("t", record, &document);
  BOOST_TEST(document.text == second);
  BOOST_TEST(document.id == "t#0");
  BOOST_TEST(extractor.stats().replaced_characters == 0u);
}

// The text of a page of CC-MAIN-2024-22 is the WET record that Common Crawl
// made of it, byte for byte.
BOOST_AUTO_TEST_CASE(a_real_response_gives_the_text_of_its_wet_record) {
  const std::filesystem::path shared = SharedFolder();
  if (shared.empty()) {
    BOOST_TEST_MESSAGE("SKIPPED: the real samples are not on this machine");
    return;
  }
  std::vector<OwnedRecord> warc =
      ReadWarc(Gunzip(shared / "samples/whirlwind.warc.gz"));
  const std::vector<OwnedRecord> wet =
      ReadWarc(Gunzip(shared / "samples/whirlwind.warc.wet.gz"));
  BOOST_REQUIRE(warc.size() == 4u);
  BOOST_REQUIRE(wet.size() == 2u);
  ExtractOptions options;
  options.verify_digests = true;
  Extractor extractor(options);
  Document document;
  int documents = 0;
  for (OwnedRecord& owned : warc) {
    Record record = owned.View();
    if (extractor.Extract("w", record, &document) !=
        ExtractOutcome::kDocument) {
      continue;
    }
    ++documents;
    BOOST_TEST(document.text == wet[1].body);
    BOOST_TEST(document.date_seconds == 1715997490);
  }
  BOOST_TEST(documents == 1);
  // Four block digests; payload digests of request, response and metadata.
  BOOST_TEST(extractor.stats().digests_checked == 7u);
  BOOST_TEST(extractor.stats().digests_wrong == 0u);
}

BOOST_AUTO_TEST_CASE(codings_and_charset_are_taken_off_a_page) {
  // "<p>caf\xE9" in two chunks.
  const Extracted page = RunResponse(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=latin1\r\n"
      "Transfer-Encoding: "
      "chunked\r\n\r\n3\r\n<p>\r\n4\r\ncaf\xE9\r\n0\r\n\r\n");
  BOOST_TEST(page.text == "caf\xC3\xA9");
  // Announced, and neither chunked nor compressed.
  BOOST_TEST(RunResponse("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                         "Transfer-Encoding: chunked\r\nContent-Encoding: gzip"
                         "\r\n\r\n<p>plain")
                 .text == "plain");
  // A body that the crawler has decoded may look encoded: it is text now.
  BOOST_TEST(RunResponse("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                         "X-Crawler-Transfer-Encoding: chunked\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n3\r\n<p>xy")
                 .text == "3\nxy");
}

BOOST_AUTO_TEST_CASE(a_resource_with_html_is_a_page_and_a_log_is_none) {
  OwnedRecord record;
  record.type = "resource";
  record.uri = "https://example.org/";
  record.media_type = "text/html";
  record.body = "<title>t</title><p>x";
  BOOST_TEST(Run(record).text == "t\nx");
  record.media_type = "text/css";
  BOOST_TEST((Run(record).outcome == ExtractOutcome::kDropped));
  record.uri = "metadata://gnu.org/software/wget/warc/MANIFEST.txt";
  record.media_type = "text/plain";
  record.body = "x";
  BOOST_TEST((Run(record).outcome == ExtractOutcome::kSkipped));
}

BOOST_AUTO_TEST_CASE(a_conversion_to_something_else_is_no_text) {
  OwnedRecord record;
  record.type = "conversion";
  record.media_type = "image/png";
  record.body = "x";
  BOOST_TEST(Run(record).reason == "not_text");
  record.media_type = "text/plain";
  record.body = "";
  BOOST_TEST(Run(record).reason == "empty");
}

BOOST_AUTO_TEST_CASE(truncated_pages_are_documents_and_counted) {
  OwnedRecord record = Response(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x<a href=\"cut");
  record.truncated = "length";
  Extractor extractor({});
  Record view = record.View();
  Document document;
  BOOST_TEST(
      (extractor.Extract("s", view, &document) == ExtractOutcome::kDocument));
  BOOST_TEST(document.text == "x");
  BOOST_TEST(extractor.stats().truncated == 1u);
}

// One Heritrix crawl, stored as ARC and as WARC.
BOOST_AUTO_TEST_CASE(arc_and_warc_of_one_crawl_give_the_same_documents) {
  const std::filesystem::path shared = SharedFolder();
  if (shared.empty()) {
    BOOST_TEST_MESSAGE("SKIPPED: the real samples are not on this machine");
    return;
  }
  std::vector<std::string> texts[2];
  const char* names[] = {"iah-2008.arc.gz", "iah-2008-blackbook.warc.gz"};
  for (int i = 0; i < 2; ++i) {
    auto source = OpenSource((shared / "samples" / names[i]).string(), {});
    BOOST_REQUIRE(source.has_value());
    auto reader = OpenRecordReader(std::move(*source), {});
    BOOST_REQUIRE(reader.has_value());
    Extractor extractor({.verify_digests = true});
    Record record;
    Document document;
    while ((*reader)->Next(&record)) {
      if (extractor.Extract(names[i], record, &document) ==
          ExtractOutcome::kDocument) {
        texts[i].push_back(std::string(document.url) + "\n" +
                           std::string(document.text));
      }
    }
    BOOST_TEST(extractor.stats().digests_wrong == 0u);
    BOOST_TEST(extractor.stats().digests_checked == (i == 0 ? 0u : 261u));
  }
  BOOST_TEST(texts[0].size() == 94u);
  std::sort(texts[0].begin(), texts[0].end());
  std::sort(texts[1].begin(), texts[1].end());
  BOOST_TEST((texts[0] == texts[1]));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

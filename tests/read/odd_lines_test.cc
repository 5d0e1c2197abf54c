// Odd ARC files, JSON lines and plain texts, one case each.
#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "read/shard_bytes.h"

namespace peaktext {
namespace {

void ExpectClean(const ReadBack& read, std::string_view names) {
  BOOST_TEST(read.names() == names);
  BOOST_TEST(read.stats.dropped.empty());
}

void ExpectDrop(const ReadBack& read, std::string_view names,
                std::string_view reason, uint64_t count = 1) {
  BOOST_TEST(read.names() == names);
  BOOST_TEST(read.dropped(reason) == count);
  BOOST_TEST(read.stats.dropped.total().count == count);
}

// --- ARC -------------------------------------------------------------------

const std::string kV = ArcVersionBlock();
const std::string kA = ArcRecord("a", Words(1, 300));
const std::string kB = ArcRecord("b", Words(2, 500));
const std::string kC = ArcRecord("c", Words(3, 400));

std::string OddArc(std::string_view line, std::string_view body) {
  return fmt::format("{}\n{}\n", line, body);
}

BOOST_AUTO_TEST_CASE(arc_plain_and_gzip) {
  const ReadBack read = ReadShard(kV + kA + kB + kC);
  ExpectClean(read, "made.arc a b c");
  BOOST_TEST((read.format == RecordFormat::kArc));
  BOOST_TEST(read.bodies[2] == Words(2, 500));
  BOOST_TEST(read.types[1] == "arc");
  ExpectClean(ReadShard(Gzip(kV) + Gzip(kA) + Gzip(kB)), "made.arc a b");
  ExpectClean(ReadShard(Gzip(kV + kA + kB)), "made.arc a b");
}

BOOST_AUTO_TEST_CASE(arc_version_2) {
  const std::string block =
      "2 0 Maker\nURL IP-address Archive-date Content-type Result-code "
      "Checksum Location Offset Filename Archive-length\n";
  const std::string shard =
      OddArc(fmt::format("filedesc://made.arc 0.0.0.0 20080430204825 "
                         "text/plain 200 - - 0 made.arc {}",
                         block.size()),
             block) +
      OddArc(
          "http://example.org/x 192.0.2.1 20080430204825 text/html 200 abc "
          "- 123 made.arc 500",
          Words(2, 500)) +
      OddArc(
          "http://example.org/y 192.0.2.1 20080430204825 - 404 - - 700 "
          "made.arc 3",
          "abc");
  const ReadBack read = ReadShard(shard);
  ExpectClean(read, "made.arc x y");
  BOOST_TEST(read.bodies[1] == Words(2, 500));
}

BOOST_AUTO_TEST_CASE(arc_without_version_block) {
  ExpectClean(ReadShard(kA + kB), "a b");
}

BOOST_AUTO_TEST_CASE(arc_urls_and_types_with_spaces) {
  const std::string odd = OddArc(
      "http://example.org/q r s 192.0.2.1 20080430204825 text/html; "
      "charset=utf-8 3",
      "abc");
  const ReadBack read = ReadShard(kV + odd + kA);
  ExpectClean(read, "made.arc q r s a");
}

BOOST_AUTO_TEST_CASE(arc_short_and_long_dates) {
  for (const std::string_view date :
       {"20080430", "2008043020", "200804302048251234567890",
        "2008043020482500000000000000"}) {
    const std::string odd = OddArc(
        fmt::format("http://example.org/x 192.0.2.1 {} text/html 3", date),
        "abc");
    ExpectClean(ReadShard(kV + odd + kA), "made.arc x a");
  }
}

BOOST_AUTO_TEST_CASE(arc_alexa_bogus_and_missing_types) {
  for (const std::string_view type :
       {"alexa/dat", "bogus", "-", "no-type", ""}) {
    const std::string odd = OddArc(
        fmt::format("http://example.org/x 192.0.2.1 20080430204825 {} 3", type),
        "abc");
    ExpectClean(ReadShard(kV + odd + kA), "made.arc x a");
  }
}

BOOST_AUTO_TEST_CASE(arc_blank_lines_between_or_none) {
  ExpectClean(ReadShard(kV + kA.substr(0, kA.size() - 1) + kB + "\n\n\n" + kC),
              "made.arc a b c");
  ExpectClean(ReadShard(kV + kA + "\r\n\r\n" + kB), "made.arc a b");
}

BOOST_AUTO_TEST_CASE(arc_length_too_long_or_short) {
  const auto odd = [](int length) {
    return OddArc(fmt::format("http://example.org/b 192.0.2.1 20080430204825 "
                              "text/html {}",
                              length),
                  Words(2, 500));
  };
  ExpectDrop(ReadShard(kV + odd(550) + kA + kC), "made.arc a c", "bad_length");
  ExpectDrop(ReadShard(kV + odd(480) + kA + kC), "made.arc b a c", "garbage");
  ExpectClean(ReadShard(Gzip(kV) + Gzip(odd(550)) + Gzip(kA)), "made.arc b a");
}

BOOST_AUTO_TEST_CASE(arc_length_that_takes_the_next_headers_first_letters) {
  for (const int more : {2, 3, 4, 9}) {
    BOOST_TEST_CONTEXT(more) {
      const std::string odd = OddArc(
          fmt::format(
              "http://example.org/b 192.0.2.1 20080430204825 text/html {}",
              500 + more),
          Words(2, 500));
      ExpectDrop(ReadShard(kV + odd + kA + kC), "made.arc a c", "bad_length");
      ExpectClean(ReadShard(Gzip(kV) + Gzip(odd) + Gzip(kA)), "made.arc b a");
    }
  }
  // Without the blank line the text before a header makes no part of it.
  ExpectClean(
      ReadShard(kV + kA.substr(0, kA.size() - 1) + kB.substr(0, kB.size() - 1)),
      "made.arc a b");
}

BOOST_AUTO_TEST_CASE(arc_length_that_is_none) {
  const std::string odd =
      OddArc("http://example.org/b 192.0.2.1 20080430204825 text/html -5",
             Words(2, 500));
  ExpectDrop(ReadShard(kV + odd + kA), "made.arc a", "bad_length");
  ExpectClean(ReadShard(Gzip(kV) + Gzip(odd) + Gzip(kA)), "made.arc b a");
}

BOOST_AUTO_TEST_CASE(arc_garbage_between_records) {
  ExpectDrop(ReadShard(kV + kA + "garbage\nmore: of it\n" + kB), "made.arc a b",
             "garbage");
}

BOOST_AUTO_TEST_CASE(arc_cut_off) {
  ExpectDrop(ReadShard(kV + kA + kB.substr(0, 200)), "made.arc a", "truncated");
  const std::string b = Gzip(kB);
  ExpectDrop(ReadShard(Gzip(kV) + Gzip(kA) + b.substr(0, b.size() / 2)),
             "made.arc a", "truncated");
}

// --- JSON lines ------------------------------------------------------------

std::string Line(std::string_view name, std::string_view text) {
  return fmt::format(
      R"({{"id":"{0}","url":"http://example.org/{0}","text":"{1}"}})", name,
      text);
}

BOOST_AUTO_TEST_CASE(jsonl_plain_gzip_zstd_lz4) {
  const std::string lines = Line("a", "one") + "\n" + Line("b", "two") + "\n" +
                            Line("c", R"(th\u0072ee\n\"\ud83d\ude00)") + "\n";
  for (const std::string& shard :
       {lines, Gzip(lines), Zstd(lines), Lz4(lines),
        Gzip(lines.substr(0, 70)) + Gzip(lines.substr(70))}) {
    const ReadBack read = ReadShard(shard);
    ExpectClean(read, "a b c");
    BOOST_TEST((read.format == RecordFormat::kJsonl));
    BOOST_TEST(read.bodies[2] == "three\n\"\xf0\x9f\x98\x80");
  }
  const ReadBack read = ReadShard(lines);
  BOOST_TEST(read.offsets[1] == Line("a", "one").size() + 1);
  BOOST_TEST(read.stored[1] == Line("b", "two").size() + 1);
}

BOOST_AUTO_TEST_CASE(jsonl_last_line_without_newline) {
  ExpectClean(ReadShard(Line("a", "one") + "\n" + Line("b", "two")), "a b");
}

BOOST_AUTO_TEST_CASE(jsonl_last_line_cut) {
  const std::string b = Line("b", "two");
  for (size_t size = 1; size < b.size(); ++size) {
    const ReadBack read =
        ReadShard(Line("a", "one") + "\n" + b.substr(0, size));
    ExpectDrop(read, "a", "truncated");
    BOOST_TEST(read.stats.dropped.total().bytes == size);
  }
}

BOOST_AUTO_TEST_CASE(jsonl_crlf_blank_lines_and_byte_order_mark) {
  const ReadBack read =
      ReadShard("\xef\xbb\xbf\r\n" + Line("a", "one") + "\r\n\r\n  \t\n" +
                Line("b", "two") + "\r\n" + std::string(100, '\0'));
  ExpectClean(read, "a b");
  BOOST_TEST(read.stats.padding_bytes == 3 + 2 + 2 + 4 + 100);
}

BOOST_AUTO_TEST_CASE(jsonl_lines_that_are_dropped_each_with_its_reason) {
  const struct {
    std::string line;
    const char* reason;
  } kBad[] = {
      {R"({"id":"x","url":"u"})", "missing_text"},
      {R"({})", "missing_text"},
      {R"({"meta":{"text":"inner"}})", "missing_text"},
      {R"({"text":5})", "bad_text"},
      {R"({"text":null})", "bad_text"},
      {R"({"text":["a"]})", "bad_text"},
      {R"({"text":{"a":"b"}})", "bad_text"},
      {R"({"text":"a \ud800 b"})", "lone_surrogate"},
      {R"({"text":"a \udc00 b"})", "lone_surrogate"},
      {R"({"text":"a \ud800\ud800 b"})", "lone_surrogate"},
      {R"({"text":"cut)", "bad_json"},
      {R"({"text":"a","b":)", "bad_json"},
      {R"({"text":"a"} trailing)", "bad_json"},
      {R"({"text":"a" "b":1})", "bad_json"},
      {R"(["text"])", "bad_json"},
      {R"("text")", "bad_json"},
      {"garbage", "bad_json"},
      {"{\"text\":\"a\xff\x62\"}", "bad_utf8"},
      {"{\"text\":\"a\nb\"}", nullptr},  // two lines
  };
  for (const auto& bad : kBad) {
    const ReadBack read = ReadShard(Line("a", "one") + "\n" + bad.line + "\n" +
                                    Line("b", "two") + "\n");
    BOOST_TEST_CONTEXT(bad.line) {
      BOOST_TEST(read.names() == "a b");
      if (bad.reason == nullptr) {
        BOOST_TEST(read.stats.dropped.total().count == 2);
        continue;
      }
      BOOST_TEST(read.dropped(bad.reason) == 1);
      BOOST_TEST(read.stats.dropped.total().bytes == bad.line.size() + 1);
      BOOST_TEST(read.issues[0].offset == Line("a", "one").size() + 1);
      BOOST_TEST(read.issues[0].message.find("line 2") != std::string::npos);
    }
  }
}

// The same lines, long ones: another parser reads them.
BOOST_AUTO_TEST_CASE(jsonl_long_lines) {
  const std::string pad(3 << 20, 'x');
  const auto line = [&](std::string_view fields) {
    return fmt::format("{{\"pad\":\"{}\",{}}}\n", pad, fields);
  };
  const std::string a =
      line(R"("url":"http://example.org/a","text":"o\u006ee")");
  const ReadBack read = ReadShard(
      a + line(R"("text":"a \ud800 b")") + line(R"("text":"a \udc00 b")") +
      line(R"("x":[1,{"text":"y"}])") + line(R"("text":1.5)") +
      line("\"text\":\"\xff\"") + line(R"("text":"cut)") + a);
  BOOST_TEST(read.names() == "a a");
  BOOST_TEST(read.bodies[0] == "one");
  BOOST_TEST(read.dropped("lone_surrogate") == 2);
  BOOST_TEST(read.dropped("missing_text") == 1);
  BOOST_TEST(read.dropped("bad_text") == 1);
  BOOST_TEST(read.dropped("bad_utf8") == 1);
  BOOST_TEST(read.dropped("bad_json") == 1);
  // Deep nesting is refused, not recursed into.
  const std::string deep(3 << 20, '[');
  ExpectDrop(ReadShard(a + "{\"x\":" + deep + "}\n" + a), "a a", "bad_json");
}

BOOST_AUTO_TEST_CASE(jsonl_fields_by_pointer_and_by_other_keys) {
  const std::string pad(3 << 20, 'x');
  ReadOptions options;
  options.text_field = "/doc/parts/1/body";
  options.url_field = "/meta/~0url~1x";
  options.id_field = "id";
  for (const std::string_view filler :
       {std::string_view("x"), std::string_view(pad)}) {
    const std::string line = fmt::format(
        R"({{"id":17,"f":"{}","meta":{{"~url/x":"http://e.org/a"}},)"
        R"("doc":{{"parts":[{{"body":"no"}},{{"body":"y\u0065s"}}]}}}})"
        "\n",
        filler);
    const ReadBack read = ReadShard(line + line + "{\"id\":1}\n", options);
    BOOST_TEST(read.names() == "a a");
    BOOST_TEST(read.bodies[1] == "yes");
    BOOST_TEST(read.dropped("missing_text") == 1);
  }
  options = {};
  options.text_field = "текст";
  const ReadBack wide = ReadShard(R"({"\u0442екст":"a"})"
                                  "\n"
                                  R"({"текст":"b"})"
                                  "\n",
                                  options);
  BOOST_TEST(wide.stats.records == 2);
}

BOOST_AUTO_TEST_CASE(jsonl_of_equal_keys_the_last_counts) {
  const ReadBack read = ReadShard("{\"text\":\"a\",\"text\":\"b\"}\n");
  BOOST_TEST(read.bodies.at(0) == "b");
}

BOOST_AUTO_TEST_CASE(jsonl_keys_with_escapes) {
  const ReadBack read = ReadShard(
      "{\"\\u0075rl\":\"http://example.org/a\",\"te\\u0078t\":\"b\"}\n"
      "{\"te\\u0078ts\":\"b\"}\n");
  ExpectDrop(read, "a", "missing_text");
  BOOST_TEST(read.bodies.at(0) == "b");
}

BOOST_AUTO_TEST_CASE(jsonl_byte_order_marks_where_files_were_joined) {
  const std::string mark = "\xef\xbb\xbf";
  const ReadBack read = ReadShard(mark + Line("a", "one") + "\n" + mark +
                                  Line("b", "two") + "\n" + mark + "\n");
  BOOST_TEST(read.names() == "a b");
}

BOOST_AUTO_TEST_CASE(jsonl_line_over_the_limit) {
  ReadOptions options;
  options.max_record_bytes = 10000;
  const std::string lines = Line("a", "one") + "\n" +
                            Line("x", std::string(700000, 'x')) + "\n" +
                            Line("b", "two") + "\n";
  ExpectDrop(ReadShard(lines, options), "a b", "too_large");
  ExpectDrop(ReadShard(Gzip(lines), options), "a b", "too_large");
}

BOOST_AUTO_TEST_CASE(jsonl_damaged_gzip_goes_on_after_the_damage) {
  std::string first;
  std::string second;
  for (int i = 0; i < 50; ++i) {
    first +=
        Line(std::to_string(i), Words(static_cast<uint64_t>(i), 500)) + "\n";
    second += Line("s", "text") + "\n";
  }
  std::string member = Gzip(first);
  member[member.size() / 2] = static_cast<char>(member[member.size() / 2] ^ 1);
  const ReadBack read = ReadShard(Gzip(second) + member + Gzip(second));
  BOOST_TEST(read.stats.records >= 100);
  BOOST_TEST(read.stats.dropped.total().count >= 1);
}

BOOST_AUTO_TEST_CASE(jsonl_with_a_damaged_first_line) {
  ExpectDrop(ReadShard("xx" + Line("a", "one") + "\n" + Line("b", "two") +
                       "\n" + Line("c", "three") + "\n"),
             "b c", "bad_json");
}

// --- plain text ------------------------------------------------------------

BOOST_AUTO_TEST_CASE(text_is_one_document_in_pieces) {
  const std::string text = Words(4, 100'000);
  ReadOptions options;
  options.piece_bytes = 1000;
  for (const std::string& shard :
       {text, Gzip(text), Zstd(text),
        Gzip(text.substr(0, 999)) + Gzip(text.substr(999))}) {
    const ReadBack read = ReadShard(shard, options);
    BOOST_TEST(read.stats.records == 1);
    BOOST_TEST(read.bodies.at(0) == text);
    BOOST_TEST(read.types[0] == "text");
    BOOST_TEST(read.stats.dropped.empty());
  }
}

BOOST_AUTO_TEST_CASE(text_pieces_end_between_characters) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "aé漢😀";
  ReadOptions options;
  options.piece_bytes = 101;
  auto reader = OpenRecordReader(MemorySource("shard", text), options);
  Record record;
  std::string all;
  while ((*reader)->Next(&record)) {
    BOOST_TEST((static_cast<unsigned char>(record.body[0]) & 0xc0) != 0x80);
    all.append(record.body.data(), record.body.size());
  }
  BOOST_TEST(all == text);
}

BOOST_AUTO_TEST_CASE(text_truncated_keeps_its_prefix) {
  const std::string text = Words(4, 100'000);
  const std::string gzip = Gzip(text);
  const ReadBack read = ReadShard(gzip.substr(0, gzip.size() / 2));
  BOOST_TEST(read.stats.records == 1);
  BOOST_TEST(read.dropped("truncated") == 1);
  BOOST_TEST(text.starts_with(read.bodies.at(0)));
  BOOST_TEST(read.bodies[0].size() > 20'000);
}

BOOST_AUTO_TEST_CASE(text_that_only_looks_like_something) {
  for (const std::string_view text :
       {"{\n  pretty: json\n}\n", "WARC is a format\n", "{ not json",
        "http://example.org/ is a URL\n", "PK\x03\x04", "a",
        "function() {\n  return {};\n}\n"}) {
    const ReadBack read = ReadShard(std::string(text));
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST((read.format == RecordFormat::kText));
      BOOST_TEST(read.stats.records == 1);
      BOOST_TEST(read.bodies.at(0) == text);
    }
  }
}

}  // namespace
}  // namespace peaktext

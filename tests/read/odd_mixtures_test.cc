// Oddities that meet in one file, one case each.
#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "read/shard_bytes.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_CASE(a_header_that_goes_on_in_the_next_member_has_none_to_end) {
  // Without a length a record ends where its member does: not this one, whose
  // member ends inside its header.
  const std::string header = "WARC/1.0\r\n" + WarcFields("a") + "\r\n";
  const std::string next = WarcRecord("b", Words(1, 500));
  for (size_t cut = 10; cut < header.size(); cut += 7) {
    for (const auto& pack : {+[](std::string_view b) { return Gzip(b); },
                             +[](std::string_view b) { return Zstd(b); }}) {
      const ReadBack read = ReadShard(
          pack(header.substr(0, cut)) +
          pack(header.substr(cut) + Words(2, 90) + "\r\n\r\n") + pack(next));
      BOOST_TEST(read.uris.back() == "http://example.org/b");
      for (const std::string& body : read.bodies) {
        BOOST_TEST(body.size() <= 600U);
      }
    }
  }
}

std::string Repeated(std::string_view unit, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += unit;
  return all;
}

// `bytes` as members that are cut anywhere.
template <class Pack>
std::string InSlices(std::string_view bytes, size_t slice, Pack pack) {
  std::string all;
  for (size_t at = 0; at < bytes.size(); at += slice) {
    all += pack(bytes.substr(at, slice));
  }
  return all;
}

std::string Lying(std::string_view name, std::string_view body, int by,
                  std::string_view ends) {
  return fmt::format("WARC/1.0\r\n{}Content-Length: {}\r\n\r\n{}{}",
                     WarcFields(name), static_cast<int>(body.size()) + by, body,
                     ends);
}

BOOST_AUTO_TEST_CASE(
    lying_lengths_and_any_line_ends_over_members_cut_anywhere) {
  const int kLies[] = {-3, 2, 50, -50, 1, -1, 7, -7, 3, 4};
  for (size_t n = 0; n < 10; ++n) {
    const std::string ends = Repeated(n % 2 == 0 ? "\r\n" : "\n", n);
    const std::string all = Lying("a", Words(1, 300), 0, ends) +
                            Lying("b", Words(2, 340), kLies[n], ends) +
                            Lying("c", Words(3, 370), 0, ends) +
                            Lying("d", Words(4, 400), 0, ends);
    BOOST_TEST_CONTEXT(n << " line ends") {
      for (const ReadBack& read :
           {ReadShard(InSlices(all, 97 + 13 * n,
                               [](std::string_view b) { return Gzip(b); })),
            ReadShard(InSlices(all, 61 + 11 * n, Lz4))}) {
        BOOST_TEST(read.uris.front() == "http://example.org/a");
        BOOST_TEST(read.uris.size() >= 3U);
        BOOST_TEST(read.uris[read.uris.size() - 2] == "http://example.org/c");
        BOOST_TEST(read.bodies.back().starts_with(Words(4, 400)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(each_header_line_ends_in_its_own_way) {
  const char* const kEnds[] = {"\n", "\r\n", "\r\r\n"};
  std::string all;
  for (size_t record = 0; record < 9; ++record) {
    const std::string name(1, static_cast<char>('a' + record));
    size_t at = record;
    for (const std::string& line :
         {std::string("WARC/1.0"), std::string("WARC-Type: conversion"),
          "WARC-Target-URI: http://example.org/" + name,
          std::string("Content-Length: 5"), std::string()}) {
      all += line + kEnds[at++ * (record + 1) % 3];
    }
    all += "hello" + Repeated(kEnds[record % 3], 2);
  }
  for (const std::string& shard : {all, Gzip(all), Zstd(all), Lz4(all)}) {
    const ReadBack read = ReadShard(shard);
    BOOST_TEST(read.names() == "a b c d e f g h i");
    BOOST_TEST(read.stats.dropped.empty());
  }
}

BOOST_AUTO_TEST_CASE(records_in_bodies_at_the_borders_of_buffers) {
  const std::string inner = "\r\n\r\n" + WarcRecord("inner", "not me");
  for (const size_t border : {64U << 10, 128U << 10, 256U << 10, 1U << 20}) {
    for (const size_t off : {0U, 3U, 4U, 9U}) {
      const size_t header = WarcRecord("a", "").size() + 1;
      const std::string body =
          Words(1, border - header - off) + inner + Words(2, 500);
      const std::string all = WarcRecord("a", body) + WarcRecord("b", "end");
      for (const std::string& shard : {all, Gzip(all), Zstd(all), Lz4(all)}) {
        const ReadBack read = ReadShard(shard);
        BOOST_TEST(read.names() == "a b");
        BOOST_TEST((read.bodies[0] == body));
        BOOST_TEST(read.stats.dropped.empty());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(frames_to_skip_and_empty_ones_inside_records) {
  const std::string all = WarcRecord("a", Words(1, 700)) +
                          WarcRecord("b", Words(2, 900)) +
                          WarcRecord("c", Words(3, 500));
  for (const uint32_t magic : {0x184D2A50U, 0x184D2A5DU, 0x184D2A5FU}) {
    size_t n = 0;
    const std::string shard = InSlices(all, 211, [&](std::string_view b) {
      ++n;
      return Zstd(b, {}, n % 2 == 0, n % 3 == 0) +
             Skippable(magic, std::string(1000 * n, 'x')) + Zstd("");
    });
    const ReadBack read = ReadShard(shard);
    BOOST_TEST(read.names() == "a b c");
    BOOST_TEST(read.stats.dropped.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_skippable_frame_that_claims_the_rest_hides_nothing) {
  std::string lie = Skippable(0x184D2A53, "");
  for (size_t i = 4; i < 8; ++i) lie[i] = '\xff';
  const ReadBack read = ReadShard(Zstd(WarcRecord("a", Words(1, 300))) + lie +
                                  Zstd(WarcRecord("b", Words(2, 300))));
  BOOST_TEST(read.names() == "a b");
  BOOST_TEST(read.dropped("truncated") == 1U);
}

BOOST_AUTO_TEST_CASE(marks_and_junk_in_and_between_members) {
  const std::string a = WarcRecord("a", Words(1, 300));
  const std::string b = WarcRecord("b", Words(2, 300));
  const std::string c = WarcRecord("c", Words(3, 300));
  const std::string zeros(400, '\0');
  const ReadBack inside = ReadShard(Gzip("\xef\xbb\xbf" + a) +
                                    Gzip("\r\n\r\n" + b) + Gzip(zeros + c));
  BOOST_TEST(inside.names() == "a b c");
  BOOST_TEST(inside.stats.dropped.empty());
  const ReadBack between =
      ReadShard(Gzip(a) + "HTTP/1.1 503 Slow Down\r\n\r\n<e/>" + Gzip(b) +
                zeros + "\xff\xfe" + Gzip("<html>503</html>") + Gzip(c));
  BOOST_TEST(between.names() == "a b c");
  BOOST_TEST(between.dropped("garbage") == 2U);
}

BOOST_AUTO_TEST_CASE(headers_of_megabytes) {
  const auto with = [](const std::string& lines) {
    return RawWarcRecord(WarcFields("b") + lines + "Content-Length: 4\r\n",
                         "body");
  };
  const std::string a = WarcRecord("a", "first");
  const std::string c = WarcRecord("c", "last");
  const std::string line = "X-Big: " + std::string(3 << 20, 'y') + "\r\n";
  const std::string lines =
      Repeated("X-Line: " + std::string(50, 'v') + "\r\n", 40'000);
  const std::string folded = "X-F: a" + Repeated("\r\n b", 300'000) + "\r\n";
  for (const std::string& header : {line, lines, folded}) {
    for (const std::string& shard :
         {a + with(header) + c, Gzip(a) + Gzip(with(header)) + Gzip(c)}) {
      const ReadBack read = ReadShard(shard);
      BOOST_TEST(read.names() == "a b c");
      BOOST_TEST(read.stats.dropped.empty());
    }
  }
  const std::string beyond = "X-Big: " + std::string(20 << 20, 'y') + "\r\n";
  const ReadBack read = ReadShard(a + with(beyond) + c);
  BOOST_TEST(read.names() == "a c");
  BOOST_TEST(read.dropped("bad_header") == 1U);
}

BOOST_AUTO_TEST_CASE(a_member_of_every_fault_between_sound_ones) {
  const auto record = [](size_t i) {
    return Gzip(WarcRecord(std::to_string(i), Words(i, 900)));
  };
  std::string checksum = record(1);
  checksum[checksum.size() - 6] ^= 1;
  std::string length = record(3);
  length[length.size() - 2] ^= 1;
  std::string flipped = record(5);
  flipped[flipped.size() / 2] ^= 16;
  std::string reserved = record(7);
  reserved[3] = '\xe0';
  const ReadBack read =
      ReadShard(record(0) + checksum + record(2) + length + record(4) +
                flipped + record(6) + reserved + record(8));
  for (const char* name : {"0", "2", "4", "6", "8"}) {
    BOOST_TEST(read.names().find(name) != std::string::npos);
  }
  BOOST_TEST(read.stats.dropped.total().count == 4U);
}

BOOST_AUTO_TEST_CASE(lower_case_versions_where_a_record_is_due) {
  std::string b = WarcRecord("b", Words(2, 300));
  b.replace(0, 4, "warc");
  const ReadBack read = ReadShard(WarcRecord("a", Words(1, 300)) + b +
                                  WarcRecord("c", Words(3, 300)));
  BOOST_TEST(read.names() == "a b c");
  BOOST_TEST(read.stats.dropped.empty());
}

BOOST_AUTO_TEST_CASE(lines_of_json_with_zeros_and_marks_over_members) {
  const auto line = [](char name, std::string_view more = {}) {
    return fmt::format(
        "{{\"url\":\"http://example.org/{}\",\"text\":\"words\"{}}}", name,
        more);
  };
  const std::string zeros("\0\n\0\0", 4);
  const std::string deep(5000, '['), close(5000, ']');
  const std::string all =
      "\xef\xbb\xbf" + line('a') + "\r\r\n" + zeros + line('b') + zeros +
      "\xef\xbb\xbf" + line('c', ",\"d\":" + deep + close) + "\n" +
      line('d', ",\"text\":\"last\"") + "\n" + line('e', ",\"text\":7") +
      "\n[" + line('f') + "]\n" + line('g') + line('h') + "\n" + line('i');
  for (const std::string& shard :
       {all, InSlices(all, 37, [](std::string_view b) { return Gzip(b); }),
        Zstd(all), Lz4(all)}) {
    const ReadBack read = ReadShard(shard);
    BOOST_TEST(read.names() == "a b c d i");
    BOOST_TEST(read.bodies[3] == "last");
    BOOST_TEST(read.dropped("bad_text") == 1U);
    BOOST_TEST(read.dropped("bad_json") == 2U);
  }
}

}  // namespace
}  // namespace peaktext

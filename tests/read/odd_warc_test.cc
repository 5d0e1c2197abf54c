// Odd WARC files, one case each. The wanted records are those that a careful
// person would find in them.
#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "read/shard_bytes.h"

namespace peaktext {
namespace {

const std::string kA = WarcRecord("a", Words(1, 300));
const std::string kB = WarcRecord("b", Words(2, 500));
const std::string kC = WarcRecord("c", Words(3, 400));

// kB's like with a header of one's own; the body of 500 bytes.
std::string OddB(std::string_view extra) {
  return RawWarcRecord(WarcFields("b") + std::string(extra), Words(2, 500));
}

std::string ReplaceAll(std::string text, std::string_view from,
                       std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

void ExpectClean(const ReadBack& read, std::string_view names) {
  BOOST_TEST(read.names() == names);
  BOOST_TEST(read.stats.dropped.empty());
}

BOOST_AUTO_TEST_CASE(sound_plain_records) {
  const ReadBack read = ReadShard(kA + kB + kC);
  ExpectClean(read, "a b c");
  BOOST_TEST(read.bodies[1] == Words(2, 500));
  BOOST_TEST(read.offsets[1] == kA.size());
  BOOST_TEST(read.stored[1] == kB.size());
  BOOST_TEST(read.stats.padding_bytes == 0);
}

BOOST_AUTO_TEST_CASE(lf_only_line_ends) {
  const std::string lf =
      fmt::format("WARC/1.0\n{}Content-Length: 500\n\n{}\n\n",
                  WarcFields("b", "\n"), Words(2, 500));
  ExpectClean(ReadShard(lf + lf), "b b");
  ExpectClean(ReadShard(kA + lf + kC), "a b c");
}

BOOST_AUTO_TEST_CASE(cr_cr_lf_line_ends) {
  const std::string odd = fmt::format(
      "WARC/1.0\r\r\n{}Content-Length: 500\r\r\n\r\r\n{}\r\r\n\r\r\n",
      WarcFields("b", "\r\r\n"), Words(2, 500));
  ExpectClean(ReadShard(kA + odd + kC), "a b c");
}

BOOST_AUTO_TEST_CASE(mixed_line_ends) {
  const std::string odd =
      fmt::format("WARC/1.0\r\n{}Content-Length: 500\n\r\n{}\n\r\n",
                  WarcFields("b", "\r\r\n"), Words(2, 500));
  ExpectClean(ReadShard(kA + odd + kC), "a b c");
}

BOOST_AUTO_TEST_CASE(zero_to_nine_line_ends_after_the_block) {
  const std::string bare = kB.substr(0, kB.size() - 4);
  for (int count = 0; count <= 9; ++count) {
    std::string odd = bare;
    for (int i = 0; i < count; ++i) odd += "\r\n";
    BOOST_TEST_CONTEXT(count) {
      const ReadBack read = ReadShard(odd + kA + odd);
      ExpectClean(read, "b a b");
      BOOST_TEST(read.bodies[0] == Words(2, 500));
      ExpectClean(ReadShard(Gzip(odd) + Gzip(kA) + Gzip(odd)), "b a b");
    }
  }
}

BOOST_AUTO_TEST_CASE(length_missing_in_its_own_member) {
  const ReadBack read = ReadShard(Gzip(OddB("")) + Gzip(kC));
  ExpectClean(read, "b c");
  BOOST_TEST(read.bodies[0] == Words(2, 500));
}

BOOST_AUTO_TEST_CASE(length_missing_plain_loses_one_record) {
  const ReadBack read = ReadShard(kA + OddB("") + kC);
  BOOST_TEST(read.names() == "a c");
  BOOST_TEST(read.dropped("bad_length") == 1);
}

BOOST_AUTO_TEST_CASE(length_missing_and_no_block) {
  ExpectClean(ReadShard(kA + RawWarcRecord(WarcFields("b"), "") + kC), "a b c");
}

BOOST_AUTO_TEST_CASE(lengths_that_are_none) {
  for (const std::string_view value :
       {"-5", "0x1F4", "18446744073709551616", "99999999999999999999999",
        "500 bytes", "five", "", " ", "5e2", "500,500", "--500",
        "9223372036854775807"}) {
    const std::string odd = OddB(fmt::format("Content-Length: {}\r\n", value));
    BOOST_TEST_CONTEXT(value) {
      const ReadBack plain = ReadShard(kA + odd + kC);
      BOOST_TEST(plain.names() == "a c");
      BOOST_TEST(plain.dropped("bad_length") == 1);
      // Where it has a member of its own, that says where it ends.
      const ReadBack gzip = ReadShard(Gzip(kA) + Gzip(odd) + Gzip(kC));
      ExpectClean(gzip, "a b c");
      BOOST_TEST(gzip.bodies[1] == Words(2, 500));
    }
  }
}

BOOST_AUTO_TEST_CASE(length_with_plus_or_blanks) {
  ExpectClean(ReadShard(kA + OddB("Content-Length: +500\r\n") + kC), "a b c");
  ExpectClean(ReadShard(kA + OddB("Content-Length:   500 \t\r\n") + kC),
              "a b c");
  ExpectClean(ReadShard(kA + OddB("Content-Length:500\r\n") + kC), "a b c");
  ExpectClean(ReadShard(kA + OddB("content-LENGTH : 500\r\n") + kC), "a b c");
}

BOOST_AUTO_TEST_CASE(length_given_twice_the_same) {
  ExpectClean(
      ReadShard(kA + OddB("Content-Length: 500\r\nContent-Length: 500\r\n") +
                kC),
      "a b c");
}

BOOST_AUTO_TEST_CASE(two_lengths_that_differ) {
  const std::string odd = OddB("Content-Length: 500\r\nContent-Length: 20\r\n");
  BOOST_TEST(ReadShard(kA + odd + kC).names() == "a c");
  BOOST_TEST(ReadShard(Gzip(kA) + Gzip(odd) + Gzip(kC)).names() == "a b c");
}

BOOST_AUTO_TEST_CASE(length_too_short) {
  const std::string odd = OddB("Content-Length: 480\r\n");
  const ReadBack plain = ReadShard(kA + odd + kC);
  BOOST_TEST(plain.names() == "a b c");
  BOOST_TEST(plain.dropped("garbage") == 1);
  const ReadBack gzip = ReadShard(Gzip(kA) + Gzip(odd) + Gzip(kC));
  BOOST_TEST(gzip.names() == "a b c");
  BOOST_TEST(gzip.bodies[1] == Words(2, 500));
}

BOOST_AUTO_TEST_CASE(length_too_long) {
  for (const int length : {505, 520, 600, 900, 5000}) {
    const std::string odd = OddB(fmt::format("Content-Length: {}\r\n", length));
    BOOST_TEST_CONTEXT(length) {
      const ReadBack plain = ReadShard(kA + odd + kC + kA);
      BOOST_TEST(plain.names() == "a c a");
      BOOST_TEST(plain.dropped("bad_length") == 1);
      const ReadBack gzip =
          ReadShard(Gzip(kA) + Gzip(odd) + Gzip(kC) + Gzip(kA));
      BOOST_TEST(gzip.names() == "a b c a");
      const ReadBack whole = ReadShard(Gzip(kA + odd + kC + kA));
      BOOST_TEST(whole.names() == "a c a");
    }
  }
}

BOOST_AUTO_TEST_CASE(length_too_long_in_the_last_record) {
  const std::string odd = OddB("Content-Length: 900\r\n");
  const ReadBack plain = ReadShard(kA + odd);
  BOOST_TEST(plain.names() == "a");
  BOOST_TEST(plain.dropped("truncated") == 1);
  BOOST_TEST(ReadShard(Gzip(kA) + Gzip(odd)).names() == "a b");
}

BOOST_AUTO_TEST_CASE(folded_header_lines) {
  const ReadBack read = ReadShard(
      kA +
      RawWarcRecord("WARC-Type: conversion\r\nX-Long: one\r\n  two\r\n\tthree"
                    "\r\nWARC-Target-URI:\r\n http://example.org/b\r\n"
                    "Content-Length:\r\n\t500\r\n",
                    Words(2, 500)) +
      kC);
  ExpectClean(read, "a b c");
}

BOOST_AUTO_TEST_CASE(header_line_without_colon) {
  ExpectClean(
      ReadShard(kA + OddB("no colon here\r\nContent-Length: 500\r\n") + kC),
      "a b c");
}

// Headers are looked at 64 bytes at a time.
BOOST_AUTO_TEST_CASE(header_lines_at_any_place) {
  const std::string length = "Content-Length: 500\r\n";
  for (size_t bytes = 1; bytes < 140; ++bytes) {
    const std::string pad(bytes, 'x');
    for (const std::string& line :
         {pad, pad + ": y", ": " + pad, "X: a:b" + pad + "\r\n\tc",
          pad + "\r\n :e", pad + "\r\n f: g", pad + "\r\r"}) {
      BOOST_TEST_CONTEXT(line) {
        const ReadBack read = ReadShard(kA + OddB(line + "\r\n" + length) + kC);
        ExpectClean(read, "a b c");
        BOOST_TEST(read.bodies[1] == Words(2, 500));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(header_bytes_that_are_no_utf8_and_controls) {
  ExpectClean(ReadShard(kA +
                        OddB("X-Odd: \xff\xfe\xc0\x01\x02\x1b\r\n"
                             "\xe4\xf6: \x80\r\nContent-Length: 500\r\n") +
                        kC),
              "a b c");
}

BOOST_AUTO_TEST_CASE(uri_with_spaces_and_brackets) {
  ExpectClean(
      ReadShard(kA + RawWarcRecord("WARC-Type: resource\r\nWARC-Target-URI: "
                                   "<http://example.org/x y z>\r\n"
                                   "Content-Length: 3\r\n",
                                   "abc")),
      "a x y z");
}

BOOST_AUTO_TEST_CASE(header_of_megabytes) {
  const std::string odd = OddB(fmt::format(
      "X-Cookie: {}\r\nContent-Length: 500\r\n", std::string(4 << 20, 'x')));
  ExpectClean(ReadShard(kA + odd + kC), "a b c");
  ExpectClean(ReadShard(Gzip(kA) + Gzip(odd) + Gzip(kC)), "a b c");
}

BOOST_AUTO_TEST_CASE(header_that_never_ends) {
  const ReadBack read = ReadShard(
      kA + "WARC/1.0\r\nX: " + std::string(40 << 20, 'x') + "\r\n" + kC);
  BOOST_TEST(read.names() == "a c");
  BOOST_TEST(read.dropped("bad_header") == 1);
}

BOOST_AUTO_TEST_CASE(names_in_any_case_and_old_versions) {
  std::string odd = ReplaceAll(kB, "WARC-Type", "warc-type");
  odd = ReplaceAll(odd, "WARC-Target-URI", "WARC-TARGET-uri");
  for (const std::string_view version :
       {"WARC/0.17", "WARC/0.18", "WARC/0.9", "WARC/1.1", "WARC/2.0"}) {
    BOOST_TEST_CONTEXT(version) {
      const std::string other = ReplaceAll(odd, "WARC/1.0", version);
      ExpectClean(ReadShard(other + kA + other), "b a b");
      ExpectClean(ReadShard(Gzip(other) + Gzip(kA)), "b a");
    }
  }
}

BOOST_AUTO_TEST_CASE(unknown_and_missing_type) {
  const ReadBack read = ReadShard(
      RawWarcRecord("WARC-Type: SomeThing\r\nContent-Length: 3\r\n", "abc") +
      RawWarcRecord("Content-Length: 3\r\n", "def") + kA);
  BOOST_TEST(read.stats.records == 3);
  BOOST_TEST(read.types[0] == "something");
  BOOST_TEST(read.types[1] == "");
}

BOOST_AUTO_TEST_CASE(record_without_any_field) {
  const ReadBack read = ReadShard(kA + "WARC/1.0\r\n\r\n\r\n\r\n" + kC);
  BOOST_TEST(read.names() == "a c");
  BOOST_TEST(read.dropped("bad_header") == 1);
}

BOOST_AUTO_TEST_CASE(byte_order_mark_first) {
  ExpectClean(ReadShard("\xef\xbb\xbf" + kA + kB), "a b");
}

BOOST_AUTO_TEST_CASE(junk_before_the_first_record) {
  for (const std::string_view junk :
       {"some junk", "junk line\r\n", "\x01\x02"}) {
    const ReadBack read = ReadShard(std::string(junk) + kA + kB);
    BOOST_TEST(read.names() == "a b");
    BOOST_TEST(read.dropped("garbage") == 1);
    BOOST_TEST(read.stats.dropped.total().bytes == junk.size());
  }
}

BOOST_AUTO_TEST_CASE(zeros_and_blanks_around_records) {
  const std::string zeros(1000, '\0');
  const ReadBack read =
      ReadShard(zeros + kA + zeros + kB + "\r\n \t\n" + zeros);
  ExpectClean(read, "a b");
  BOOST_TEST(read.stats.padding_bytes == 3000 + 5);
}

BOOST_AUTO_TEST_CASE(garbage_between_plain_records) {
  const std::string junk = Words(77, 5000);
  const ReadBack read = ReadShard(kA + junk + kB + junk + kC + junk);
  BOOST_TEST(read.names() == "a b c");
  BOOST_TEST(read.dropped("garbage") == 3);
  BOOST_TEST(read.stats.dropped.total().bytes == 3 * junk.size());
  BOOST_TEST(read.issues[0].offset == kA.size());
}

BOOST_AUTO_TEST_CASE(megabytes_of_garbage_are_one_fault) {
  const std::string junk = Words(78, 3 << 20);
  const ReadBack read = ReadShard(kA + junk + kB);
  BOOST_TEST(read.names() == "a b");
  BOOST_TEST(read.dropped("garbage") == 1);
}

BOOST_AUTO_TEST_CASE(block_that_contains_records_is_not_split) {
  const std::string nested = "text\r\n\r\n" + kA + kB + "\r\n\r\nWARC/1.0\r\n";
  const std::string outer = WarcRecord("outer", nested);
  const ReadBack plain = ReadShard(kC + outer + kA);
  ExpectClean(plain, "c outer a");
  BOOST_TEST(plain.bodies[1] == nested);
  ExpectClean(ReadShard(Gzip(kC) + Gzip(outer) + Gzip(kA)), "c outer a");
  ExpectClean(ReadShard(Gzip(kC + outer + kA)), "c outer a");
  ExpectClean(ReadShard(Zstd(kC) + Zstd(outer) + Zstd(kA)), "c outer a");
}

BOOST_AUTO_TEST_CASE(plain_file_cut_in_the_header) {
  const ReadBack read = ReadShard(kA + kB.substr(0, 60));
  BOOST_TEST(read.names() == "a");
  BOOST_TEST(read.dropped("truncated") == 1);
  BOOST_TEST(read.stats.dropped.total().bytes == 60);
}

BOOST_AUTO_TEST_CASE(plain_file_cut_in_the_block) {
  const ReadBack read = ReadShard(kA + kB.substr(0, 400));
  BOOST_TEST(read.names() == "a");
  BOOST_TEST(read.dropped("truncated") == 1);
}

BOOST_AUTO_TEST_CASE(record_cut_and_the_next_follows) {
  // A writer that crashed and was started again.
  const ReadBack block = ReadShard(kA + kB.substr(0, 400) + kC + kA);
  BOOST_TEST(block.names() == "a c a");
  BOOST_TEST(block.dropped("bad_length") == 1);
  const ReadBack header = ReadShard(kA + kB.substr(0, 58) + "\r\n" + kC + kA);
  BOOST_TEST(header.names() == "a c a");
  BOOST_TEST(header.dropped("bad_header") == 1);
}

BOOST_AUTO_TEST_CASE(record_over_the_limit_is_skipped) {
  ReadOptions options;
  options.max_record_bytes = 100 << 10;
  const std::string large = WarcRecord("large", Words(5, 300 << 10));
  for (const std::string& shard :
       {kA + large + kB, Gzip(kA) + Gzip(large) + Gzip(kB),
        Gzip(kA + large + kB), Zstd(kA + large + kB)}) {
    const ReadBack read = ReadShard(shard, options);
    BOOST_TEST(read.names() == "a b");
    BOOST_TEST(read.dropped("too_large") == 1);
  }
}

BOOST_AUTO_TEST_CASE(starts_in_the_middle_of_a_record) {
  const ReadBack read = ReadShard(kA.substr(200) + kB + kC);
  BOOST_TEST(read.names() == "b c");
  BOOST_TEST(read.dropped("garbage") == 1);
}

BOOST_AUTO_TEST_CASE(empty_input_and_blank_input) {
  BOOST_TEST(ReadShard("").stats.records == 0);
  BOOST_TEST(ReadShard(Gzip("")).stats.records == 0);
}

}  // namespace
}  // namespace peaktext

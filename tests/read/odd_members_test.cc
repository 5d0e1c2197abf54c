// Odd and damaged compressed files, one case each: gzip, zstd, lz4.
#include <fmt/core.h>
#include <libdeflate.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <string>

#include "read/shard_bytes.h"

namespace peaktext {
namespace {

const std::string kA = WarcRecord("a", Words(1, 3000));
const std::string kB = WarcRecord("b", Words(2, 5000));
const std::string kC = WarcRecord("c", Words(3, 4000));

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

std::string Flipped(std::string bytes, size_t at, int mask = 0x10) {
  bytes[at] = static_cast<char>(bytes[at] ^ mask);
  return bytes;
}

// A gzip member with optional header fields.
std::string GzipWithFields(std::string_view bytes, int flags) {
  std::string member = Gzip(bytes);
  std::string fields;
  if ((flags & 4) != 0) fields += std::string("\x08\0sl\x04\0abcd", 10);
  if ((flags & 8) != 0) fields += std::string("a name\0", 7);
  if ((flags & 16) != 0) fields += std::string("a comment\0", 10);
  member[3] = static_cast<char>(flags);
  std::string header = member.substr(0, 10) + fields;
  if ((flags & 2) != 0) {
    const uint32_t crc = libdeflate_crc32(0, header.data(), header.size());
    header += static_cast<char>(crc & 0xff);
    header += static_cast<char>((crc >> 8) & 0xff);
  }
  return header + member.substr(10);
}

BOOST_AUTO_TEST_CASE(gzip_record_per_member) {
  const std::string a = Gzip(kA);
  const std::string b = Gzip(kB);
  const ReadBack read = ReadShard(a + b + Gzip(kC));
  ExpectClean(read, "a b c");
  BOOST_TEST(read.offsets[1] == a.size());
  BOOST_TEST(read.stored[1] == b.size());
  BOOST_TEST(read.bodies[2] == Words(3, 4000));
}

BOOST_AUTO_TEST_CASE(gzip_several_records_per_member) {
  const ReadBack read = ReadShard(Gzip(kA + kB) + Gzip(kC));
  ExpectClean(read, "a b c");
  BOOST_TEST(read.stored[0] == 0);
  BOOST_TEST(read.offsets[1] == 0);
}

BOOST_AUTO_TEST_CASE(gzip_whole_file_one_member) {
  ExpectClean(ReadShard(Gzip(kA + kB + kC)), "a b c");
}

BOOST_AUTO_TEST_CASE(gzip_records_split_over_members) {
  const std::string all = kA + kB + kC;
  for (size_t cut : {100U, 1000U, 4000U, 9000U}) {
    ExpectClean(ReadShard(Gzip(all.substr(0, cut)) + Gzip(all.substr(cut))),
                "a b c");
  }
  std::string tiny;
  for (size_t at = 0; at < all.size(); at += 37) {
    tiny += Gzip(all.substr(at, 37));
  }
  ExpectClean(ReadShard(tiny), "a b c");
}

BOOST_AUTO_TEST_CASE(gzip_header_fields) {
  for (int flags = 0; flags < 32; ++flags) {
    BOOST_TEST_CONTEXT(flags) {
      ExpectClean(
          ReadShard(GzipWithFields(kA, flags) + GzipWithFields(kB, flags & ~1)),
          "a b");
    }
  }
}

BOOST_AUTO_TEST_CASE(gzip_name_longer_than_any_window) {
  std::string named = Gzip(kA);
  named[3] = 8;
  named.insert(10, std::string(900000, 'n') + '\0');
  ExpectClean(ReadShard(named + Gzip(kB), {}, 5000), "a b");
  ExpectClean(ReadShard(Gzip(kB) + named, {}, 5000), "b a");
  named.insert(10, std::string(900000, 'n'));
  ExpectDrop(ReadShard(named + Gzip(kB), {}, 5000), "b", "bad_header");
}

BOOST_AUTO_TEST_CASE(gzip_empty_members) {
  const std::string none = Gzip("");
  ExpectClean(ReadShard(none + Gzip(kA) + none + none + Gzip(kB) + none),
              "a b");
}

BOOST_AUTO_TEST_CASE(gzip_zero_padding) {
  const std::string zeros(512, '\0');
  const ReadBack read =
      ReadShard(Gzip(kA) + zeros + Gzip(kB) + std::string(70000, '\0'));
  ExpectClean(read, "a b");
  BOOST_TEST(read.stats.padding_bytes == 70512);
}

BOOST_AUTO_TEST_CASE(gzip_trailing_bytes) {
  for (const std::string_view tail : {"junk", "\x1f", "more junk after it"}) {
    const ReadBack read = ReadShard(Gzip(kA) + Gzip(kB) + std::string(tail));
    BOOST_TEST(read.names() == "a b");
    BOOST_TEST(read.stats.dropped.total().bytes == tail.size());
    BOOST_TEST(read.stats.dropped.total().count == 1);
  }
}

BOOST_AUTO_TEST_CASE(gzip_garbage_between_members) {
  const std::string junk = Words(9, 777);
  const ReadBack read = ReadShard(Gzip(kA) + junk + Gzip(kB));
  ExpectDrop(read, "a b", "garbage");
  BOOST_TEST(read.stats.dropped.total().bytes == junk.size());
  BOOST_TEST(read.issues[0].offset == Gzip(kA).size());
}

BOOST_AUTO_TEST_CASE(gzip_junk_before_the_first_member) {
  const ReadBack read = ReadShard("\xef\xbb\xbfjunk" + Gzip(kA) + Gzip(kB));
  ExpectDrop(read, "a b", "garbage");
}

BOOST_AUTO_TEST_CASE(gzip_bad_checksum) {
  std::string b = Gzip(kB);
  b = Flipped(b, b.size() - 8);
  const ReadBack read = ReadShard(Gzip(kA) + b + Gzip(kC));
  ExpectDrop(read, "a c", "checksum");
  BOOST_TEST(read.stats.dropped.total().bytes == b.size());
}

BOOST_AUTO_TEST_CASE(gzip_bad_checksum_of_the_last_member) {
  std::string b = Gzip(kB);
  b = Flipped(b, b.size() - 6);
  ExpectDrop(ReadShard(Gzip(kA) + b), "a", "checksum");
}

BOOST_AUTO_TEST_CASE(gzip_bad_checksum_of_a_whole_file) {
  // Which of the records is damaged nobody can say: they are kept, the fault
  // is named.
  std::string all = Gzip(kA + kB + kC);
  ExpectDrop(ReadShard(Flipped(all, all.size() - 8)), "a b c", "checksum");
}

BOOST_AUTO_TEST_CASE(gzip_bad_length_field) {
  // The checksum proves the bytes.
  std::string b = Gzip(kB);
  b = Flipped(b, b.size() - 3);
  ExpectDrop(ReadShard(Gzip(kA) + b + Gzip(kC)), "a b c", "bad_length");
}

BOOST_AUTO_TEST_CASE(gzip_bit_flips_in_a_member) {
  const std::string a = Gzip(kA);
  const std::string b = Gzip(kB);
  const std::string c = Gzip(kC);
  for (size_t at = 0; at < b.size(); at += 13) {
    const ReadBack read = ReadShard(a + Flipped(b, at, 1 << (at % 8)) + c);
    BOOST_TEST_CONTEXT(at) {
      // Bytes 4 to 9 of a header mean nothing to us; of byte 3, the flags, only
      // some bits do.
      BOOST_TEST((read.names() == "a c" ||
                  (at < 10 && read.names() == "a b c") ||
                  (at + 4 >= b.size() && read.names() == "a b c")));
    }
  }
}

BOOST_AUTO_TEST_CASE(gzip_flip_lets_the_decompressor_run_on) {
  // A stored block whose length is changed runs over the members behind it.
  const std::string a = Gzip(kA);
  std::string b = Gzip(kB, 0);
  const std::string c = Gzip(kC);
  b[11] = static_cast<char>(0xff);
  b[12] = static_cast<char>(0xff);
  b[13] = '\0';
  b[14] = '\0';
  const ReadBack read = ReadShard(a + b + c + a + c);
  BOOST_TEST(read.names() == "a c a c");
}

BOOST_AUTO_TEST_CASE(gzip_damage_in_one_member_of_many_records) {
  std::string records;
  for (uint64_t i = 0; i < 300; ++i) {
    records += WarcRecord(std::to_string(i), Words(i, 3000));
  }
  std::string middle = Gzip(records);
  middle = Flipped(middle, middle.size() / 2);
  const ReadBack read = ReadShard(Gzip(kA) + middle + Gzip(kC));
  BOOST_TEST(read.uris.size() > 100);
  BOOST_TEST(read.uris.front().ends_with("/a"));
  BOOST_TEST(read.uris.back().ends_with("/c"));
  for (size_t i = 1; i + 1 < read.uris.size() && i < 100; ++i) {
    BOOST_TEST(read.bodies[i] == Words(i - 1, 3000));
  }
}

BOOST_AUTO_TEST_CASE(gzip_truncated_in_the_body) {
  const std::string b = Gzip(kB);
  const ReadBack read = ReadShard(Gzip(kA) + b.substr(0, b.size() / 2));
  ExpectDrop(read, "a", "truncated");
  BOOST_TEST(read.stats.dropped.total().bytes == b.size() / 2);
}

BOOST_AUTO_TEST_CASE(gzip_truncated_anywhere) {
  const std::string a = Gzip(kA);
  const std::string b = Gzip(kB);
  for (size_t size = 1; size < b.size(); size += 7) {
    BOOST_TEST_CONTEXT(size) {
      ExpectDrop(ReadShard(a + b.substr(0, size)), "a", "truncated");
    }
  }
}

BOOST_AUTO_TEST_CASE(gzip_truncated_whole_file_keeps_its_prefix) {
  const std::string all = Gzip(kA + kB + kC);
  const ReadBack read = ReadShard(all.substr(0, all.size() * 3 / 4));
  ExpectDrop(read, "a b", "truncated");
}

BOOST_AUTO_TEST_CASE(gzip_member_cut_and_the_next_follows) {
  const std::string b = Gzip(kB);
  const ReadBack read =
      ReadShard(Gzip(kA) + b.substr(0, b.size() / 2) + Gzip(kC) + Gzip(kA));
  BOOST_TEST(read.names() == "a c a");
  BOOST_TEST(read.stats.dropped.total().count == 1);
}

BOOST_AUTO_TEST_CASE(gzip_bomb) {
  ReadOptions options;
  options.max_ratio = 100;
  const std::string bomb = Gzip(WarcRecord("bomb", std::string(30 << 20, ' ')));
  const ReadBack read = ReadShard(Gzip(kA) + bomb + Gzip(kC), options);
  ExpectDrop(read, "a c", "bomb");
}

BOOST_AUTO_TEST_CASE(gzip_large_members) {
  const std::string large = WarcRecord("large", Words(4, 9 << 20));
  const ReadBack read = ReadShard(Gzip(kA) + Gzip(large) + Gzip(kB) +
                                  Gzip(large) + Gzip(large) + Gzip(kC));
  ExpectClean(read, "a large b large large c");
  BOOST_TEST(read.bodies[1] == Words(4, 9 << 20));
  BOOST_TEST(read.stored[1] == Gzip(large).size());
}

BOOST_AUTO_TEST_CASE(gzip_damaged_large_member) {
  const std::string large = Gzip(WarcRecord("large", Words(4, 9 << 20)));
  for (const size_t at : {size_t{100}, large.size() / 3, large.size() - 5}) {
    const ReadBack read =
        ReadShard(Gzip(kA) + Flipped(large, at) + Gzip(kB) + Gzip(kC));
    BOOST_TEST_CONTEXT(at) {
      BOOST_TEST(read.names() == "a b c");
      BOOST_TEST(read.stats.dropped.total().count == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(gzip_damaged_first_member) {
  const std::string a = Gzip(kA);
  for (const size_t at : {0U, 1U, 2U, 3U, 12U, 100U}) {
    const ReadBack read = ReadShard(Flipped(a, at) + Gzip(kB) + Gzip(kC));
    BOOST_TEST_CONTEXT(at) {
      BOOST_TEST(
          (read.names() == "b c" || (at == 3 && read.names() == "a b c")));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_content_decides_not_the_name) {
  // The source has no name that would tell; all kinds are found.
  ExpectClean(ReadShard(kA), "a");
  ExpectClean(ReadShard(Gzip(kA)), "a");
  ExpectClean(ReadShard(Zstd(kA)), "a");
  ExpectClean(ReadShard(Lz4(kA)), "a");
}

BOOST_AUTO_TEST_CASE(zstd_forms_give_what_gzip_gives) {
  const std::string dictionary = TrainedDictionary();
  const auto all = [](const auto& pack) {
    return pack(kA) + pack(kB) + pack(kC);
  };
  const auto with = [&](std::string_view r) { return Zstd(r, dictionary); };
  const auto without = [](std::string_view r) { return Zstd(r); };
  const auto unsized = [](std::string_view r) {
    return Zstd(r, {}, true, false);
  };
  for (const std::string& shard :
       {all(without), all(unsized), Zstd(kA + kB + kC),
        Zstd(kA + kB) + Zstd(kC), Skippable(0x184D2A5D, dictionary) + all(with),
        Skippable(0x184D2A5D, Zstd(dictionary)) + all(with),
        Skippable(0x184D2A50, "aside") + all(without) +
            Skippable(0x184D2A5F, Words(3, 300000))}) {
    const ReadBack read = ReadShard(shard);
    ExpectClean(read, "a b c");
    BOOST_TEST(read.bodies[1] == Words(2, 5000));
  }
}

BOOST_AUTO_TEST_CASE(zstd_dictionary_missing_or_another) {
  const std::string dictionary = TrainedDictionary();
  const std::string other = TrainedDictionary(8192);
  ExpectDrop(ReadShard(Zstd(kA) + Zstd(kB, dictionary) + Zstd(kC)), "a c",
             "dictionary");
  ExpectDrop(ReadShard(Skippable(0x184D2A5D, other) + Zstd(kA, other) +
                       Zstd(kB, dictionary) + Zstd(kC, other)),
             "a c", "dictionary");
}

BOOST_AUTO_TEST_CASE(zstd_dictionary_behind_other_skippable_frames) {
  const std::string dictionary = TrainedDictionary();
  const std::string frame = Skippable(0x184D2A5D, dictionary);
  ExpectClean(ReadShard(Skippable(0x184D2A50, "made by") + frame +
                        Zstd(kA, dictionary) + Zstd(kB, dictionary)),
              "a b");
  // Behind the first record it is anybody's.
  ExpectDrop(ReadShard(Zstd(kA) + frame + Zstd(kB, dictionary)), "a",
             "dictionary");
}

BOOST_AUTO_TEST_CASE(zstd_damaged_frames) {
  const std::string a = Zstd(kA);
  const std::string b = Zstd(kB);
  const std::string c = Zstd(kC);
  for (size_t at = 0; at < b.size(); at += 11) {
    const ReadBack read = ReadShard(a + Flipped(b, at) + c);
    BOOST_TEST_CONTEXT(at) { BOOST_TEST(read.names() == "a c"); }
  }
  ExpectDrop(ReadShard(a + b.substr(0, b.size() - 9)), "a", "truncated");
  ExpectDrop(ReadShard(a + "garbage" + c), "a c", "garbage");
  ExpectDrop(ReadShard(a + Flipped(b, b.size() - 1) + c), "a c", "checksum");
}

BOOST_AUTO_TEST_CASE(zstd_damage_in_one_frame_keeps_the_prefix) {
  std::string records;
  for (uint64_t i = 0; i < 300; ++i) {
    records += WarcRecord(std::to_string(i), Words(i, 3000));
  }
  const std::string all = Zstd(records);
  const ReadBack read = ReadShard(all.substr(0, all.size() / 2));
  BOOST_TEST(read.uris.size() > 100);
  BOOST_TEST(read.dropped("truncated") == 1);
}

// zstd decodes damage in another way after a dictionary that no block has used
// yet. (The frame is a fuzzer's finding.)
BOOST_AUTO_TEST_CASE(zstd_dictionary_of_another_shard_changes_nothing) {
  const std::string damaged =
      "\x28\xb5\x2f\xfd\x04\x27\xa5" + std::string(2, '\0') +
      std::string("h{\"text\":\n}\"a\0\1\"\x81~~\1", 20);
  const auto issues = [&] {
    std::string all;
    for (const ReadIssue& issue : ReadShard(damaged).issues) {
      all += issue.message + '\n';
    }
    return all;
  };
  const std::string before = issues();
  BOOST_TEST(before.find("cut off") != std::string::npos);
  // Of a window that is too large: nothing of it is decoded.
  ReadShard(Skippable(0x184D2A5D, TrainedDictionary()) +
            std::string("\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00", 9));
  BOOST_TEST(issues() == before);
}

BOOST_AUTO_TEST_CASE(zstd_bomb_and_large_windows) {
  ReadOptions options;
  options.max_ratio = 100;
  const std::string bomb = Zstd(WarcRecord("bomb", std::string(30 << 20, ' ')));
  ExpectDrop(ReadShard(Zstd(kA) + bomb + Zstd(kC), options), "a c", "bomb");
  const std::string large = WarcRecord("large", Words(4, 9 << 20));
  ExpectClean(ReadShard(Zstd(kA) + Zstd(large) + Zstd(kC)), "a large c");
}

BOOST_AUTO_TEST_CASE(zstd_tiny_frame_with_a_bad_checksum_ends) {
  // So small that its first step holds all of it.
  const std::string tiny = Zstd("ab");
  const ReadBack read =
      ReadShard(Zstd(kA) + Flipped(tiny, tiny.size() - 1) + Zstd(kC));
  ExpectDrop(read, "a c", "checksum");
  BOOST_TEST(ReadShard(Flipped(tiny, tiny.size() - 1)).dropped("checksum") ==
             1);
}

BOOST_AUTO_TEST_CASE(lz4_frames_sound_and_damaged) {
  const std::string a = Lz4(kA);
  const std::string b = Lz4(kB);
  const std::string c = Lz4(kC);
  ExpectClean(ReadShard(a + b + c), "a b c");
  ExpectClean(ReadShard(Lz4(kA + kB + kC)), "a b c");
  ExpectClean(ReadShard(Skippable(0x184D2A51, "aside") + a + c), "a c");
  for (size_t at = 0; at < b.size(); at += 17) {
    const ReadBack read = ReadShard(a + Flipped(b, at) + c);
    BOOST_TEST_CONTEXT(at) { BOOST_TEST(read.names() == "a c"); }
  }
  ExpectDrop(ReadShard(a + b.substr(0, b.size() / 2)), "a", "truncated");
  ExpectDrop(ReadShard(a + "garbage" + c), "a c", "garbage");
}

}  // namespace
}  // namespace peaktext

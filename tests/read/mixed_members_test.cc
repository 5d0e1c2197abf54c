// Files put together from gzip members, zstd frames and LZ4 frames.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "read/shard_bytes.h"

namespace peaktext {
namespace {

using Pack = std::string (*)(std::string_view);

const std::vector<Pack> kPacks = {
    [](std::string_view bytes) { return Gzip(bytes); },
    [](std::string_view bytes) { return Zstd(bytes); },
    [](std::string_view bytes) { return Lz4(bytes); }};

const std::string kA = WarcRecord("a", Words(1, 3000));
const std::string kB = WarcRecord("b", Words(2, 5000));
const std::string kC = WarcRecord("c", Words(3, 4000));
const std::string kD = WarcRecord("d", Words(4, 900));

// Whole and as streams.
std::vector<ReadBack> ReadInAllWays(const std::string& shard) {
  std::vector<ReadBack> all;
  for (const size_t read_bytes : {0, 1, 997, 1 << 20}) {
    all.push_back(ReadShard(shard, {}, read_bytes));
  }
  return all;
}

BOOST_AUTO_TEST_CASE(one_kind_after_another_in_any_order) {
  std::vector<size_t> order = {0, 1, 2};
  do {
    const std::string a = kPacks[order[0]](kA);
    const std::string b = kPacks[order[1]](kB);
    const std::string c = kPacks[order[2]](kC);
    const std::string d = kPacks[order[0]](kD);
    for (const std::string_view between :
         {std::string_view(), std::string_view("\0\0\0\0", 4),
          std::string_view("\r\n")}) {
      std::string shard = a;
      for (const std::string& member : {b, c, d}) {
        shard += between;
        shard += member;
      }
      for (const ReadBack& read : ReadInAllWays(shard)) {
        BOOST_TEST(read.names() == "a b c d");
        BOOST_TEST(read.stats.dropped.empty());
        BOOST_TEST(read.stats.padding_bytes == 3 * between.size());
        BOOST_TEST(read.offsets[1] == a.size() + between.size());
        BOOST_TEST(read.stored[1] == b.size());
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(records_that_go_on_in_a_member_of_another_kind) {
  const std::string all = kA + kB + kC + kD;
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    std::string shard;
    for (size_t at = 0; at < all.size();) {
      const size_t bytes = 1 + random() % 4000;
      shard += kPacks[random() % 3](std::string_view(all).substr(at, bytes));
      at += bytes;
    }
    const ReadBack read = ReadShard(shard, {}, i % 2 == 0 ? 0 : 1 + i * 37);
    BOOST_TEST(read.names() == "a b c d");
    BOOST_TEST(read.bodies[1] == Words(2, 5000));
    BOOST_TEST(read.stats.dropped.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_cut_member_before_members_of_another_kind) {
  for (const Pack first : kPacks) {
    for (const Pack second : kPacks) {
      const std::string cut = first(kB).substr(0, first(kB).size() * 2 / 3);
      const std::string rest = second(kC) + second(kD);
      const std::string shard = first(kA) + cut + rest;
      for (const ReadBack& read : ReadInAllWays(shard)) {
        BOOST_TEST(read.names() == "a c d");
        BOOST_TEST(read.stats.dropped.total().count == 1U);
        BOOST_TEST(read.stats.dropped.total().bytes == cut.size());
        BOOST_TEST(read.offsets[1] == shard.size() - rest.size());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(junk_between_members_of_two_kinds) {
  for (const Pack first : kPacks) {
    for (const Pack second : kPacks) {
      const std::string junk = "not a member \x28\xb5\x2f\xfd \x1f\x8b\x08";
      const ReadBack read =
          ReadShard(first(kA) + junk + second(kB) + first(kC));
      BOOST_TEST(read.names() == "a b c");
      BOOST_TEST(read.stats.dropped.total().count == 1U);
      BOOST_TEST(read.stats.dropped.total().bytes == junk.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_magic_number_alone_is_no_reason_to_change) {
  const std::string_view kMagics[] = {
      "\x28\xb5\x2f\xfd and no frame", "\x04\x22\x4d\x18 and no frame",
      std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\3 and no member", 24)};
  for (const Pack pack : kPacks) {
    for (const std::string_view magic : kMagics) {
      const ReadBack read = ReadShard(pack(kA) + std::string(magic) + pack(kB));
      BOOST_TEST(read.names() == "a b");
      BOOST_TEST(read.stats.dropped.total().bytes == magic.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(
    a_compressed_file_in_a_damaged_body_is_none_to_go_on_with) {
  // Stored blocks show what is in a body as it is: here a zstd file that holds
  // no records, in a member of which the end is damaged.
  for (const Pack inner : kPacks) {
    std::string member =
        Gzip(WarcRecord("b", Words(9, 300) + inner(Words(8, 2000))), 0);
    member[member.size() - 9] ^= 1;  // the last byte before the checksum
    const ReadBack read = ReadShard(Gzip(kA) + member + Gzip(kC));
    BOOST_TEST(read.names() == "a c");
    BOOST_TEST(read.stats.dropped.total().bytes == member.size());
  }
}

BOOST_AUTO_TEST_CASE(frames_to_skip_lead_from_kind_to_kind) {
  const std::string aside = Skippable(0x184D2A53, "nothing to read");
  const std::string dictionary = TrainedDictionary();
  const ReadBack read = ReadShard(Gzip(kA) + aside + Lz4(kB) + aside +
                                  Gzip(kC) + Skippable(0x184D2A5D, dictionary) +
                                  Zstd(kD, dictionary) + aside);
  BOOST_TEST(read.names() == "a b c d");
  BOOST_TEST(read.stats.dropped.empty());
}

BOOST_AUTO_TEST_CASE(lines_of_json_in_members_of_several_kinds) {
  std::string shard;
  for (int i = 0; i < 30; ++i) {
    shard += kPacks[static_cast<size_t>(i * i) % 3](
        "{\"text\":\"line " + std::to_string(i) + "\"}\n{\"text\":");
    shard += kPacks[static_cast<size_t>(i) % 3]("\"split\"}\n");
  }
  const ReadBack read = ReadShard(shard);
  BOOST_TEST(read.bodies.size() == 60U);
  BOOST_TEST(read.bodies[58] == "line 29");
  BOOST_TEST(read.stats.dropped.empty());
}

}  // namespace
}  // namespace peaktext

// Each table of kernels against the scalar one, which is the specification.
#include "simd/tokenize_kernels.h"

#include <algorithm>
#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

#include "supported_isas.h"

namespace peaktext {
namespace {

const TokenizeKernels& Scalar() { return TokenizeKernelsFor(Isa::kScalar); }

std::string Utf8(char32_t c) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  const auto tail = [&](int shift) { return byte(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), tail(6), tail(0)};
  return {byte(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

// A role for each code point; those of ASCII are as all patterns have them.
RoleTable Roles(bool cased, std::mt19937* random) {
  std::vector<uint8_t> roles(RoleTable::kCodePoints);
  for (uint8_t& role : roles) {
    role = static_cast<uint8_t>(1U << (*random)() % 7);
    if (role == kRoleNewline) role = kRoleBoth | kRoleMark;
  }
  // Whole pages of one role, and whole leads.
  for (size_t page = 0; page < roles.size() / 64; ++page) {
    if ((*random)() % 2 == 0) continue;
    std::fill_n(&roles[64 * page], 64, roles[64 * page]);
  }
  for (size_t lead = 1; lead < 16; lead += 3) {
    std::fill_n(&roles[0x1000 * lead], 0x1000, roles[0x1000 * lead]);
  }
  for (unsigned c = 0; c < 128; ++c) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z')) {
      roles[c] = upper && cased ? kRoleUpper : kRoleLower;
    } else if (c >= '0' && c <= '9') {
      roles[c] = kRoleNumber;
    } else if (c == '\r' || c == '\n') {
      roles[c] = kRoleNewline;
    } else {
      roles[c] = (c >= '\t' && c <= '\r') || c == ' ' ? kRoleBlank : kRolePunct;
    }
  }
  return RoleTable(std::move(roles));
}

bool Same(const ClassMasks& a, const ClassMasks& b) {
  const auto all = [](const ClassMasks& m) {
    return std::array{m.upper, m.lower,      m.both,  m.number,
                      m.blank, m.newline,    m.punct, m.mark,
                      m.space, m.apostrophe, m.high,  m.continuation};
  };
  return all(a) == all(b);
}

void CheckClassify(const TokenizeKernels& kernels, const std::string& text,
                   const RoleTable& roles) {
  std::string padded = text;
  padded.resize(text.size() + 256);
  ClassMasks expected;
  ClassMasks found;
  const unsigned size = Scalar().classify(padded.data(), roles, &expected);
  BOOST_REQUIRE(kernels.classify(padded.data(), roles, &found) == size);
  BOOST_REQUIRE(Same(found, expected));
}

BOOST_AUTO_TEST_SUITE(tokenize_kernels)

BOOST_DATA_TEST_CASE(every_code_point_has_its_class, SupportedIsas(), isa) {
  std::mt19937 random(1);
  for (const bool cased : {false, true}) {
    const RoleTable roles = Roles(cased, &random);
    std::string text;
    for (char32_t c = 0; c < 0x110000; ++c) {
      if (c >= 0xD800 && c < 0xE000) continue;
      text += Utf8(c);
      if (text.size() < 64) continue;
      CheckClassify(TokenizeKernelsFor(isa), text, roles);
      text.clear();
    }
  }
}

BOOST_DATA_TEST_CASE(characters_of_every_length_at_every_offset,
                     SupportedIsas(), isa) {
  std::mt19937 random(2);
  const RoleTable roles = Roles(true, &random);
  char32_t some[] = {'a',   'Z',    ' ',     '\n',    '\'',    '7',
                     0xE9,  0x7FF,  0x800,   0x4E00,  0xAC00,  0xFFFD,
                     0x430, 0x3042, 0x1F600, 0x10000, 0x10FFFF};
  for (size_t offset = 0; offset < 64; ++offset) {
    for (int round = 0; round < 300; ++round) {
      std::string text(offset, 'x');
      // Runs of few kinds, too; which ones, the rotation says.
      const size_t kinds = 1 + random() % std::size(some);
      while (text.size() < 64) text += Utf8(some[random() % kinds]);
      CheckClassify(TokenizeKernelsFor(isa), text, roles);
      std::rotate(std::begin(some), std::begin(some) + 1, std::end(some));
    }
  }
}

BOOST_DATA_TEST_CASE(flatten_writes_each_bit, SupportedIsas(), isa) {
  const TokenizeKernels& kernels = TokenizeKernelsFor(isa);
  std::mt19937_64 random(3);
  for (int round = 0; round < 100000; ++round) {
    uint64_t mask = random();
    for (int sparser = round % 5; sparser > 0; --sparser) mask &= random();
    if (round % 64 == 0) mask = ~uint64_t{0};
    if (round % 64 == 1) mask = 0;
    const auto base = static_cast<uint16_t>(random() % 60000);
    std::vector<uint16_t> expected(64);
    std::vector<uint16_t> found(128);
    expected.resize(Scalar().flatten(mask, base, expected.data()));
    found.resize(kernels.flatten(mask, base, found.data()));
    BOOST_REQUIRE(found == expected);
  }
}

// Memory for the lists of some pretokens.
struct Lists {
  explicit Lists(size_t count)
      : starts(4 * (count + 64)), bytes(2 * (count + 64)) {
    const size_t room = count + 64;
    lists = {.pair_starts = starts.data() + 3 * room,
             .short_starts = starts.data(),
             .mid_starts = starts.data() + room,
             .long_indexes = starts.data() + 2 * room,
             .short_bytes = bytes.data(),
             .mid_bytes = bytes.data() + room,
             .pairs = 0,
             .shorts = 0,
             .mids = 0,
             .longs = 0};
  }
  std::vector<uint16_t> starts;
  std::vector<uint8_t> bytes;
  PretokenLists lists;
};

template <class T>
void CheckSame(const T* a, const T* b, size_t count) {
  BOOST_REQUIRE(std::equal(a, a + count, b));
}

BOOST_DATA_TEST_CASE(pretokens_are_sorted_by_length, SupportedIsas(), isa) {
  const TokenizeKernels& kernels = TokenizeKernelsFor(isa);
  std::mt19937 random(4);
  for (size_t count = 0; count < 300; ++count) {
    std::vector<uint16_t> positions(count + 64);
    const unsigned longest = count % 3 == 0 ? 200 : 20;
    size_t at = 0;
    for (size_t i = 0; i < count; ++i) {
      positions[i] = static_cast<uint16_t>(at);
      at += 1 + random() % longest;
    }
    const std::span<const uint16_t> used(positions.data(), count);
    Lists expected(count);
    Lists found(count);
    Scalar().sort_by_length(used, &expected.lists);
    kernels.sort_by_length(used, &found.lists);
    const PretokenLists& e = expected.lists;
    const PretokenLists& f = found.lists;
    BOOST_REQUIRE(e.pairs == f.pairs);
    BOOST_REQUIRE(e.shorts == f.shorts);
    BOOST_REQUIRE(e.mids == f.mids);
    BOOST_REQUIRE(e.longs == f.longs);
    CheckSame(e.pair_starts, f.pair_starts, e.pairs);
    CheckSame(e.short_starts, f.short_starts, e.shorts);
    CheckSame(e.short_bytes, f.short_bytes, e.shorts);
    CheckSame(e.mid_starts, f.mid_starts, e.mids);
    CheckSame(e.mid_bytes, f.mid_bytes, e.mids);
    CheckSame(e.long_indexes, f.long_indexes, e.longs);
  }
}

// Found or missing, every pretoken is accounted for once, whichever places of
// the lines are filled.
BOOST_DATA_TEST_CASE(short_pretokens_are_found_or_missing, SupportedIsas(),
                     isa) {
  const TokenizeKernels& kernels = TokenizeKernelsFor(isa);
  std::mt19937 random(5);
  struct alignas(64) Line {
    uint64_t entries[ShortCounts::kLine];
  };
  constexpr int kLineBits = 4;
  for (size_t count = 0; count < 200; ++count) {
    std::string text(4 * count + 64, '\0');
    for (char& c : text) c = static_cast<char>("ab\xC3\xFF"[random() % 4]);
    Lists lists(count);
    for (size_t i = 0; i < count; ++i) {
      lists.lists.short_starts[i] = static_cast<uint16_t>(4 * i);
      lists.lists.short_bytes[i] = static_cast<uint8_t>(2 + random() % 6);
    }
    lists.lists.shorts = count;
    std::vector<Line> lines(1 << kLineBits);
    const ShortCounts counts = {lines[0].entries, 64 - kLineBits};
    const auto key_of = [&](size_t i) {
      return ShortCounts::Key(text.data() + lists.lists.short_starts[i],
                              lists.lists.short_bytes[i]);
    };
    for (size_t i = 0; i < count; i += 2) {
      uint64_t* line = lines[0].entries + counts.LineOf(key_of(i));
      uint64_t* end = line + ShortCounts::kLine;
      const auto same = [&](uint64_t entry) {
        return (entry ^ key_of(i)) < 16;
      };
      if (std::none_of(line, end, same)) {
        line[random() % ShortCounts::kLine] = key_of(i) | (1 + random() % 7);
      }
    }
    std::vector<uint16_t> misses(count + 16);
    size_t missing = 0;
    uint64_t tokens = kernels.count_shorts(text.data(), lists.lists, counts,
                                           misses.data(), &missing);
    BOOST_REQUIRE(missing <= count);
    misses.resize(missing);
    uint64_t expected = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t* line = lines[0].entries + counts.LineOf(key_of(i));
      const auto listed = std::count(misses.begin(), misses.end(), i);
      const auto* place = std::find_if(
          line, line + ShortCounts::kLine,
          [&](uint64_t entry) { return (entry ^ key_of(i)) < 16; });
      if (place < line + 2) BOOST_REQUIRE(listed == 0);
      if (place == line + ShortCounts::kLine) BOOST_REQUIRE(listed == 1);
      if (listed == 0) expected += *place & 15;
    }
    BOOST_REQUIRE(tokens == expected);
    BOOST_REQUIRE(std::is_sorted(misses.begin(), misses.end()));
  }
}

BOOST_DATA_TEST_CASE(middle_pretokens_are_found_or_missing, SupportedIsas(),
                     isa) {
  const TokenizeKernels& kernels = TokenizeKernelsFor(isa);
  std::mt19937 random(6);
  struct alignas(64) Bucket {
    MidCounts::Entry entries[MidCounts::kBucket];
  };
  constexpr int kBucketBits = 4;
  for (size_t count = 0; count < 200; ++count) {
    std::string text(8 * count + 64, '\0');
    // Mostly one letter, so that keys differ in few bytes, anywhere.
    for (char& c : text) c = "ab"[random() % 8 == 0];
    Lists lists(count);
    for (size_t i = 0; i < count; ++i) {
      lists.lists.mid_starts[i] = static_cast<uint16_t>(8 * i);
      lists.lists.mid_bytes[i] = static_cast<uint8_t>(8 + random() % 8);
    }
    lists.lists.mids = count;
    std::vector<Bucket> buckets(1 << kBucketBits);
    const MidCounts counts = {buckets[0].entries, 64 - kBucketBits};
    const auto key_of = [&](size_t i) {
      return MidCounts::Key(text.data() + lists.lists.mid_starts[i],
                            lists.lists.mid_bytes[i]);
    };
    const auto is_of = [&](size_t i) {
      return [key = key_of(i)](const MidCounts::Entry& entry) {
        return entry.words[0] == key.words[0] &&
               (entry.words[1] ^ key.words[1]) < 16;
      };
    };
    for (size_t i = 0; i < count; i += 2) {
      MidCounts::Entry* bucket =
          buckets[0].entries + (counts.BucketOf(key_of(i)) - counts.entries);
      if (std::none_of(bucket, bucket + MidCounts::kBucket, is_of(i))) {
        MidCounts::Entry* entry = bucket + random() % MidCounts::kBucket;
        *entry = key_of(i);
        entry->words[1] |= 1 + random() % 15;
      }
    }
    std::vector<uint16_t> misses(count + 16);
    size_t missing = 0;
    const uint64_t tokens = kernels.count_mids(text.data(), lists.lists, counts,
                                               misses.data(), &missing);
    BOOST_REQUIRE(missing <= count);
    misses.resize(missing);
    uint64_t expected = 0;
    for (size_t i = 0; i < count; ++i) {
      const MidCounts::Entry* bucket = counts.BucketOf(key_of(i));
      const auto listed = std::count(misses.begin(), misses.end(), i);
      const auto* place =
          std::find_if(bucket, bucket + MidCounts::kBucket, is_of(i));
      if (place < bucket + 2) BOOST_REQUIRE(listed == 0);
      if (place == bucket + MidCounts::kBucket) BOOST_REQUIRE(listed == 1);
      if (listed == 0) expected += place->words[1] & 15;
    }
    BOOST_REQUIRE(tokens == expected);
    BOOST_REQUIRE(std::is_sorted(misses.begin(), misses.end()));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

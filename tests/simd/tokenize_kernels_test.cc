// Each table of kernels against the scalar one, which is the specification.
#include "simd/tokenize_kernels.h"

#include <algorithm>
#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "simd/cut_avx512.h"
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
  // Ideographs and Hangul as patterns have them, but for the eights.
  std::fill(&roles[0x4E00], &roles[0x8000], kRoleBoth);
  std::fill(&roles[0x9000], &roles[0xD7A4], kRoleBoth);
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

bool SameBlocks(const ClassMasks& a, const ClassMasks& b, size_t from,
                size_t end) {
  return std::all_of(std::begin(ClassMasks::kRows), std::end(ClassMasks::kRows),
                     [&](auto row) {
                       return std::equal(a.*row + from, a.*row + end,
                                         b.*row + from);
                     });
}

void CheckClassify(const TokenizeKernels& kernels, const std::string& text,
                   const RoleTable& roles) {
  std::string padded = text;
  padded.resize(text.size() + 256);
  const std::string_view view(padded.data(), text.size());
  const auto expected = std::make_unique<ClassMasks>();
  const auto found = std::make_unique<ClassMasks>();
  // The last time there is no room for all.
  for (const size_t from : {size_t{0}, size_t{3}, ClassMasks::kMost - 1}) {
    const Classified all = Scalar().classify(view, roles, from, expected.get());
    const Classified some = kernels.classify(view, roles, from, found.get());
    BOOST_REQUIRE(some.blocks == all.blocks);
    BOOST_REQUIRE(some.bytes == all.bytes);
    BOOST_REQUIRE(SameBlocks(*found, *expected, from, from + all.blocks));
  }
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
      if (text.size() < 300) continue;
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
      while (text.size() < 200) text += Utf8(some[random() % kinds]);
      CheckClassify(TokenizeKernelsFor(isa), text, roles);
      std::rotate(std::begin(some), std::begin(some) + 1, std::end(some));
    }
  }
}

BOOST_DATA_TEST_CASE(scripts_of_few_pages, SupportedIsas(), isa) {
  std::mt19937 random(3);
  const RoleTable roles[] = {Roles(false, &random), Roles(true, &random)};
  for (int round = 0; round < 4000; ++round) {
    // Where pages and wide ranges begin or end, and anywhere.
    static constexpr char32_t kPages[] = {
        0x80,   0x400,  0x7C0,  0x800,  0x3040, 0x4DC0, 0x4E00, 0x8000,
        0x9F80, 0x9FC0, 0xABC0, 0xAC00, 0xD740, 0xD780, 0xFFC0, 0x1F600};
    char32_t pages[6];
    for (char32_t& page : pages) {
      page = static_cast<char32_t>(random() % 0x360 * 64);
      if (random() % 2 == 0) page = kPages[random() % std::size(kPages)];
      if (page < 0x80) page = 0x80;
    }
    const size_t kinds = 1 + random() % std::size(pages);
    const unsigned ascii = random() % 8;
    std::string text;
    while (text.size() < 300) {
      text += random() % 8 < ascii
                  ? std::string(1, static_cast<char>(random() % 128))
                  : Utf8(pages[random() % kinds] +
                         static_cast<char32_t>(random() % 64));
    }
    CheckClassify(TokenizeKernelsFor(isa), text, roles[round % 2]);
  }
}

// With AVX-512 there are two ways to look them up: this processor takes one.
struct Cutter {
  std::string_view name;
  decltype(TokenizeKernels::cut) cut;
};
std::vector<Cutter> Cutters() {
  std::vector<Cutter> cutters;
  for (const Isa isa : SupportedIsas()) {
    cutters.push_back({IsaName(isa), TokenizeKernelsFor(isa).cut});
  }
#if defined(__x86_64__)
  if (IsaSupported(Isa::kAvx512)) {
    cutters.push_back({"single loads", CutAvx512});
    cutters.push_back({"gathers", CutGatheringAvx512});
  }
#endif
  return cutters;
}

BOOST_AUTO_TEST_CASE(cuts_are_those_of_each_pair) {
  const std::vector<Cutter> cutters = Cutters();
  std::mt19937_64 random(8);
  size_t cut = 0;
  size_t left = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<uint64_t> pairs(size_t{1} << CutTable::kPairWordBits);
    for (uint64_t& word : pairs) word = random() & random();
    std::vector<uint64_t> open(CutTable::kOpenWords);
    for (uint64_t& word : open) word = random() & random() & random();
    std::vector<uint64_t> whole(2 * CutTable::kWholeWords);
    for (uint64_t& word : whole) word = random() & random() & random();
    const CutTable cuts = {pairs.data(), open.data(),
                           round % 2 == 0 ? nullptr : whole.data()};
    const unsigned others = random() % 8;  // in eight
    std::string text;
    uint64_t places = 0;
    for (bool after_three = false; text.size() <= 61;) {
      const bool three = random() % 8 >= others;
      if (three && after_three) places |= uint64_t{1} << text.size();
      text += three ? Utf8(static_cast<char32_t>(0x800 + random() % 0xD000))
                    : Utf8(static_cast<char32_t>(random() % 0x800));
      after_three = three;
    }
    if (round % 4 == 0) places &= random();
    text.resize(256);
    uint64_t expected = 0;
    for (unsigned at = 3; at < 64; ++at) {
      const bool is_place = (places >> at & 1) != 0;
      if (is_place && cuts.CanCut(&text[at - 3])) expected |= uint64_t{1} << at;
    }
    for (const Cutter& cutter : cutters) {
      BOOST_REQUIRE_MESSAGE(cutter.cut(text.data(), places, cuts) == expected,
                            cutter.name);
    }
    cut += expected != 0 ? 1 : 0;
    left += (places & ~expected) != 0 ? 1 : 0;
  }
  BOOST_TEST(cut > 1000U);
  BOOST_TEST(left > 1000U);
}

BOOST_DATA_TEST_CASE(flatten_writes_each_bit, SupportedIsas(), isa) {
  const TokenizeKernels& kernels = TokenizeKernelsFor(isa);
  std::mt19937_64 random(3);
  for (int round = 0; round < 10000; ++round) {
    std::vector<uint64_t> masks(round % 1000 == 0 ? 1024 : round % 20);
    for (uint64_t& mask : masks) {
      mask = random();
      for (int sparser = round % 5; sparser > 0; --sparser) mask &= random();
      if (random() % 32 == 0) mask = ~uint64_t{0};
      if (random() % 32 == 0) mask = 0;
    }
    const auto first =
        static_cast<uint16_t>(random() % (0x10001 - 64 * masks.size()));
    std::vector<uint16_t> expected(64 * masks.size() + 64);
    std::vector<uint16_t> found(expected.size());
    expected.resize(Scalar().flatten(masks, first, expected.data()));
    found.resize(kernels.flatten(masks, first, found.data()));
    BOOST_REQUIRE(found == expected);
  }
}

// Memory for the lists of some pretokens.
struct Lists {
  explicit Lists(size_t count)
      : starts(5 * (count + 64)), bytes(3 * (count + 64)) {
    const size_t room = count + 64;
    uint16_t* const start = starts.data();
    uint8_t* const byte = bytes.data();
    lists = {.pairs = {start, nullptr, nullptr, 0},
             .shorts = {start + room, byte, nullptr, 0},
             .mids = {start + 2 * room, byte + room, nullptr, 0},
             .wides = {start + 3 * room, byte + 2 * room, nullptr, 0},
             .longs = {start + 4 * room, nullptr, nullptr, 0}};
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
    Scalar().sort_by_length(used, 0, &expected.lists);
    // Some first, then the others.
    const size_t part = count == 0 ? 0 : random() % count;
    kernels.sort_by_length(used.first(std::min(count, part + 1)), 0,
                           &found.lists);
    kernels.sort_by_length(used, part, &found.lists);
    const PretokenLists& e = expected.lists;
    const PretokenLists& f = found.lists;
    BOOST_REQUIRE(e.pairs.count == f.pairs.count);
    CheckSame(e.pairs.starts, f.pairs.starts, e.pairs.count);
    for (const auto list : {&PretokenLists::shorts, &PretokenLists::mids,
                            &PretokenLists::wides}) {
      BOOST_REQUIRE((e.*list).count == (f.*list).count);
      CheckSame((e.*list).starts, (f.*list).starts, (e.*list).count);
      CheckSame((e.*list).bytes, (f.*list).bytes, (e.*list).count);
    }
    BOOST_REQUIRE(e.longs.count == f.longs.count);
    CheckSame(e.longs.starts, f.longs.starts, e.longs.count);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

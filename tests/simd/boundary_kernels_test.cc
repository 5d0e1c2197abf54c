// Every instruction set finds the boundaries that the scalar kernel does, which
// test_tokenize compares with the expressions.
#include "simd/boundary_kernels.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <random>
#include <string>

#include "simd/supported_isas.h"

namespace peaktext {
namespace {

constexpr BoundarySet kSets[] = {BoundarySet::kGpt2,    BoundarySet::kCl100k,
                                 BoundarySet::kQwen2,   BoundarySet::kQwen35,
                                 BoundarySet::kO200k,   BoundarySet::kTekken,
                                 BoundarySet::kDeepSeek};

// Blocks of characters of some kinds, in runs, and a text that has them as far
// as boundaries depend on it.
class Blocks {
 public:
  explicit Blocks(uint32_t seed) : random_(seed) {
    kinds_ = 2 + random_() % (std::size(kRoles) - 1);
    rotation_ = random_() % std::size(kRoles);
    longest_run_ = random_() % 4 == 0 ? 150 : 1 + random_() % 12;
    most_bytes_ = random_() % 3 == 0 ? 4 : 1;
  }

  // Returns the text.
  std::string Fill(size_t blocks, ClassMasks* masks) {
    text_.clear();
    for (size_t block = 0; block < blocks; ++block) FillBlock(block, masks);
    masks->End(blocks);
    return text_ + "        ";
  }

 private:
  static constexpr Role kRoles[] = {kRoleLower,   kRoleUpper, kRoleBlank,
                                    kRoleBoth,    kRolePunct, kRoleNumber,
                                    kRoleNewline, kRoleMark};

  void FillBlock(size_t block, ClassMasks* masks) {
    for (const auto row : ClassMasks::kRows) (masks->*row)[block] = 0;
    const auto size = static_cast<unsigned>(61 + random_() % 4);
    unsigned at = 0;
    while (at < size) {
      if (run_ == 0) {
        role_ = kRoles[(random_() % kinds_ + rotation_) % std::size(kRoles)];
        run_ = 1 + random_() % longest_run_;
      }
      --run_;
      const auto bytes = static_cast<unsigned>(1 + random_() % most_bytes_);
      if (at + bytes > size) break;
      AddCharacter(block, at, bytes, masks);
      at += bytes;
    }
    masks->size[block] = at;
  }

  void AddCharacter(size_t block, unsigned at, unsigned bytes,
                    ClassMasks* masks) {
    const uint64_t all = ((uint64_t{1} << bytes) - 1) << at;
    const auto add = [&](ClassMasks::Row& row, uint64_t places) {
      row[block] |= places;
    };
    ClassMasks::Row* const rows[] = {
        &masks->upper, &masks->lower,   &masks->both,  &masks->number,
        &masks->blank, &masks->newline, &masks->punct, &masks->mark};
    for (size_t i = 0; i < std::size(rows); ++i) {
      if ((role_ >> i & 1) != 0) add(*rows[i], all);
    }
    if (role_ == kRoleMark) add(masks->both, all);
    if (bytes > 1) {
      // The long s, and others.
      text_ += random_() % 4 == 0 ? '\xC5' : '\xC4';
      text_.append(bytes - 1, random_() % 4 != 0 ? '\xBF' : '\xBE');
      add(masks->high, all);
      add(masks->continuation, all & all << 1);
      return;
    }
    text_ += AsciiOfRole();
    if (text_.back() == ' ') add(masks->space, all);
    if (text_.back() == '\'') add(masks->apostrophe, all);
  }

  char AsciiOfRole() {
    const auto any_of = [this](std::string_view some) {
      return some[random_() % some.size()];
    };
    switch (role_) {
      case kRoleNumber:
        return '7';
      case kRoleBlank:
        return any_of("   \t");
      case kRoleNewline:
        return any_of("\n\r");
      case kRolePunct:
        return any_of("''''/-\x01");
      default:
        return any_of("sStTdDmMlLrRvVeEx");
    }
  }

  std::string text_;
  std::mt19937 random_;
  size_t kinds_;
  size_t rotation_;
  size_t longest_run_;
  unsigned most_bytes_;
  Role role_ = kRoleLower;
  size_t run_ = 0;
};

// Asks the scalar kernel and another one, again behind what is unsure, as if
// it were not.
void CheckSame(Isa isa, BoundarySet set, const std::string& text,
               const ClassMasks& masks, size_t first, size_t end) {
  BoundaryState expected_state;
  BoundaryState found_state;
  const char* at = text.data();
  while (first < end) {
    FoundBoundaries expected;
    FoundBoundaries found;
    const size_t decided = BoundariesFor(Isa::kScalar, set)(
        at, masks, first, end, &expected_state, &expected);
    BOOST_REQUIRE_EQUAL(
        BoundariesFor(isa, set)(at, masks, first, end, &found_state, &found),
        decided);
    BOOST_REQUIRE_EQUAL(found.unsure, expected.unsure);
    BOOST_REQUIRE((found.unsure != 0) == (decided < end));
    for (size_t block = first; block < decided; ++block) {
      BOOST_REQUIRE_EQUAL(found.starts[block], expected.starts[block]);
      BOOST_REQUIRE(found.has_high || masks.high[block] == 0);
      at += masks.size[block];
    }
    if (decided == end) {
      BOOST_REQUIRE(std::equal(std::begin(found_state.last),
                               std::end(found_state.last),
                               expected_state.last));
      BOOST_REQUIRE_EQUAL(found_state.digits, expected_state.digits);
      return;
    }
    const uint64_t below = (found.unsure & (0 - found.unsure)) - 1;
    BOOST_REQUIRE_EQUAL(found.starts[decided] & below,
                        expected.starts[decided] & below);
    at += masks.size[decided];
    first = decided + 1;
    expected_state = found_state = {};
  }
}

BOOST_AUTO_TEST_SUITE(boundary_kernels)

BOOST_DATA_TEST_CASE(boundaries_are_those_of_one_block_after_the_other,
                     SupportedIsas(), isa) {
  const auto masks = std::make_unique<ClassMasks>();
  std::mt19937 random(1);
  for (uint32_t round = 0; round < 4000; ++round) {
    Blocks blocks(round);
    const size_t count = 1 + random() % ClassMasks::kMost;
    const std::string text = blocks.Fill(count, masks.get());
    const size_t first = random() % count;
    // With others behind the last one, or nothing.
    const size_t end = first + 1 + random() % (count - first);
    for (const BoundarySet set : kSets) {
      CheckSame(isa, set, text, *masks, first, end);
    }
  }
}

// The same whether they come together or not.
BOOST_DATA_TEST_CASE(boundaries_may_be_found_in_parts, SupportedIsas(), isa) {
  const auto masks = std::make_unique<ClassMasks>();
  size_t checked = 0;  // all blocks are sure
  std::mt19937 random(2);
  for (uint32_t round = 0; round < 4000; ++round) {
    Blocks blocks(round);
    const std::string text = blocks.Fill(20, masks.get());
    const size_t middle = 1 + random() % 19;
    for (const BoundarySet set : kSets) {
      BoundaryState state;
      FoundBoundaries all;
      BoundaryFunction* const find = BoundariesFor(isa, set);
      const size_t decided = find(text.data(), *masks, 0, 20, &state, &all);
      if (decided < 20) continue;
      ++checked;
      BoundaryState in_parts;
      FoundBoundaries part;
      BOOST_REQUIRE_EQUAL(
          find(text.data(), *masks, 0, middle, &in_parts, &part), middle);
      BOOST_REQUIRE(std::equal(part.starts, part.starts + middle, all.starts));
      const char* at = text.data();
      for (size_t block = 0; block < middle; ++block) at += masks->size[block];
      BOOST_REQUIRE_EQUAL(find(at, *masks, middle, 20, &in_parts, &part), 20U);
      BOOST_REQUIRE(std::equal(part.starts + middle, part.starts + 20,
                               all.starts + middle));
      BOOST_REQUIRE(std::equal(std::begin(state.last), std::end(state.last),
                               in_parts.last));
    }
  }
  BOOST_TEST(checked > 1000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

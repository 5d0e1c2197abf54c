#include "tokenize/normalizer.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace peaktext {
namespace {

NfcNormalizer Create() {
  Result<NfcNormalizer> nfc = NfcNormalizer::Create();
  BOOST_TEST_REQUIRE(nfc.has_value());
  return *std::move(nfc);
}

std::string Normal(const NfcNormalizer& nfc, std::string_view text) {
  std::string buffer = "left over";
  const std::string_view normal = nfc.Normalize(text, &buffer);
  BOOST_REQUIRE(nfc.IsNormal(text) == (normal.data() == text.data()));
  return std::string(normal);
}

// The whole text at once, by code points: those of Unicode 9.0 are normalised
// in runs, the others copied. Slow and plain.
std::string ReferenceNormal(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  icu::UnicodeString known;
  std::string result;
  const auto flush = [&] {
    nfc->normalize(known, error).toUTF8String(result);
    known.remove();
  };
  const icu::UnicodeString source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  for (int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1)) {
    const UChar32 character = source.char32At(i);
    UVersionInfo age;
    u_charAge(character, age);
    if (age[0] >= 1 && age[0] <= 9) {
      known.append(character);
    } else {
      flush();
      icu::UnicodeString(character).toUTF8String(result);
    }
  }
  flush();
  return result;
}

BOOST_AUTO_TEST_SUITE(normalizer)

BOOST_AUTO_TEST_CASE(known_cases_are_as_in_the_reference) {
  const NfcNormalizer nfc = Create();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"plain", "plain"},
      {"caf\u00e9", "caf\u00e9"},
      {"cafe\u0301", "caf\u00e9"},
      {"\u1112\u1161\u11ab", "\ud55c"},    // jamo to a syllable
      {"\u212b", "\u00c5"},                // a singleton
      {"q\u0307\u0323", "q\u0323\u0307"},  // order of marks
      {"\u0958", "\u0915\u093c"},          // excluded from composition
      {"a\u0301\u0301\u0301b", "\u00e1\u0301\u0301b"},
      {"\u0301e\u0301", "\u0301\u00e9"},
      // Later than 9.0: no order (U+08CA, 14.0), no composition (Kirat Rai,
      // 16.0; Dives Akuru, 13.0).
      {"\u08ca\u0323", "\u08ca\u0323"},
      {"e\u08ca\u0301", "e\u08ca\u0301"},
      {"\U00016d67\U00016d67", "\U00016d67\U00016d67"},
      {"\U00011935\U00011930", "\U00011935\U00011930"},
  };
  for (const auto& [text, expected] : cases) {
    BOOST_TEST(Normal(nfc, text) == expected);
  }
}

BOOST_AUTO_TEST_CASE(text_in_normal_form_is_returned_as_it_is) {
  const NfcNormalizer nfc = Create();
  std::string text;
  while (text.size() < 20000)
    text += "r\u00e9sum\u00e9 \u4e2d\u6587 \u0915\u093c ";
  std::string buffer;
  BOOST_TEST(nfc.Normalize(text, &buffer).data() == text.data());
}

BOOST_AUTO_TEST_CASE(a_change_is_found_at_every_place_around_a_chunk) {
  const NfcNormalizer nfc = Create();
  for (size_t before = 4000; before < 4200; ++before) {
    const std::string start = "\u4e2d" + std::string(before % 2, 'x');
    std::string han;
    while (han.size() + 3 <= before) han += "\u6587";
    BOOST_TEST_REQUIRE(Normal(nfc, start + han + "e\u0301e\u0301 end") ==
                       start + han + "\u00e9\u00e9 end");
  }
}

std::string RandomText(std::mt19937_64* random, size_t characters) {
  static const std::vector<UChar32> kCharacters = {
      'a',    'e',    'A',    ' ',    '\n',    0xe9,    0x300,   0x301,
      0x323,  0x334,  0x345,  0x8ca,  0x93c,   0x915,   0x1100,  0x1161,
      0x11a8, 0xac00, 0x1112, 0x212b, 0x4e2d,  0x16d67, 0x9be,   0x9c7,
      0x958,  0xf71,  0xf72,  0xfb1d, 0x1d15e, 0x2f800, 0x11935, 0x11930};
  icu::UnicodeString text;
  for (size_t i = 0; i < characters; ++i) {
    text.append(kCharacters[(*random)() % kCharacters.size()]);
  }
  std::string utf8;
  return text.toUTF8String(utf8);
}

BOOST_AUTO_TEST_CASE(random_text_equals_the_reference) {
  const NfcNormalizer nfc = Create();
  std::mt19937_64 random(5);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = RandomText(&random, random() % 24);
    BOOST_TEST_REQUIRE(Normal(nfc, text) == ReferenceNormal(text));
  }
  for (int i = 0; i < 20; ++i) {
    const std::string text = RandomText(&random, 9000);
    BOOST_TEST_REQUIRE(Normal(nfc, text) == ReferenceNormal(text));
  }
}

BOOST_AUTO_TEST_CASE(text_cut_at_the_last_boundary_is_the_same) {
  const NfcNormalizer nfc = Create();
  std::mt19937_64 random(6);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = RandomText(&random, 1 + random() % 24);
    const std::string more = RandomText(&random, random() % 4);
    const size_t cut = nfc.LastBoundary(text);
    BOOST_TEST_REQUIRE(cut < text.size());
    BOOST_TEST_REQUIRE(Normal(nfc, text.substr(0, cut)) +
                           Normal(nfc, text.substr(cut) + more) ==
                       Normal(nfc, text + more));
  }
}

std::string Repeated(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

// With time that grows with the square of the run's length this would not end.
BOOST_AUTO_TEST_CASE(long_runs_of_marks_are_put_in_order) {
  const NfcNormalizer nfc = Create();
  constexpr size_t kTimes = 1000000;
  // U+0316 belongs before U+0300, the first of which the letter takes.
  BOOST_TEST((Normal(nfc, "a" + Repeated("\u0300\u0316", kTimes) + "b") ==
              "\u00E0" + Repeated("\u0316", kTimes) +
                  Repeated("\u0300", kTimes - 1) + "b"));
}

BOOST_AUTO_TEST_CASE(runs_of_random_marks_are_as_in_the_reference) {
  const NfcNormalizer nfc = Create();
  std::mt19937 random(8);
  // Of several classes, of none, one that is two, and one of Unicode 14.
  const std::string_view marks[] = {"\u0300", "\u0316", "\u0327", "\u0338",
                                    "\u0344", "\u034F", "\u0345", "\u0F73",
                                    "\u1ACF", "\u3099"};
  for (int round = 0; round < 20; ++round) {
    // Those that break a run are rare, so that some are long.
    std::string text = "xa";
    while (text.size() < 20000) {
      const size_t kind = random() % 10;
      const bool rare = kind == 5 || kind == 7 || kind == 8;
      if (!rare || random() % 4000 == 0) text += marks[kind];
    }
    text += "y";
    BOOST_TEST((Normal(nfc, text) == ReferenceNormal(text)));
  }
}

// Of classes 1 to 240, ascending, descending or at random; some with marks of
// Unicode 14 and 15 between them, which have no class in the reference.
BOOST_AUTO_TEST_CASE(runs_of_all_lengths_are_as_in_the_reference) {
  const NfcNormalizer nfc = Create();
  std::mt19937_64 random(9);
  const std::vector<std::string> marks = {
      "\u0334", "\u093C", "\u3099", "\u05B0", "\u064B",     "\u0321",
      "\u0327", "\u302A", "\u0316", "\u0323", "\U0001D16D", "\u0301",
      "\u0308", "\u0344", "\u035C", "\u035D", "\u0345"};
  const std::string laters[] = {"\u1ACF", "\U00010EFD"};
  const auto add_run = [&](size_t count, std::string* text) {
    const size_t order = random() % 3;
    const size_t later = random() % 4 == 0 ? 1 + random() % 40 : 0;
    for (size_t i = 0; i < count; ++i) {
      size_t kind = i * marks.size() / count;
      if (order == 1) kind = marks.size() - 1 - kind;
      if (order == 2) kind = random() % marks.size();
      const bool is_later = later != 0 && random() % later == 0;
      *text += is_later ? laters[random() % 2] : marks[kind];
    }
  };
  size_t changed = 0;
  for (size_t most = 20; most <= 5000; most = most * 5 / 4) {
    for (int round = 0; round < 12; ++round) {
      std::string text = RandomText(&random, random() % 300);
      const size_t runs = 1 + 10000 / most / (1 + random() % 8);
      for (size_t i = 0; i < runs; ++i) {
        // On a letter that composes with some, or not.
        text += random() % 2 == 0 ? "a" : "\u0915";
        add_run(1 + random() % most, &text);
        if (random() % 4 == 0) text += RandomText(&random, random() % 50);
      }
      const std::string expected = ReferenceNormal(text);
      BOOST_TEST_REQUIRE((Normal(nfc, text) == expected));
      changed += text != expected ? 1 : 0;
      // Normal text stays what it is; text in pieces becomes the same.
      BOOST_TEST_REQUIRE((Normal(nfc, expected) == expected));
      std::string in_pieces;
      std::string rest;
      for (size_t at = 0; at < text.size();) {
        const std::string_view piece =
            Utf8Prefix(std::string_view(text).substr(at), 4 + random() % 4000);
        at += piece.size();
        rest += piece;
        const size_t ready =
            at == text.size() ? rest.size() : nfc.LastBoundary(rest);
        in_pieces += Normal(nfc, rest.substr(0, ready));
        rest.erase(0, ready);
      }
      BOOST_TEST_REQUIRE((in_pieces == expected));
    }
  }
  BOOST_TEST(changed > 100U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

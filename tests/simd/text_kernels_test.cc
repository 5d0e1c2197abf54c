#include "simd/text_kernels.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "simd/fold_table.h"
#include "simd/supported_isas.h"

namespace peaktext {
namespace {

// Text at the end of memory of its own, so that a sanitizer sees what is read
// behind it.
struct Exact {
  explicit Exact(std::string_view text)
      : bytes(std::make_unique<char[]>(text.size())), size(text.size()) {
    std::memcpy(bytes.get(), text.data(), text.size());
  }
  std::unique_ptr<char[]> bytes;
  size_t size;
};

std::vector<uint64_t> Words(Isa isa, const std::vector<std::string>& chunks) {
  const TextKernels& kernels = TextKernelsFor(isa);
  WordCarry carry;
  std::vector<uint64_t> words;
  std::vector<uint64_t> hashes(kMaxWordsPerChunk);
  for (const std::string& chunk : chunks) {
    const Exact exact(chunk);
    const size_t count = kernels.hash_words(exact.bytes.get(), exact.size,
                                            &carry, hashes.data());
    BOOST_REQUIRE(count <= kMaxWordsPerChunk);
    words.insert(words.end(), hashes.begin(),
                 hashes.begin() + static_cast<ptrdiff_t>(count));
  }
  const size_t count = FinishWords(&carry, hashes.data());
  words.insert(words.end(), hashes.begin(),
               hashes.begin() + static_cast<ptrdiff_t>(count));
  return words;
}

std::string Folded(Isa isa, const std::vector<std::string>& chunks) {
  const TextKernels& kernels = TextKernelsFor(isa);
  SpaceCarry carry;
  std::string all;
  std::vector<char> folded(kFoldedChunkBytes);
  for (const std::string& chunk : chunks) {
    const Exact exact(chunk);
    const size_t size = kernels.fold_space(exact.bytes.get(), exact.size,
                                           &carry, folded.data());
    BOOST_REQUIRE(size <= chunk.size());
    all.append(folded.data(), size);
  }
  return all;
}

bool SameAsScalar(Isa isa, const std::vector<std::string>& chunks) {
  return Words(isa, chunks) == Words(Isa::kScalar, chunks) &&
         Folded(isa, chunks) == Folded(Isa::kScalar, chunks);
}

uint64_t HashOf(std::string_view word) {
  return HashWord(reinterpret_cast<const uint8_t*>(word.data()), word.size());
}

// One of each kind of byte and character that the kernels tell apart.
const std::vector<std::string> kSymbols = {"a",
                                           "Z",
                                           "5",
                                           " ",
                                           "\n",
                                           "-",
                                           std::string(1, 0),
                                           "\u00E9",
                                           "\u0301",
                                           "\u00A0",
                                           "\u0416",
                                           "\u0663",
                                           "\u4E2D",
                                           "\u3000",
                                           "\u2028",
                                           "\u200B",
                                           "\u00AD",
                                           "\u0E01",
                                           "\u1680",
                                           "\U0001D7D8",
                                           "\U00020000",
                                           "\x80",
                                           "\xE3",
                                           "\xE2\x80",
                                           "\xC2",
                                           "\xF4\x90\x80\x80"};

BOOST_AUTO_TEST_SUITE(text_kernels)

struct WordCase {
  const char* text;
  std::vector<std::string> words;
};

BOOST_DATA_TEST_CASE(known_words, SupportedIsas(), isa) {
  const std::vector<WordCase> cases = {
      {"", {}},
      {" .,;!", {}},
      {"Hello, World", {"hello", "world"}},
      {"don't", {"don", "t"}},
      {"covid19 2024-25 3.14", {"covid0", "0", "0", "0", "0"}},
      {"a1b22c333", {"a0b0c0"}},
      {"\u00C9t\u00E9 E\u0301te\u0301", {"ete", "ete"}},
      {"\u0391\u0398\u0397\u039D\u0391 \u1F00\u03B8\u03AE\u03BD\u03B1",
       {"\u03B1\u03B8\u03B7\u03BD\u03B1", "\u03B1\u03B8\u03B7\u03BD\u03B1"}},
      {"\u0401\u043B\u043A\u0430 \u0419\u043E\u0434",
       {"\u0435\u043B\u043A\u0430", "\u0438\u043E\u0434"}},
      {"\u4E2D\u6587abc", {"\u4E2D", "\u6587", "abc"}},
      {"x\u4E2Dy", {"x", "\u4E2D", "y"}},
      // Voiced kana lose their mark, halfwidth ones become ordinary.
      {"\u304C\uFF76\uFF9E", {"\u304B", "\u30AB"}},
      {"\u0E01\u0E34\u0E19", {"\u0E01", "\u0E19"}},
      // Arabic with harakat, Hebrew with points; Hindi keeps its vowel signs.
      {"\u0643\u064E\u062A\u064E\u0628", {"\u0643\u062A\u0628"}},
      {"\u05E9\u05C1\u05B8\u05DC", {"\u05E9\u05DC"}},
      {"\u0915\u0940 \u0915\u093E", {"\u0915\u0940", "\u0915\u093E"}},
      {"\u0958\u0932\u092E", {"\u0915\u0932\u092E"}},
      {"\u0661\u0662\u0663 1\u0662", {"0", "0"}},
      {"1\u03012", {"0"}},
      {"co\u00ADop\u200Derate zero\u200Bwidth", {"cooperate", "zero", "width"}},
      {"\uFF21\uFF11", {"a0"}},
      {"\u212Aelvin \u0130", {"kelvin", "i"}},
      {"bad\xFF"
       "byte\xE4\xB8",
       {"bad", "byte"}},
      {"\uD55C\uAD6D\uC5B4", {"\uD55C\uAD6D\uC5B4"}},
  };
  for (const WordCase& known : cases) {
    std::vector<uint64_t> expected;
    for (const std::string& word : known.words) {
      expected.push_back(HashOf(word));
    }
    BOOST_TEST((Words(isa, {known.text}) == expected), known.text);
  }
}

BOOST_DATA_TEST_CASE(long_words_are_cut, SupportedIsas(), isa) {
  for (const size_t size : {255u, 256u, 257u, 512u, 513u, 5000u}) {
    const std::string word(size, 'w');
    std::vector<uint64_t> expected;
    for (size_t at = 0; at < size; at += kMaxWordBytes) {
      expected.push_back(HashOf(std::string_view(word).substr(at, 256)));
    }
    BOOST_TEST((Words(isa, {word + " "}) == expected), size);
    BOOST_TEST((Words(isa, {word}) == expected), size);
    BOOST_TEST((Words(isa, {word.substr(0, size / 2), word.substr(size / 2)}) ==
                expected),
               size);
  }
}

BOOST_DATA_TEST_CASE(known_white_space, SupportedIsas(), isa) {
  BOOST_TEST(Folded(isa, {"  a \t b\r\n\r\nc "}) == "a b c ");
  BOOST_TEST(Folded(isa, {"a\u00A0\u3000b\u2003\u202F\u1680c"}) == "a b c");
  BOOST_TEST(Folded(isa, {"a ", " b"}) == "a b");
  BOOST_TEST(Folded(isa, {"\u200B\u3001\u2010"}) == "\u200B\u3001\u2010");
}

BOOST_DATA_TEST_CASE(short_texts_exhaustively, SupportedIsas(), isa) {
  // Every text of three symbols, at the beginning and over a block's end.
  for (const size_t offset : {0u, 61u}) {
    const std::string before(offset, 'q');
    for (const std::string& a : kSymbols) {
      for (const std::string& b : kSymbols) {
        for (const std::string& c : kSymbols) {
          const std::string text = before + a + b + c;
          BOOST_REQUIRE_MESSAGE(SameAsScalar(isa, {text}), text);
        }
      }
    }
  }
}

BOOST_DATA_TEST_CASE(every_offset_and_every_cut, SupportedIsas(), isa) {
  const std::string text =
      "The 2nd caf\u00E9, 12345  \u00A0 words\u2003\u4E2D\u6587 \u0416\u0443"
      "\u043A 99x\n\nend";
  for (size_t offset = 0; offset < 64; ++offset) {
    const std::string all = std::string(offset, '1') + text;
    for (size_t cut = 0; cut <= all.size(); ++cut) {
      const bool same =
          SameAsScalar(isa, {all.substr(0, cut), all.substr(cut)});
      BOOST_REQUIRE_MESSAGE(same, offset << " cut at " << cut);
    }
  }
}

BOOST_DATA_TEST_CASE(random_texts, SupportedIsas(), isa) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 3000; ++i) {
    // Symbols of a few kinds each, so that there are runs; or mere bytes.
    const size_t kinds = 1 + random() % 6;
    std::vector<std::string> some;
    for (size_t k = 0; k < kinds; ++k) {
      some.push_back(kSymbols[random() % kSymbols.size()]);
    }
    std::vector<std::string> chunks(1 + random() % 3);
    for (std::string& chunk : chunks) {
      const size_t size = random() % (i % 50 == 0 ? kTextChunkBytes : 300);
      while (chunk.size() + 4 < size) {
        if (i % 7 == 0) {
          chunk.push_back(static_cast<char>(random()));
        } else {
          chunk += some[random() % kinds];
        }
      }
    }
    BOOST_REQUIRE_MESSAGE(SameAsScalar(isa, chunks), "text " << i);
  }
}

BOOST_DATA_TEST_CASE(full_chunks_of_one_symbol, SupportedIsas(), isa) {
  for (const std::string& symbol : kSymbols) {
    std::string chunk;
    while (chunk.size() + symbol.size() <= kTextChunkBytes) chunk += symbol;
    BOOST_TEST(SameAsScalar(isa, {chunk, chunk}), symbol);
  }
}

BOOST_DATA_TEST_CASE(every_character_alone, SupportedIsas(), isa) {
  std::string text;
  std::vector<std::string> chunks;
  for (uint32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string utf8;
    if (c < 0x80) {
      utf8 = {static_cast<char>(c)};
    } else if (c < 0x800) {
      utf8 = {static_cast<char>(0xC0 | c >> 6),
              static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      utf8 = {static_cast<char>(0xE0 | c >> 12),
              static_cast<char>(0x80 | (c >> 6 & 63)),
              static_cast<char>(0x80 | (c & 63))};
    } else {
      utf8 = {static_cast<char>(0xF0 | c >> 18),
              static_cast<char>(0x80 | (c >> 12 & 63)),
              static_cast<char>(0x80 | (c >> 6 & 63)),
              static_cast<char>(0x80 | (c & 63))};
    }
    text += utf8 + "7 ";
    if (text.size() > kTextChunkBytes - 8) {
      chunks.push_back(text);
      text.clear();
    }
  }
  chunks.push_back(text);
  BOOST_TEST(SameAsScalar(isa, chunks));
}

BOOST_AUTO_TEST_CASE(folding_is_done_once) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    const FoldAction action = FoldActionOf(c);
    if (action.fold_class != FoldClass::kLetter &&
        action.fold_class != FoldClass::kAlone) {
      continue;
    }
    const FoldAction again = FoldActionOf(action.folded);
    BOOST_REQUIRE_MESSAGE(again.folded == action.folded, uint32_t{c});
    BOOST_REQUIRE_MESSAGE(again.fold_class == action.fold_class, uint32_t{c});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

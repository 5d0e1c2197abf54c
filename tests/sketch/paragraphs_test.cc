#include "sketch/paragraphs.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "simd/supported_isas.h"

namespace peaktext {
namespace {

// Every white space of Unicode 16.0 (PropList.txt), U+000A among them.
const std::vector<std::string> kSpaces = {
    "\t",     "\v",     "\f",     "\r",     " ",      "\u0085",
    "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
    "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
    "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

// The paragraphs by the book: white space replaced, runs and ends taken away.
std::vector<std::string> Expected(const std::string& text) {
  std::vector<std::string> paragraphs;
  std::string line;
  const auto end_line = [&] {
    for (const std::string& space : kSpaces) {
      for (size_t at; space != " " && (at = line.find(space)) != line.npos;) {
        line.replace(at, space.size(), " ");
      }
    }
    for (size_t at; (at = line.find("  ")) != line.npos;) line.erase(at, 1);
    if (line.starts_with(' ')) line.erase(0, 1);
    if (line.ends_with(' ')) line.pop_back();
    if (!line.empty()) paragraphs.push_back(line);
    line.clear();
  };
  for (const char c : text) {
    if (c == '\n') {
      end_line();
    } else {
      line += c;
    }
  }
  end_line();
  return paragraphs;
}

void Check(ParagraphSplitter* splitter, const std::string& text) {
  std::vector<std::string> got;
  std::string open;
  splitter->Split(
      text, [&](std::string_view piece) { open += piece; },
      [&](const Hash128& hash, uint64_t bytes) {
        BOOST_TEST((hash == HashBytes128(open)));
        BOOST_TEST(bytes == open.size());
        got.push_back(std::exchange(open, {}));
      });
  BOOST_TEST(open.empty());
  BOOST_TEST(got == Expected(text), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE(paragraphs)

BOOST_DATA_TEST_CASE(all_short_texts_of_a_small_alphabet, SupportedIsas(),
                     isa) {
  ParagraphSplitter splitter(isa);
  const std::vector<std::string> alphabet = {"\n", " ",      "\r",
                                             "a",  "\u00E9", "\u3000"};
  for (size_t length = 0; length <= 5; ++length) {
    std::vector<size_t> digits(length, 0);
    while (true) {
      std::string text;
      for (const size_t digit : digits) text += alphabet[digit];
      Check(&splitter, text);
      size_t at = 0;
      while (at < length && ++digits[at] == alphabet.size()) digits[at++] = 0;
      if (at == length) break;
    }
  }
}

BOOST_DATA_TEST_CASE(random_texts_with_lines_beyond_a_chunk, SupportedIsas(),
                     isa) {
  ParagraphSplitter splitter(isa);
  std::mt19937_64 random(7);
  for (int round = 0; round < 60; ++round) {
    std::string text;
    const size_t size = random() % 60000;
    const uint64_t line = 1 + random() % 40000;
    while (text.size() < size) {
      if (random() % line == 0) {
        text += '\n';
      } else if (random() % 4 == 0) {
        text += kSpaces[random() % kSpaces.size()];
      } else if (random() % 3 == 0) {
        text += random() % 2 == 0 ? "\u4E2D" : "\u00E9";
      } else {
        text += static_cast<char>('a' + random() % 26);
      }
    }
    Check(&splitter, text);
  }
}

// Lines around the size of a chunk, white space at the cut.
BOOST_DATA_TEST_CASE(lines_about_as_long_as_a_chunk, SupportedIsas(), isa) {
  ParagraphSplitter splitter(isa);
  for (size_t size = kTextChunkBytes - 3; size < kTextChunkBytes + 4; ++size) {
    for (const std::string end : {"", " ", "  ", "\n", "\u3000", "\u3000b"}) {
      Check(&splitter, std::string(size, 'a') + end + "\nc");
      Check(&splitter, std::string(size, ' ') + end + "d" + end);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

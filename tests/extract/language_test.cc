#include "extract/language.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(language)

BOOST_AUTO_TEST_CASE(the_header_names_the_language_by_its_first_code) {
  const struct {
    const char* header;
    const char* want;
  } cases[] = {{"spa", "spa"},     {"zho,eng", "zho"}, {" eng ", "eng"},
               {"ENG", "eng"},     {"en", "eng"},      {"pt-BR", "por"},
               {"zh-Hant", "zho"}, {"DE", "deu"},      {"", ""},
               {",", ""},          {"english", ""},    {"e", ""},
               {"\xC3\xA9", ""}};
  for (const auto& c : cases)
    BOOST_TEST(HeaderLanguage(c.header) == c.want, c.header);
}

BOOST_AUTO_TEST_CASE(texts_are_recognised) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"All human beings are born free and equal in dignity and rights. They "
       "are "
       "endowed with reason and conscience and should act towards one another "
       "in "
       "a spirit of brotherhood.",
       "eng"},
      {"Alle Menschen sind frei und gleich an W\xC3\xBCrde und Rechten "
       "geboren. Sie "
       "sind mit Vernunft und Gewissen begabt und sollen einander im Geist der "
       "Br\xC3\xBC"
       "derlichkeit begegnen.",
       "deu"},
      {"Tous les \xC3\xAAtres humains naissent libres et \xC3\xA9gaux en "
       "dignit\xC3\xA9 et en droits. Ils sont dou\xC3\xA9s de raison et de "
       "conscience et doivent agir les uns envers les autres.",
       "fra"},
      {"\xE4\xBA\xBA\xE4\xBA\xBA\xE7\x94\x9F\xE8\x80\x8C\xE8\x87\xAA\xE7\x94"
       "\xB1,"
       "\xE5\x9C\xA8\xE5\xB0\x8A\xE4\xB8\xA5\xE5\x92\x8C\xE6\x9D\x83\xE5\x88"
       "\xA9"
       "\xE4\xB8\x8A\xE4\xB8\x80\xE5\xBE\x8B\xE5\xB9\xB3\xE7\xAD\x89\xE3\x80"
       "\x82",
       "zho"},
      {"\xD7\x9B\xD7\x9C \xD7\x91\xD7\xA0\xD7\x99 "
       "\xD7\x94\xD7\x90\xD7\x93\xD7\x9D "
       "\xD7\xA0\xD7\x95\xD7\x9C\xD7\x93\xD7\x95 \xD7\x91\xD7\xA0\xD7\x99 "
       "\xD7\x97\xD7\x95\xD7\xA8\xD7\x99\xD7\x9F",
       "heb"},
  };
  for (const auto& c : cases) BOOST_TEST(DetectLanguage(c.text) == c.want);
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_undetermined) {
  for (const std::string& text :
       {std::string(), std::string("12 34 56"), std::string(10000, '\0'),
        std::string(5000, '\xFF'), std::string("\x01\x02\x7F")}) {
    BOOST_TEST(DetectLanguage(text) == "und");
  }
}

// The beginning may be in one language and the page in another.
BOOST_AUTO_TEST_CASE(a_doubtful_beginning_is_read_further) {
  std::string text = "12:30 - 14:45 | 3,99 | 17 % | 2024-05-18 | ";
  while (text.size() < 700) text += "1 2 3 | ";
  for (int i = 0; i < 10; ++i) {
    text +=
        "Alle Menschen sind frei und gleich an W\xC3\xBCrde und Rechten "
        "geboren. ";
  }
  BOOST_TEST(DetectLanguage(text) == "deu");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

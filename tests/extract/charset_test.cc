#include "extract/charset.h"

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

#include "base/utf8.h"
#include "extract/charset_labels.h"
#include "extract/html_page.h"

namespace peaktext {
namespace {

struct Decoded {
  std::string text;
  uint64_t replaced;
};

Decoded Decode(std::string_view charset, const std::string& bytes,
               size_t piece_bytes = 1 << 20) {
  CharsetDecoder decoder(charset);
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += piece_bytes) {
    decoder.Decode(std::string_view(bytes).substr(at, piece_bytes), &text);
  }
  decoder.Finish(&text);
  return {text, decoder.replaced()};
}

BOOST_AUTO_TEST_SUITE(charset)

BOOST_AUTO_TEST_CASE(labels_are_those_of_browsers) {
  const struct {
    const char* label;
    const char* name;
  } cases[] = {
      {"utf-8", "utf-8"},
      {"UTF8", "utf-8"},
      {" Latin1 ", "windows-1252"},
      {"ascii", "windows-1252"},
      {"ISO-8859-1", "windows-1252"},
      {"iso-8859-9", "windows-1254"},
      {"tis-620", "windows-874"},
      {"gb2312", "gbk"},
      {"GB18030", "gb18030"},
      {"shift_jis", "shift_jis"},
      {"x-sjis", "shift_jis"},
      {"windows-31j", "shift_jis"},
      {"ks_c_5601-1987", "euc-kr"},
      {"big5-hkscs", "big5"},
      {"unicode", "utf-16le"},
      {"koi8-ru", "koi8-u"},
      {"x-user-defined", "x-user-defined"},
      {"", ""},
      {"klingon", ""},
      {"utf-8; x", ""},
  };
  for (const auto& c : cases)
    BOOST_TEST(CanonicalCharset(c.label) == c.name, c.label);
}

BOOST_AUTO_TEST_CASE(every_label_has_a_decoder_and_the_table_is_sorted) {
  for (size_t i = 0; i < kCharsetLabelTable.size(); ++i) {
    const CharsetLabel& row = kCharsetLabelTable[i];
    if (i > 0) BOOST_TEST((kCharsetLabelTable[i - 1].label < row.label));
    BOOST_TEST(CanonicalCharset(row.label) == row.name);
    if (!row.name.starts_with("utf-16")) {
      BOOST_TEST(Decode(row.name, "plain").text == "plain", row.name);
    }
    if (!row.name.starts_with("utf-16") && !row.name.starts_with("iso-2022") &&
        !row.name.starts_with("hz")) {
      std::string ascii;
      for (int c = 0; c < 128; ++c) ascii += static_cast<char>(c);
      BOOST_TEST((Decode(row.name, ascii).text == ascii), row.name);
      BOOST_TEST(
          (Decode(row.name, "\xFF" + ascii).text.ends_with(ascii.substr(64))),
          row.name);
      for (int c = 0; c < 64; ++c) {  // not by the way for stretches of ASCII
        const std::string one(1, static_cast<char>(c));
        BOOST_TEST((Decode(row.name, "\xFF" + one + "\xFF").text.find(one) !=
                    std::string::npos),
                   row.name << " " << c);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(texts_in_many_charsets_become_utf8) {
  const struct {
    const char* charset;
    std::string bytes;
    const char* text;
  } cases[] = {
      {"windows-1252", "caf\xE9 \x80 \x93x\x94",
       "caf\xC3\xA9 \xE2\x82\xAC \xE2\x80\x9Cx\xE2\x80\x9D"},
      {"windows-1252", "\x81", "\xC2\x81"},
      {"windows-1251", "\xCF\xF0\xE8\xE2\xE5\xF2",
       "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82"},
      {"koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4",
       "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82"},
      {"iso-8859-2", "\xB1\xE6\xEA", "\xC4\x85\xC4\x87\xC4\x99"},
      {"iso-8859-16", "\xA4\xAA\xBA", "\xE2\x82\xAC\xC8\x98\xC8\x99"},
      {"shift_jis", "\x93\xFA\x96\x7B\x8C\xEA",
       "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"},
      {"euc-jp", "\xC6\xFC\xCB\xDC\xB8\xEC",
       "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"},
      {"iso-2022-jp", "\x1B$BF|K\\8l\x1B(B.",
       "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E."},
      {"gbk", "\xD6\xD0\xCE\xC4", "\xE4\xB8\xAD\xE6\x96\x87"},
      {"gb18030", "\x94\x39\xDA\x33", "\xF0\x9F\x92\xA9"},
      {"big5", "\xA4\xA4\xA4\xE5", "\xE4\xB8\xAD\xE6\x96\x87"},
      {"euc-kr", "\xC7\xD1\xB1\xDB\x8C\x63",
       "\xED\x95\x9C\xEA\xB8\x80\xEB\x98\xA0"},
      {"utf-16le", std::string("a\0\x3D\xD8\x0A\xDE", 6), "a\xF0\x9F\x98\x8A"},
      {"utf-16be", std::string("\0a\xD8\x3D\xDE\x0A", 6), "a\xF0\x9F\x98\x8A"},
      {"hz-gb-2312", "~{VPND~}", "\xE4\xB8\xAD\xE6\x96\x87"},
      {"utf-8", "a\xE2\x82\xAC", "a\xE2\x82\xAC"},
  };
  for (const auto& c : cases) {
    for (const size_t piece : {1, 2, 3, 1000}) {
      const Decoded decoded = Decode(c.charset, c.bytes, piece);
      BOOST_TEST(decoded.text == c.text,
                 c.charset << " in pieces of " << piece);
      BOOST_TEST(decoded.replaced == 0u, c.charset);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_character_is_replaced_and_counted) {
  const std::string r = "\xEF\xBF\xBD";
  const struct {
    const char* charset;
    std::string bytes;
    std::string text;
    uint64_t replaced;
  } cases[] = {
      {"utf-8",
       "a\xFF"
       "b\xE2\x82",
       "a" + r + "b" + r, 2},
      {"shift_jis", "a\x93", "a" + r, 1},
      {"euc-kr", "\xFF<p>", r + "<p>", 1},
      {"gbk", "x\xFF<", "x" + r + "<", 1},
      {"utf-16le",
       std::string("\x3D\xD8"
                   "a\0",
                   4),
       r + "a", 1},
      {"utf-16le", std::string("a\0b", 3), "a" + r, 1},
      {"utf-16le", std::string("\x3D\xD8", 2), r, 1},
  };
  for (const auto& c : cases) {
    for (const size_t piece : {1, 2, 3, 1000}) {
      const Decoded decoded = Decode(c.charset, c.bytes, piece);
      BOOST_TEST(decoded.text == c.text,
                 c.charset << " in pieces of " << piece);
      BOOST_TEST(decoded.replaced == c.replaced, c.charset);
    }
  }
}

BOOST_AUTO_TEST_CASE(any_bytes_in_any_charset_become_valid_utf8_however_cut) {
  std::mt19937_64 random(5);
  for (const CharsetLabel& row : kCharsetLabelTable) {
    for (int round = 0; round < 4; ++round) {
      std::string bytes(1 + random() % 200, '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      const Decoded whole = Decode(row.name, bytes);
      BOOST_TEST(IsValidUtf8(whole.text), row.name);
      const Decoded cut = Decode(row.name, bytes, 1 + random() % 7);
      BOOST_TEST((cut.text == whole.text), row.name);
      BOOST_TEST(cut.replaced == whole.replaced, row.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_page_says_its_charset_in_many_ways) {
  const struct {
    const char* html;
    const char* name;
  } cases[] = {
      {"<meta charset=koi8-r>", "koi8-r"},
      {"<META CHARSET = 'KOI8-R'/>", "koi8-r"},
      {"<!DOCTYPE html><html><head><meta name=a content=b><meta "
       "charset=\"gbk\">",
       "gbk"},
      {"<meta http-equiv=Content-Type content='text/html; charset=euc-jp'>",
       "euc-jp"},
      {"<meta content=\"text/html;charset=euc-jp\" "
       "http-equiv=\"content-type\">",
       "euc-jp"},
      {"<meta content='text/html; charset=\"euc-jp\"' http-equiv=content-type>",
       "euc-jp"},
      {"<meta name=x content='text/html; charset=euc-jp'>", ""},
      {"<meta charset=utf-16>", "utf-8"},
      {"<meta charset=klingon><meta charset=big5>", "big5"},
      {"<!-- <meta charset=koi8-r> --><meta charset=gbk>", "gbk"},
      {"<!--><meta charset=gbk>", "gbk"},
      {"<a title='<meta charset=koi8-r>'><meta charset=gbk>", "gbk"},
      {"<?xml version=\"1.0\" encoding='iso-8859-2'?><html>", "iso-8859-2"},
      {"<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><meta charset=gbk>",
       "gbk"},
      {"<metax charset=gbk>", ""},
      {"<meta charset=", ""},
      {"<meta charset='gbk", ""},
      {"<!", ""},
      {"", ""},
  };
  for (const auto& c : cases)
    BOOST_TEST(PrescanCharset(c.html) == c.name, c.html);
}

BOOST_AUTO_TEST_CASE(the_content_type_names_it_too) {
  BOOST_TEST(CharsetParameter("text/html; charset=UTF-8") == "UTF-8");
  BOOST_TEST(CharsetParameter("text/html;Charset = \"utf-8\"; x") == "utf-8");
  BOOST_TEST(CharsetParameter("text/html; charset='utf-8'") == "utf-8");
  BOOST_TEST(CharsetParameter("charset charset=x;y") == "x");
  BOOST_TEST(CharsetParameter("text/html; charset=") == "");
  BOOST_TEST(CharsetParameter("text/html") == "");
  BOOST_TEST(CharsetParameter("text/html; charset=\"utf-8") == "");
}

BOOST_AUTO_TEST_CASE(mark_beats_header_beats_meta_beats_guess) {
  const std::string meta = "<meta charset=koi8-r>";
  Charset charset =
      ChooseCharset("text/html; charset=gbk", "\xEF\xBB\xBF" + meta);
  BOOST_TEST(charset.name == "utf-8");
  BOOST_TEST(charset.bom_bytes == 3u);
  BOOST_TEST(ChooseCharset("text/html; charset=gbk", meta).name == "gbk");
  BOOST_TEST(ChooseCharset("text/html; charset=nonsense", meta).name ==
             "koi8-r");
  BOOST_TEST(ChooseCharset("", "caf\xC3\xA9").name == "utf-8");
  BOOST_TEST(ChooseCharset("",
                           "\xFF\xFE"
                           "a")
                 .name == "utf-16le");
  BOOST_TEST(ChooseCharset("", "\xFE\xFF").name == "utf-16be");
  const std::string russian =
      "\xCF\xF0\xE8\xE2\xE5\xF2, \xEC\xE8\xF0! \xDD\xF2\xEE "
      "\xF2\xE5\xEA\xF1\xF2 "
      "\xED\xE0 \xF0\xF3\xF1\xF1\xEA\xEE\xEC \xFF\xE7\xFB\xEA\xE5.";
  BOOST_TEST(ChooseCharset("", russian).name == "windows-1251");
  BOOST_TEST((ChooseCharset("", russian).source == CharsetSource::kDetector));
  BOOST_TEST(!ChooseCharset("", "\xFF\xFD\x81").name.empty());
}

BOOST_AUTO_TEST_CASE(a_page_in_a_legacy_charset_gives_its_text) {
  HtmlPage page;
  std::string body =
      "<meta charset=windows-1251><p>\xCF\xF0\xE8\xE2\xE5\xF2&hellip;";
  BOOST_TEST(page.ToText("", body) ==
             "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82\xE2\x80\xA6");
  BOOST_TEST(page.replaced() == 0u);
  body = "<p>a\xE2\x82<b>b";
  BOOST_TEST(page.ToText("text/html; charset=utf-8", body) ==
             "a\xEF\xBF\xBD"
             "b");
  BOOST_TEST(page.replaced() == 1u);
}

// A large body is overwritten by its text; the text is the same.
BOOST_AUTO_TEST_CASE(large_pages_are_converted_where_they_lie) {
  const auto repeat = [](const std::string& part, size_t bytes) {
    std::string all;
    while (all.size() < bytes) all += part;
    return all;
  };
  HtmlPage page;
  const size_t large = 5 << 20;
  std::string body = repeat("<p class='x'>caf\xC3\xA9 &amp; more</p>\n", large);
  HtmlToText plain;
  std::string want;
  plain.Feed(body, &want);
  plain.Finish(&want);
  std::string_view text = page.ToText("text/html; charset=utf-8", body);
  BOOST_TEST((text == want));
  BOOST_TEST(static_cast<const void*>(text.data()) ==
             static_cast<const void*>(body.data()));

  // Text that outgrows its page: a legacy charset, and &nGt; (5 bytes for 6).
  body = repeat("\xCF\xF0\xE8\xE2\xE5\xF2", large);
  const size_t characters = body.size();
  text = page.ToText("text/html; charset=windows-1251", body);
  BOOST_TEST(text.size() == 2 * characters);
  BOOST_TEST((text == repeat("\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82",
                             2 * characters)));
  body = "<p>" + repeat("<i></i>x", 1 << 20) + repeat("&nGt;", large);
  const std::string copy = body;
  want.clear();
  plain.Feed(copy, &want);
  plain.Finish(&want);
  BOOST_TEST((page.ToText("text/html; charset=utf-8", body) == want));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

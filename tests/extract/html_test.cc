#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

#include "extract/html_entities.h"
#include "extract/html_to_text.h"
#include "extract/html_tokenizer.h"
#include "reference/html_reference.h"

namespace peaktext {
namespace {

using reference::HtmlToken;

class Collector : public HtmlTokenSink {
 public:
  void Text(std::string_view text) override {
    if (tokens.empty() || tokens.back().kind != HtmlToken::kText) {
      tokens.push_back({HtmlToken::kText, ""});
    }
    tokens.back().value += text;
  }
  void StartTag(std::string_view name) override {
    tokens.push_back({HtmlToken::kStart, std::string(name)});
  }
  void EndTag(std::string_view name) override {
    tokens.push_back({HtmlToken::kEnd, std::string(name)});
  }
  std::vector<HtmlToken> tokens;
};

// The pieces are copied to buffers of their own, so that a sanitizer sees a
// read beyond one.
std::vector<HtmlToken> Tokens(const std::vector<std::string>& pieces) {
  Collector collector;
  HtmlTokenizer tokenizer(&collector);
  for (const std::string& piece : pieces) {
    const std::vector<char> copy(piece.begin(), piece.end());
    tokenizer.Feed({copy.data(), copy.size()});
  }
  tokenizer.Finish();
  return collector.tokens;
}

std::string Text(const std::vector<std::string>& pieces) {
  HtmlToText converter;
  std::string text;
  for (const std::string& piece : pieces) converter.Feed(piece, &text);
  converter.Finish(&text);
  return text;
}

// "text", <name>, </name>.
std::string Show(const std::vector<HtmlToken>& tokens) {
  std::string shown;
  for (const HtmlToken& token : tokens) {
    if (!shown.empty()) shown += ' ';
    switch (token.kind) {
      case HtmlToken::kText:
        shown += '"' + token.value + '"';
        break;
      case HtmlToken::kStart:
        shown += '<' + token.value + '>';
        break;
      case HtmlToken::kEnd:
        shown += "</" + token.value + '>';
        break;
    }
  }
  return shown;
}

std::vector<std::string> Bytes(const std::string& html) {
  std::vector<std::string> pieces;
  for (const char c : html) pieces.emplace_back(1, c);
  return pieces;
}

struct Case {
  const char* html;
  const char* want;
};

// After the sections of https://html.spec.whatwg.org/#tokenization.
const Case kTokenCases[] = {
    {"", ""},
    {"plain", "\"plain\""},
    // Tags.
    {"<a>b</a>", "<a> \"b\" </a>"},
    {"<A HREF=x>b</A >", "<a> \"b\" </a>"},
    {"<br/>x", "<br> \"x\""},
    {"<br / >x", "<br> \"x\""},
    {"<a/b/c>x", "<a> \"x\""},
    {"a < b", "\"a < b\""},
    {"a <3 b", "\"a <3 b\""},
    {"<", "\"<\""},
    {"</", "\"</\""},
    {"</>x", "\"x\""},
    {"</ b>x", "\"x\""},
    {"</3>x", "\"x\""},
    {"<<a>", "\"<\" <a>"},
    {"<a", ""},
    {"<a b", ""},
    {"x<a b=\"", "\"x\""},
    {"<a<b>x", "<a<b> \"x\""},
    {"<?php echo '>' ?>x", "\"' ?>x\""},
    {"<x-y:z>t", "<x-y:z> \"t\""},
    // Attributes.
    {"<a b=\"x>y\">z", "<a> \"z\""},
    {"<a b='x>y'>z", "<a> \"z\""},
    {"<a b=x>y>z", "<a> \"y>z\""},
    {"<a b = \"x>\" c>z", "<a> \"z\""},
    {"<a b=>z", "<a> \"z\""},
    {"<a =\"x>y\">z", "<a> \"y\">z\""},
    {"<a b=\"x\"c='>'>z", "<a> \"z\""},
    {"<a b=\"&quot;>\">z", "<a> \"z\""},
    {"<a b=x/>z", "<a> \"z\""},
    {"<a \">\">z", "<a> \"\">z\""},
    {"<a b=\"1\" b='>'>z", "<a> \"z\""},
    // Comments.
    {"a<!--b-->c", "\"ac\""},
    {"a<!-->b", "\"ab\""},
    {"a<!--->b", "\"ab\""},
    {"a<!---->b", "\"ab\""},
    {"a<!-- > -- > --->b", "\"ab\""},
    {"a<!-- --!>b", "\"ab\""},
    {"a<!-- --!->b", "\"a\""},
    {"a<!-- <!-- x -->b", "\"ab\""},
    {"a<!-- <!--> b -->", "\"a b -->\""},
    {"a<!-- never", "\"a\""},
    {"a<!-x>b", "\"ab\""},
    {"a<!>b", "\"ab\""},
    {"a<!->b", "\"ab\""},
    {"a<!x--><b>", "\"a\" <b>"},
    {"<!DOCTYPE html PUBLIC \"-//W3C\" \"x\">y", "\"y\""},
    {"<!doctype \">\">y", "\"\">y\""},
    {"<![CDATA[x]]>y", "\"y\""},
    {"<![CDATA[x>y]]>", "\"y]]>\""},
    // Character references in text.
    {"a&amp;b", "\"a&b\""},
    {"a&ampb", "\"a&b\""},
    {"&lt;b&gt;", "\"<b>\""},
    {"&notit;", "\"\xC2\xACit;\""},
    {"&notin;", "\"\xE2\x88\x89\""},
    {"law&order", "\"law&order\""},
    {"&nosuch;", "\"&nosuch;\""},
    {"& x", "\"& x\""},
    {"&", "\"&\""},
    {"&&amp;&", "\"&&&\""},
    {"&;", "\"&;\""},
    {"&#65;&#x42;&#X43;", "\"ABC\""},
    {"&#65&#x42x", "\"ABx\""},
    {"&#;&#x;&#xg", "\"&#;&#x;&#xg\""},
    {"&#", "\"&#\""},
    {"&#x", "\"&#x\""},
    {"&#65", "\"A\""},
    {"&#0;&#xD800;&#x110000;&#99999999999999;",
     "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"&#128;&#x92;&#129;", "\"\xE2\x82\xAC\xE2\x80\x99\xC2\x81\""},
    {"&#x1F60A;", "\"\xF0\x9F\x98\x8A\""},
    {"&CounterClockwiseContourIntegral;", "\"\xE2\x88\xB3\""},
    {"&CounterClockwiseContourIntegralx;",
     "\"&CounterClockwiseContourIntegralx;\""},
    {"&NotEqualTilde;", "\"\xE2\x89\x82\xCC\xB8\""},
    {"&amp", "\"&\""},
    {"&am<b>", "\"&am\" <b>"},
    {"&am&amp;", "\"&am&\""},
    // RCDATA.
    {"<title>a<b>&amp;</b></title>c", "<title> \"a<b>&</b>\" </title> \"c\""},
    {"<textarea></textareax></TextArea\n>c",
     "<textarea> \"</textareax>\" </textarea> \"c\""},
    {"<title></title/>c", "<title> </title> \"c\""},
    {"<title>x</title a='>'>c", "<title> \"x\" </title> \"c\""},
    {"<title>x</titl", "<title> \"x</titl\""},
    {"<title>x</", "<title> \"x</\""},
    {"<title>x<", "<title> \"x<\""},
    {"<title>x</title", "<title> \"x</title\""},
    {"<title>x</title ", "<title> \"x\""},
    {"<title><!-- </title> -->", "<title> \"<!-- \" </title> \" -->\""},
    // RAWTEXT.
    {"<style>a<b>&amp;</b></style>c",
     "<style> \"a<b>&amp;</b>\" </style> \"c\""},
    {"<xmp><p></xmp>", "<xmp> \"<p>\" </xmp>"},
    {"<iframe></script></iframe>", "<iframe> \"</script>\" </iframe>"},
    {"<noframes><b></noframes><noembed></b></noembed>",
     "<noframes> \"<b>\" </noframes> <noembed> \"</b>\" </noembed>"},
    {"<noscript><b>x</b></noscript>", "<noscript> <b> \"x\" </b> </noscript>"},
    {"<plaintext></plaintext>&amp;<b>", "<plaintext> \"</plaintext>&amp;<b>\""},
    // Script data.
    {"<script>if (a</b) &amp;</script>c",
     "<script> \"if (a</b) &amp;\" </script> \"c\""},
    {"<script/>x</script>", "<script> \"x\" </script>"},
    {"<script>'<!--</script>'-->", "<script> \"'<!--\" </script> \"'-->\""},
    {"<script><!--<script></script>--></script>x",
     "<script> \"<!--<script></script>-->\" </script> \"x\""},
    {"<script><!--<script></script></script>x",
     "<script> \"<!--<script></script>\" </script> \"x\""},
    {"<script><!--<scripty></script>x",
     "<script> \"<!--<scripty>\" </script> \"x\""},
    {"<script><!---><script></script>x",
     "<script> \"<!---><script>\" </script> \"x\""},
    {"<script><!--<script><!--</script>--></script>x",
     "<script> \"<!--<script><!--</script>-->\" </script> \"x\""},
    {"<script><!--<SCRIPT </Script/</script>x",
     "<script> \"<!--<SCRIPT </Script/\" </script> \"x\""},
    {"<script><!-", "<script> \"<!-\""},
    {"<script><!--x<", "<script> \"<!--x<\""},
    {"<script><!--</scriptx></script >y",
     "<script> \"<!--</scriptx>\" </script> \"y\""},
};

const Case kTextCases[] = {
    {"", ""},
    {" \n\t ", ""},
    {"<p>One<p>Two", "One\nTwo"},
    {"<p>One</p>\n\n<p>Two</p>\n", "One\nTwo\n"},
    {"<title>T</title><body>B", "T\nB"},
    {"x<title>T</title>", "xT\n"},
    {"a<b>b</b>c", "abc"},
    {"a <b> b</b> c", "a b c"},
    {"<td>a</td><td>b</td>", "a b"},
    {"a<img src=x>b", "a b"},
    {"a<br>b<br/>c</br>d", "a\nb\nc\nd"},
    {"a <br> b", "a\nb"},
    {"a&nbsp;&nbsp; b\xC2\xA0\xC2\xA0"
     "c",
     "a b c"},
    {"a\r\n\t b\x01\x1F\x7F"
     "c",
     "a b c"},
    {"a\xE3\x80\x80 b",
     "a\xE3\x80\x80"
     "b"},
    {"a \xE3\x80\x80"
     "b",
     "a b"},
    {"a\xE2\x80\x83\xE2\x80\xA8"
     "b",
     "a\xE2\x80\x83"
     "b"},
    {"a\xE2\x80\x87\xE2\x80\x87"
     "b",
     "a\xE2\x80\x87\xE2\x80\x87"
     "b"},
    {"\xE3\x80\x80x", "x"},
    {"<pre>  a\n   b  </pre> c", "  a\n   b\nc"},
    {"<pre>a\r\nb\rc\td</pre>", "a\nb\nc\td\n"},
    {"<pre>a&lt;b&nbsp;c</pre>",
     "a<b\xC2\xA0"
     "c\n"},
    {"<script>x</script>a<style>y</style>b", "ab"},
    {"a<!-- c -->b", "ab"},
    {"<noscript>n</noscript>", "n\n"},
    {"a<iframe>frame</iframe>b", "a b"},
    {"<textarea> a <b> </textarea>", "a <b>\n"},
    {"<select><option>a<option>b</select>c", "ab c"},
    {"<ul><li>a<li>b</ul>c", "a\nb\nc"},
    {"a<span> </span>b", "a b"},
    {"a<label>b</label><label>c</label>", "a b c"},
    {"trailing ", "trailing"},
};

BOOST_AUTO_TEST_SUITE(html)

BOOST_AUTO_TEST_CASE(tokens_are_those_of_the_standard) {
  for (const Case& c : kTokenCases) {
    BOOST_TEST(Show(Tokens({c.html})) == c.want, c.html);
    BOOST_TEST(Show(reference::TokenizeHtml(c.html)) == c.want, c.html);
  }
}

BOOST_AUTO_TEST_CASE(text_follows_the_rules_of_wet_files) {
  for (const Case& c : kTextCases) {
    BOOST_TEST(Text({c.html}) == c.want, c.html);
    BOOST_TEST(reference::HtmlToText(c.html) == c.want, c.html);
  }
}

BOOST_AUTO_TEST_CASE(nul_is_folded_like_other_controls) {
  BOOST_TEST(Text({std::string("a\0b", 3)}) == "a b");
}

BOOST_AUTO_TEST_CASE(every_split_of_the_input_gives_the_same) {
  for (const Case& c : kTokenCases) {
    const std::string html = c.html;
    for (size_t cut = 0; cut <= html.size(); ++cut) {
      const std::vector<std::string> pieces = {html.substr(0, cut),
                                               html.substr(cut)};
      BOOST_TEST(Show(Tokens(pieces)) == c.want, html << " cut at " << cut);
    }
    BOOST_TEST(Show(Tokens(Bytes(html))) == c.want, html);
  }
  for (const Case& c : kTextCases) {
    const std::string html = c.html;
    for (size_t cut = 0; cut <= html.size(); ++cut) {
      BOOST_TEST(Text({html.substr(0, cut), html.substr(cut)}) == c.want,
                 html << " cut at " << cut);
    }
    BOOST_TEST(Text(Bytes(html)) == c.want, html);
  }
}

// All strings of up to `length` symbols after each of the contexts.
void CompareAll(const std::vector<std::string>& contexts,
                const std::vector<std::string>& symbols, size_t length) {
  std::vector<size_t> digits;
  std::string html;
  uint64_t differences = 0;
  for (const std::string& context : contexts) {
    digits.assign(1, 0);
    while (digits.size() <= length) {
      html = context;
      for (const size_t digit : digits) html += symbols[digit];
      if (Tokens({html}) != reference::TokenizeHtml(html) ||
          Text({html}) != reference::HtmlToText(html)) {
        if (++differences <= 5) {
          BOOST_TEST(
              Show(Tokens({html})) == Show(reference::TokenizeHtml(html)),
              html);
          BOOST_TEST(Text({html}) == reference::HtmlToText(html), html);
        }
      }
      size_t i = 0;
      while (i < digits.size() && ++digits[i] == symbols.size())
        digits[i++] = 0;
      if (i == digits.size()) digits.assign(digits.size() + 1, 0);
    }
  }
  BOOST_TEST(differences == 0u);
}

BOOST_AUTO_TEST_CASE(all_short_inputs_agree_with_the_reference) {
  CompareAll({""}, {"<", ">", "/", "-", "!", "a", "&", "\""}, 6);
}

BOOST_AUTO_TEST_CASE(
    all_short_inputs_in_every_context_agree_with_the_reference) {
  CompareAll({"<script>", "<script><!--", "<script><!--<script>", "x<style>",
              "<!--", "<a b", "<a b=", "<a b='", "<pre>", "&", "&#", "<title>"},
             {"<", ">", "/", "-", "!", "script", "&", "'", " ", "title", "#x4a",
              "not", ";"},
             3);
  CompareAll({"<script><!--", "<script><!--<script>"},
             {"<", ">", "/", "-", "script", " "}, 6);
}

BOOST_AUTO_TEST_CASE(white_space_of_all_kinds_folds_as_in_the_reference) {
  CompareAll({"", "x", "<pre>"},
             {" ", "\n", "\r", "\t", "a", "<p>", "<td>", "<b>", "&nbsp;",
              "\xC2\xA0", "\xE3\x80\x80", "</pre>"},
             4);
}

BOOST_AUTO_TEST_CASE(random_documents_agree_with_the_reference_however_cut) {
  const std::vector<std::string> fragments = {"<div class=\"a b\">",
                                              "</div>",
                                              "<p>",
                                              "text ",
                                              "  ",
                                              "\n",
                                              "&nbsp;",
                                              "&amp",
                                              "&eacute;",
                                              "&#8217;",
                                              "<script>",
                                              "</script>",
                                              "<!--",
                                              "-->",
                                              "--!>",
                                              "<style>",
                                              "</style>",
                                              "<title>",
                                              "</title>",
                                              "<pre>",
                                              "</pre>",
                                              "<td>",
                                              "<a href='x?a&b'>",
                                              "</a>",
                                              "<br/>",
                                              "\xC3\xA9",
                                              "\xE4\xB8\xAD\xE6\x96\x87",
                                              "\xF0\x9F\x98\x8A",
                                              "\xE3\x80\x80",
                                              "\xC2\xA0",
                                              "<",
                                              ">",
                                              "&",
                                              "\"",
                                              "'",
                                              "=",
                                              "/",
                                              "!",
                                              "-",
                                              "<textarea>",
                                              "</textarea>",
                                              "<noscript>",
                                              "<img alt=\">\">",
                                              "\r\n",
                                              "\x01",
                                              "words and words",
                                              "\xE2\x80\x83",
                                              "\xE1\x9A\x80"};
  std::mt19937_64 random(20261122);
  uint64_t differences = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string html;
    const size_t count = 1 + random() % 40;
    for (size_t i = 0; i < count; ++i)
      html += fragments[random() % fragments.size()];
    const std::string want = reference::HtmlToText(html);
    std::vector<std::string> pieces;
    for (size_t at = 0; at < html.size();) {
      const size_t size = 1 + random() % 30;
      pieces.push_back(html.substr(at, size));
      at += size;
    }
    if ((Text({html}) != want || Text(pieces) != want) && ++differences <= 5) {
      BOOST_TEST(Text({html}) == want, html);
      BOOST_TEST(Text(pieces) == want, html);
    }
  }
  BOOST_TEST(differences == 0u);
}

BOOST_AUTO_TEST_CASE(long_names_references_and_comments_stay_bounded) {
  const std::string many(100000, 'a');
  BOOST_TEST(Text({"<" + many + ">x</" + many + ">"}) == "x");
  BOOST_TEST(Text({"&" + many}) == "&" + many);
  BOOST_TEST(Text({"<title></" + many}) == "</" + many);
  BOOST_TEST(Text({"<script><!--<" + many + "</script>x"}) == "x");
  BOOST_TEST(Text({"&#" + std::string(100000, '9') + ";"}) == "\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(names_are_found_with_their_case_and_semicolon) {
  BOOST_TEST(FindEntity("amp;").value == "&");
  BOOST_TEST(FindEntity("AMP").value == "&");
  BOOST_TEST(FindEntity("Amp;").value == "");
  BOOST_TEST(FindEntity("nGt;").value == "\xE2\x89\xAB\xE2\x83\x92");
  BOOST_TEST(FindEntity("zwnj;").value == "\xE2\x80\x8C");
  BOOST_TEST(FindEntity("").value == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

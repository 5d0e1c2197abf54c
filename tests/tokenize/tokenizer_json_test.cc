#include "tokenize/tokenizer_json.h"

#include <fmt/format.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reference/small_vocabularies.h"

namespace peaktext {
namespace {

namespace data = boost::unit_test::data;

Vocabulary Parse(const std::string& json) {
  Result<Vocabulary> vocabulary = ParseTokenizerJson(json, "test.json");
  BOOST_TEST_REQUIRE(vocabulary.has_value(),
                     (vocabulary ? "" : vocabulary.error().message()));
  return *std::move(vocabulary);
}

// The texts of a vocabulary's merges, "left+right".
std::vector<std::string> MergeTexts(const Vocabulary& vocabulary) {
  std::vector<std::string> texts;
  for (const Vocabulary::Merge& merge : vocabulary.merges) {
    texts.push_back(fmt::format("{}+{}", vocabulary.tokens[merge.left],
                                vocabulary.tokens[merge.right]));
    BOOST_TEST(std::string(vocabulary.tokens[merge.result]) ==
               fmt::format("{}{}", vocabulary.tokens[merge.left],
                           vocabulary.tokens[merge.right]));
  }
  return texts;
}

BOOST_AUTO_TEST_SUITE(tokenizer_json)

BOOST_AUTO_TEST_CASE(byte_level_texts_become_bytes) {
  const Vocabulary vocabulary = Parse(TokenizerJson({}));
  BOOST_TEST(vocabulary.tokens.size() == 259);
  for (uint32_t i = 0; i < 256; ++i) {
    BOOST_TEST(vocabulary.tokens[i].size() == 1);
  }
  BOOST_TEST(vocabulary.tokens[256] == " t");
  BOOST_TEST(vocabulary.tokens[257] == "he");
  BOOST_TEST(vocabulary.tokens[258] == " the");
  BOOST_TEST(CheckVocabulary(vocabulary).ok());
  BOOST_TEST((vocabulary.pattern == Pattern::kGpt2));
  BOOST_TEST((vocabulary.rule == MergeRule::kMerges));
  BOOST_TEST(!vocabulary.whole_pretoken_first);
  BOOST_TEST(!vocabulary.normalize_nfc);
}

BOOST_AUTO_TEST_CASE(merges_are_read_as_strings_and_as_pairs) {
  const std::vector<std::string> expected = {" +t", "h+e", " t+he"};
  BOOST_TEST(MergeTexts(Parse(TokenizerJson({}))) == expected,
             boost::test_tools::per_element());
  const std::string pairs =
      TokenizerJson({.merges = R"([["Ġ","t"],["h","e"],["Ġt","he"]])"});
  BOOST_TEST(MergeTexts(Parse(pairs)) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_merge_that_stands_twice_the_last_counts) {
  const std::vector<std::string> expected = {"h+e", " +t", " t+he"};
  const std::string json =
      TokenizerJson({.merges = R"(["Ġ t","h e","Ġ t","Ġt he"])"});
  BOOST_TEST(MergeTexts(Parse(json)) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_first_line_of_a_file_of_merges_is_none) {
  const std::vector<std::string> expected = {"h+e"};
  const std::string json =
      TokenizerJson({.merges = R"(["#version: 0.2","h e","#version s"])"});
  BOOST_TEST(MergeTexts(Parse(json)) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(options_of_the_model_are_read) {
  BOOST_TEST(Parse(TokenizerJson({.model = R"("ignore_merges":true,)"}))
                 .whole_pretoken_first);
  BOOST_TEST(
      Parse(TokenizerJson({.normalizer = R"({"type":"NFC"})"})).normalize_nfc);
  BOOST_TEST(
      !Parse(TokenizerJson(
                 {.normalizer = R"({"type":"Sequence","normalizers":[]})"}))
           .normalize_nfc);
  BOOST_TEST(
      (Parse(TokenizerJson({.pre_tokenizer = kCl100kPreTokenizer})).pattern ==
       Pattern::kCl100k));
}

BOOST_AUTO_TEST_CASE(added_tokens_keep_their_flags) {
  const Vocabulary vocabulary = Parse(TokenizerJson(
      {.top = R"("added_tokens":[{"id":300,"content":"<|end|>","lstrip":true,)"
              R"("rstrip":false,"single_word":true,"normalized":false,)"
              R"("special":true}],)"}));
  BOOST_TEST_REQUIRE(vocabulary.added_tokens.size() == 1);
  const Vocabulary::AddedToken& token = vocabulary.added_tokens[0];
  BOOST_TEST(token.text == "<|end|>");
  BOOST_TEST(token.lstrip);
  BOOST_TEST(!token.rstrip);
  BOOST_TEST(token.single_word);
  BOOST_TEST(!token.normalized);
}

BOOST_AUTO_TEST_CASE(of_added_tokens_of_the_same_text_the_last_counts) {
  const Vocabulary vocabulary = Parse(TokenizerJson(
      {.top = R"("added_tokens":[{"id":300,"content":"q","lstrip":true},)"
              R"({"id":301,"content":"r"},{"id":302,"content":""},)"
              R"({"id":300,"content":"q","rstrip":true}],)"}));
  BOOST_TEST_REQUIRE(vocabulary.added_tokens.size() == 2);
  BOOST_TEST(vocabulary.added_tokens[0].text == "q");
  BOOST_TEST(!vocabulary.added_tokens[0].lstrip);
  BOOST_TEST(vocabulary.added_tokens[0].rstrip);
  BOOST_TEST(vocabulary.added_tokens[1].text == "r");
}

// "Isolated" keeps what is matched and what is not, each for itself.
BOOST_AUTO_TEST_CASE(isolated_is_the_same_inverted) {
  std::string pre_tokenizer = kCl100kPreTokenizer;
  pre_tokenizer.replace(pre_tokenizer.find(R"("invert":false)"), 14,
                        R"("invert":true)");
  BOOST_TEST((Parse(TokenizerJson({.pre_tokenizer = pre_tokenizer})).pattern ==
              Pattern::kCl100k));
}

BOOST_AUTO_TEST_CASE(a_byte_that_is_no_text_s_needs_no_token) {
  for (const int byte : {0xC0, 0xC1, 0xF5, 0xFF}) {
    Parse(ByteFallbackTokenizerJson({.left_out = byte}));
  }
  // Gemma's first files: a tab is a token itself.
  const Vocabulary vocabulary = Parse(
      ByteFallbackTokenizerJson({.vocab = R"(,"\t":267)", .left_out = '\t'}));
  BOOST_TEST(vocabulary.tokens[266] == "\t");
}

BOOST_AUTO_TEST_CASE(byte_fallback_is_read_with_its_spaces_replaced) {
  const Vocabulary vocabulary = Parse(ByteFallbackTokenizerJson());
  BOOST_TEST((vocabulary.pattern == Pattern::kWholeText));
  BOOST_TEST(vocabulary.byte_fallback);
  BOOST_TEST(vocabulary.space_replacement == "\u2581");
}

struct Refused {
  const char* what;
  std::string json;
};
std::ostream& operator<<(std::ostream& out, const Refused& refused) {
  return out << refused.what;
}

const std::vector<Refused> kRefused = {
    {"not JSON", "{\"model\":"},
    {"an array", "[]"},
    {"no model", "{}"},
    {"another model", R"({"model":{"type":"Unigram","vocab":[]}})"},
    {"dropout", TokenizerJson({.model = R"("dropout":0.1,)"})},
    {"a word suffix",
     TokenizerJson({.model = R"("end_of_word_suffix":"</w>",)"})},
    {"a subword prefix",
     TokenizerJson({.model = R"("continuing_subword_prefix":"##",)"})},
    {"truncation", TokenizerJson({.top = R"("truncation":{"max_length":8},)"})},
    {"padding", TokenizerJson({.top = R"("padding":{"strategy":"Fixed"},)"})},
    {"another normalizer",
     TokenizerJson({.normalizer = R"({"type":"Lowercase"})"})},
    {"NFKC", TokenizerJson({.normalizer = R"({"type":"NFKC"})"})},
    {"a prefixed space",
     TokenizerJson(
         {.pre_tokenizer = R"({"type":"ByteLevel","add_prefix_space":true})"})},
    {"Metaspace",
     TokenizerJson(
         {.pre_tokenizer = R"({"type":"Metaspace","replacement":"_"})"})},
    {"no pattern",
     TokenizerJson({.pre_tokenizer = R"({"type":"ByteLevel",)"
                                     R"("add_prefix_space":false,)"
                                     R"("use_regex":false})"})},
    {"no pre_tokenizer", TokenizerJson({.pre_tokenizer = "null"})},
    {"a split at spaces",
     TokenizerJson(
         {.pre_tokenizer =
              R"({"type":"Sequence","pretokenizers":[{"type":"Split",)"
              R"("pattern":{"String":" "},"behavior":"Isolated"},)"
              R"({"type":"ByteLevel","add_prefix_space":false}]})"})},
    {"a merge of no token", TokenizerJson({.merges = R"(["q u"])"})},
    {"a merge of three", TokenizerJson({.merges = R"(["h e t"])"})},
    {"an id that is text", TokenizerJson({.vocab = R"("zz":"x",)"})},
    {"two of one id", TokenizerJson({.vocab = R"("zz":7,)"})},
    {"what is no space removed",
     ByteFallbackTokenizerJson(
         {.split = R"("behavior":"Removed","invert":true)"})},
    {"a byte without a token", ByteFallbackTokenizerJson({.left_out = '\t'})},
    {"a byte of characters without one",
     ByteFallbackTokenizerJson({.left_out = 0xC2})},
    {"bytes that merge",
     ByteFallbackTokenizerJson({.vocab = R"(,"<0xC3><0xA9>":267)",
                                .merges = R"(["<0xC3>","<0xA9>"])"})},
    {"a byte that merges",
     ByteFallbackTokenizerJson(
         {.vocab = R"(,"a<0xA9>":267)", .merges = R"(["a","<0xA9>"])"})},
};

BOOST_DATA_TEST_CASE(what_is_not_known_is_refused, data::make(kRefused),
                     refused) {
  const Result<Vocabulary> vocabulary =
      ParseTokenizerJson(refused.json, "test.json");
  BOOST_TEST_REQUIRE(!vocabulary.has_value());
  BOOST_TEST((vocabulary.error().code() == StatusCode::kUnsupported));
  BOOST_TEST(vocabulary.error().message().starts_with("test.json: "));
  BOOST_TEST(vocabulary.error().message().find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_pattern_is_printed) {
  const Result<Vocabulary> vocabulary = ParseTokenizerJson(
      TokenizerJson({.pre_tokenizer =
                         R"({"type":"Sequence","pretokenizers":[)"
                         R"({"type":"Split","pattern":{"Regex":"\\w+|\n"},)"
                         R"("behavior":"Isolated","invert":false},)"
                         R"({"type":"ByteLevel","add_prefix_space":false,)"
                         R"("use_regex":false}]})"}),
      "test.json");
  BOOST_TEST_REQUIRE(!vocabulary.has_value());
  BOOST_TEST(vocabulary.error().message().find(R"("Regex":"\\w+|\n")") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_vocabulary_without_a_byte_is_refused_by_the_check) {
  Vocabulary vocabulary;
  vocabulary.name = "small";
  for (int byte = 0; byte < 255; ++byte) {
    const char character = static_cast<char>(byte);
    vocabulary.tokens.Append({&character, 1});
  }
  BOOST_TEST((CheckVocabulary(vocabulary).code() == StatusCode::kUnsupported));
  vocabulary.tokens.Append("\xff");
  BOOST_TEST(CheckVocabulary(vocabulary).ok());
  vocabulary.tokens.Append("a");
  BOOST_TEST((CheckVocabulary(vocabulary).code() == StatusCode::kUnsupported));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

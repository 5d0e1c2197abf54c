#include "tokenize/tiktoken_file.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace peaktext {
namespace {

namespace data = boost::unit_test::data;

std::vector<std::string> Tokens(std::string_view file) {
  const Result<TokenList> tokens = ParseTiktokenFile(file, "test.tiktoken");
  if (!tokens) return {"error: " + tokens.error().message()};
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < tokens->size(); ++i)
    texts.emplace_back((*tokens)[i]);
  return texts;
}

BOOST_AUTO_TEST_SUITE(tiktoken_file)

BOOST_AUTO_TEST_CASE(tokens_of_every_length_are_read) {
  const std::vector<std::string> expected = {"a", "ab", "abc", "abcd",
                                             "\n\xff"};
  BOOST_TEST(Tokens("YQ== 0\nYWI= 1\nYWJj 2\nYWJjZA== 3\nCv8= 4\n") == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_gap_in_the_ranks_is_no_error) {
  const std::vector<std::string> expected = {"a", "b"};
  BOOST_TEST(Tokens("YQ== 7\nYg== 9") == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_in_another_order_are_sorted_by_rank) {
  const std::vector<std::string> expected = {"b", "c", "a"};
  BOOST_TEST(Tokens("YQ== 9\r\nYg== 3\r\nYw== 4\r\n") == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_token_of_no_bytes_is_left_out) {
  const std::vector<std::string> expected = {"a", "b"};
  BOOST_TEST(Tokens("YQ== 0\n= 1\nYg== 2\n") == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_empty_file_has_no_tokens) {
  BOOST_TEST(Tokens("").empty());
}

const std::vector<std::string> kDamaged = {
    "YQ==\n",    "YQ== \n",          "YQ== x\n",
    "YQ== -1\n", "YQ== 1 \n",        "YQ 1\n",
    "Y=Q= 1\n",  "==== 1\n",         "YQ=- 1\n",
    " 1\n",      "\tYWI 1\n",        "YQ== 4294967296\n",
    "Y*== 1\n",  "YQ== 1\nYg== 1\n", "YQ== 2\nYg== 1\nYw== 2\n"};

BOOST_DATA_TEST_CASE(a_damaged_line_is_refused_with_its_place,
                     data::make(kDamaged), file) {
  const Result<TokenList> tokens = ParseTiktokenFile(file, "test.tiktoken");
  BOOST_TEST_REQUIRE(!tokens.has_value());
  BOOST_TEST((tokens.error().code() == StatusCode::kUnsupported));
  BOOST_TEST(tokens.error().message().starts_with("test.tiktoken: "));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

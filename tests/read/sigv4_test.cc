#include "read/sigv4.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace peaktext {
namespace {

// The keys of all examples that AWS publishes.
const AwsCredentials kExample = {
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
const AwsCredentials kSuite = {"AKIDEXAMPLE",
                               "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
constexpr time_t k20130524 = 1369353600;  // 20130524T000000Z
constexpr time_t k20150830 = 1440938160;  // 20150830T123600Z

std::string SignatureOf(const SigV4Request& request,
                        const AwsCredentials& credentials, time_t now) {
  const std::string authorization =
      SignV4(request, credentials, "us-east-1", now).back();
  return authorization.substr(authorization.rfind('=') + 1);
}

BOOST_AUTO_TEST_SUITE(sigv4)

// "Signature Calculations for the Authorization Header: Transferring Payload
// in a Single Chunk", Amazon S3 API reference.
BOOST_AUTO_TEST_CASE(examples_of_the_s3_reference_have_their_signatures) {
  SigV4Request get{.host = "examplebucket.s3.amazonaws.com"};
  get.path = "/test.txt";
  get.headers = {{"range", "bytes=0-9"}};
  BOOST_TEST(
      SignatureOf(get, kExample, k20130524) ==
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");

  SigV4Request put{.method = "PUT", .host = "examplebucket.s3.amazonaws.com"};
  put.path = "/test$file.text";
  put.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                 {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  put.payload_hash =
      "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
  BOOST_TEST(
      SignatureOf(put, kExample, k20130524) ==
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");

  SigV4Request lifecycle{.host = "examplebucket.s3.amazonaws.com"};
  lifecycle.query = {{"lifecycle", ""}};
  BOOST_TEST(
      SignatureOf(lifecycle, kExample, k20130524) ==
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");

  SigV4Request list{.host = "examplebucket.s3.amazonaws.com"};
  list.query = {{"prefix", "J"}, {"max-keys", "2"}};
  BOOST_TEST(
      SignatureOf(list, kExample, k20130524) ==
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

// The "aws4_testsuite" of AWS, its GET cases without a body's hash header.
BOOST_AUTO_TEST_CASE(cases_of_the_test_suite_have_their_signatures) {
  const auto suite =
      [](const std::string& path,
         std::vector<std::pair<std::string, std::string>> query,
         std::vector<std::pair<std::string, std::string>> headers = {}) {
        SigV4Request request{.host = "example.amazonaws.com"};
        request.path = path;
        request.query = std::move(query);
        request.headers = std::move(headers);
        request.service = "service";
        request.send_payload_hash = false;
        return SignatureOf(request, kSuite, k20150830);
      };
  // get-vanilla
  BOOST_TEST(
      suite("/", {}) ==
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  // get-utf8
  BOOST_TEST(
      suite("/\xe1\x88\xb4", {}) ==
      "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
  // get-unreserved
  BOOST_TEST(
      suite(
          "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
          {}) ==
      "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f");
  // get-vanilla-query-order-key-case
  BOOST_TEST(
      suite("/", {{"Param2", "value2"}, {"Param1", "value1"}}) ==
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  // get-vanilla-utf8-query
  BOOST_TEST(
      suite("/", {{"\xe1\x88\xb4", "bar"}}) ==
      "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04");
  // get-header-value-trim
  BOOST_TEST(
      suite("/", {},
            {{"my-header1", " value1"}, {"my-header2", " \"a   b   c\""}}) ==
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

BOOST_AUTO_TEST_CASE(odd_keys_are_encoded_once_and_slashes_stay) {
  BOOST_TEST(CanonicalPath("/crawl=CC/a+b c%20(1),'x'!*;:@&$?#\xc3\xa9~-._") ==
             "/crawl%3DCC/a%2Bb%20c%2520%281%29%2C%27x%27%21%2A%3B%3A%40%26%24"
             "%3F%23%C3%A9~-._");
  BOOST_TEST(CanonicalPath("") == "/");
  BOOST_TEST(CanonicalPath("//a/../b") == "//a/../b");
  BOOST_TEST(CanonicalQuery({{"prefix", "a/b +="}, {"list-type", "2"}}) ==
             "list-type=2&prefix=a%2Fb%20%2B%3D");
  BOOST_TEST(CanonicalQuery({}) == "");
}

BOOST_AUTO_TEST_CASE(a_session_token_is_sent_and_signed) {
  AwsCredentials credentials = kExample;
  credentials.session_token = "TOKEN";
  const auto headers =
      SignV4({.host = "h"}, credentials, "us-east-1", k20130524);
  BOOST_TEST(headers[2] == "x-amz-security-token: TOKEN");
  BOOST_TEST(headers.back().find("x-amz-date;x-amz-security-token") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

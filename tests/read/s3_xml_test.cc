#include "read/s3_xml.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace peaktext {
namespace {

const std::string kPage =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    "<Name>b</Name><Prefix>a</Prefix><EncodingType>url</EncodingType>"
    "<KeyCount>2</KeyCount><IsTruncated>true</IsTruncated>"
    "<NextContinuationToken>t+/=</NextContinuationToken>"
    "<Contents><Key>a%20b%2Bc+d%3D%C3%A9%2525&amp;</Key><Size>12</Size>"
    "<Owner><ID>x</ID></Owner></Contents>"
    "<Contents><Key>b</Key><Size>0</Size></Contents>"
    "<CommonPrefixes><Prefix>no/</Prefix></CommonPrefixes>"
    "</ListBucketResult>";

BOOST_AUTO_TEST_SUITE(s3_xml)

BOOST_AUTO_TEST_CASE(a_page_gives_its_keys_decoded) {
  const Result<S3Page> page = ParseS3Page(kPage);
  BOOST_REQUIRE(page.has_value());
  BOOST_REQUIRE(page->objects.size() == 2u);
  BOOST_TEST((page->objects[0] == S3Object{"a b+c d=\xc3\xa9%25&", 12}));
  BOOST_TEST((page->objects[1] == S3Object{"b", 0}));
  BOOST_TEST(page->truncated);
  BOOST_TEST(page->continuation_token == "t+/=");
}

BOOST_AUTO_TEST_CASE(keys_are_left_alone_where_nothing_says_they_are_encoded) {
  std::string page = kPage;
  page.replace(page.find("<EncodingType>url</EncodingType>"), 32, "");
  BOOST_TEST(ParseS3Page(page).value().objects[0].key ==
             "a%20b%2Bc+d%3D%C3%A9%2525&");
}

BOOST_AUTO_TEST_CASE(a_page_cut_at_any_byte_is_an_error) {
  for (size_t size = 0; size < kPage.size(); ++size) {
    BOOST_TEST(!ParseS3Page(kPage.substr(0, size)).has_value());
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_listing_is_an_error) {
  for (const char* text :
       {"", "hello", "<html/>", "<a><ListBucketResult/></a>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents>"
        "</ListBucketResult>",
        "<ListBucketResult><Contents><Size>1</Size></Contents>"
        "</ListBucketResult>"}) {
    BOOST_TEST(!ParseS3Page(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(nesting_and_entities_have_an_end) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  BOOST_TEST(!ParseS3Page(deep).has_value());
  BOOST_TEST(!ParseS3Page("<!DOCTYPE a [<!ENTITY a \"" +
                          std::string(60000, 'x') +
                          "\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>"
                          "<ListBucketResult>&b;&b;</ListBucketResult>")
                  .has_value());
}

BOOST_AUTO_TEST_CASE(errors_give_code_message_and_region) {
  const S3Error error = ParseS3Error(
      "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code>"
      "<Message>no</Message><Region>eu-west-1</Region><RequestId>1");
  BOOST_TEST(error.code == "SignatureDoesNotMatch");
  BOOST_TEST(error.message == "no");
  BOOST_TEST(error.region == "eu-west-1");
  BOOST_TEST(ParseS3Error("<html>403</html>").code == "");
  BOOST_TEST(ParseS3Error("").code == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

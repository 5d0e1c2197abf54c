#include "read/s3_source.h"

#include <curl/curl.h>
#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "read/inputs.h"
#include "read/sigv4.h"
#include "read/whole_source.h"
#include "remote/nginx.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

const AwsCredentials kKeys = {"TESTKEY", "TESTSECRET", ""};

// Keys that a signer or an encoder may trip over, in the gateway's order.
const std::vector<std::string> kOddKeys = {
    "odd/%41%2F100%",
    "odd/(1),'x'!*;:@&$?#~-._",
    "odd/a  b",
    "odd/a b",
    "odd/a+b=c",
    "odd/crawl=CC-MAIN-2026-43/part+0 of 2.gz",
    "odd/d//e",
    "odd/x/./y",
    "odd/\xc3\xa9\xe6\xbc\xa2\xe5\xad\x97",
};

// One gateway for the suite: it takes a dozen seconds to start.
class Gateway {
 public:
  Gateway() : port_(FreePort()) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    const int code =
        Run(fmt::format("start '{}' {} {}", folder_.path(), port_, FreePort()));
    running_ = code == 0;
    if (code == 77) {
      std::cerr << "SKIPPED: no Ceph (apt: radosgw ceph-mon ceph-osd "
                   "ceph-common), S3 is not tested\n";
    } else if (!running_) {
      BOOST_ERROR("the Ceph gateway does not start");
    }
  }
  ~Gateway() { Run(fmt::format("stop '{}'", folder_.path())); }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  bool running() const { return running_; }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }

  // PUT of a bucket ("/bucket") or an object ("/bucket/key").
  void Put(const std::string& path, const std::string& bytes,
           bool is_public = false) const {
    SigV4Request request{.method = "PUT",
                         .host = fmt::format("127.0.0.1:{}", port_)};
    request.path = path;
    request.payload_hash = "UNSIGNED-PAYLOAD";
    if (is_public) request.headers = {{"x-amz-acl", "public-read"}};
    curl_slist* headers = nullptr;
    for (const std::string& header :
         SignV4(request, kKeys, "us-east-1", ::time(nullptr))) {
      headers = ::curl_slist_append(headers, header.c_str());
    }
    const std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> easy(
        ::curl_easy_init(), &::curl_easy_cleanup);
    const std::string target = url() + CanonicalPath(path);
    ::curl_easy_setopt(easy.get(), CURLOPT_URL, target.c_str());
    ::curl_easy_setopt(easy.get(), CURLOPT_PATH_AS_IS, 1L);
    ::curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, "PUT");
    ::curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers);
    ::curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE,
                       static_cast<long>(bytes.size()));
    ::curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, bytes.data());
    const CURLcode code = ::curl_easy_perform(easy.get());
    ::curl_slist_free_all(headers);
    long status = 0;
    ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    BOOST_REQUIRE_MESSAGE(code == CURLE_OK && status == 200,
                          path << ": " << status);
  }

 private:
  static int Run(const std::string& arguments) {
    const int status =
        std::system(fmt::format("'{}/tests/remote/ceph_gateway' {}",
                                PEAKTEXT_SOURCE_DIR, arguments)
                        .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  TemporaryFolder folder_;
  int port_;
  bool running_ = false;
};

// Objects under all sorts of keys; the tests' own environment of credentials.
struct Store {
  Gateway gateway;
  std::string large = Noise(9 << 20);

  Store() {
    if (!gateway.running()) return;
    gateway.Put("/bucket", "");
    for (const std::string& key : kOddKeys) {
      gateway.Put("/bucket/" + key, "text of " + key);
    }
    gateway.Put("/bucket/large", large);
    gateway.Put("/bucket/odd", "the object itself");
    gateway.Put("/bucket/folder/", "");
    gateway.Put("/open", "", true);
    gateway.Put("/open/a", "public", true);
    gateway.Put("/open/b", "private");
  }
};

struct Suite {
  static std::unique_ptr<Store> store;
  Suite() { store = std::make_unique<Store>(); }
  ~Suite() { store.reset(); }
};
std::unique_ptr<Store> Suite::store;

void SetKeys(const char* access, const char* secret) {
  ::setenv("AWS_ACCESS_KEY_ID", access, 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", secret, 1);
  ::setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
  ::setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
  ::unsetenv("AWS_SESSION_TOKEN");
  ::unsetenv("AWS_PROFILE");
}

SourceOptions Options() {
  SetKeys("TESTKEY", "TESTSECRET");
  SourceOptions options;
  options.s3_endpoint = Suite::store->gateway.url();
  options.requests_per_second = 0;
  options.backoff_seconds = 0.05;
  return options;
}

Result<std::string> ReadObject(const std::string& url,
                               const SourceOptions& options) {
  auto source = OpenS3Source(url, options);
  if (!source) return Fail(source.error());
  return ReadWholeSource(**source, 1 << 30);
}

#define REQUIRE_GATEWAY() \
  if (!Suite::store->gateway.running()) return

BOOST_AUTO_TEST_SUITE(s3_source, *boost::unit_test::fixture<Suite>())

BOOST_AUTO_TEST_CASE(objects_under_odd_keys_are_read) {
  REQUIRE_GATEWAY();
  for (const std::string& key : kOddKeys) {
    const auto text = ReadObject("s3://bucket/" + key, Options());
    BOOST_REQUIRE_MESSAGE(text.has_value(),
                          key << ": " << text.error().message());
    BOOST_TEST(*text == "text of " + key);
  }
  BOOST_TEST((ReadObject("s3://bucket/large", Options()).value() ==
              Suite::store->large));
}

BOOST_AUTO_TEST_CASE(a_listing_gives_every_key_whatever_the_page) {
  REQUIRE_GATEWAY();
  for (const unsigned page : {1U, 2U, 4U, 1000U}) {
    SourceOptions options = Options();
    options.s3_page_keys = page;
    std::vector<std::string> keys;
    const Status listed =
        ListS3("s3://bucket/odd/", options, [&](const S3Object& object) {
          BOOST_TEST(object.size_bytes == 8 + object.key.size());
          keys.push_back(object.key);
          return true;
        });
    BOOST_TEST(listed.ok(), listed.message());
    std::sort(keys.begin(), keys.end());
    BOOST_TEST(keys == kOddKeys);
  }
}

BOOST_AUTO_TEST_CASE(a_prefix_becomes_its_objects) {
  REQUIRE_GATEWAY();
  const auto expand = [](const std::string& argument) {
    const std::vector<std::string> arguments = {argument};
    return ExpandInputs(arguments, Options());
  };
  std::vector<std::string> odd;
  for (const std::string& key : kOddKeys) odd.push_back("s3://bucket/" + key);
  BOOST_TEST(expand("s3://bucket/odd/").inputs == odd);
  // An object of that very name wins; a bucket is all that is in it.
  BOOST_TEST(expand("s3://bucket/odd").inputs ==
             std::vector<std::string>{"s3://bucket/odd"});
  BOOST_TEST(expand("s3://bucket/odd/crawl=").inputs.size() == 1u);
  BOOST_TEST(expand("s3://bucket").inputs.size() == kOddKeys.size() + 2);
  BOOST_TEST(expand("s3://bucket/").inputs.size() == kOddKeys.size() + 2);
  BOOST_TEST(expand("s3://bucket/odd/x").inputs.size() == 1u);
  for (const char* missing : {"s3://bucket/none", "s3://none/x", "s3://"}) {
    const ExpandedInputs expanded = expand(missing);
    BOOST_TEST(expanded.inputs.empty());
    BOOST_REQUIRE(expanded.failures.size() == 1u);
    BOOST_TEST(!expanded.failures[0].status.message().empty());
  }
}

BOOST_AUTO_TEST_CASE(wrong_keys_are_named_in_the_gateways_words) {
  REQUIRE_GATEWAY();
  const SourceOptions options = Options();
  SetKeys("TESTKEY", "WRONG");
  const auto wrong = ReadObject("s3://bucket/large", options);
  BOOST_TEST((wrong.error().code() == StatusCode::kPermission));
  BOOST_TEST(wrong.error().message().find("SignatureDoesNotMatch") !=
             std::string::npos);
  BOOST_TEST(wrong.error().message().find("s3://bucket/large: ") == 0u);
  SetKeys("NOBODY", "WRONG");
  BOOST_TEST(ReadObject("s3://bucket/large", options)
                 .error()
                 .message()
                 .find("InvalidAccessKeyId") != std::string::npos);
  const auto listed =
      ListS3("s3://bucket/", options, [](const S3Object&) { return true; });
  BOOST_TEST((listed.code() == StatusCode::kPermission));
}

BOOST_AUTO_TEST_CASE(what_is_not_there_has_its_code) {
  REQUIRE_GATEWAY();
  const auto key = ReadObject("s3://bucket/none", Options());
  BOOST_TEST((key.error().code() == StatusCode::kNotFound));
  BOOST_TEST(key.error().message().find("NoSuchKey") != std::string::npos);
  const auto bucket = ReadObject("s3://none/none", Options());
  BOOST_TEST(bucket.error().message().find("NoSuchBucket") !=
             std::string::npos);
  BOOST_TEST((ReadObject("s3://bucket/", Options()).error().code() ==
              StatusCode::kInvalidArgument));
}

BOOST_AUTO_TEST_CASE(the_anonymous_read_what_is_public_and_nothing_else) {
  REQUIRE_GATEWAY();
  SourceOptions options = Options();
  options.s3_anonymous = true;
  SetKeys("TESTKEY", "WRONG");  // not used
  BOOST_TEST(ReadObject("s3://open/a", options).value() == "public");
  BOOST_TEST((ReadObject("s3://open/b", options).error().code() ==
              StatusCode::kPermission));
  const std::vector<std::string> arguments = {"s3://open/"};
  BOOST_TEST(ExpandInputs(arguments, options).inputs.size() == 2u);
  BOOST_TEST((ReadObject("s3://bucket/large", options).error().code() ==
              StatusCode::kPermission));
}

BOOST_AUTO_TEST_CASE(without_keys_the_user_is_told_what_to_set) {
  REQUIRE_GATEWAY();
  const SourceOptions options = Options();
  ::unsetenv("AWS_ACCESS_KEY_ID");
  const auto source = OpenS3Source("s3://bucket/large", options);
  BOOST_TEST((source.error().code() == StatusCode::kPermission));
  BOOST_TEST(source.error().message().find("AWS_ACCESS_KEY_ID") !=
             std::string::npos);
  SourceOptions bad = Options();
  bad.s3_endpoint = "gateway:7480";
  BOOST_TEST((OpenS3Source("s3://bucket/large", bad).error().code() ==
              StatusCode::kInvalidArgument));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

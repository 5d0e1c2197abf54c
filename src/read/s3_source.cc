#include "read/s3_source.h"

#include <fmt/core.h>

#include <ctime>
#include <optional>
#include <utility>

#include "read/aws_credentials.h"
#include "read/http_headers.h"
#include "read/http_source.h"
#include "read/rate_limiter.h"
#include "read/sigv4.h"
#include "read/whole_source.h"

namespace peaktext {
namespace {

constexpr std::string_view kDefaultRegion = "us-east-1";
constexpr uint64_t kPageLimitBytes = 64 << 20;  // 1000 keys of 1 KiB each

// s3://bucket/key, and how to ask for it.
class S3Location {
 public:
  static Result<S3Location> Make(const std::string& url,
                                 const SourceOptions& options);

  // A signed (or anonymous) GET of the object, or of the bucket with a query.
  HttpRequest Request(
      const std::string& key,
      const std::vector<std::pair<std::string, std::string>>& query) const;

  // Another region may be named in a refusal. True: it was not known.
  bool LearnRegion(const HttpHead& head, std::string_view body);

  const std::string& key() const { return key_; }

 private:
  std::string bucket_;
  std::string key_;
  std::string endpoint_;  // scheme://host[:port][/path], empty: AWS
  std::string region_;
  std::optional<AwsCredentials> credentials_;  // none: anonymous
};

Result<S3Location> S3Location::Make(const std::string& url,
                                    const SourceOptions& options) {
  S3Location location;
  const std::string path = url.substr(std::string_view("s3://").size());
  const size_t slash = path.find('/');
  location.bucket_ = path.substr(0, slash);
  if (slash != std::string::npos) location.key_ = path.substr(slash + 1);
  if (location.bucket_.empty()) {
    return Fail(StatusCode::kInvalidArgument, url + ": want s3://BUCKET/KEY");
  }
  location.endpoint_ = options.s3_endpoint;
  while (location.endpoint_.ends_with('/')) location.endpoint_.pop_back();
  if (!location.endpoint_.empty() && !HostOfUrl(location.endpoint_)) {
    return Fail(StatusCode::kInvalidArgument,
                fmt::format("S3 endpoint '{}': want http(s)://HOST[:PORT]",
                            options.s3_endpoint));
  }
  Result<AwsSettings> settings = LoadAwsSettings(ProcessEnvironment());
  if (options.s3_anonymous) {
    if (!settings) settings = AwsSettings();
    settings->credentials.reset();
  } else if (!settings) {
    return Fail(settings.error());
  } else if (!settings->credentials) {
    return Fail(StatusCode::kPermission,
                url +
                    ": no S3 credentials: set AWS_ACCESS_KEY_ID and "
                    "AWS_SECRET_ACCESS_KEY or a profile, or ask without "
                    "(--s3-anonymous)");
  }
  location.credentials_ = settings->credentials;
  location.region_ = !options.s3_region.empty()  ? options.s3_region
                     : !settings->region.empty() ? settings->region
                                                 : std::string(kDefaultRegion);
  return location;
}

HttpRequest S3Location::Request(
    const std::string& key,
    const std::vector<std::pair<std::string, std::string>>& query) const {
  std::string base = endpoint_;
  std::string path;
  // A bucket with a dot in its name fits no wildcard certificate.
  const bool by_host =
      endpoint_.empty() && bucket_.find('.') == std::string::npos;
  if (by_host) {
    base = fmt::format("https://{}.s3.{}.amazonaws.com", bucket_, region_);
  } else {
    if (base.empty())
      base = fmt::format("https://s3.{}.amazonaws.com", region_);
    path = "/" + bucket_;
  }
  const size_t host_at = base.find("://") + 3;
  const size_t host_end = std::min(base.find('/', host_at), base.size());
  SigV4Request to_sign;
  to_sign.host = base.substr(host_at, host_end - host_at);
  to_sign.path = base.substr(host_end) + path + "/" + key;
  to_sign.query = query;
  to_sign.payload_hash = "UNSIGNED-PAYLOAD";

  HttpRequest request;
  request.url = base.substr(0, host_end) + CanonicalPath(to_sign.path);
  if (!query.empty()) request.url += "?" + CanonicalQuery(query);
  if (credentials_) {
    request.headers = SignV4(to_sign, *credentials_, region_, ::time(nullptr));
    // As it was signed: curl leaves a default port out.
    request.headers.push_back("Host: " + to_sign.host);
  }
  return request;
}

bool S3Location::LearnRegion(const HttpHead& head, std::string_view body) {
  const std::string region = !head.bucket_region.empty()
                                 ? head.bucket_region
                                 : ParseS3Error(body).region;
  const bool is_name =
      !region.empty() &&
      region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
          std::string::npos;
  if (!is_name || region == region_ || !endpoint_.empty()) return false;
  region_ = region;
  return true;
}

// `location` lives in the object's functions: it learns between attempts.
std::unique_ptr<ByteSource> MakeSource(
    std::string name, S3Location* location, std::string key,
    std::vector<std::pair<std::string, std::string>> query,
    const SourceOptions& options) {
  HttpObject object;
  object.name = std::move(name);
  object.follow_redirects = false;  // a signature is good for one host
  object.make_request = [location, key = std::move(key),
                         query = std::move(query)]() -> Result<HttpRequest> {
    return location->Request(key, query);
  };
  object.learn = [location](const HttpHead& head, std::string_view body) {
    return location->LearnRegion(head, body);
  };
  return MakeHttpSource(std::move(object), options);
}

// A source with the location that it asks by.
class S3Source final : public ByteSource {
 public:
  S3Source(const std::string& url, S3Location location,
           const SourceOptions& options)
      : location_(std::move(location)),
        http_(MakeSource(url, &location_, location_.key(), {}, options)) {}
  S3Source(const S3Source&) = delete;
  S3Source& operator=(const S3Source&) = delete;

  Result<size_t> Read(std::span<char> buffer) override {
    return http_->Read(buffer);
  }
  std::optional<uint64_t> size_bytes() const override {
    return http_->size_bytes();
  }
  const std::string& name() const override { return http_->name(); }

 private:
  S3Location location_;
  std::unique_ptr<ByteSource> http_;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> OpenS3Source(const std::string& url,
                                                 const SourceOptions& options) {
  Result<S3Location> location = S3Location::Make(url, options);
  if (!location) return Fail(location.error());
  if (location->key().empty()) {
    return Fail(StatusCode::kInvalidArgument, url + ": names no object");
  }
  return std::make_unique<S3Source>(url, std::move(*location), options);
}

Status ListS3(const std::string& url, const SourceOptions& options,
              const std::function<bool(const S3Object&)>& visit) {
  Result<S3Location> location = S3Location::Make(url, options);
  if (!location) return location.error();
  // Pages keep their distance from each other, whoever asks.
  RateLimiter own_limiter(
      {options.max_connections, options.requests_per_second});
  SourceOptions shared = options;
  if (shared.limiter == nullptr) shared.limiter = &own_limiter;
  std::string token;
  while (true) {
    std::vector<std::pair<std::string, std::string>> query = {
        {"list-type", "2"},
        {"encoding-type", "url"},
        {"max-keys", fmt::format("{}", options.s3_page_keys)},
        {"prefix", location->key()}};
    if (!token.empty()) query.emplace_back("continuation-token", token);
    const std::unique_ptr<ByteSource> source =
        MakeSource(url, &*location, "", std::move(query), shared);
    const Result<std::string> text = ReadWholeSource(*source, kPageLimitBytes);
    if (!text) return text.error();
    const Result<S3Page> page = ParseS3Page(*text);
    if (!page) {
      return {page.error().code(), url + ": " + page.error().message()};
    }
    for (const S3Object& object : page->objects) {
      if (!visit(object)) return {};
    }
    if (!page->truncated) return {};
    if (page->continuation_token == token) {
      return {StatusCode::kIo, url + ": the S3 listing repeats itself"};
    }
    token = page->continuation_token;
  }
}

}  // namespace peaktext

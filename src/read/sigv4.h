// AWS Signature Version 4, the part that reading needs: the Authorization
// header of one request. After "Authenticating Requests: Using the
// Authorization Header" in the Amazon S3 API reference.
//
//   SigV4Request request{.host = "h", .path = "/bucket/a b", .query = {...}};
//   for (std::string& header : SignV4(request, credentials, "us-east-1", now))
//     Send(header);                       // "Authorization: AWS4-HMAC-..."
//     etc.
//   Get("https://h" + CanonicalPath(request.path) + "?" +
//       CanonicalQuery(request.query));
//
// What is signed must be what is sent, so URLs are made with the two functions
// below and nothing else.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peaktext {

struct AwsCredentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // empty: none
};

struct SigV4Request {
  std::string method = "GET";
  std::string host;        // with the port, where it is not the scheme's own
  std::string path = "/";  // decoded: the bytes of the key
  std::vector<std::pair<std::string, std::string>> query = {};  // decoded
  // Further headers that are signed; names in lower case.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string service = "s3";
  // SHA-256 of the body in hex, or "UNSIGNED-PAYLOAD"; empty: of no body.
  std::string payload_hash = {};
  // x-amz-content-sha256 is sent and signed (S3 wants it, others do not).
  bool send_payload_hash = true;
};

// The headers to send, Host left out: x-amz-date, x-amz-content-sha256,
// x-amz-security-token, request.headers, Authorization.
std::vector<std::string> SignV4(const SigV4Request& request,
                                const AwsCredentials& credentials,
                                std::string_view region, time_t now);

// Percent-encoded once, "/" kept (S3's rule; other services encode twice).
std::string CanonicalPath(std::string_view path);

// Percent-encoded, sorted, "a=1&b=".
std::string CanonicalQuery(
    const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace peaktext

#include "read/sigv4.h"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/sha256.h"

namespace peaktext {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return hex;
}

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         digest.data(), &size);
  return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

// RFC 3986's unreserved characters stay; upper-case hex.
std::string Encoded(std::string_view text, bool keep_slash) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_' || c == '~' || (c == '/' && keep_slash);
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

// Trimmed, runs of blanks as one.
std::string Folded(std::string_view value) {
  std::string folded;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && (folded.empty() || folded.back() == ' ')) continue;
    folded += blank ? ' ' : c;
  }
  if (folded.ends_with(' ')) folded.pop_back();
  return folded;
}

}  // namespace

std::string CanonicalPath(std::string_view path) {
  return path.empty() ? "/" : Encoded(path, true);
}

std::string CanonicalQuery(
    const std::vector<std::pair<std::string, std::string>>& query) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const auto& [name, value] : query) {
    parts.emplace_back(Encoded(name, false), Encoded(value, false));
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const auto& [name, value] : parts) {
    if (!text.empty()) text += '&';
    text += fmt::format("{}={}", name, value);
  }
  return text;
}

std::vector<std::string> SignV4(const SigV4Request& request,
                                const AwsCredentials& credentials,
                                std::string_view region, time_t now) {
  const std::string stamp = fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(now));
  const std::string date = stamp.substr(0, 8);
  const std::string payload =
      request.payload_hash.empty() ? Sha256Hex("") : request.payload_hash;

  std::vector<std::pair<std::string, std::string>> headers = request.headers;
  headers.emplace_back("x-amz-date", stamp);
  if (request.send_payload_hash) {
    headers.emplace_back("x-amz-content-sha256", payload);
  }
  if (!credentials.session_token.empty()) {
    headers.emplace_back("x-amz-security-token", credentials.session_token);
  }
  std::vector<std::string> to_send;
  for (const auto& [name, value] : headers) {
    to_send.push_back(fmt::format("{}: {}", name, value));
  }
  headers.emplace_back("host", request.host);
  std::sort(headers.begin(), headers.end());

  std::string canonical =
      fmt::format("{}\n{}\n{}\n", request.method, CanonicalPath(request.path),
                  CanonicalQuery(request.query));
  std::string names;
  for (const auto& [name, value] : headers) {
    canonical += fmt::format("{}:{}\n", name, Folded(value));
    if (!names.empty()) names += ';';
    names += name;
  }
  canonical += fmt::format("\n{}\n{}", names, payload);

  const std::string scope =
      fmt::format("{}/{}/{}/aws4_request", date, region, request.service);
  const std::string to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, stamp,
                                          scope, Sha256Hex(canonical));
  std::string key = HmacSha256("AWS4" + credentials.secret_key, date);
  key = HmacSha256(key, region);
  key = HmacSha256(key, request.service);
  key = HmacSha256(key, "aws4_request");
  to_send.push_back(fmt::format(
      "Authorization: {} Credential={}/{}, SignedHeaders={}, Signature={}",
      kAlgorithm, credentials.access_key, scope, names,
      Hex(HmacSha256(key, to_sign))));
  return to_send;
}

}  // namespace peaktext

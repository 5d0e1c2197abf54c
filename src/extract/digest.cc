#include "extract/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cctype>
#include <cstdint>
#include <optional>

#include "extract/http_message.h"

namespace peaktext {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' ||
                           text.back() == '\r' || text.back() == '\n')) {
    text.remove_suffix(1);
  }
  return text;
}

const EVP_MD* Algorithm(std::string_view name) {
  std::string lower;
  for (const char c : name) {
    if (c == '-') continue;  // sha-1, sha-256
    lower.push_back(
        static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  if (lower == "sha1") return EVP_sha1();
  if (lower == "sha256") return EVP_sha256();
  if (lower == "sha512") return EVP_sha512();
  if (lower == "md5") return EVP_md5();
  return nullptr;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 4648, base32; letters of either case.
int Base32Value(char c) {
  if (c >= 'a' && c <= 'z') return c - 'a';
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= '2' && c <= '7') return c - '2' + 26;
  return -1;
}

// RFC 4648, base64 and its URL-safe form.
int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

// The bytes that `text` writes with `bits` per character; none when a character
// is foreign or the leftover bits are not zero.
std::optional<std::string> Decode(std::string_view text, unsigned bits,
                                  int (*value)(char)) {
  std::string bytes;
  uint32_t held = 0;
  unsigned held_bits = 0;
  for (const char c : text) {
    const int v = value(c);
    if (v < 0) return std::nullopt;
    held = (held << bits) | static_cast<uint32_t>(v);
    held_bits += bits;
    if (held_bits >= 8) {
      held_bits -= 8;
      bytes.push_back(static_cast<char>(held >> held_bits));
      held &= (1U << held_bits) - 1;
    }
  }
  if (held != 0) return std::nullopt;
  return bytes;
}

// True when `value` writes `digest` in one of the three ways. The lengths tell
// them apart: 20 bytes are 40, 32 or 27 characters.
bool Writes(std::string_view value, std::string_view digest) {
  while (!value.empty() && value.back() == '=') value.remove_suffix(1);
  if (value.size() == digest.size() * 2) {
    return Decode(value, 4, HexValue) == digest;
  }
  if (value.size() == (digest.size() * 8 + 4) / 5) {
    return Decode(value, 5, Base32Value) == digest;
  }
  if (value.size() == (digest.size() * 8 + 5) / 6) {
    return Decode(value, 6, Base64Value) == digest;
  }
  return false;
}

DigestVerdict PayloadVerdict(std::string_view labelled, const Record& record) {
  const std::string_view block(record.body.data(), record.body.size());
  const bool http =
      record.media_type.starts_with("application/http") || record.type == "arc";
  if (!http) return CheckDigest(labelled, block);
  const HttpMessage message = ParseHttpMessage(block);
  const DigestVerdict stored = CheckDigest(labelled, message.body);
  if (stored != DigestVerdict::kWrong || !message.IsChunked()) return stored;
  std::string copy(message.body);
  copy.resize(DecodeChunkedInPlace(copy));
  return CheckDigest(labelled, copy);
}

}  // namespace

std::string_view DigestVerdictName(DigestVerdict verdict) {
  switch (verdict) {
    case DigestVerdict::kNone:
      return "none";
    case DigestVerdict::kOk:
      return "ok";
    case DigestVerdict::kWrong:
      return "wrong";
    case DigestVerdict::kUnknownAlgorithm:
      return "unknown_algorithm";
  }
  return "none";
}

DigestVerdict CheckDigest(std::string_view labelled,
                          std::span<const char> bytes) {
  labelled = Trim(labelled);
  if (labelled.empty()) return DigestVerdict::kNone;
  const size_t colon = labelled.find(':');
  if (colon == std::string_view::npos) return DigestVerdict::kUnknownAlgorithm;
  const EVP_MD* const algorithm = Algorithm(Trim(labelled.substr(0, colon)));
  if (algorithm == nullptr) return DigestVerdict::kUnknownAlgorithm;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm,
                 nullptr) != 1) {
    return DigestVerdict::kUnknownAlgorithm;  // md5 where the policy forbids it
  }
  const std::string_view found(reinterpret_cast<const char*>(digest.data()),
                               size);
  return Writes(Trim(labelled.substr(colon + 1)), found)
             ? DigestVerdict::kOk
             : DigestVerdict::kWrong;
}

RecordDigests VerifyDigests(const Record& record) {
  RecordDigests verdicts;
  verdicts.block =
      CheckDigest(FindHeader(record.header, "WARC-Block-Digest"), record.body);
  if (record.type != "revisit") {
    const std::string_view labelled =
        FindHeader(record.header, "WARC-Payload-Digest");
    if (!Trim(labelled).empty()) {
      verdicts.payload = PayloadVerdict(labelled, record);
    }
  }
  return verdicts;
}

}  // namespace peaktext

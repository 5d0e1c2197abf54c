// WARC-Block-Digest and WARC-Payload-Digest: "sha1:RY7PLB...". Algorithms sha1,
// sha256, md5 (and sha512, which costs nothing more); written in base32 of any
// case with or without padding (most crawlers), hexadecimal (warcprox) or
// base64.
//
//   RecordDigests digests = VerifyDigests(record);
//   if (digests.block == DigestVerdict::kWrong) ...
//
// Thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "read/record_reader.h"

namespace peaktext {

enum class DigestVerdict {
  kNone,              // the record carries no such digest
  kOk,                // it agrees
  kWrong,             // it does not, or cannot be a digest of its algorithm
  kUnknownAlgorithm,  // not checked
};

std::string_view DigestVerdictName(DigestVerdict verdict);

// Checks `labelled` ("ALGORITHM:VALUE", spaces around allowed) against `bytes`.
DigestVerdict CheckDigest(std::string_view labelled,
                          std::span<const char> bytes);

struct RecordDigests {
  DigestVerdict block = DigestVerdict::kNone;
  DigestVerdict payload = DigestVerdict::kNone;
};

// Both digests of a record whose body is still as read.
//  - The payload of an HTTP record is its body as stored or, as the standard
//  has
//    it, after transfer decoding: writers do either (Common Crawl stores bodies
//    already decoded and digests those), so either agreement is kOk.
//  - The payload of any other record is its block.
//  - A revisit's payload digest is that of the *earlier* record: kNone.
RecordDigests VerifyDigests(const Record& record);

}  // namespace peaktext

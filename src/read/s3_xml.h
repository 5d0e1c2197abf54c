// The XML that S3 and its kin answer with: listings and errors. Parsed with
// expat, in one pass, foreign bytes and all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace peaktext {

struct S3Object {
  std::string key;
  uint64_t size_bytes = 0;
  bool operator==(const S3Object&) const = default;
};

// One page of ListObjectsV2.
struct S3Page {
  std::vector<S3Object> objects;
  bool truncated = false;          // more pages follow
  std::string continuation_token;  // to ask for the next one
};

// REQUIRES of the request: encoding-type=url, for keys may hold what XML may
// not; they are decoded here. Fails with kIo on what is no listing.
Result<S3Page> ParseS3Page(std::string_view xml);

// <Error><Code>...</Code><Message>...</Message></Error>; empty fields where
// there are none, as in any other text.
struct S3Error {
  std::string code;
  std::string message;
  std::string region;
};
S3Error ParseS3Error(std::string_view xml);

}  // namespace peaktext

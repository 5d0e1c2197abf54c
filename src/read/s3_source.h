// Objects of S3 and its kin: read and listed with requests that we sign
// (sigv4.h), by the rules of http_source.h for everything else.
//
//   Result<std::unique_ptr<ByteSource>> source =
//       OpenS3Source("s3://commoncrawl/crawl-data/...", options);
//   Status listed = ListS3("s3://bucket/prefix", options,
//                          [&](const S3Object& object) { ...; return true; });
//
// What follows the bucket is the key as it is, not percent-encoded. Credentials
// come from the environment or the profile file (aws_credentials.h), or none
// are used (SourceOptions::s3_anonymous).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "read/byte_source.h"
#include "read/s3_xml.h"

namespace peaktext {

Result<std::unique_ptr<ByteSource>> OpenS3Source(const std::string& url,
                                                 const SourceOptions& options);

// Calls `visit` for every object whose key begins with the URL's, in the
// gateway's order (by bytes), until it returns false.
Status ListS3(const std::string& url, const SourceOptions& options,
              const std::function<bool(const S3Object&)>& visit);

}  // namespace peaktext

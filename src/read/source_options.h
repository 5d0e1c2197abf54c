// How remote inputs are read: manners, limits, credentials. Local inputs need
// none of it.
//
//   RateLimiter limiter(RateLimiter::Limits{.max_connections = 4});
//   SourceOptions options;
//   options.user_agent = "my-study/1.0 (mailto:me@example.org)";
//   options.limiter = &limiter;      // one for all threads of the program
//
// A value: copy it freely. What it points to outlives every source opened
// with it.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace peaktext {

class RateLimiter;

struct SourceOptions {
  std::string user_agent;   // empty: "peaktext/VERSION"
  std::string s3_endpoint;  // empty: AWS; else URL of a gateway, path style
  std::string s3_region;    // empty: AWS_REGION, the profile's, us-east-1
  bool s3_anonymous = false;
  unsigned s3_page_keys = 1000;  // of a listing, asked for at once
  // A URL, or a folder that mirrors it.
  std::string commoncrawl_base = "https://data.commoncrawl.org/";

  // The ceilings per host hold for all sources that share `limiter`; without
  // one each source keeps to them alone, so a program with threads sets it.
  unsigned max_connections = 4;    // at once, per host
  double requests_per_second = 1;  // ceiling per host
  RateLimiter* limiter = nullptr;

  unsigned connect_seconds = 30;
  // Fewer than stall_bytes in so many seconds: reconnect where it stopped.
  unsigned stall_seconds = 60;
  unsigned stall_bytes = 1024;
  // Failures in a row without a byte of progress, before kUnavailable.
  unsigned max_attempts = 8;
  // Wait before the second attempt; doubles up to the limit, and each wait is
  // drawn from its upper half so that clients do not march in step.
  double backoff_seconds = 1;
  double backoff_limit_seconds = 64;
  // A server that asks (Retry-After) for more than this is taken as down.
  double retry_after_limit_seconds = 3600;
  // 403 from Common Crawl means blocked for a while: nobody asks that host
  // anything for so long.
  double blocked_seconds = 180;

  uint64_t buffer_bytes = 8ULL << 20;  // received and not yet read, per source
  std::stop_token stop;                // ends every wait with kCancelled
  // Told, in a line for a person, why and how long a source waits before it
  // tries again. Called from whatever thread reads; empty: nobody is.
  std::function<void(std::string_view line)> on_wait;
};

}  // namespace peaktext

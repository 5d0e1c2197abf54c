#include "read/http_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "read/inputs.h"
#include "read/rate_limiter.h"
#include "remote/nginx.h"

namespace peaktext {
namespace {

using Clock = std::chrono::steady_clock;

// Quick waits, no ceiling on requests.
SourceOptions Impatient() {
  SourceOptions options;
  options.requests_per_second = 0;
  options.backoff_seconds = 0.05;
  options.backoff_limit_seconds = 0.4;
  options.stall_seconds = 1;
  options.blocked_seconds = 0.4;
  options.commoncrawl_base = "https://data.commoncrawl.org/";
  return options;
}

struct Outcome {
  std::string bytes;
  Status status;
};

// Reads a URL to its end; `at` is called each time so many more bytes are here.
Outcome ReadAll(const std::string& url, const SourceOptions& options,
                size_t step = 0, const std::function<void(size_t)>& at = {}) {
  Outcome outcome;
  Result<std::unique_ptr<ByteSource>> source = OpenHttpSource(url, options);
  if (!source) return {"", source.error()};
  std::string buffer(60000, '\0');
  size_t next = step;
  while (true) {
    const Result<size_t> got = (*source)->Read(buffer);
    if (!got) {
      outcome.status = got.error();
      return outcome;
    }
    if (*got == 0) return outcome;
    outcome.bytes.append(buffer, 0, *got);
    if (at && outcome.bytes.size() >= next) {
      at(outcome.bytes.size());
      next += step;
    }
  }
}

// The ways to serve an object that is read up to where a test cuts in. Nothing
// here is slow: objects are larger than all buffers on the way together, so
// that the server cannot be done before the reader lets it.
constexpr const char* kKinds =
    "location /plain/ { }"
    "location /no-ranges/ { max_ranges 0; }"
    "location /bare/ { max_ranges 0; etag off;"
    "  add_header Last-Modified \"\"; }"
    "location /no-etag/ { etag off; }"
    "location /chunked/ { ssi on; ssi_types *; }";
constexpr size_t kMegabyte = 1 << 20;
constexpr size_t kObjectBytes = 24 * kMegabyte;

// To read such an object with; gives up only when the test does.
SourceOptions Patient() {
  SourceOptions options = Impatient();
  options.buffer_bytes = kMegabyte;
  options.max_attempts = 100000;
  return options;
}

#define REQUIRE_NGINX(nginx, locations) \
  Nginx nginx;                          \
  if (!nginx.Start(locations)) return

BOOST_AUTO_TEST_SUITE(http_source)

BOOST_AUTO_TEST_CASE(an_object_is_one_get_and_its_bytes) {
  REQUIRE_NGINX(nginx, "");
  const std::string bytes = Noise(3 << 20);
  nginx.Write("a b+c=d.gz", bytes);
  nginx.Write("empty", "");
  SourceOptions options = Impatient();
  options.user_agent = "study/1 (mailto:me@example.org)";
  BOOST_TEST((ReadAll(nginx.url("a b+c=d.gz"), options).bytes == bytes));
  BOOST_TEST(ReadAll(nginx.url("empty"), options).status.ok());
  const std::vector<Access> log = nginx.Log(2);
  BOOST_REQUIRE(log.size() == 2u);
  BOOST_TEST(log[0].user_agent == options.user_agent);
  BOOST_TEST(log[0].range == "-");
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_before_the_first_read) {
  REQUIRE_NGINX(nginx, "");
  BOOST_TEST(OpenHttpSource(nginx.url("a"), Impatient()).has_value());
  BOOST_TEST(nginx.Log().empty());
  BOOST_TEST(!OpenHttpSource("http://", Impatient()).has_value());
  BOOST_TEST(!OpenHttpSource("ftp://h/a", Impatient()).has_value());
}

BOOST_AUTO_TEST_CASE(a_small_buffer_pauses_the_transfer_and_loses_nothing) {
  REQUIRE_NGINX(nginx, "");
  const std::string bytes = Noise(8 << 20);
  nginx.Write("a", bytes);
  SourceOptions options = Impatient();
  for (const uint64_t buffer : {1ULL, 4096ULL, 1ULL << 20}) {
    options.buffer_bytes = buffer;
    BOOST_TEST((ReadAll(nginx.url("a"), options).bytes == bytes));
  }
}

BOOST_AUTO_TEST_CASE(cut_connections_are_taken_up_where_they_stopped) {
  REQUIRE_NGINX(nginx, kKinds);
  const std::string bytes = Noise(kObjectBytes);
  for (const char* kind :
       {"plain", "no-etag", "no-ranges", "bare", "chunked"}) {
    const std::string name = fmt::format("{}/a", kind);
    nginx.Write(name, bytes);
    int cuts = 0;
    const Outcome outcome =
        ReadAll(nginx.url(name), Patient(), 3 << 19, [&](size_t size) {
          if (size > 4 * kMegabyte) return;
          nginx.CutConnections();
          ++cuts;
        });
    BOOST_TEST(outcome.status.ok(), kind << ": " << outcome.status.message());
    BOOST_TEST((outcome.bytes == bytes), kind);
    BOOST_TEST(cuts >= 2, kind);
  }
  bool resumed_by_etag = false;
  for (const Access& access : nginx.Log()) {
    if (access.path != "/plain/a" || access.range == "-") continue;
    resumed_by_etag |= access.status == 206 && access.if_range != "-";
  }
  BOOST_TEST(resumed_by_etag);
}

BOOST_AUTO_TEST_CASE(a_changed_object_is_an_error_that_says_so) {
  REQUIRE_NGINX(nginx, kKinds);
  const std::string bytes = Noise(kObjectBytes);
  std::string longer = Noise(kObjectBytes + 7, 2);
  for (const char* kind :
       {"plain", "no-etag", "no-ranges", "bare", "chunked"}) {
    for (const size_t size : {bytes.size(), longer.size(), size_t{70000}}) {
      const std::string name = fmt::format("{}/a", kind);
      nginx.Write(name, bytes);
      nginx.Write("new", longer.substr(0, size));
      // As a new file of another second: nginx's ETag is time and size.
      std::filesystem::last_write_time(
          nginx.path("new"), std::filesystem::file_time_type::clock::now() +
                                 std::chrono::hours(1));
      bool swapped = false;
      const Outcome outcome =
          ReadAll(nginx.url(name), Patient(), kMegabyte, [&](size_t) {
            if (swapped) return;
            std::filesystem::rename(nginx.path("new"), nginx.path(name));
            nginx.CutConnections();
            swapped = true;
          });
      BOOST_TEST((outcome.status.code() == StatusCode::kIo), kind);
      BOOST_TEST(outcome.status.message().find("changed while it was read") !=
                     std::string::npos,
                 kind << ": " << outcome.status.message());
      BOOST_TEST(outcome.status.message().find(nginx.url(name)) == 0u);
      BOOST_TEST((bytes.starts_with(outcome.bytes)), kind);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_object_taken_away_is_an_error_that_says_so) {
  REQUIRE_NGINX(nginx, kKinds);
  nginx.Write("plain/a", Noise(kObjectBytes));
  const Outcome outcome =
      ReadAll(nginx.url("plain/a"), Patient(), kMegabyte, [&](size_t) {
        std::filesystem::remove(nginx.path("plain/a"));
        nginx.CutConnections();
      });
  BOOST_TEST((outcome.status.code() == StatusCode::kIo));
  BOOST_TEST(outcome.status.message().find("gone") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_restarts_is_waited_for) {
  REQUIRE_NGINX(nginx, kKinds);
  const std::string bytes = Noise(kObjectBytes);
  nginx.Write("plain/a", bytes);
  bool restarted = false;
  std::jthread restarter;
  const Outcome outcome =
      ReadAll(nginx.url("plain/a"), Patient(), kMegabyte, [&](size_t) {
        if (std::exchange(restarted, true)) return;
        nginx.CutConnections();
        nginx.Stop();
        restarter = std::jthread([&] {
          std::this_thread::sleep_for(std::chrono::milliseconds(300));
          nginx.Restart();
        });
      });
  restarter.join();
  BOOST_TEST((outcome.bytes == bytes), outcome.status.message());
}

BOOST_AUTO_TEST_CASE(a_stalled_connection_times_out_and_goes_on) {
  REQUIRE_NGINX(nginx, kKinds);
  const std::string bytes = Noise(kObjectBytes);
  nginx.Write("plain/a", bytes);
  bool frozen = false;
  std::jthread thaw;
  const Outcome outcome =
      ReadAll(nginx.url("plain/a"), Patient(), kMegabyte, [&](size_t) {
        if (std::exchange(frozen, true)) return;
        nginx.Freeze();
        thaw = std::jthread([&] {
          std::this_thread::sleep_for(std::chrono::seconds(4));
          nginx.Thaw();
        });
      });
  thaw.join();
  BOOST_TEST((outcome.bytes == bytes), outcome.status.message());
  const std::vector<Access> log = nginx.Log(2);
  BOOST_TEST(std::any_of(log.begin(), log.end(), [](const Access& access) {
    return access.status == 206;
  }));
}

BOOST_AUTO_TEST_CASE(a_trickle_above_the_limit_is_read_in_one_go) {
  REQUIRE_NGINX(nginx, "location / { limit_rate 20k; }");
  const std::string bytes = Noise(60000);
  nginx.Write("a", bytes);
  SourceOptions options = Impatient();
  options.stall_seconds = 2;  // less than all of it takes
  BOOST_TEST((ReadAll(nginx.url("a"), options).bytes == bytes));
  BOOST_TEST(nginx.Log(1).size() == 1u);
}

BOOST_AUTO_TEST_CASE(overload_is_met_with_patience) {
  REQUIRE_NGINX(nginx,
                "location / { limit_req zone=two; limit_req_status 503; }"
                "location /later/ { if (-f ROOT/down) { return 429; }"
                "  add_header Retry-After 1 always; }");
  RateLimiter limiter({.max_connections = 4, .requests_per_second = 0});
  SourceOptions options = Impatient();
  options.limiter = &limiter;
  options.max_attempts = 100000;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      const std::string name = fmt::format("f{}", i);
      nginx.Write(name, name);
      threads.emplace_back([&, name] {
        BOOST_TEST(ReadAll(nginx.url(name), options).bytes == name);
      });
    }
  }
  nginx.Write("later/a", "a");
  nginx.Write("down", "");
  std::jthread up([&] {
    nginx.WaitFor([](const Access& access) { return access.status == 429; });
    std::filesystem::remove(nginx.path("down"));
  });
  const Clock::time_point start = Clock::now();
  BOOST_TEST(ReadAll(nginx.url("later/a"), options).bytes == "a");
  // Retry-After counts, whatever our own back-off says.
  BOOST_TEST((Clock::now() - start >= std::chrono::milliseconds(990)));
}

BOOST_AUTO_TEST_CASE(a_server_that_stays_down_is_named_with_its_answer) {
  REQUIRE_NGINX(nginx,
                "location /down { return 503; }"
                "location /tomorrow { add_header Retry-After 99999 always;"
                "  return 503; }");
  SourceOptions options = Impatient();
  options.max_attempts = 3;
  const Outcome down = ReadAll(nginx.url("down"), options);
  BOOST_TEST((down.status.code() == StatusCode::kUnavailable));
  BOOST_TEST(down.status.message().find("after 3 attempts: the server "
                                        "answered 503") != std::string::npos);
  BOOST_TEST(nginx.Log(3).size() == 3u);
  const Outcome tomorrow = ReadAll(nginx.url("tomorrow"), options);
  BOOST_TEST((tomorrow.status.code() == StatusCode::kUnavailable));
  BOOST_TEST(nginx.Log(4).size() == 4u);
  const std::string nobody = fmt::format("http://127.0.0.1:{}/a", FreePort());
  BOOST_TEST(
      (ReadAll(nobody, options).status.code() == StatusCode::kUnavailable));
}

BOOST_AUTO_TEST_CASE(a_block_by_common_crawl_is_waited_out_by_all_threads) {
  REQUIRE_NGINX(nginx, "location /x { if (-f ROOT/blocked) { return 403; } }");
  nginx.Write("x1", "x");
  nginx.Write("x2", "x");
  nginx.Write("blocked", "");
  SourceOptions options = Impatient();
  // Elsewhere 403 is an answer.
  BOOST_TEST((ReadAll(nginx.url("x1"), options).status.code() ==
              StatusCode::kPermission));
  BOOST_TEST(nginx.Log(1).size() == 1u);

  options.commoncrawl_base = nginx.url();
  RateLimiter limiter({.max_connections = 4, .requests_per_second = 50});
  options.limiter = &limiter;
  const Clock::time_point start = Clock::now();
  std::jthread lift([&] {
    nginx.Log(2);  // the one above, and one of the two
    std::filesystem::remove(nginx.path("blocked"));
  });
  {
    std::vector<std::jthread> threads;
    for (const char* name : {"x1", "x2"}) {
      threads.emplace_back([&, name] {
        BOOST_TEST(ReadAll(nginx.url(name), options).bytes == "x");
      });
    }
  }
  const std::chrono::duration<double> taken = Clock::now() - start;
  const auto asked = static_cast<double>(nginx.Log(4).size() - 1);
  // Two at once may run into it, then a round each 0.4 s, and the answers.
  BOOST_TEST(asked <= 2 * (1 + taken.count() / options.blocked_seconds) + 2);
  BOOST_TEST(asked >= 3);  // one 403 at least
}

BOOST_AUTO_TEST_CASE(redirects_are_followed_within_bounds) {
  REQUIRE_NGINX(nginx,
                "location /to { return 302 /a; }"
                "location /loop { return 301 $scheme://$http_host/loop; }"
                "location /file { return 302 file:///etc/passwd; }"
                "location /none { return 302; }");
  nginx.Write("a", "a");
  BOOST_TEST(ReadAll(nginx.url("to"), Impatient()).bytes == "a");
  BOOST_TEST((ReadAll(nginx.url("loop"), Impatient()).status.code() ==
              StatusCode::kIo));
  for (const char* name : {"file", "none"}) {
    const Outcome outcome = ReadAll(nginx.url(name), Impatient());
    BOOST_TEST(!outcome.status.ok());
    BOOST_TEST(outcome.bytes.empty());
  }
}

BOOST_AUTO_TEST_CASE(refusals_have_their_codes) {
  REQUIRE_NGINX(nginx,
                "location /401 { return 401; } location /410 { return 410; }"
                "location /400 { return 400; } location /204 { return 204; }");
  const auto code = [&](const char* name) {
    return ReadAll(nginx.url(name), Impatient()).status.code();
  };
  BOOST_TEST((code("missing") == StatusCode::kNotFound));
  BOOST_TEST((code("410") == StatusCode::kNotFound));
  BOOST_TEST((code("401") == StatusCode::kPermission));
  BOOST_TEST((code("400") == StatusCode::kIo));
  BOOST_TEST((code("204") == StatusCode::kIo));
}

BOOST_AUTO_TEST_CASE(content_encoding_is_not_decoded) {
  REQUIRE_NGINX(nginx,
                "location / { add_header Content-Encoding gzip; }"
                "location /on-the-fly/ { gzip on; gzip_types *; }");
  nginx.Write("a", "no gzip at all");
  nginx.Write("on-the-fly/a", std::string(100000, 'x'));
  BOOST_TEST(ReadAll(nginx.url("a"), Impatient()).bytes == "no gzip at all");
  BOOST_TEST((ReadAll(nginx.url("on-the-fly/a"), Impatient()).bytes ==
              std::string(100000, 'x')));
}

BOOST_AUTO_TEST_CASE(requests_per_second_stay_below_the_limit_at_the_server) {
  REQUIRE_NGINX(nginx, "");
  constexpr double kLimit = 20;
  constexpr unsigned kConnections = 3;
  RateLimiter limiter(
      {.max_connections = kConnections, .requests_per_second = kLimit});
  SourceOptions options = Impatient();
  options.limiter = &limiter;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        for (int j = 0; j < 8; ++j) {
          // Found or not, it is a request.
          ReadAll(nginx.url(fmt::format("{}-{}", i, j)), options);
        }
      });
    }
  }
  std::vector<double> starts;
  for (const Access& access : nginx.Log(48)) starts.push_back(access.start);
  BOOST_REQUIRE(starts.size() == 48u);
  std::sort(starts.begin(), starts.end());
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto end =
        std::lower_bound(starts.begin(), starts.end(), starts[i] + 1);
    BOOST_TEST(static_cast<double>(end - starts.begin()) -
                   static_cast<double>(i) <=
               kLimit + 1 + kConnections);  // those on their way before
  }
  BOOST_TEST(starts.back() - starts.front() >=
             (48.0 - 1 - kConnections) / kLimit);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_a_silent_transfer_at_once) {
  REQUIRE_NGINX(nginx, "");
  nginx.Freeze();
  std::stop_source stop;
  SourceOptions options = Impatient();
  options.stop = stop.get_token();
  options.stall_seconds = 1000;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  const Clock::time_point start = Clock::now();
  BOOST_TEST((ReadAll(nginx.url("a"), options).status.code() ==
              StatusCode::kCancelled));
  BOOST_TEST((Clock::now() - start < std::chrono::seconds(20)));
}

BOOST_AUTO_TEST_CASE(lists_and_references_come_from_the_server_too) {
  REQUIRE_NGINX(nginx, "");
  nginx.Write("lists/x.paths", "one.gz\ncrawl-data/C/wet/0.gz\n");
  nginx.Write("crawl-data/C/wet.paths.gz",
              "crawl-data/C/wet/0.gz\ncrawl-data/C/wet/1.gz\n");
  SourceOptions options = Impatient();
  options.commoncrawl_base = nginx.url();
  const std::vector<std::string> arguments = {
      "cc:C/wet[1:]", "@" + nginx.url("lists/x.paths?v=1"),
      "@" + nginx.url("crawl-data/C/wet.paths.gz"), "@" + nginx.url("none")};
  const ExpandedInputs expanded = ExpandInputs(arguments, options);
  const std::vector<std::string> expected = {
      nginx.url("crawl-data/C/wet/1.gz"), nginx.url("lists/one.gz"),
      nginx.url("crawl-data/C/wet/0.gz")};
  BOOST_TEST(expanded.inputs == expected);
  BOOST_REQUIRE(expanded.failures.size() == 1u);
  BOOST_TEST((expanded.failures[0].status.code() == StatusCode::kNotFound));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

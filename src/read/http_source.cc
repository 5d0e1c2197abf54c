#include "read/http_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <random>
#include <utility>

#include "base/hash.h"
#include "read/http_headers.h"
#include "read/rate_limiter.h"
#include "read/s3_xml.h"

namespace peaktext {
namespace {

constexpr int kMaxRedirects = 10;
constexpr size_t kErrorBodyBytes = 4096;

// What tells one version of an object from the next.
struct Version {
  std::string etag;
  std::string last_modified;
  std::optional<uint64_t> size_bytes;
};

bool SameVersion(const Version& a, const Version& b) {
  if (a.size_bytes && b.size_bytes && *a.size_bytes != *b.size_bytes) {
    return false;
  }
  if (!a.etag.empty() && !b.etag.empty()) return a.etag == b.etag;
  return a.last_modified.empty() || b.last_modified.empty() ||
         a.last_modified == b.last_modified;
}

bool IsTransient(int status) {
  return status == 408 || status == 425 || status == 429 ||
         (status >= 500 && status != 501 && status != 505);
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

class HttpSource final : public ByteSource {
 public:
  HttpSource(HttpObject object, const SourceOptions& options)
      : object_(std::move(object)), options_(options) {
    if (options_.limiter == nullptr) {
      own_limiter_ = std::make_unique<RateLimiter>(RateLimiter::Limits{
          options_.max_connections, options_.requests_per_second});
      options_.limiter = own_limiter_.get();
    }
    if (const Result<std::string> host = HostOfUrl(options_.commoncrawl_base)) {
      crawl_host_ = *host;
    }
  }

  Result<size_t> Read(std::span<char> buffer) override;
  std::optional<uint64_t> size_bytes() const override {
    return version_ ? version_->size_bytes : std::nullopt;
  }
  const std::string& name() const override { return object_.name; }

 private:
  // All give kUnavailable for what another attempt may mend.
  Status StartTransfer();
  Status Exchange(const HttpRequest& request, HttpHead* head);
  Status TakeHead(const HttpHead& head);
  Status Resume(const HttpHead& head);
  Status SkipWhatWeHave();
  Status Refused(const HttpHead& head);
  std::string ErrorBody();

  void StopTransfer() {
    transfer_.reset();
    slot_.Release();
  }
  // After a fault: waits and gives ok, or the failure to end with.
  Status Recover(const Status& fault);
  Status Changed(std::string_view how) const {
    return {StatusCode::kIo,
            fmt::format("offset {}: changed while it was read: {}", position_,
                        how)};
  }
  bool IsComplete() const {
    return version_ && version_->size_bytes == position_;
  }
  bool IsCommonCrawl() const {
    return host_ == crawl_host_ || host_ == "commoncrawl.org" ||
           host_.ends_with(".commoncrawl.org");
  }

  const HttpObject object_;
  SourceOptions options_;
  std::unique_ptr<RateLimiter> own_limiter_;
  std::string crawl_host_;
  std::string host_;  // of the request under way
  RateLimiter::Slot slot_;
  std::unique_ptr<HttpTransfer> transfer_;
  std::optional<Version> version_;  // of the first answer
  uint64_t position_ = 0;           // bytes handed out
  // Over them: a server that gives the whole object where a part was asked for
  // is believed only when its beginning is the same.
  RunningHash hash_;
  unsigned failures_ = 0;          // in a row, without progress
  double asked_wait_seconds_ = 0;  // by the server, in its last refusal
  bool has_learnt_ = false;
  bool finished_ = false;
  Status status_;
  std::minstd_rand random_{std::random_device{}()};
  // Invariants: slot_ is held while transfer_ is there, and only then.
};

Result<size_t> HttpSource::Read(std::span<char> buffer) {
  while (status_.ok() && !finished_ && !buffer.empty()) {
    Status fault;
    if (transfer_ == nullptr) fault = StartTransfer();
    if (fault.ok() && !finished_) {
      const Result<size_t> got = transfer_->Read(buffer);
      if (got && *got > 0) {
        hash_.Update({buffer.data(), *got});
        position_ += *got;
        failures_ = 0;
        return *got;
      }
      if (!got) {
        fault = got.error();
      } else if (version_->size_bytes && !IsComplete()) {
        fault = Status(StatusCode::kUnavailable,
                       fmt::format("ended after {} of {} bytes", position_,
                                   *version_->size_bytes));
      } else {
        finished_ = true;
      }
    }
    StopTransfer();
    if (IsComplete() && fault.code() == StatusCode::kUnavailable) {
      finished_ = true;  // all is here, however the connection ended
    } else if (!fault.ok()) {
      status_ = Recover(fault);
    }
  }
  if (!status_.ok()) return Fail(status_);
  return 0;
}

Status HttpSource::Recover(const Status& fault) {
  const auto named = [&](StatusCode code, const std::string& message) {
    return Status(code, fmt::format("{}: {}", object_.name, message));
  };
  if (fault.code() != StatusCode::kUnavailable) {
    return named(fault.code(), fault.message());
  }
  if (++failures_ >= std::max(1U, options_.max_attempts)) {
    return named(StatusCode::kUnavailable,
                 fmt::format("offset {}: gave up after {} attempts: {}",
                             position_, failures_, fault.message()));
  }
  if (asked_wait_seconds_ > options_.retry_after_limit_seconds) {
    return named(StatusCode::kUnavailable,
                 fmt::format("{}; the server asks to wait for {:.0f} s",
                             fault.message(), asked_wait_seconds_));
  }
  const double doubled =
      options_.backoff_seconds *
      static_cast<double>(1U << std::min(failures_ - 1, 20U));
  const double longest = std::min(options_.backoff_limit_seconds, doubled);
  const double wait =
      longest * std::uniform_real_distribution<double>(0.5, 1.0)(random_);
  const double asked = std::exchange(asked_wait_seconds_, 0);
  const double seconds = std::max(wait, asked);
  if (options_.on_wait) {
    options_.on_wait(fmt::format("{}: {}; trying again in {:.1f} s",
                                 object_.name, fault.message(), seconds));
  }
  const Status waited = WaitSeconds(seconds, options_.stop);
  return waited.ok() ? waited : named(waited.code(), waited.message());
}

Status HttpSource::Exchange(const HttpRequest& request, HttpHead* head) {
  StopTransfer();
  const Result<std::string> host = HostOfUrl(request.url);
  if (!host) return host.error();
  host_ = *host;
  Result<RateLimiter::Slot> slot =
      options_.limiter->Acquire(host_, options_.stop);
  if (!slot) return slot.error();
  Result<std::unique_ptr<HttpTransfer>> transfer =
      HttpTransfer::Start(request, options_);
  if (!transfer) return transfer.error();
  slot_ = std::move(*slot);
  transfer_ = std::move(*transfer);
  const Result<HttpHead> answer = transfer_->WaitForHead();
  if (!answer) return answer.error();
  *head = *answer;
  return {};
}

Status HttpSource::StartTransfer() {
  Result<HttpRequest> request = object_.make_request();
  if (!request) return request.error();
  if (position_ > 0) {
    request->headers.push_back(fmt::format("Range: bytes={}-", position_));
    const std::string& validator =
        IsStrongEtag(version_->etag) ? version_->etag : version_->last_modified;
    if (!validator.empty())
      request->headers.push_back("If-Range: " + validator);
  }
  HttpHead head;
  for (int redirects = 0;; ++redirects) {
    if (Status status = Exchange(*request, &head); !status.ok()) return status;
    if (!IsRedirect(head.status) || !object_.follow_redirects) break;
    if (redirects == kMaxRedirects) {
      return {StatusCode::kIo,
              fmt::format("more than {} redirects", redirects)};
    }
    if (head.redirect_url.empty() ||
        (request->url.starts_with("https:") &&
         !head.redirect_url.starts_with("https:"))) {
      return {StatusCode::kIo,
              fmt::format("redirected to '{}', which is not followed",
                          OneLine(head.redirect_url))};
    }
    request->url = head.redirect_url;
  }
  return TakeHead(head);
}

Status HttpSource::TakeHead(const HttpHead& head) {
  if (head.status == 416 && position_ > 0) {
    const auto range = ParseContentRange(head.content_range);
    // Its size was not known before, and all of it is here.
    finished_ = range && range->total == position_ && !version_->size_bytes;
    return finished_ ? Status() : Changed("it is shorter now");
  }
  if (head.status != 200 && head.status != 206) return Refused(head);
  if (position_ > 0) return Resume(head);
  if (head.status == 206) {
    return {StatusCode::kIo, "answered with a part, the whole was asked for"};
  }
  const Version version{head.etag, head.last_modified, head.content_length};
  version_ = version;
  return {};
}

// The answer to a request for the rest.
Status HttpSource::Resume(const HttpHead& head) {
  Version version{head.etag, head.last_modified, head.content_length};
  if (head.status == 206) {
    const auto range = ParseContentRange(head.content_range);
    if (!range || range->first != position_) {
      return {StatusCode::kIo,
              fmt::format("offset {}: answered with '{}'", position_,
                          OneLine(head.content_range))};
    }
    version.size_bytes = range->total;
  }
  if (!SameVersion(*version_, version)) {
    return Changed(fmt::format(
        "ETag {} to {}, Last-Modified {} to {}, {} to {} bytes",
        OneLine(version_->etag), OneLine(version.etag),
        OneLine(version_->last_modified), OneLine(version.last_modified),
        version_->size_bytes.value_or(0), version.size_bytes.value_or(0)));
  }
  return head.status == 206 ? Status() : SkipWhatWeHave();
}

// The server knows no ranges: reads what is here already once more.
Status HttpSource::SkipWhatWeHave() {
  RunningHash again;
  std::array<char, 1 << 16> piece;
  for (uint64_t left = position_; left > 0;) {
    const size_t size =
        static_cast<size_t>(std::min<uint64_t>(piece.size(), left));
    const Result<size_t> got = transfer_->Read({piece.data(), size});
    if (!got) return got.error();
    if (*got == 0) return Changed("it is shorter now");
    again.Update({piece.data(), *got});
    left -= *got;
  }
  if (again.value() != hash_.value()) return Changed("its beginning differs");
  return {};
}

// The beginning of a refusal's body.
std::string HttpSource::ErrorBody() {
  std::string body(kErrorBodyBytes, '\0');
  size_t size = 0;
  while (size < body.size()) {
    const Result<size_t> got =
        transfer_->Read({body.data() + size, body.size() - size});
    if (!got || *got == 0) break;
    size += *got;
  }
  body.resize(size);
  return body;
}

Status HttpSource::Refused(const HttpHead& head) {
  const std::string body = ErrorBody();
  if (object_.learn && !has_learnt_ && object_.learn(head, body)) {
    has_learnt_ = true;
    return StartTransfer();
  }
  const S3Error error = ParseS3Error(body);
  std::string message = fmt::format("the server answered {}", head.status);
  if (!error.code.empty()) {
    message +=
        fmt::format(" ({}{}{})", OneLine(error.code),
                    error.message.empty() ? "" : ": ", OneLine(error.message));
  }
  if (IsTransient(head.status)) {
    const auto asked =
        ParseRetryAfter(head.retry_after, head.date, ::time(nullptr));
    asked_wait_seconds_ = asked.value_or(0);
    if (asked && *asked <= options_.retry_after_limit_seconds) {
      options_.limiter->BlockFor(host_, *asked);
    }
    return {StatusCode::kUnavailable, message};
  }
  if (head.status == 403 && IsCommonCrawl()) {
    options_.limiter->BlockFor(host_, options_.blocked_seconds);
    return {StatusCode::kUnavailable, message + ": blocked for a while"};
  }
  if (head.status == 404 || head.status == 410) {
    if (position_ > 0) return Changed("it is gone: " + message);
    return {StatusCode::kNotFound, message};
  }
  if (head.status == 401 || head.status == 403) {
    return {StatusCode::kPermission, message};
  }
  return {StatusCode::kIo, message};
}

}  // namespace

std::unique_ptr<ByteSource> MakeHttpSource(HttpObject object,
                                           const SourceOptions& options) {
  return std::make_unique<HttpSource>(std::move(object), options);
}

Result<std::unique_ptr<ByteSource>> OpenHttpSource(
    const std::string& url, const SourceOptions& options) {
  const std::string encoded = EncodeUrl(url);
  if (Result<std::string> host = HostOfUrl(encoded); !host) {
    return Fail(host.error());
  }
  HttpObject object;
  object.name = url;
  object.make_request = [encoded]() -> Result<HttpRequest> {
    // As stored: nothing compressed for the journey.
    return HttpRequest{encoded, {"Accept-Encoding: identity"}};
  };
  return MakeHttpSource(std::move(object), options);
}

}  // namespace peaktext

#include "read/http_client.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <stop_token>
#include <utility>

#include "read/http_headers.h"

namespace peaktext {
namespace {

constexpr long kCurlPieceBytes = 256L << 10;
constexpr int kPollMilliseconds = 1000;

struct EasyDeleter {
  void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { ::curl_url_cleanup(url); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;
using Url = std::unique_ptr<CURLU, UrlDeleter>;

// libcurl 7.84 and later initialise safely from any thread; once is enough.
bool CurlIsReady() {
  static const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  return code == CURLE_OK;
}

// Faults that the same request will meet again.
bool IsPermanent(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_OUT_OF_MEMORY:
      return true;
    default:
      return false;
  }
}

// `reference` as `base` means it; empty where it makes no URL.
std::string ResolveUrl(const std::string& base, const std::string& reference) {
  const Url url(::curl_url());
  char* whole = nullptr;
  if (url == nullptr ||
      ::curl_url_set(url.get(), CURLUPART_URL, base.c_str(),
                     CURLU_PATH_AS_IS) != CURLUE_OK ||
      ::curl_url_set(url.get(), CURLUPART_URL, EncodeUrl(reference).c_str(),
                     CURLU_PATH_AS_IS) != CURLUE_OK ||
      ::curl_url_get(url.get(), CURLUPART_URL, &whole, 0) != CURLUE_OK) {
    return {};
  }
  std::string resolved(whole);
  ::curl_free(whole);
  return resolved;
}

class CurlTransfer final : public HttpTransfer {
 public:
  CurlTransfer(std::string url, const SourceOptions& options)
      : url_(std::move(url)),
        options_(options),
        easy_(::curl_easy_init()),
        multi_(::curl_multi_init()) {}

  ~CurlTransfer() override {
    wake_.reset();
    if (added_) ::curl_multi_remove_handle(multi_.get(), easy_.get());
  }

  Status Prepare(const HttpRequest& request);
  Result<HttpHead> WaitForHead() override;
  Result<size_t> Read(std::span<char> buffer) override;

 private:
  static size_t OnBody(char* bytes, size_t unit, size_t count, void* self);
  static size_t OnHeader(char* line, size_t unit, size_t count, void* self);

  size_t unread() const { return buffer_.size() - read_at_; }
  bool ended() const { return done_ || !failure_.ok(); }
  // Lets curl do what it can without waiting.
  Status Perform();
  // Waits until something happened on the connection, at most for a while.
  Status Wait();
  Status Finished(CURLcode code);
  std::string Header(const char* name) const;
  HttpHead Head() const;

  const std::string url_;
  const SourceOptions options_;
  Easy easy_;
  Multi multi_;
  List headers_;
  char error_[CURL_ERROR_SIZE] = "";
  std::optional<std::stop_callback<std::function<void()>>> wake_;
  std::string buffer_;
  size_t read_at_ = 0;  // buffer_ is read up to here
  bool added_ = false;
  bool paused_ = false;
  bool has_head_ = false;
  bool done_ = false;
  Status failure_;
  // Since the window of the stall check began: seconds that we waited (not
  // those that the caller took) and bytes that came.
  double waited_seconds_ = 0;
  uint64_t came_bytes_ = 0;
  // Invariants: added_ iff easy_ is in multi_; unread() < buffer_bytes + one
  // piece of curl's.
};

Status CurlTransfer::Prepare(const HttpRequest& request) {
  if (!CurlIsReady() || easy_ == nullptr || multi_ == nullptr) {
    return {StatusCode::kIo, "libcurl does not start"};
  }
  for (const std::string& header : request.headers) {
    curl_slist* longer = ::curl_slist_append(headers_.get(), header.c_str());
    if (longer == nullptr) return {StatusCode::kIo, "out of memory"};
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }
  CURL* easy = easy_.get();
  const std::string agent = options_.user_agent.empty()
                                ? "peaktext/" PEAKTEXT_VERSION
                                : options_.user_agent;
  ::curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  ::curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  ::curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  ::curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  ::curl_easy_setopt(easy, CURLOPT_USERAGENT, agent.c_str());
  ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED);
  ::curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT,
                     static_cast<long>(options_.connect_seconds));
  ::curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kCurlPieceBytes);
  ::curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_);
  ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::OnBody);
  ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::OnHeader);
  ::curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  added_ = ::curl_multi_add_handle(multi_.get(), easy) == CURLM_OK;
  if (!added_) return {StatusCode::kIo, "libcurl takes no transfer"};
  wake_.emplace(options_.stop,
                [multi = multi_.get()] { ::curl_multi_wakeup(multi); });
  return {};
}

size_t CurlTransfer::OnBody(char* bytes, size_t unit, size_t count,
                            void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.has_head_ = true;
  if (transfer.unread() >= transfer.options_.buffer_bytes) {
    transfer.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (transfer.read_at_ > transfer.buffer_.size() / 2) {
    transfer.buffer_.erase(0, transfer.read_at_);
    transfer.read_at_ = 0;
  }
  transfer.buffer_.append(bytes, unit * count);
  transfer.came_bytes_ += unit * count;
  return unit * count;
}

size_t CurlTransfer::OnHeader(char* line, size_t unit, size_t count,
                              void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const size_t size = unit * count;
  transfer.came_bytes_ += size;
  const std::string_view text(line, size);
  if (text == "\r\n" || text == "\n") {
    // Not the end of a 100 Continue, nor of a proxy's answer to CONNECT.
    long code = 0;
    ::curl_easy_getinfo(transfer.easy_.get(), CURLINFO_RESPONSE_CODE, &code);
    transfer.has_head_ = code >= 200;
  }
  return size;
}

Status CurlTransfer::Finished(CURLcode code) {
  done_ = true;
  if (code == CURLE_OK) {
    has_head_ = true;
    return {};
  }
  const char* why = error_[0] != '\0' ? error_ : ::curl_easy_strerror(code);
  return {code == CURLE_URL_MALFORMAT ? StatusCode::kInvalidArgument
          : IsPermanent(code)         ? StatusCode::kIo
                                      : StatusCode::kUnavailable,
          OneLine(why)};
}

Status CurlTransfer::Perform() {
  if (options_.stop.stop_requested()) {
    return {StatusCode::kCancelled, "cancelled"};
  }
  if (paused_ && unread() < options_.buffer_bytes / 2 + 1) {
    paused_ = false;
    ::curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
  }
  int running = 0;
  if (const CURLMcode code = ::curl_multi_perform(multi_.get(), &running);
      code != CURLM_OK) {
    return {StatusCode::kIo, ::curl_multi_strerror(code)};
  }
  int left = 0;
  while (const CURLMsg* message = ::curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg == CURLMSG_DONE) return Finished(message->data.result);
  }
  return {};
}

Status CurlTransfer::Wait() {
  const auto before = std::chrono::steady_clock::now();
  ::curl_multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr);
  waited_seconds_ +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - before)
          .count();
  if (came_bytes_ >= options_.stall_bytes) {
    waited_seconds_ = 0;
    came_bytes_ = 0;
  }
  if (waited_seconds_ >= options_.stall_seconds) {
    return {StatusCode::kUnavailable,
            fmt::format("stalled: {} bytes in {} s", came_bytes_,
                        options_.stall_seconds)};
  }
  return {};
}

Result<HttpHead> CurlTransfer::WaitForHead() {
  while (!has_head_) {
    if (Status status = Perform(); !status.ok()) return Fail(status);
    if (has_head_) break;
    if (Status status = Wait(); !status.ok()) return Fail(status);
  }
  return Head();
}

Result<size_t> CurlTransfer::Read(std::span<char> buffer) {
  if (unread() < buffer.size() && !ended()) failure_ = Perform();
  while (unread() == 0 && !ended()) {
    failure_ = Wait();
    if (!ended()) failure_ = Perform();
  }
  // What came before a fault is handed out first; the fault stays.
  if (unread() == 0 && !failure_.ok()) return Fail(failure_);
  const size_t size = std::min(buffer.size(), unread());
  if (size > 0) std::memcpy(buffer.data(), buffer_.data() + read_at_, size);
  read_at_ += size;
  if (unread() == 0) {
    buffer_.clear();
    read_at_ = 0;
  }
  return size;
}

std::string CurlTransfer::Header(const char* name) const {
  curl_header* header = nullptr;
  // The last request's (-1), whatever went before it.
  if (::curl_easy_header(easy_.get(), name, 0, CURLH_HEADER, -1, &header) !=
      CURLHE_OK) {
    return {};
  }
  return header->value;
}

HttpHead CurlTransfer::Head() const {
  HttpHead head;
  long status = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  head.status = static_cast<int>(status);
  curl_off_t length = -1;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length >= 0) head.content_length = static_cast<uint64_t>(length);
  head.etag = Header("ETag");
  head.last_modified = Header("Last-Modified");
  head.content_range = Header("Content-Range");
  head.retry_after = Header("Retry-After");
  head.date = Header("Date");
  head.bucket_region = Header("x-amz-bucket-region");
  const std::string location = Header("Location");
  if (status / 100 == 3 && !location.empty()) {
    head.redirect_url = ResolveUrl(url_, location);
  }
  return head;
}

}  // namespace

Result<std::unique_ptr<HttpTransfer>> HttpTransfer::Start(
    const HttpRequest& request, const SourceOptions& options) {
  auto transfer = std::make_unique<CurlTransfer>(request.url, options);
  if (Status status = transfer->Prepare(request); !status.ok()) {
    return Fail(std::move(status));
  }
  return transfer;
}

Result<std::string> HostOfUrl(const std::string& url) {
  const Url parsed(::curl_url());
  const bool is_http =
      url.starts_with("http://") || url.starts_with("https://");
  char* host = nullptr;
  char* port = nullptr;
  if (!is_http || parsed == nullptr ||
      ::curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(),
                     CURLU_PATH_AS_IS) != CURLUE_OK ||
      ::curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK) {
    return Fail(StatusCode::kInvalidArgument, url + ": not a URL");
  }
  std::string name(host);
  ::curl_free(host);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (::curl_url_get(parsed.get(), CURLUPART_PORT, &port, 0) == CURLUE_OK) {
    name += fmt::format(":{}", port);
    ::curl_free(port);
  }
  return name;
}

}  // namespace peaktext

#include "read/s3_xml.h"

#include <curl/curl.h>  // percent-decoding
#include <expat.h>
#include <fmt/core.h>

#include <charconv>
#include <memory>

namespace peaktext {
namespace {

// Names and keys are short; a listing that nests deeper or holds a longer text
// is none of ours.
constexpr size_t kTextLimitBytes = 64 << 10;
constexpr size_t kDepthLimit = 16;

struct ParserDeleter {
  void operator()(XML_Parser parser) const { ::XML_ParserFree(parser); }
};

// Calls `on_element(path, text)` at each end tag; the path is of local names,
// as in "ListBucketResult/Contents/Key".
template <class OnElement>
class Walk {
 public:
  explicit Walk(OnElement on_element) : on_element_(on_element) {}

  // True when the document is whole and well-formed.
  bool Run(std::string_view xml) {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, ParserDeleter>
        parser(::XML_ParserCreate(nullptr));
    if (parser == nullptr || xml.size() > (1U << 30)) return false;
    parser_ = parser.get();
    ::XML_SetUserData(parser_, this);
    ::XML_SetElementHandler(parser_, &Walk::OnStart, &Walk::OnEnd);
    ::XML_SetCharacterDataHandler(parser_, &Walk::OnText);
    return ::XML_Parse(parser_, xml.data(), static_cast<int>(xml.size()), 1) ==
           XML_STATUS_OK;
  }

 private:
  static void OnStart(void* self, const char* name, const char**) {
    auto& walk = *static_cast<Walk*>(self);
    if (walk.depth_++ == kDepthLimit) ::XML_StopParser(walk.parser_, XML_FALSE);
    const std::string_view full(name);
    const size_t colon = full.rfind(':');  // a namespace's prefix
    if (!walk.path_.empty()) walk.path_ += '/';
    walk.path_ += full.substr(colon == std::string_view::npos ? 0 : colon + 1);
    walk.text_.clear();
  }
  static void OnEnd(void* self, const char*) {
    auto& walk = *static_cast<Walk*>(self);
    walk.on_element_(std::string_view(walk.path_), walk.text_);
    const size_t slash = walk.path_.rfind('/');
    walk.path_.resize(slash == std::string::npos ? 0 : slash);
    walk.text_.clear();
    --walk.depth_;
  }
  static void OnText(void* self, const char* text, int size) {
    auto& walk = *static_cast<Walk*>(self);
    if (walk.text_.size() + static_cast<size_t>(size) > kTextLimitBytes) {
      ::XML_StopParser(walk.parser_, XML_FALSE);
      return;
    }
    walk.text_.append(text, static_cast<size_t>(size));
  }

  OnElement on_element_;
  XML_Parser parser_ = nullptr;
  std::string path_;
  std::string text_;
  size_t depth_ = 0;
};

std::string PercentDecoded(const std::string& text) {
  int size = 0;
  char* decoded = ::curl_easy_unescape(nullptr, text.c_str(),
                                       static_cast<int>(text.size()), &size);
  if (decoded == nullptr) return text;
  std::string result(decoded, static_cast<size_t>(size));
  ::curl_free(decoded);
  return result;
}

// With encoding-type=url a blank is "+" (AWS and Ceph encode as forms do), and
// a plus sign is %2B.
std::string DecodedKey(std::string key) {
  for (char& c : key) {
    if (c == '+') c = ' ';
  }
  return PercentDecoded(key);
}

}  // namespace

Result<S3Page> ParseS3Page(std::string_view xml) {
  S3Page page;
  S3Object object;
  bool is_encoded = false;
  bool is_listing = false;
  bool is_sound = true;
  Walk walk([&](std::string_view path, const std::string& text) {
    constexpr std::string_view kRoot = "ListBucketResult";
    if (!path.starts_with(kRoot)) return;
    path.remove_prefix(kRoot.size());
    if (path.empty()) {
      is_listing = true;
    } else if (path == "/IsTruncated") {
      page.truncated = text == "true";
    } else if (path == "/NextContinuationToken") {
      page.continuation_token = text;
    } else if (path == "/EncodingType") {
      is_encoded = text == "url";
    } else if (path == "/Contents/Key") {
      object.key = text;
    } else if (path == "/Contents/Size") {
      const auto [end, error] = std::from_chars(
          text.data(), text.data() + text.size(), object.size_bytes);
      is_sound &= error == std::errc() && end == text.data() + text.size();
    } else if (path == "/Contents") {
      is_sound &= !object.key.empty();
      page.objects.push_back(std::move(object));
      object = {};
    }
  });
  if (!walk.Run(xml) || !is_listing || !is_sound) {
    return Fail(StatusCode::kIo, "the answer is no S3 listing");
  }
  if (page.truncated && page.continuation_token.empty()) {
    return Fail(StatusCode::kIo, "the S3 listing is cut and cannot go on");
  }
  if (is_encoded) {
    for (S3Object& each : page.objects) each.key = DecodedKey(each.key);
  }
  return page;
}

S3Error ParseS3Error(std::string_view xml) {
  S3Error error;
  Walk walk([&](std::string_view path, const std::string& text) {
    if (path == "Error/Code") error.code = text;
    if (path == "Error/Message") error.message = text;
    if (path == "Error/Region") error.region = text;
  });
  // What came before a cut counts: only the beginning of a body is kept.
  static_cast<void>(walk.Run(xml));
  return error;
}

}  // namespace peaktext

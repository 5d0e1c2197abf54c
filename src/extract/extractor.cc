// Common Crawl stores bodies with transfer and content codings taken off and
// renames the header fields that announced them to X-Crawler-...: such a body
// is never decoded again.
#include "extract/extractor.h"

#include <fmt/format.h>

#include <string>

#include "base/utf8.h"
#include "extract/content_decoder.h"
#include "extract/date.h"
#include "extract/digest.h"
#include "extract/html_page.h"
#include "extract/http_message.h"
#include "extract/language.h"
#include "extract/priority.h"

namespace peaktext {
namespace {

constexpr size_t kKeptBufferBytes = 16 << 20;
constexpr std::string_view kUnknownLanguage = "und";

bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) {
  return EqualsIgnoreCase(text.substr(0, prefix.size()), prefix);
}

bool IsHtmlType(std::string_view media_type) {
  const std::string_view essence =
      TrimBlanks(media_type.substr(0, media_type.find_first_of(";,")));
  return EqualsIgnoreCase(essence, "text/html") ||
         EqualsIgnoreCase(essence, "application/xhtml+xml") ||
         EqualsIgnoreCase(essence, "application/vnd.wap.xhtml+xml");
}

// A page by its first bytes, as browsers sniff one (WHATWG MIME Sniffing, 7.1).
bool LooksLikeHtml(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  bytes = TrimBlanks(bytes.substr(0, 512));
  for (const std::string_view start :
       {"<!doctype html", "<html", "<head", "<body", "<title", "<meta", "<!--",
        "<script", "<style", "<div", "<table", "<h1", "<p>", "<br", "<a "}) {
    if (StartsWithIgnoreCase(bytes, start)) return true;
  }
  return false;
}

// What some servers call text/html all the same.
bool LooksBinary(std::string_view bytes) {
  for (const std::string_view magic :
       {"%PDF-", "\x89PNG", "GIF8", "\xFF\xD8\xFF", "PK\x03\x04", "\x1F\x8B",
        "Rar!", "RIFF", "OggS", "ID3", "BZh", "\177ELF", "wOFF",
        "7z\xBC\xAF"}) {
    if (bytes.starts_with(magic)) return true;
  }
  return false;
}

enum class PageType { kHtml, kOther, kUnknown };

// The type that was found by looking at the content beats the server's word.
PageType TypeOf(const Record& record, std::string_view served) {
  const std::string_view identified =
      FindHeader(record.header, "WARC-Identified-Payload-Type");
  const std::string_view type = identified.empty() ? served : identified;
  if (type.empty()) return PageType::kUnknown;
  return IsHtmlType(type) ? PageType::kHtml : PageType::kOther;
}

bool IsHtmlPage(PageType type, std::string_view body) {
  if (type == PageType::kOther || LooksBinary(body)) return false;
  return type == PageType::kHtml || LooksLikeHtml(body);
}

bool IsWebUri(std::string_view uri) {
  return StartsWithIgnoreCase(uri, "http") || StartsWithIgnoreCase(uri, "ftp");
}

}  // namespace

struct Extractor::State {
  explicit State(const ExtractOptions& o)
      : options(o),
        decoder({.max_bytes = o.max_body_bytes, .max_ratio = o.max_ratio}) {}

  ExtractOptions options;
  ContentDecoder decoder;
  HtmlPage page;
  std::string text;  // repaired
  std::string id;
  std::string_view reason;
  DropCounts dropped;
  Stats stats;

  ExtractOutcome Drop(std::string_view why, const Record& record) {
    reason = why;
    dropped.Add(why, record.body.size());
    return ExtractOutcome::kDropped;
  }

  void CheckDigests(const Record& record) {
    const RecordDigests digests = VerifyDigests(record);
    for (const DigestVerdict verdict : {digests.block, digests.payload}) {
      stats.digests_checked +=
          verdict == DigestVerdict::kOk || verdict == DigestVerdict::kWrong;
      stats.digests_wrong += verdict == DigestVerdict::kWrong;
    }
  }

  void Describe(std::string_view input, const Record& record,
                Document* document) {
    document->url = record.uri;
    document->offset = record.offset;
    document->date_seconds = ParseDate(record.date);
    document->priority = ParsePriority(record.priority);
    if (!record.id.empty()) {
      document->id = record.id;
      return;
    }
    if (!record.continued) {
      id = record.stored_bytes > 0 || record.decoded_offset == record.offset
               ? fmt::format("{}#{}", input, record.offset)
               : fmt::format("{}#{}+{}", input, record.offset,
                             record.decoded_offset);
    }
    document->id = id;
  }

  ExtractOutcome FromText(const Record& record, Document* document) {
    const std::string_view body(record.body.data(), record.body.size());
    document->text = body;
    if (body.empty()) return Drop("empty", record);
    if (record.more || record.continued || IsValidUtf8(body)) {
      return ExtractOutcome::kDocument;
    }
    text.clear();
    stats.replaced_characters += AppendRepairedUtf8(body, &text);
    document->text = text;
    return ExtractOutcome::kDocument;
  }

  ExtractOutcome FromHtml(const Record& record, std::string_view content_type,
                          std::span<char> body, Document* document) {
    document->text = page.ToText(content_type, body);
    stats.replaced_characters += page.replaced();
    if (TrimBlanks(document->text).empty()) return Drop("empty", record);
    return ExtractOutcome::kDocument;
  }

  ExtractOutcome FromHttp(Record& record, Document* document) {
    const std::string_view block(record.body.data(), record.body.size());
    const HttpMessage message = ParseHttpMessage(block);
    if (message.has_status_line && message.status / 100 != 2) {
      return Drop("http_status", record);
    }
    const std::string_view content_type = message.Field("Content-Type");
    const PageType type = TypeOf(record, content_type);
    // Before the decoding, which images and scripts are not worth.
    if (type == PageType::kOther) return Drop("not_html", record);
    std::span<char> body =
        record.body.subspan(record.body.size() - message.body.size());
    if (message.IsChunked()) body = body.first(DecodeChunkedInPlace(body));
    if (!message.HasField("X-Crawler-Content-Encoding")) {
      const std::string_view coded(body.data(), body.size());
      std::string codings = message.JoinedField("Content-Encoding");
      // No page looks like that: some servers do not say what they send.
      if (codings.empty() && coded.starts_with("\x1f\x8b\x08")) {
        codings = "gzip";
      }
      const DecodedBody decoded = decoder.Decode(codings, coded);
      if (decoded.fault == DecodeFault::kBomb) return Drop("bomb", record);
      if (decoded.fault == DecodeFault::kTooLarge) {
        return Drop("too_large", record);
      }
      stats.damaged_bodies += decoded.damaged;
      if (decoded.in_buffer) body = decoder.buffer();
    }
    if (body.empty()) return Drop("empty", record);
    if (!IsHtmlPage(type, {body.data(), body.size()})) {
      return Drop("not_html", record);
    }
    return FromHtml(record, content_type, body, document);
  }

  // A record whose block is the thing itself: resource, ARC without HTTP head.
  ExtractOutcome FromResource(Record& record, Document* document) {
    const std::string_view block(record.body.data(), record.body.size());
    if (!IsHtmlPage(TypeOf(record, record.media_type), block)) {
      // The crawler's own logs and manifests are no lost documents.
      return IsWebUri(record.uri) ? Drop("not_html", record)
                                  : ExtractOutcome::kSkipped;
    }
    return FromHtml(record, record.media_type, record.body, document);
  }

  ExtractOutcome Dispatch(Record& record, Document* document) {
    if (record.format != RecordFormat::kWarc &&
        record.format != RecordFormat::kArc) {
      return FromText(record, document);
    }
    if (record.type == "conversion") {
      if (!record.media_type.empty() &&
          !StartsWithIgnoreCase(record.media_type, "text/")) {
        return Drop("not_text", record);
      }
      return FromText(record, document);
    }
    if (record.uri.starts_with("dns:") || record.uri.starts_with("filedesc:")) {
      return ExtractOutcome::kSkipped;
    }
    const std::string_view block(record.body.data(), record.body.size());
    const bool http =
        StartsWithIgnoreCase(record.media_type, "application/http") ||
        block.starts_with("HTTP/");
    if (record.type == "response" || record.format == RecordFormat::kArc) {
      return http ? FromHttp(record, document) : FromResource(record, document);
    }
    if (record.type == "resource") return FromResource(record, document);
    return ExtractOutcome::kSkipped;
  }

  void NameLanguage(const Record& record, Document* document) const {
    document->language = HeaderLanguage(record.language);
    if (!document->language.empty() && document->language != kUnknownLanguage) {
      return;
    }
    document->language = options.detect_language && !record.continued
                             ? DetectLanguage(document->text)
                             : kUnknownLanguage;
  }
};

Extractor::Extractor(ExtractOptions options)
    : state_(std::make_unique<State>(options)) {}
Extractor::~Extractor() = default;
Extractor::Extractor(Extractor&&) noexcept = default;
Extractor& Extractor::operator=(Extractor&&) noexcept = default;

ExtractOutcome Extractor::Extract(std::string_view input, Record& record,
                                  Document* document) {
  State& state = *state_;
  state.decoder.ShrinkBeyond(kKeptBufferBytes);
  state.page.ShrinkBeyond(kKeptBufferBytes);
  if (state.text.capacity() > kKeptBufferBytes) std::string().swap(state.text);

  *document = {};
  if (state.options.verify_digests) state.CheckDigests(record);
  const ExtractOutcome outcome = state.Dispatch(record, document);
  if (outcome != ExtractOutcome::kDocument) return outcome;
  state.Describe(input, record, document);
  state.NameLanguage(record, document);
  state.stats.truncated += !record.truncated.empty();
  return outcome;
}

const DropCounts& Extractor::dropped() const { return state_->dropped; }
std::string_view Extractor::last_reason() const { return state_->reason; }
const Extractor::Stats& Extractor::stats() const { return state_->stats; }

}  // namespace peaktext

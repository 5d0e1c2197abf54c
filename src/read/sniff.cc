#include "read/sniff.h"

#include <algorithm>

#include "read/block_syntax.h"
#include "read/buffer_sizes.h"
#include "read/gzip_decoder.h"

namespace peaktext {
namespace {

constexpr size_t kSniffBytes = BufferBytes(64 << 10);
constexpr std::string_view kGzip = "\x1f\x8b";
constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
constexpr std::string_view kLz4 = "\x04\x22\x4d\x18";
constexpr std::string_view kSkippable = "\x2a\x4d\x18";  // after 0x50..0x5f
constexpr std::string_view kParquet = "PAR1";
constexpr std::string_view kBlank{" \t\r\n\0", 5};

bool IsSkippable(std::string_view data) {
  return data.size() >= 8 && (data[0] & 0xf0) == 0x50 &&
         data.substr(1).starts_with(kSkippable);
}

// zstd and lz4 share their skippable frames: what comes after them tells.
Compression BehindSkippable(std::string_view data) {
  while (IsSkippable(data)) {
    size_t bytes = 8;
    for (size_t i = 0; i < 4; ++i) {
      bytes += size_t{static_cast<unsigned char>(data[4 + i])} << (8 * i);
    }
    if (bytes >= data.size()) break;
    data.remove_prefix(bytes);
  }
  return data.starts_with(kLz4) ? Compression::kLz4 : Compression::kZstd;
}

std::string_view WithoutBlankStart(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text;
}

bool StartsLikeJson(std::string_view text) {
  if (!text.starts_with('{')) return false;
  const size_t next = text.find_first_not_of(" \t", 1);
  return next != std::string_view::npos &&
         (text[next] == '"' || text[next] == '}');
}

// Several lines, most of them JSON objects: JSONL whose first line is damaged.
bool MostLinesAreJson(std::string_view text) {
  int lines = 0;
  int objects = 0;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    if (newline == std::string_view::npos) break;
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline + 1);
    while (!line.empty() &&
           kBlank.find(line.back()) != std::string_view::npos) {
      line.remove_suffix(1);
    }
    if (line.empty()) continue;
    ++lines;
    if (StartsLikeJson(line) && line.ends_with('}')) ++objects;
  }
  if (StartsLikeJson(text)) {
    ++lines;
    ++objects;
  }
  return objects * 2 >= lines && objects > 0;
}

}  // namespace

Compression SniffCompression(StoredInput* input) {
  input->Fill(kSniffBytes);
  const std::string_view data = input->data().substr(0, 4 * kSniffBytes);
  if (data.starts_with(kGzip)) return Compression::kGzip;
  if (data.starts_with(kZstd)) return Compression::kZstd;
  if (data.starts_with(kLz4)) return Compression::kLz4;
  if (data.starts_with(kParquet)) return Compression::kParquet;
  if (IsSkippable(data)) return BehindSkippable(data);
  if (SniffFormat(data) != RecordFormat::kText) return Compression::kNone;
  // Amid junk: a magic number alone may stand in any file, so the next bytes
  // must be a header too.
  for (size_t at = 0; (at = data.find(kGzip, at)) != std::string_view::npos;
       ++at) {
    if (GzipHeaderBytes(data.substr(at)) != 0) return Compression::kGzip;
  }
  const size_t zstd = data.find(kZstd);
  const size_t lz4 = data.find(kLz4);
  if (zstd != std::string_view::npos) return Compression::kZstd;
  return lz4 != std::string_view::npos ? Compression::kLz4 : Compression::kNone;
}

bool StartsLikeRecord(std::string_view decoded) {
  const std::string_view text = WithoutBlankStart(decoded);
  return WarcSyntax().StartsHere(text, true) == Match::kYes ||
         ArcSyntax().StartsHere(text, true) == Match::kYes ||
         StartsLikeJson(text);
}

RecordFormat SniffFormat(std::string_view decoded) {
  const std::string_view text = WithoutBlankStart(decoded);
  if (text.empty()) return RecordFormat::kText;
  if (WarcSyntax().StartsHere(text, false) == Match::kYes) {
    return RecordFormat::kWarc;
  }
  if (ArcSyntax().StartsHere(text, false) == Match::kYes) {
    return RecordFormat::kArc;
  }
  if (StartsLikeJson(text)) return RecordFormat::kJsonl;
  const size_t end = std::min(text.size(), kSniffBytes);
  size_t undecided = 0;
  if (FindRecordStart(WarcSyntax(), text.substr(0, end), 0, &undecided) !=
      std::string_view::npos) {
    return RecordFormat::kWarc;
  }
  if (FindRecordStart(ArcSyntax(), text.substr(0, end), 0, &undecided) !=
      std::string_view::npos) {
    return RecordFormat::kArc;
  }
  return MostLinesAreJson(text.substr(0, end)) ? RecordFormat::kJsonl
                                               : RecordFormat::kText;
}

}  // namespace peaktext

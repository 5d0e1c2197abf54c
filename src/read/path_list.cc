#include "read/path_list.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace peaktext {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::array<std::string_view, 5> kKinds = {
    "warc", "wat", "wet", "robotstxt", "non200responses"};

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// zlib's inflate state, freed at the end of the scope.
struct Inflater {
  z_stream stream{};
  Inflater() { inflateInit2(&stream, 15 + 16); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

// All members of a gzip file; the stream must end where a member ends.
Result<std::string> Gunzip(std::string_view name, std::string_view bytes) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  std::string text;
  std::array<char, 1 << 16> piece;
  stream.next_in =
      const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    text.append(piece.data(), piece.size() - stream.avail_out);
    if (text.size() > kListLimitBytes) {
      return Fail(StatusCode::kUnsupported,
                  fmt::format("{}: a list of more than {} bytes", name,
                              kListLimitBytes));
    }
    if (code == Z_STREAM_END) {
      if (stream.avail_in == 0) return text;
      inflateReset(&stream);
    } else if (code != Z_OK) {
      const bool cut = code == Z_BUF_ERROR && stream.avail_in == 0;
      return Fail(StatusCode::kCorrupt,
                  fmt::format("{}: offset {}: the gzip list is {}", name,
                              bytes.size() - stream.avail_in,
                              cut ? "cut short" : "damaged"));
    }
  }
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// The inside of [...]; nullopt where it is not a range.
std::optional<ListRange> ParseRange(std::string_view text) {
  ListRange range;
  std::array<std::string_view, 3> parts;
  size_t count = 0;
  while (true) {
    const size_t colon = text.find(':');
    if (count == parts.size()) return std::nullopt;
    parts[count++] = Trimmed(text.substr(0, colon));
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
  }
  range.single = count == 1;
  if (range.single && parts[0].empty()) return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    if (parts[i].empty()) continue;
    const std::optional<int64_t> value = ParseInteger(parts[i]);
    if (!value || (i == 2 && *value < 1)) return std::nullopt;
    if (i == 0) range.first = value;
    if (i == 1) range.last = value;
    if (i == 2) range.step = *value;
  }
  return range;
}

bool IsCrawlName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
  };
  return !name.empty() && name.front() != '/' && name.back() != '/' &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

Result<std::string> DecodeList(std::string_view name, std::string bytes) {
  if (bytes.starts_with(kGzipMagic)) return Gunzip(name, bytes);
  if (bytes.find('\0') != std::string::npos) {
    return Fail(
        StatusCode::kInvalidArgument,
        fmt::format("{}: not a list of paths: it holds zero bytes", name));
  }
  return bytes;
}

std::vector<std::string> ParseList(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    if (!line.empty() && line.front() != '#') lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string ResolveListed(std::string_view line, std::string_view base) {
  if (line.starts_with('/') || line.find("://") != std::string_view::npos ||
      base.empty()) {
    return std::string(line);
  }
  while (line.starts_with("./")) line.remove_prefix(2);
  return fmt::format("{}{}", base, line);
}

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view()
                                         : path.substr(0, slash + 1);
}

Result<std::vector<uint64_t>> SelectLines(const ListRange& range,
                                          uint64_t count) {
  const int64_t size = static_cast<int64_t>(count);
  const auto clamped = [size](int64_t index) {
    if (index < 0) index = std::max<int64_t>(index, -size) + size;
    return std::min(index, size);
  };
  std::vector<uint64_t> lines;
  if (range.single) {
    const int64_t index = *range.first;
    if (index >= size || index < -size) {
      return Fail(StatusCode::kInvalidArgument,
                  fmt::format("[{}]: the list has {} shards", index, size));
    }
    lines.push_back(static_cast<uint64_t>(index < 0 ? index + size : index));
    return lines;
  }
  const int64_t first = clamped(range.first.value_or(0));
  const int64_t last = clamped(range.last.value_or(size));
  for (int64_t i = first; i < last;) {
    lines.push_back(static_cast<uint64_t>(i));
    if (range.step >= last - i) break;
    i += range.step;
  }
  return lines;
}

std::string CommonCrawlReference::list_path() const {
  return fmt::format("crawl-data/{}/{}.paths.gz", crawl, kind);
}

Result<CommonCrawlReference> ParseCommonCrawlReference(std::string_view text) {
  CommonCrawlReference reference;
  std::string_view rest = text.substr(3);
  if (const size_t open = rest.find('['); open != std::string_view::npos) {
    const std::string_view tail = rest.substr(open + 1);
    if (tail.ends_with(']')) {
      reference.range = ParseRange(tail.substr(0, tail.size() - 1));
    }
    if (!reference.range) {
      return Fail(StatusCode::kInvalidArgument,
                  fmt::format("{}: a range is [first:last], [first:last:step] "
                              "or [number]",
                              text));
    }
    rest = rest.substr(0, open);
  }
  const size_t slash = rest.rfind('/');
  if (slash == std::string_view::npos || !IsCrawlName(rest.substr(0, slash))) {
    return Fail(
        StatusCode::kInvalidArgument,
        fmt::format("{}: want cc:CRAWL/KIND, as in cc:CC-MAIN-2026-43/wet",
                    text));
  }
  reference.crawl = rest.substr(0, slash);
  reference.kind = rest.substr(slash + 1);
  if (std::find(kKinds.begin(), kKinds.end(), reference.kind) == kKinds.end()) {
    return Fail(StatusCode::kInvalidArgument,
                fmt::format("{}: '{}' is none of warc, wat, wet, robotstxt, "
                            "non200responses",
                            text, reference.kind));
  }
  return reference;
}

}  // namespace peaktext

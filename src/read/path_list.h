// Lists of shards: the text of an @list, and the cc: references to Common
// Crawl's own lists. Pure functions; nothing is opened here.
//
//   Result<std::string> text = DecodeList("wet.paths.gz", bytes);
//   for (std::string& line : ParseList(*text)) Use(line);
//
// A list is UTF-8 or bytes, one path a line; white space at both ends, blank
// lines and lines that begin with # are skipped; a byte order mark is ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace peaktext {

// Lists are held in memory; 100,000 shards take 14 MB.
inline constexpr uint64_t kListLimitBytes = 256ULL << 20;

// The text of a list file that may be gzip (told by its first bytes). A
// damaged or cut gzip file is an error: half a list would lose shards in
// silence.
Result<std::string> DecodeList(std::string_view name, std::string bytes);

std::vector<std::string> ParseList(std::string_view text);

// A line of a list as an input of its own: URLs and absolute paths stay, others
// are put below `base`, a folder or URL that ends in "/" (empty: the current
// folder).
std::string ResolveListed(std::string_view line, std::string_view base);

// The folder part of a path or URL, with its last "/"; empty where it has none.
std::string_view FolderOf(std::string_view path);

// [first:last:step] as Python means it, over a list's lines.
struct ListRange {
  std::optional<int64_t> first;
  std::optional<int64_t> last;
  int64_t step = 1;     // >= 1
  bool single = false;  // [first]: must exist
};

// The numbers of the lines that `range` takes of `count`. Fails where [n] is
// not there.
Result<std::vector<uint64_t>> SelectLines(const ListRange& range,
                                          uint64_t count);

// cc:CRAWL/KIND[range].
struct CommonCrawlReference {
  std::string crawl;  // "CC-MAIN-2026-43", "CC-NEWS/2026/10"
  std::string kind;   // warc, wat, wet, robotstxt, non200responses
  std::optional<ListRange> range;

  // "crawl-data/CRAWL/KIND.paths.gz"
  std::string list_path() const;
};

// REQUIRES: text begins with "cc:".
Result<CommonCrawlReference> ParseCommonCrawlReference(std::string_view text);

}  // namespace peaktext

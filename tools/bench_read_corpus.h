// Shards for bench_read: text of the files given, or made here, as WET, WARC
// and JSONL, and packed as crawls are.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace peaktext {

using Records = std::vector<std::string>;

// The text that documents are cut from; empty: made here, seeded. Lives on.
void UseText(std::string text);

// Records of so many bytes in all, or a few more.
Records MakeWet(size_t bytes);
Records MakeWarc(size_t bytes);
std::string MakeJsonl(size_t bytes);

std::string Gzip(std::string_view bytes);
std::string Zstd(std::string_view bytes);
// Each record packed on its own.
std::string Join(const Records& records,
                 const std::function<std::string(std::string_view)>& pack);
// zstd frames with a dictionary trained on the first records, which stands
// plain in a skippable frame before them.
std::string WithDictionary(const Records& records);

}  // namespace peaktext

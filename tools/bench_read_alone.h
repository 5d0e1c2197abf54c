// What bench_read compares with: each decompressor, and simdjson, alone. All
// give the bytes that came out, and abort on a fault.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace peaktext {

// The stored bytes for one that streams: from memory all at once, from a file
// in blocks.
class Blocks {
 public:
  explicit Blocks(std::string_view bytes) : bytes_(bytes) {}
  explicit Blocks(const std::string& path);
  ~Blocks();
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  std::string_view Next();

 private:
  int fd_ = -1;
  std::string_view bytes_;
  std::vector<char> buffer_;
};

// Member by member (frame by frame), each in one call.
uint64_t LibdeflateAlone(std::string_view file);
uint64_t ZstdAlone(std::string_view file);
uint64_t ZstdDictionaryAlone(std::string_view file);

// One member (frame) too large for one call: what streams, into a buffer of
// 256 KiB that is used again and again.
uint64_t IsalAlone(Blocks& blocks);
uint64_t ZstdStreamAlone(Blocks& blocks);

// One On-Demand document per line.
uint64_t SimdjsonFieldsAlone(Blocks& blocks);  // id, text, url
uint64_t SimdjsonTextAlone(Blocks& blocks);    // the text only

}  // namespace peaktext

#include "bench_read_alone.h"

#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <simdjson.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace peaktext {

Blocks::Blocks(const std::string& path)
    : fd_(::open(path.c_str(), O_RDONLY)), buffer_(256 << 10) {}

Blocks::~Blocks() {
  if (fd_ >= 0) ::close(fd_);
}

std::string_view Blocks::Next() {
  if (fd_ < 0) return std::exchange(bytes_, {});
  const ssize_t n = ::read(fd_, buffer_.data(), buffer_.size());
  if (n < 0) std::abort();
  return {buffer_.data(), static_cast<size_t>(n)};
}

uint64_t LibdeflateAlone(std::string_view file) {
  static libdeflate_decompressor* const d = libdeflate_alloc_decompressor();
  static std::vector<char> out(8 << 20);
  uint64_t total = 0;
  while (!file.empty()) {
    size_t in = 0;
    size_t n = 0;
    if (libdeflate_gzip_decompress_ex(d, file.data(), file.size(), out.data(),
                                      out.size(), &in, &n) != 0) {
      std::abort();
    }
    file.remove_prefix(in);
    total += n;
  }
  return total;
}

uint64_t IsalAlone(Blocks& blocks) {
  std::vector<uint8_t> out(256 << 10);
  inflate_state s;
  isal_inflate_init(&s);
  s.crc_flag = ISAL_GZIP;
  uint64_t total = 0;
  do {
    if (s.avail_in == 0) {
      const std::string_view block = blocks.Next();
      s.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(block.data()));
      s.avail_in = static_cast<uint32_t>(block.size());
    }
    s.next_out = out.data();
    s.avail_out = static_cast<uint32_t>(out.size());
    if (isal_inflate(&s) != 0) std::abort();
    total += out.size() - s.avail_out;
  } while (s.block_state != ISAL_BLOCK_FINISH);
  return total;
}

uint64_t ZstdAlone(std::string_view file) {
  static ZSTD_DCtx* const d = ZSTD_createDCtx();
  static std::vector<char> out(8 << 20);
  uint64_t total = 0;
  while (!file.empty()) {
    const size_t in = ZSTD_findFrameCompressedSize(file.data(), file.size());
    const size_t n =
        ZSTD_decompressDCtx(d, out.data(), out.size(), file.data(), in);
    if (ZSTD_isError(n)) std::abort();
    file.remove_prefix(in);
    total += n;
  }
  return total;
}

// The dictionary stands in the first frame, as plain bytes.
uint64_t ZstdDictionaryAlone(std::string_view file) {
  static ZSTD_DCtx* const d = ZSTD_createDCtx();
  static std::vector<char> out(8 << 20);
  const size_t frame = ZSTD_findFrameCompressedSize(file.data(), file.size());
  ZSTD_DDict* const dictionary = ZSTD_createDDict(file.data() + 8, frame - 8);
  file.remove_prefix(frame);
  uint64_t total = 0;
  while (!file.empty()) {
    const size_t in = ZSTD_findFrameCompressedSize(file.data(), file.size());
    const size_t n = ZSTD_decompress_usingDDict(d, out.data(), out.size(),
                                                file.data(), in, dictionary);
    if (ZSTD_isError(n)) std::abort();
    file.remove_prefix(in);
    total += n;
  }
  ZSTD_freeDDict(dictionary);
  return total;
}

uint64_t ZstdStreamAlone(Blocks& blocks) {
  ZSTD_DCtx* const d = ZSTD_createDCtx();
  std::vector<char> out(256 << 10);
  ZSTD_inBuffer from{nullptr, 0, 0};
  uint64_t total = 0;
  for (size_t code = 1; code != 0;) {
    if (from.pos == from.size) {
      const std::string_view block = blocks.Next();
      from = {block.data(), block.size(), 0};
    }
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    code = ZSTD_decompressStream(d, &to, &from);
    if (ZSTD_isError(code)) std::abort();
    total += to.pos;
  }
  ZSTD_freeDCtx(d);
  return total;
}

namespace {

std::string_view Get(simdjson::ondemand::document& line, const char* key) {
  std::string_view value;
  if (line[key].get_string().get(value)) std::abort();
  return value;
}

// One iterate() per line. Gives the bytes of the lines that are whole.
template <class Take>
uint64_t ParseLines(std::string_view lines, Take take) {
  static simdjson::ondemand::parser parser;
  size_t at = 0;
  while (at < lines.size()) {
    const void* const newline =
        std::memchr(lines.data() + at, '\n', lines.size() - at);
    if (newline == nullptr) break;
    const auto size = static_cast<size_t>(static_cast<const char*>(newline) -
                                          (lines.data() + at));
    simdjson::ondemand::document line;
    if (parser
            .iterate(lines.data() + at, size, size + simdjson::SIMDJSON_PADDING)
            .get(line)) {
      std::abort();
    }
    take(line);
    at += size + 1;
  }
  return at;
}

template <class Take>
uint64_t ParseBlocks(Blocks& blocks, Take take) {
  const std::string_view first = blocks.Next();
  uint64_t total = ParseLines(first, take);
  if (total == first.size()) return total;  // from memory
  static std::vector<char> lines(8 << 20);
  size_t kept = first.size() - total;
  std::memcpy(lines.data(), first.data() + total, kept);
  for (;;) {
    const std::string_view block = blocks.Next();
    if (block.empty()) return total;
    std::memcpy(lines.data() + kept, block.data(), block.size());
    const std::string_view all(lines.data(), kept + block.size());
    const size_t done = ParseLines(all, take);
    total += done;
    kept = all.size() - done;
    std::memmove(lines.data(), all.data() + done, kept);
  }
}

}  // namespace

uint64_t SimdjsonFieldsAlone(Blocks& blocks) {
  return ParseBlocks(blocks, [](simdjson::ondemand::document& line) {
    Get(line, "id");
    Get(line, "text");
    Get(line, "url");
  });
}

uint64_t SimdjsonTextAlone(Blocks& blocks) {
  return ParseBlocks(
      blocks, [](simdjson::ondemand::document& line) { Get(line, "text"); });
}

}  // namespace peaktext

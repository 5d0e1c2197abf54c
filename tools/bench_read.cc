// How close the readers come to the decompressors (and to simdjson) alone, on
// the same bytes, in one run, on one core.
//
//   build/bench_read [MEGABYTES] [ROUNDS] [NAME] [FILE...]
//
// NAME: only the lines with it in their name ("" for all). The text is that of
// the files, UTF-8, cut into documents whose sizes spread like those of pages;
// without files it is made here: words drawn by Zipf's law from made-up
// vocabularies in Latin, Cyrillic, Arabic and Chinese letters, seeded. Records
// are of 8.5 kB in the mean, 3.4 kB in gzip. The WARC has HTML around the text.
// Each line compares twice: both sides find the stored bytes in memory; both
// read the file (from the page cache), the one that decompresses alone in
// blocks of 256 KiB where it can stream, else whole. Measurements alternate,
// A B A B; times are of the process's CPU, the median of the rounds.
#include <fcntl.h>
#include <fmt/core.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <simdjson.h>
#include <time.h>
#include <unistd.h>
#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/json.h"
#include "read/byte_source.h"
#include "read/record_reader.h"

namespace peaktext {
namespace {

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

// The text of the files named on the command line.
std::string given_text;

// Given text, or Zipf text in several scripts.
class TextMaker {
 public:
  explicit TextMaker(uint64_t seed) : random_(seed) {
    if (!given_text.empty()) return;
    const std::vector<std::vector<std::string>> scripts = {
        Letters("abcdefghijklmnopqrstuvwxyz", 1),
        Letters("абвгдежзийклмнопрстуфхцчшщыьэюя", 2),
        Letters("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", 2),
        Letters("的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年",
                3)};
    for (const auto& letters : scripts) words_.push_back(MakeWords(letters));
  }

  std::string Text(size_t bytes) {
    if (!given_text.empty()) return Given(bytes);
    // Half of the documents are Latin, as half of the web is.
    const uint64_t draw = random_() % 6;
    const auto& words = words_[draw < 3 ? 0 : draw - 2];
    std::string text;
    while (text.size() < bytes) {
      text += words[Zipf(words.size())];
      const uint64_t after = random_() % 64;
      text += after == 0 ? "\n" : after < 4 ? ". " : after < 8 ? ", " : " ";
    }
    return text;
  }

  // Sizes spread like those of pages: most small, some large.
  size_t Size(double median) {
    std::normal_distribution<double> normal(std::log(median), 1.0);
    return static_cast<size_t>(
        std::clamp(std::exp(normal(random_)), 200.0, 2e6));
  }

 private:
  std::string Given(size_t bytes) {
    const auto inside = [](char c) { return (c & 0xc0) == 0x80; };
    if (at_ + bytes + 4 > given_text.size()) at_ = 0;
    size_t end = std::min(at_ + bytes, given_text.size());
    while (end < given_text.size() && inside(given_text[end])) ++end;
    std::string text = given_text.substr(at_, end - at_);
    at_ = end;
    return text;
  }
  static std::vector<std::string> Letters(std::string_view all, size_t bytes) {
    std::vector<std::string> letters;
    for (size_t i = 0; i + bytes <= all.size(); i += bytes) {
      letters.emplace_back(all.substr(i, bytes));
    }
    return letters;
  }
  std::vector<std::string> MakeWords(const std::vector<std::string>& letters) {
    std::vector<std::string> words(20000);
    for (std::string& word : words) {
      for (uint64_t n = 2 + random_() % 7; n > 0; --n) {
        const uint64_t skew = random_() % letters.size();
        word += letters[skew * (random_() % letters.size()) / letters.size()];
      }
    }
    return words;
  }
  // Rank r with a chance of about 1/r: the inverse of a log-uniform draw.
  size_t Zipf(size_t n) {
    const double u = static_cast<double>(random_() >> 11) * 0x1p-53;
    return std::min(
        n - 1, static_cast<size_t>(std::pow(static_cast<double>(n), u) - 1));
  }

  std::mt19937_64 random_;
  std::vector<std::vector<std::string>> words_;
  size_t at_ = 0;  // in given_text
};

std::string WetRecord(uint64_t number, std::string_view text) {
  return fmt::format(
      "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: "
      "https://www.example.org/pages/{0}/index.html\r\nWARC-Date: "
      "2026-10-24T03:04:05Z\r\nWARC-Record-ID: "
      "<urn:uuid:6f2b8a14-0c55-4f1e-9a3b-{0:012}>\r\nWARC-Refers-To: "
      "<urn:uuid:1d2b8a14-0c55-4f1e-9a3b-{0:012}>\r\nWARC-Block-Digest: "
      "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\n"
      "WARC-Identified-Content-Language: eng\r\nContent-Type: "
      "text/plain\r\nContent-Length: {1}\r\n\r\n{2}\r\n\r\n",
      number, text.size(), text);
}

std::string HtmlPage(TextMaker& maker, size_t bytes) {
  std::string page =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
      "<!DOCTYPE html><html><head><title>page</title></head><body>";
  while (page.size() < bytes) {
    page += fmt::format(
        "<div class=\"entry-content post-{}\"><a href=\"/archive/{}\" "
        "title=\"more\"><span class=\"link-label\">{}</span></a><p>{}</p>"
        "</div>\n",
        page.size() % 97, page.size(), maker.Text(30), maker.Text(300));
  }
  return page + "</body></html>";
}

std::string WarcRecord(uint64_t number, std::string_view type,
                       std::string_view block) {
  return fmt::format(
      "WARC/1.0\r\nWARC-Type: {0}\r\nWARC-Date: 2026-10-24T03:04:05Z\r\n"
      "WARC-Record-ID: <urn:uuid:6f2b8a14-0c55-4f1e-9a3b-{1:012}>\r\n"
      "Content-Length: {2}\r\nContent-Type: application/http; msgtype={0}\r\n"
      "WARC-IP-Address: 192.0.2.44\r\nWARC-Target-URI: "
      "https://www.example.org/pages/{1}/index.html\r\nWARC-Payload-Digest: "
      "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\nWARC-Block-Digest: "
      "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYK\r\n"
      "WARC-Identified-Payload-Type: text/html\r\n\r\n{3}\r\n\r\n",
      type, number, block.size(), block);
}

using Records = std::vector<std::string>;

Records MakeWet(size_t bytes) {
  TextMaker maker(1);
  Records records;
  for (size_t made = 0; made < bytes; made += records.back().size()) {
    records.push_back(WetRecord(records.size(), maker.Text(maker.Size(5000))));
  }
  return records;
}

Records MakeWarc(size_t bytes) {
  TextMaker maker(2);
  Records records;
  for (size_t made = 0; made < bytes; made += records.back().size()) {
    const uint64_t n = records.size();
    records.push_back(
        WarcRecord(n, "request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    records.push_back(
        WarcRecord(n, "response", HtmlPage(maker, maker.Size(25000))));
    records.push_back(WarcRecord(n, "metadata", "fetchTimeMs: 100\r\n"));
    made += records[n].size() + records[n + 1].size();
  }
  return records;
}

std::string MakeJsonl(size_t bytes) {
  TextMaker maker(3);
  std::string lines;
  for (uint64_t n = 0; lines.size() < bytes; ++n) {
    JsonWriter json;
    json.StartObject();
    json.Member("id", fmt::format("<urn:uuid:{:012}>", n));
    json.Member("text", maker.Text(maker.Size(4000)));
    json.Member("url", fmt::format("https://www.example.org/pages/{}", n));
    json.Member("language", "en");
    json.EndObject();
    lines += json.Take() + "\n";
  }
  return lines;
}

std::string Gzip(std::string_view bytes) {
  static libdeflate_compressor* const c = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(c, bytes.size()), '\0');
  out.resize(libdeflate_gzip_compress(c, bytes.data(), bytes.size(), out.data(),
                                      out.size()));
  return out;
}

std::string Zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(
      ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string Join(const Records& records,
                 const std::function<std::string(std::string_view)>& pack) {
  std::string all;
  for (const std::string& record : records) all += pack(record);
  return all;
}

// What each decompressor does alone; all give the bytes that came out.
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

// The stored bytes for one that streams: from memory all at once, from a file
// in blocks.
class Blocks {
 public:
  explicit Blocks(std::string_view bytes) : bytes_(bytes) {}
  explicit Blocks(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY)), buffer_(256 << 10) {}
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  ~Blocks() {
    if (fd_ >= 0) ::close(fd_);
  }
  std::string_view Next() {
    if (fd_ < 0) return std::exchange(bytes_, {});
    const ssize_t n = ::read(fd_, buffer_.data(), buffer_.size());
    if (n < 0) std::abort();
    return {buffer_.data(), static_cast<size_t>(n)};
  }

 private:
  int fd_ = -1;
  std::string_view bytes_;
  std::vector<char> buffer_;
};

uint64_t IsalAlone(Blocks& blocks) {
  static std::vector<uint8_t> out(256 << 10);
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

constexpr size_t kDictionaryBytes = 110 << 10;

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
  static ZSTD_DCtx* const d = ZSTD_createDCtx();
  static std::vector<char> out(256 << 10);
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
  return total;
}

// One iterate() per line, the text taken out: what the reader needs of it.
// Gives the bytes of the lines that are whole.
uint64_t ParseLines(std::string_view lines) {
  static simdjson::ondemand::parser parser;
  size_t at = 0;
  while (at < lines.size()) {
    const void* const newline =
        std::memchr(lines.data() + at, '\n', lines.size() - at);
    if (newline == nullptr) break;
    const auto size = static_cast<size_t>(static_cast<const char*>(newline) -
                                          (lines.data() + at));
    simdjson::ondemand::document document;
    std::string_view text;
    if (parser
            .iterate(lines.data() + at, size, size + simdjson::SIMDJSON_PADDING)
            .get(document) ||
        document["text"].get_string().get(text)) {
      std::abort();
    }
    at += size + 1;
  }
  return at;
}

uint64_t SimdjsonAlone(Blocks& blocks) {
  const std::string_view first = blocks.Next();
  uint64_t total = ParseLines(first);
  if (total == first.size()) return total;  // from memory
  static std::vector<char> lines(8 << 20);
  size_t kept = first.size() - total;
  std::memcpy(lines.data(), first.data() + total, kept);
  for (;;) {
    const std::string_view block = blocks.Next();
    if (block.empty()) return total;
    std::memcpy(lines.data() + kept, block.data(), block.size());
    const std::string_view all(lines.data(), kept + block.size());
    const size_t done = ParseLines(all);
    total += done;
    kept = all.size() - done;
    std::memmove(lines.data(), all.data() + done, kept);
  }
}

// The whole file by read(), into memory that is there already.
void Load(const std::string& path, std::string* bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY);
  size_t at = 0;
  for (ssize_t n = 1; n > 0; at += static_cast<size_t>(n)) {
    n = ::read(fd, bytes->data() + at, bytes->size() - at);
  }
  ::close(fd);
  if (at != bytes->size()) std::abort();
}

uint64_t ReadRecords(Result<std::unique_ptr<ByteSource>> source,
                     uint64_t* records) {
  if (!source) std::abort();
  auto reader = OpenRecordReader(std::move(*source), {});
  if (!reader) std::abort();
  Record record;
  while ((*reader)->Next(&record)) {
  }
  const ReadStats& stats = (*reader)->stats();
  if (!stats.dropped.empty()) std::abort();
  *records = stats.records;
  return stats.decoded_bytes;
}

struct Bench {
  const char* name;
  const char* against;
  std::function<std::string()> make;
  // One of them: over the whole, or over blocks.
  uint64_t (*whole)(std::string_view) = nullptr;
  uint64_t (*blocks)(Blocks&) = nullptr;
};

double Median(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

template <class Work>
void Time(std::vector<double>* times, Work work) {
  const double start = CpuSeconds();
  work();
  times->push_back(CpuSeconds() - start);
}

void Run(const Bench& bench, const std::string& folder, int rounds) {
  const std::string path = folder + "/shard";
  std::string bytes = bench.make();
  if (!WriteFileAtomically(path, bytes).ok()) std::abort();
  bytes.reserve(bytes.size() + 64);  // simdjson reads past a line's end
  std::vector<double> alone, reader, alone_file, reader_file;
  uint64_t decoded = 0;
  uint64_t records = 0;
  const auto check = [&](uint64_t n) {
    if (n != decoded) std::abort();
  };
  for (int round = 0; round < rounds; ++round) {
    Time(&alone, [&] {
      Blocks blocks{std::string_view(bytes)};
      decoded = bench.whole ? bench.whole(bytes) : bench.blocks(blocks);
    });
    auto source = MemorySource("memory", bytes);
    Time(&reader, [&] { check(ReadRecords(std::move(source), &records)); });
    Time(&alone_file, [&] {
      Blocks blocks(path);
      if (bench.whole) Load(path, &bytes);
      check(bench.whole ? bench.whole(bytes) : bench.blocks(blocks));
    });
    Time(&reader_file,
         [&] { check(ReadRecords(OpenSource(path, {}), &records)); });
  }
  const double megabytes = static_cast<double>(decoded) / 1e6;
  const double a = Median(alone), b = Median(reader);
  const double c = Median(alone_file), d = Median(reader_file);
  fmt::print(
      "{:<22} {:>6.0f} {:>5.2f} {:>7}  {:<10} {:>6.0f} {:>6.0f} {:>6.3f}   "
      "{:>6.0f} {:>6.0f} {:>6.3f}\n",
      bench.name, megabytes,
      megabytes * 1e6 / static_cast<double>(bytes.size()), records,
      bench.against, megabytes / a, megabytes / b, a / b, megabytes / c,
      megabytes / d, c / d);
  std::fflush(stdout);
}

std::string WithDictionary(const Records& records) {
  std::string samples;
  std::vector<size_t> sizes;
  for (size_t i = 0; i < records.size() && samples.size() < 12'000'000; ++i) {
    samples += records[i];
    sizes.push_back(records[i].size());
  }
  std::string dictionary(kDictionaryBytes, '\0');
  dictionary.resize(ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(),
                                          samples.data(), sizes.data(),
                                          static_cast<unsigned>(sizes.size())));
  const auto size = static_cast<uint32_t>(dictionary.size());
  std::string all("\x5d\x2a\x4d\x18\0\0\0\0", 8);
  std::memcpy(all.data() + 4, &size, 4);
  all += dictionary;
  ZSTD_CCtx* const c = ZSTD_createCCtx();
  ZSTD_CDict* const prepared =
      ZSTD_createCDict(dictionary.data(), dictionary.size(), 3);
  std::string out;
  for (const std::string& record : records) {
    out.resize(ZSTD_compressBound(record.size()));
    all.append(
        out, 0,
        ZSTD_compress_usingCDict(c, out.data(), out.size(), record.data(),
                                 record.size(), prepared));
  }
  ZSTD_freeCDict(prepared);
  ZSTD_freeCCtx(c);
  return all;
}

int Main(int argc, char** argv) {
  const size_t bytes =
      (argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100) * 1'000'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  std::string folder =
      (std::filesystem::temp_directory_path() / "bench-read-XXXXXX").string();
  if (bytes == 0 || rounds <= 0 || ::mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr,
               "usage: bench_read [MEGABYTES] [ROUNDS] [NAME] [FILE...]\n");
    return 2;
  }
  const std::string_view only = argc > 3 ? argv[3] : "";
  for (int i = 4; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    given_text.append(std::istreambuf_iterator<char>(file), {});
  }
  fmt::print(
      "g++ {}, {}; decoded MB per second of CPU; ratio = reader to alone\n"
      "{:<22} {:>6} {:>5} {:>7}  {:<10} {:>20}   {:>20}\n{:<22} {:>6} {:>5} "
      "{:>7}  {:<10} {:>6} {:>6} {:>6}   {:>6} {:>6} {:>6}\n",
      __VERSION__, simdjson::get_active_implementation()->name(), "", "", "",
      "", "", "in memory", "from the file", "", "MB", "pack", "records",
      "against", "alone", "reader", "ratio", "alone", "reader", "ratio");
  const auto joined = [&] {
    return Join(MakeWet(bytes), [](auto r) { return std::string(r); });
  };
  const Bench kBenches[] = {
      {"WET, gzip per record", "libdeflate",
       [&] { return Join(MakeWet(bytes), Gzip); }, LibdeflateAlone},
      {"WARC, gzip per record", "libdeflate",
       [&] { return Join(MakeWarc(bytes), Gzip); }, LibdeflateAlone},
      {"WET, one gzip member", "ISA-L", [&] { return Gzip(joined()); }, nullptr,
       IsalAlone},
      {"WET, zstd per record", "zstd",
       [&] { return Join(MakeWet(bytes), Zstd); }, ZstdAlone},
      {"WET, zstd dictionary", "zstd",
       [&] { return WithDictionary(MakeWet(bytes)); }, ZstdDictionaryAlone},
      {"WET, one zstd frame", "zstd", [&] { return Zstd(joined()); }, nullptr,
       ZstdStreamAlone},
      {"JSONL", "simdjson", [&] { return MakeJsonl(bytes); }, nullptr,
       SimdjsonAlone},
  };
  for (const Bench& bench : kBenches) {
    if (std::string_view(bench.name).find(only) != std::string_view::npos) {
      Run(bench, folder, rounds);
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace peaktext

int main(int argc, char** argv) { return peaktext::Main(argc, argv); }

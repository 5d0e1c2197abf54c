// How close the readers come to the decompressors (and to simdjson) alone, on
// the same bytes, in one run, on one core.
//
//   build/bench_read [MEGABYTES] [ROUNDS]
//
// The corpora are made here: text of words drawn by Zipf's law from made-up
// vocabularies in Latin, Cyrillic, Arabic and Chinese letters, seeded; HTML
// around it for the WARC. Each line compares twice: both sides find the stored
// bytes in memory; both read the file (from the page cache) with read().
// Measurements alternate; times are of the process's CPU, the best of the
// rounds.
#include <fcntl.h>
#include <fmt/core.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <simdjson.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
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

// Zipf text in several scripts.
class TextMaker {
 public:
  explicit TextMaker(uint64_t seed) : random_(seed) {
    const std::vector<std::vector<std::string>> scripts = {
        Letters("abcdefghijklmnopqrstuvwxyz", 1),
        Letters("абвгдежзийклмнопрстуфхцчшщыьэюя", 2),
        Letters("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", 2),
        Letters("的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年",
                3)};
    for (const auto& letters : scripts) words_.push_back(MakeWords(letters));
  }

  std::string Text(size_t bytes) {
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

uint64_t IsalAlone(std::string_view file) {
  static std::vector<uint8_t> out(256 << 10);
  inflate_state s;
  isal_inflate_init(&s);
  s.crc_flag = ISAL_GZIP;
  s.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(file.data()));
  s.avail_in = static_cast<uint32_t>(file.size());
  uint64_t total = 0;
  do {
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

uint64_t ZstdStreamAlone(std::string_view file) {
  static ZSTD_DCtx* const d = ZSTD_createDCtx();
  static std::vector<char> out(256 << 10);
  ZSTD_inBuffer from{file.data(), file.size(), 0};
  uint64_t total = 0;
  for (size_t code = 1; code != 0;) {
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    code = ZSTD_decompressStream(d, &to, &from);
    if (ZSTD_isError(code)) std::abort();
    total += to.pos;
  }
  return total;
}

// One iterate() per line, the text taken out: what the reader needs of it.
uint64_t SimdjsonAlone(std::string_view file) {
  static simdjson::ondemand::parser parser;
  uint64_t total = 0;
  const char* at = file.data();
  const char* const end = at + file.size();
  while (at < end) {
    const char* const newline = static_cast<const char*>(
        std::memchr(at, '\n', static_cast<size_t>(end - at)));
    const auto size = static_cast<size_t>(newline - at);
    simdjson::ondemand::document document;
    std::string_view text;
    if (parser.iterate(at, size, size + simdjson::SIMDJSON_PADDING)
            .get(document) ||
        document["text"].get_string().get(text)) {
      std::abort();
    }
    total += size + 1;
    at = newline + 1;
  }
  return total;
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
  std::string name;
  const char* against;
  std::string file;
  uint64_t (*alone)(std::string_view);
};

// What `work` takes, if it is less than *best.
template <class Work>
void Time(double* best, Work work) {
  const double start = CpuSeconds();
  work();
  *best = std::min(*best, CpuSeconds() - start);
}

void Run(const Bench& bench, const std::string& folder, int rounds) {
  const std::string path = folder + "/shard";
  if (!WriteFileAtomically(path, bench.file).ok()) std::abort();
  std::string bytes = bench.file;
  bytes.reserve(bytes.size() + 64);  // simdjson reads past a line's end
  double alone = 1e9, reader = 1e9, alone_file = 1e9, reader_file = 1e9;
  uint64_t decoded = 0;
  uint64_t records = 0;
  const auto check = [&](uint64_t n) {
    if (n != decoded) std::abort();
  };
  for (int round = 0; round < rounds; ++round) {
    Time(&alone, [&] { decoded = bench.alone(bytes); });
    auto source = MemorySource("memory", bytes);
    Time(&reader, [&] { check(ReadRecords(std::move(source), &records)); });
    Time(&alone_file, [&] {
      Load(path, &bytes);
      check(bench.alone(bytes));
    });
    Time(&reader_file,
         [&] { check(ReadRecords(OpenSource(path, {}), &records)); });
  }
  const double megabytes = static_cast<double>(decoded) / 1e6;
  fmt::print(
      "{:<22} {:>6.0f} {:>7}  {:<10} {:>6.0f} {:>6.0f} {:>6.3f}   {:>6.0f} "
      "{:>6.0f} {:>6.3f}\n",
      bench.name, megabytes, records, bench.against, megabytes / alone,
      megabytes / reader, alone / reader, megabytes / alone_file,
      megabytes / reader_file, alone_file / reader_file);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  const size_t bytes =
      (argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100) * 1'000'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  std::string folder =
      (std::filesystem::temp_directory_path() / "bench-read-XXXXXX").string();
  if (bytes == 0 || rounds <= 0 || ::mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr, "usage: bench_read [MEGABYTES] [ROUNDS]\n");
    return 2;
  }
  fmt::print(
      "g++ {}, {}; decoded MB per second of CPU; ratio = reader to alone\n"
      "{:<22} {:>6} {:>7}  {:<10} {:>20}   {:>20}\n{:<22} {:>6} {:>7}  {:<10} "
      "{:>6} {:>6} {:>6}   {:>6} {:>6} {:>6}\n",
      __VERSION__, simdjson::get_active_implementation()->name(), "", "", "",
      "", "in memory", "from the file", "", "MB", "records", "against", "alone",
      "reader", "ratio", "alone", "reader", "ratio");
  const Records wet = MakeWet(bytes);
  const Records warc = MakeWarc(bytes);
  std::string text;
  for (const std::string& record : wet) text += record;
  Run({"WET, gzip per record", "libdeflate", Join(wet, Gzip), LibdeflateAlone},
      folder, rounds);
  Run({"WARC, gzip per record", "libdeflate", Join(warc, Gzip),
       LibdeflateAlone},
      folder, rounds);
  Run({"WET, one gzip member", "ISA-L", Gzip(text), IsalAlone}, folder, rounds);
  Run({"WET, zstd per record", "zstd", Join(wet, Zstd), ZstdAlone}, folder,
      rounds);
  Run({"WET, one zstd frame", "zstd", Zstd(text), ZstdStreamAlone}, folder,
      rounds);
  Run({"JSONL", "simdjson", MakeJsonl(bytes), SimdjsonAlone}, folder, rounds);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace peaktext

int main(int argc, char** argv) { return peaktext::Main(argc, argv); }

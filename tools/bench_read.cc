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
// blocks of 256 KiB where it can stream, else whole. What stands alone is what
// gives the bytes fastest within bounded memory: one call per member or frame;
// for one of any size the streaming call into a small buffer used again; for
// JSONL one On-Demand document per line, of which the same three fields are
// taken, or nothing but the text. Measurements alternate, A B A B; times are of
// the process's CPU, the median of the rounds.
#include <fcntl.h>
#include <fmt/core.h>
#include <simdjson.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "bench_read_alone.h"
#include "bench_read_corpus.h"
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

// The bytes of somebody else: neither side pays for a copy of them.
class BorrowedSource final : public ByteSource {
 public:
  explicit BorrowedSource(std::span<char> bytes) : bytes_(bytes) {}
  Result<size_t> Read(std::span<char>) override { std::abort(); }
  std::optional<std::span<char>> whole() override { return bytes_; }
  const std::string& name() const override { return name_; }

 private:
  const std::string name_ = "memory";
  std::span<char> bytes_;
};

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
    Time(&reader, [&] {
      check(ReadRecords(std::make_unique<BorrowedSource>(bytes), &records));
    });
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
  std::string text;
  for (int i = 4; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  UseText(std::move(text));
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
      {"JSONL, three fields", "simdjson", [&] { return MakeJsonl(bytes); },
       nullptr, SimdjsonFieldsAlone},
      {"JSONL, text alone", "simdjson", [&] { return MakeJsonl(bytes); },
       nullptr, SimdjsonTextAlone},
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

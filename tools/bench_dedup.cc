// How dedup scales: signatures are generated, documents without texts, written
// as signature files, and then grouped, verified by sketch and resolved.
//
//   bench_dedup [documents [memory-MiB [threads [folder]]]]
//   bench_dedup --adversarial [folder]
//
// The generated crawl: 30 % of the documents are exact copies of an earlier
// one, 25 % near duplicates of one at a similarity between 0.5 and 1 (the
// sketch and the bands follow from per-permutation coin flips, as MinHash makes
// them), among them a family of boilerplate pages that is 1 % of the crawl; the
// others are like nothing. Prints time per step, disk, and checks the outcome's
// counts against the generator's.
#include <fmt/core.h>
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "dedup/decision_file.h"
#include "dedup/dedup.h"
#include "dedup/parallel.h"
#include "sketch/signature_file.h"

namespace {

using namespace peaktext;  // NOLINT: a program of its own

constexpr uint32_t kBands = 20;
constexpr uint32_t kRows = 6;
constexpr uint64_t kShardRows = 1 << 20;

double Seconds() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Processor time of all threads so far.
struct CpuTime {
  double user = 0;
  double system = 0;
  double sum() const { return user + system; }
};
CpuTime CpuNow() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           1e-6 * static_cast<double>(time.tv_usec);
  };
  return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

// A sequence of random numbers that is cheap to start anywhere.
class Stream {
 public:
  explicit Stream(uint64_t seed)
      : state_(Mix64(seed + 0x9e3779b97f4a7c15ULL)) {}
  uint64_t Next() { return Mix64(state_ += 0x9e3779b97f4a7c15ULL); }
  double Share() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

// A document is a family and a variant of it. MinHash values of a variant: the
// family's, each replaced with probability 1 - similarity by its own. Variant 0
// is the family's first document; two others of similarities a and b to it are
// alike by about a * b.
struct Generated {
  uint64_t family = 0;
  uint64_t variant = 0;
  double similarity = 1;
};

// Fills bands and sketch. 120 values make the bands, and the first 256 (those
// and 136 more) give two bits each to the sketch, as the Signer does it.
void MakeSignature(const Generated& document, Signature* signature) {
  constexpr uint32_t kValues = 256;
  std::array<uint64_t, kValues> values;
  Stream family(document.family * 2);
  for (uint64_t& value : values) value = family.Next();
  if (document.variant != 0) {
    Stream own(Mix64(document.family) + 2 * document.variant + 1);
    const auto keep = static_cast<uint64_t>(document.similarity * 0x1p32);
    for (uint64_t& value : values) {
      const uint64_t next = own.Next();
      if ((next & 0xffffffff) >= keep) value = Mix64(next);
    }
  }
  signature->sketch = {};
  for (uint32_t i = 0; i < kValues; ++i) {
    signature->sketch[i / 4] = static_cast<uint8_t>(
        signature->sketch[i / 4] | (values[i] & 3) << (i % 4 * 2));
  }
  signature->band_hashes.resize(kBands);
  for (uint32_t band = 0; band < kBands; ++band) {
    uint64_t hash = band + 1;
    for (uint32_t row = 0; row < kRows; ++row) {
      hash = Mix64(hash ^ values[band * kRows + row]);
    }
    signature->band_hashes[band] = hash >> 16;
  }
  signature->text_hash = {Mix64(document.family), Mix64(document.variant + 7)};
  signature->shingles = 600;
}

// What document `number` of the generated crawl is.
Generated DocumentOf(uint64_t number) {
  constexpr uint64_t kBoilerplate = ~0ULL >> 1;
  Stream coin(number + 0x5eed);
  const double kind = coin.Share();
  if (number < 16 || kind < 0.45) return {number, 0, 1};
  if (kind < 0.46) return {kBoilerplate, number, 0.97};
  const uint64_t other = coin.Next() % number;
  if (kind < 0.70) {
    return {other, number, 0.5 + 0.5 * coin.Share()};
  }
  // An exact copy, of a document that is like nothing or of a duplicate.
  return number < 1000 ? Generated{other, 0, 1} : DocumentOf(other);
}

int WriteShard(const std::string& path, uint64_t first, uint64_t rows,
               const std::function<Generated(uint64_t)>& generate) {
  SignatureOptions options;
  options.bands = kBands;
  options.rows = kRows;
  auto writer = SignatureWriter::Create(path, options);
  SignatureRow row;
  for (uint64_t i = first; writer && i < first + rows; ++i) {
    MakeSignature(generate(i), &row.signature);
    row.text_bytes = 4000;
    if (!writer->Append(row).ok()) return 1;
  }
  return writer && writer->Commit().ok() ? 0 : 1;
}

std::vector<DedupShard> Generate(
    const std::string& folder, uint64_t documents,
    const std::function<Generated(uint64_t)>& generate) {
  std::vector<DedupShard> shards;
  for (uint64_t first = 0; first < documents; first += kShardRows) {
    shards.push_back({fmt::format("{}/{:06}.sig", folder, shards.size()), ""});
  }
  const Status written =
      RunParallel(std::thread::hardware_concurrency(), shards.size(), {},
                  [&](size_t shard, unsigned) -> Status {
                    const uint64_t first = shard * kShardRows;
                    if (WriteShard(shards[shard].signature_path, first,
                                   std::min(kShardRows, documents - first),
                                   generate) == 0) {
                      return {};
                    }
                    return {StatusCode::kIo,
                            "cannot write " + shards[shard].signature_path};
                  });
  if (!written.ok()) {
    fmt::print(stderr, "{}\n", written.message());
    std::exit(1);
  }
  return shards;
}

struct Outcome {
  double seconds = 0;
  CpuTime cpu;
  double load = 0;      // average of the machine over the last minute
  uint64_t answer = 0;  // hash of the decisions
  DedupReport report;
};

Outcome Measure(const std::string& folder,
                const std::vector<DedupShard>& shards, uint64_t memory_bytes,
                unsigned threads) {
  DedupOptions options;
  options.work_folder = folder + "/work";
  options.decisions_path = folder + "/decisions";
  options.memory_bytes = memory_bytes;
  options.threads = threads;
  const double start = Seconds();
  const CpuTime cpu_start = CpuNow();
  std::string stage;
  double stage_start = start;
  CpuTime cpu_stage = cpu_start;
  const auto end_stage = [&] {
    const double now = Seconds();
    const CpuTime cpu = CpuNow();
    fmt::print("  {:<10}{:8.2f} s, of processors {:.2f} + {:.2f} s\n", stage,
               now - stage_start, cpu.user - cpu_stage.user,
               cpu.system - cpu_stage.system);
    stage_start = now;
    cpu_stage = cpu;
  };
  options.on_progress = [&](std::string_view name, uint64_t, uint64_t) {
    if (name == stage) return;
    if (!stage.empty()) end_stage();
    stage = name;
  };
  options.on_note = [](std::string_view line) { fmt::print("  {}\n", line); };
  auto report = Dedup(shards, options);
  if (!report) {
    fmt::print(stderr, "{}\n", report.error().message());
    std::exit(1);
  }
  end_stage();
  const double seconds = Seconds() - start;
  CpuTime cpu = CpuNow();
  cpu.user -= cpu_start.user;
  cpu.system -= cpu_start.system;
  uint64_t answer = 0;
  auto reader = DecisionReader::Open(options.decisions_path);
  Decision decision;
  while (reader && reader->Next(&decision)) {
    answer = Mix64(answer ^ decision.survivor * 8 ^
                   static_cast<uint64_t>(decision.verified));
  }
  double load = 0;
  ::getloadavg(&load, 1);
  return {seconds, cpu, load, answer, *report};
}

void Print(const std::string& name, uint64_t documents, uint64_t memory_bytes,
           unsigned threads, const Outcome& outcome) {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const DedupReport& report = outcome.report;
  const auto n = static_cast<double>(documents);
  fmt::print(
      "{}: {} documents, {} threads, {} MiB granted\n"
      "  {:.1f} s, {:.2f} us a document; of processors {:.2f} + {:.2f} us "
      "(user, system); {:.0f} bytes "
      "of disk a document, at "
      "worst {:.0f} announced\n"
      "  exact {} near {} candidate pairs {} rounds {}; peak memory {} MiB\n"
      "  load average {:.1f}; answer {:016x}\n",
      name, documents, threads, memory_bytes >> 20, outcome.seconds,
      outcome.seconds / n * 1e6, outcome.cpu.user / n * 1e6,
      outcome.cpu.system / n * 1e6, static_cast<double>(report.disk_bytes) / n,
      static_cast<double>(report.disk_estimate_bytes) / n,
      report.exact_duplicates, report.near_duplicates, report.candidate_pairs,
      report.rounds, usage.ru_maxrss / 1024, outcome.load, outcome.answer);
}

void RunCase(const std::string& folder, const std::string& name,
             uint64_t documents, uint64_t memory_bytes, unsigned threads,
             const std::function<Generated(uint64_t)>& generate) {
  std::filesystem::create_directories(folder);
  const double start = Seconds();
  const auto shards = Generate(folder, documents, generate);
  fmt::print("generated in {:.1f} s\n", Seconds() - start);
  Print(name, documents, memory_bytes, threads,
        Measure(folder, shards, memory_bytes, threads));
  std::filesystem::remove_all(folder);
}

// The cases that make other tools quadratic or wrong.
void RunAdversarial(const std::string& folder) {
  const uint64_t memory = 1ULL << 30;
  RunCase(folder, "one bucket of near-identical pages", 1'000'000, memory, 2,
          [](uint64_t i) {
            return Generated{1, i, 0.97};
          });
  RunCase(folder, "templated pages, alike at 0.5", 50'000, memory, 2,
          [](uint64_t i) {
            return Generated{1, i + 1, 0.7};
          });
  RunCase(folder, "half one text, half like nothing", 1'000'000, memory, 2,
          [](uint64_t i) {
            return Generated{i % 2 == 0 ? 0 : i, 0, 1};
          });
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto word = [&](size_t i, const std::string& otherwise) {
    return i < words.size() ? words[i] : otherwise;
  };
  const std::string base =
      (std::filesystem::temp_directory_path() / "peaktext-bench-dedup")
          .string();
  if (word(0, "") == "--adversarial") {
    RunAdversarial(word(1, base));
    return 0;
  }
  RunCase(
      word(3, base), "generated crawl",
      std::strtoull(word(0, "1000000").c_str(), nullptr, 10),
      std::strtoull(word(1, "4096").c_str(), nullptr, 10) << 20,
      static_cast<unsigned>(std::strtoul(word(2, "2").c_str(), nullptr, 10)),
      DocumentOf);
  return 0;
}

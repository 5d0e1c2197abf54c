// How fast a WET .gz becomes an inventory on one core, beside libdeflate alone
// decoding the same file, and where the time goes.
//
//   build/bench_scan INPUT [VOCABULARY...]
//
// INPUT that is not called *.wet.gz is made into such a file first: a gzip
// member per document, as Common Crawl writes them. Each stage is measured as
// what it adds to those before it, in processor time of this thread, the best
// of three rounds taken in turn (A B C A B C), so that a busy machine disturbs
// all of them alike.
#include <fmt/core.h>
#include <libdeflate.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "extract/extractor.h"
#include "pipelines/dedup.h"
#include "pipelines/inventory.h"
#include "pipelines/scan.h"
#include "pipelines/vocabularies.h"
#include "read/record_reader.h"
#include "simd/isa.h"
#include "sketch/signature.h"
#include "tokenize/token_counter.h"

namespace peaktext {
namespace {

constexpr int kRounds = 3;
constexpr uint64_t kWantedBytes = 160 << 20;  // of text, in a file made here

double ProcessorSeconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

[[noreturn]] void Die(const Status& status) {
  fmt::print(stderr, "bench_scan: {}\n", status.message());
  std::exit(1);
}

std::unique_ptr<RecordReader> Open(const std::string& path) {
  auto source = OpenSource(path, {});
  if (!source) Die(source.error());
  auto reader = OpenRecordReader(std::move(*source), {});
  if (!reader) Die(reader.error());
  return std::move(*reader);
}

// Calls `use` with every document of `path`.
void ForEachDocument(const std::string& path, Extractor& extractor,
                     const std::function<void(const Document&)>& use) {
  const auto reader = Open(path);
  Record record;
  Document document;
  while (reader->Next(&record)) {
    if (extractor.Extract(path, record, &document) ==
        ExtractOutcome::kDocument) {
      use(document);
    }
  }
  if (!reader->status().ok()) Die(reader->status());
}

std::string WetRecord(const Document& document, uint64_t number) {
  return fmt::format(
      "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: {}\r\n"
      "WARC-Date: 2026-01-02T03:04:05Z\r\n"
      "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{:012x}>\r\n"
      "WARC-Identified-Content-Language: {}\r\n"
      "Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}\r\n\r\n",
      document.url, number,
      document.language == "und" ? "eng" : document.language,
      document.text.size(), document.text);
}

// Writes the documents of `input`, over and over, as a WET file.
void MakeWet(const std::string& input, const std::string& path) {
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)>
      compressor(libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  auto file = AtomicFile::Create(path);
  if (!file) Die(file.error());
  std::string packed;
  uint64_t number = 0;
  for (uint64_t bytes = 0; bytes < kWantedBytes;) {
    const uint64_t before = bytes;
    Extractor extractor({});
    ForEachDocument(input, extractor, [&](const Document& document) {
      const std::string record = WetRecord(document, number++);
      packed.resize(
          libdeflate_gzip_compress_bound(compressor.get(), record.size()));
      packed.resize(libdeflate_gzip_compress(compressor.get(), record.data(),
                                             record.size(), packed.data(),
                                             packed.size()));
      if (Status s = file->Write(packed); !s.ok()) Die(s);
      bytes += document.text.size();
    });
    if (bytes == before) {
      Die({StatusCode::kNotFound, input + ": no documents in it"});
    }
  }
  if (Status s = file->Commit(); !s.ok()) Die(s);
}

// Bytes that libdeflate alone makes of a file of gzip members.
uint64_t Inflate(const std::string& stored) {
  std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)>
      decompressor(libdeflate_alloc_decompressor(),
                   libdeflate_free_decompressor);
  std::vector<char> out(8 << 20);
  uint64_t total = 0;
  for (size_t at = 0; at < stored.size();) {
    size_t used = 0;
    size_t made = 0;
    const libdeflate_result result = libdeflate_gzip_decompress_ex(
        decompressor.get(), stored.data() + at, stored.size() - at, out.data(),
        out.size(), &used, &made);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      out.resize(out.size() * 2);
      continue;
    }
    if (result != LIBDEFLATE_SUCCESS) {
      Die({StatusCode::kCorrupt, "libdeflate cannot decode the file"});
    }
    at += used;
    total += made;
  }
  return total;
}

struct Stage {
  std::string name;
  std::function<void()> work;  // this stage and all before it
  double seconds = 1e9;
};

struct Bench {
  std::string wet;
  std::string out;
  std::vector<std::string> names;
  Vocabularies vocabularies;

  void Pass(bool detect, bool count, bool sign) {
    Extractor extractor({.detect_language = detect});
    TokenCounter counter(vocabularies.tables());
    Signer signer;
    Signature signature;
    std::vector<uint64_t> tokens(names.size());
    ForEachDocument(wet, extractor, [&](const Document& document) {
      if (count) counter.Count(document.text, tokens);
      if (sign) signer.Sign(document.text, &signature);
    });
  }

  void LoadVocabularies() {
    auto loaded = Vocabularies::Load(names);
    if (!loaded) Die(loaded.error());
    vocabularies = std::move(*loaded);
  }

  void WholeScan() {
    std::filesystem::remove_all(out);
    ScanOptions options;
    options.vocabularies = names;
    const std::string inputs[] = {wet};
    const auto report = Scan(inputs, out, options);
    if (!report) Die(report.error());
  }

  // Scan, dedup and inventory.
  void WholeRun() {
    WholeScan();
    const auto decided = DedupFolder(out, {});
    if (!decided) Die(decided.error());
    const auto inventory = MakeInventory(out, {});
    if (!inventory) Die(inventory.error());
  }
};

void Report(std::vector<Stage>& stages, double libdeflate_seconds,
            uint64_t bytes) {
  const auto speed = [&](double seconds) {
    return static_cast<double>(bytes) / 1e6 / seconds;
  };
  fmt::print("{:<26} {:>9} {:>9} {:>7}\n", "", "s", "MB/s", "share");
  fmt::print("{:<26} {:>9.3f} {:>9.1f}\n", "libdeflate alone",
             libdeflate_seconds, speed(libdeflate_seconds));
  const double whole = stages.back().seconds;
  double before = 0;
  for (const Stage& stage : stages) {
    const double added = std::max(0.0, stage.seconds - before);
    fmt::print("{:<26} {:>9.3f} {:>9.1f} {:>6.1f}%\n", stage.name, added,
               added > 0 ? speed(added) : 0.0, 100 * added / whole);
    before = std::max(before, stage.seconds);
  }
  fmt::print("{:<26} {:>9.3f} {:>9.1f}\n", "WET .gz to inventory", whole,
             speed(whole));
  fmt::print("ratio to libdeflate alone: {:.3f} (1/{:.1f})\n",
             libdeflate_seconds / whole, whole / libdeflate_seconds);
}

int Main(const std::string& input, std::vector<std::string> names) {
  const std::string folder =
      (std::filesystem::temp_directory_path() / "peaktext-bench-scan").string();
  std::filesystem::create_directories(folder);
  Bench bench{.wet = input,
              .out = folder + "/out",
              .names = std::move(names),
              .vocabularies = {}};
  if (!input.ends_with(".wet.gz")) {
    bench.wet = folder + "/made.wet.gz";
    MakeWet(input, bench.wet);
  }
  bench.LoadVocabularies();
  const auto stored = ReadWholeFile(bench.wet, 8ULL << 30);
  if (!stored) Die(stored.error());

  std::vector<Stage> stages = {
      {"read",
       [&] {
         const auto reader = Open(bench.wet);
         Record record;
         while (reader->Next(&record)) {
         }
       }},
      {"extract", [&] { bench.Pass(false, false, false); }},
      {"language", [&] { bench.Pass(true, false, false); }},
      {"count", [&] { bench.Pass(true, true, false); }},
      {"sign", [&] { bench.Pass(true, true, true); }},
      {"vocabulary",
       [&] {
         bench.LoadVocabularies();
         bench.Pass(true, true, true);
       }},
      {"text store, write", [&] { bench.WholeScan(); }},
      {"dedup, inventory", [&] { bench.WholeRun(); }},
  };
  double libdeflate_seconds = 1e9;
  uint64_t bytes = 0;
  for (int round = 0; round < kRounds; ++round) {
    double start = ProcessorSeconds();
    bytes = Inflate(*stored);
    libdeflate_seconds =
        std::min(libdeflate_seconds, ProcessorSeconds() - start);
    for (Stage& stage : stages) {
      start = ProcessorSeconds();
      stage.work();
      stage.seconds = std::min(stage.seconds, ProcessorSeconds() - start);
    }
  }
  fmt::print("{}: {} bytes stored, {} decoded; compiler {}; {}\n", bench.wet,
             stored->size(), bytes, __VERSION__, IsaName(BestIsa()));
  Report(stages, libdeflate_seconds, bytes);
  std::filesystem::remove_all(bench.out);
  return 0;
}

}  // namespace
}  // namespace peaktext

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_scan INPUT [VOCABULARY...]\n");
    return 2;
  }
  std::vector<std::string> names(argv + 2, argv + argc);
  if (names.empty()) names = {"o200k_base"};
  return peaktext::Main(argv[1], std::move(names));
}

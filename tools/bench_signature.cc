// Text to signature on one core, beside libdeflate decoding the same text.
//
//   build/bench_signature [--seconds S] [--only NAME] FILE...
//
// FILE is plain text; it is cut at line ends into documents of about
// --document-bytes, each compressed to a gzip member of its own as Common Crawl
// does. Rounds go decode, sign, decode, sign, ..., and the best of each, in
// processor time, counts. tools/bench_signature_peers.py runs rensa, datasketch
// and datatrove on the same documents (--documents FILE.jsonl writes them).
#include <fmt/core.h>
#include <libdeflate.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "simd/minhash_kernels.h"
#include "simd/text_kernels.h"
#include "sketch/signature.h"

namespace peaktext {
namespace {

struct Corpus {
  std::vector<std::string> texts;
  std::vector<std::string> members;
  size_t bytes = 0;
  size_t longest = 0;
};

// Processor time of this thread: other programs on the machine do not count.
double Seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

void AddFile(const std::string& path, size_t document_bytes, Corpus* corpus) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    fmt::print(stderr, "bench_signature: cannot read {}\n", path);
    std::exit(1);
  }
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)>
      compressor(libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  for (size_t begin = 0; begin < all.size();) {
    size_t end = all.find('\n', std::min(all.size(), begin + document_bytes));
    end = end == std::string::npos ? all.size() : end + 1;
    const std::string text = all.substr(begin, end - begin);
    std::string member(
        libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
    member.resize(libdeflate_gzip_compress(compressor.get(), text.data(),
                                           text.size(), member.data(),
                                           member.size()));
    corpus->bytes += text.size();
    corpus->longest = std::max(corpus->longest, text.size());
    corpus->texts.push_back(text);
    corpus->members.push_back(member);
    begin = end;
  }
}

void Decode(const Corpus& corpus) {
  std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)>
      decompressor(libdeflate_alloc_decompressor(),
                   libdeflate_free_decompressor);
  std::string text(corpus.longest, '\0');
  for (const std::string& member : corpus.members) {
    size_t size = 0;
    if (libdeflate_gzip_decompress(decompressor.get(), member.data(),
                                   member.size(), text.data(), text.size(),
                                   &size) != LIBDEFLATE_SUCCESS) {
      std::abort();
    }
  }
}

// Kept from being optimised away.
volatile uint64_t sink;

void SignAll(const Corpus& corpus, Signer* signer) {
  Signature signature;
  uint64_t sum = 0;
  for (const std::string& text : corpus.texts) {
    signer->Sign(text, &signature);
    sum += signature.first_minhash;
  }
  sink = sum;
}

template <class Use>
void ForEachChunk(const Corpus& corpus, const Use& use) {
  for (const std::string_view text : corpus.texts) {
    for (size_t at = 0; at < text.size(); at += kTextChunkBytes) {
      use(text.substr(at, kTextChunkBytes));
    }
  }
}

struct Entry {
  std::string name;
  std::function<void()> run;
  double best = 1e9;
};

// The stages apart, each on all texts.
void AddStages(const Corpus& corpus, Isa isa, std::vector<Entry>* entries) {
  const std::string name(IsaName(isa));
  entries->push_back({"  words only, " + name, [&corpus, isa] {
                        const TextKernels& kernels = TextKernelsFor(isa);
                        std::vector<uint64_t> hashes(kMaxWordsPerChunk);
                        WordCarry carry;
                        uint64_t sum = 0;
                        ForEachChunk(corpus, [&](std::string_view chunk) {
                          sum += kernels.hash_words(chunk.data(), chunk.size(),
                                                    &carry, hashes.data());
                        });
                        sink = sum;
                      }});
  entries->push_back({"  white space only, " + name, [&corpus, isa] {
                        const TextKernels& kernels = TextKernelsFor(isa);
                        std::vector<char> folded(kFoldedChunkBytes);
                        SpaceCarry carry;
                        uint64_t sum = 0;
                        ForEachChunk(corpus, [&](std::string_view chunk) {
                          sum += kernels.fold_space(chunk.data(), chunk.size(),
                                                    &carry, folded.data());
                        });
                        sink = sum;
                      }});
}

int Run(int argc, char** argv) {
  double seconds = 10;
  size_t document_bytes = 8000;
  std::string documents_path;
  std::string only;  // the entries whose names contain it, and libdeflate
  Corpus corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else if (argument == "--document-bytes" && i + 1 < argc) {
      document_bytes = static_cast<size_t>(std::atoll(argv[++i]));
    } else if (argument == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else if (argument == "--documents" && i + 1 < argc) {
      documents_path = argv[++i];
    } else {
      AddFile(argv[i], document_bytes, &corpus);
    }
  }
  if (corpus.texts.empty()) {
    fmt::print(stderr, "usage: bench_signature [--seconds S] FILE...\n");
    return 2;
  }
  if (!documents_path.empty()) {
    std::ofstream out(documents_path, std::ios::binary);
    for (const std::string& text : corpus.texts) {
      JsonWriter json;
      json.StartObject();
      json.Member("text", text);
      json.EndObject();
      out << json.Take() << '\n';
    }
  }

  std::vector<Entry> entries;
  entries.push_back({"libdeflate", [&corpus] { Decode(corpus); }});
  std::vector<std::unique_ptr<Signer>> signers;
  for (const Isa isa : {Isa::kAvx512, Isa::kAvx2, Isa::kScalar}) {
    if (!IsaSupported(isa)) continue;
    for (const bool fineweb : {true, false}) {
      SignatureOptions options =
          fineweb ? SignatureOptions::Fineweb() : SignatureOptions();
      options.isa = isa;
      signers.push_back(std::make_unique<Signer>(options));
      entries.push_back({fmt::format("signature {}x{}, {}", options.bands,
                                     options.rows, IsaName(isa)),
                         [&corpus, signer = signers.back().get()] {
                           SignAll(corpus, signer);
                         }});
    }
    AddStages(corpus, isa, &entries);
  }
  std::erase_if(entries, [&only](const Entry& entry) {
    return entry.name != "libdeflate" &&
           entry.name.find(only) == std::string::npos;
  });
  const double start = Seconds();
  // A small corpus several times in a row: what ran before should not matter.
  const size_t repetitions = 1 + (16 << 20) / corpus.bytes;
  size_t rounds = 0;
  for (; rounds < 3 || Seconds() - start < seconds; ++rounds) {
    for (Entry& entry : entries) {
      const double before = Seconds();
      for (size_t i = 0; i < repetitions; ++i) entry.run();
      entry.best = std::min(
          entry.best, (Seconds() - before) / static_cast<double>(repetitions));
    }
  }
  fmt::print("{} documents, {} bytes, best of {} rounds, compiler {}\n",
             corpus.texts.size(), corpus.bytes, rounds, __VERSION__);
  fmt::print("{:<32}{:>10}{:>10}{:>14}\n", "", "MB/s", "ns/byte",
             "x libdeflate");
  for (const Entry& entry : entries) {
    const double speed = static_cast<double>(corpus.bytes) / entry.best;
    fmt::print("{:<32}{:>10.1f}{:>10.3f}{:>14.2f}\n", entry.name, speed / 1e6,
               1e9 / speed, entries[0].best / entry.best);
  }
  return 0;
}

}  // namespace
}  // namespace peaktext

int main(int argc, char** argv) { return peaktext::Run(argc, argv); }

// Counts the tokens of documents for the comparison with the reference
// tokenizers:
//
//   count_documents [--added-tokens] [--isa NAME] [--pieces N] [--time N]
//       [--learn] VOCABULARY...
//
// stdin: for each document its length in bytes (4 bytes, little-endian) and
// the bytes; stdout: a line for each, the counts in the order of the
// vocabularies. Documents are counted many in one call, but with --pieces N
// fed one by one, in pieces of 1 to N bytes.
// --time N counts all documents N times and prints instead, for
// tools/bench_peers: {"isa","ready":s,"passes":[s,...],"tokens":n}, seconds
// of CPU. --learn keeps what was learned for later runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tokenize/added_tokens.h"
#include "tokenize/count_tables_file.h"
#include "tokenize/token_counter.h"

namespace peaktext {
namespace {

struct Flags {
  std::vector<std::string> vocabularies;
  bool added_tokens = false;
  bool learn = false;
  uint64_t pieces = 0;
  uint64_t passes = 0;
  std::string isa;
};

// False at the end of stdin.
bool ReadDocument(std::string* document) {
  std::array<unsigned char, 4> length;
  if (std::fread(length.data(), 1, length.size(), stdin) != length.size()) {
    return false;
  }
  document->resize(uint32_t{length[0]} | uint32_t{length[1]} << 8 |
                   uint32_t{length[2]} << 16 | uint32_t{length[3]} << 24);
  return std::fread(document->data(), 1, document->size(), stdin) ==
         document->size();
}

void FeedInPieces(std::string_view document, uint64_t longest,
                  std::mt19937_64* random, TokenCounter* counter) {
  while (!document.empty()) {
    const std::string_view piece =
        document.substr(0, 1 + (*random)() % longest);
    counter->Feed(piece);
    document.remove_prefix(piece.size());
  }
}

void CountInPieces(size_t vocabularies, uint64_t longest,
                   TokenCounter* counter) {
  std::vector<uint64_t> tokens(vocabularies);
  std::mt19937_64 random(1);
  for (std::string document; ReadDocument(&document);) {
    FeedInPieces(document, longest, &random, counter);
    counter->Finish(tokens);
    fmt::print("{}\n", fmt::join(tokens, " "));
  }
}

// Many documents at a time.
void CountTogether(size_t vocabularies, TokenCounter* counter) {
  constexpr size_t kTogether = 1000;
  bool more = true;
  while (more) {
    std::vector<std::string> documents;
    while (more && documents.size() < kTogether) {
      std::string document;
      more = ReadDocument(&document);
      if (more) documents.push_back(std::move(document));
    }
    const std::vector<std::string_view> texts(documents.begin(),
                                              documents.end());
    std::vector<uint64_t> tokens(texts.size() * vocabularies);
    counter->CountAll(texts, tokens);
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto first =
          tokens.begin() + static_cast<ptrdiff_t>(i * vocabularies);
      fmt::print(
          "{}\n",
          fmt::join(first, first + static_cast<ptrdiff_t>(vocabularies), " "));
    }
  }
}

Result<Isa> ChosenIsa(const std::string& name) {
  if (name.empty()) return BestIsa();
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (IsaName(isa) == name && IsaSupported(isa)) return isa;
  }
  return Fail(StatusCode::kInvalidArgument, "not here: " + name);
}

double CpuSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void PrintTimes(uint64_t passes, double started, Isa isa,
                TokenCounter* counter) {
  const double ready = CpuSeconds() - started;
  std::vector<std::string> documents;
  for (std::string document; ReadDocument(&document);) {
    documents.push_back(document);
  }
  std::vector<double> seconds;
  uint64_t total = 0;
  for (uint64_t pass = 0; pass < passes; ++pass) {
    const double before = CpuSeconds();
    const std::vector<std::string_view> texts(documents.begin(),
                                              documents.end());
    std::vector<uint64_t> tokens(texts.size());
    counter->CountAll(texts, tokens);
    total = std::accumulate(tokens.begin(), tokens.end(), uint64_t{0});
    seconds.push_back(CpuSeconds() - before);
  }
  fmt::print("{{\"isa\":\"{}\",\"ready\":{},\"passes\":[{}],\"tokens\":{}}}\n",
             IsaName(isa), ready, fmt::join(seconds, ","), total);
}

Status Run(const Flags& flags) {
  const double started = CpuSeconds();
  std::vector<std::unique_ptr<const CountTables>> tables;
  std::vector<const CountTables*> pointers;
  for (const std::string& name : flags.vocabularies) {
    Result<std::unique_ptr<const CountTables>> table = LoadCountTables(name);
    if (!table) return table.error();
    if (Status s = CheckAddedTokens((*table)->vocabulary());
        flags.added_tokens && !s.ok()) {
      return s;
    }
    tables.push_back(*std::move(table));
    pointers.push_back(tables.back().get());
  }
  const Result<Isa> isa = ChosenIsa(flags.isa);
  if (!isa) return isa.error();
  TokenCounter counter(pointers,
                       {.added_tokens = flags.added_tokens, .isa = *isa});
  if (flags.passes != 0) {
    if (pointers.size() != 1) {
      return {StatusCode::kInvalidArgument, "--time: one vocabulary at a time"};
    }
    PrintTimes(flags.passes, started, *isa, &counter);
    return {};
  }
  if (flags.pieces == 0) {
    CountTogether(pointers.size(), &counter);
  } else {
    CountInPieces(pointers.size(), flags.pieces, &counter);
  }
  if (flags.learn) counter.KeepLearned();
  return {};
}

}  // namespace
}  // namespace peaktext

int main(int argc, char** argv) {
  CLI::App app;
  peaktext::Flags flags;
  app.add_option("VOCABULARY", flags.vocabularies)->required();
  app.add_flag("--added-tokens", flags.added_tokens);
  app.add_flag("--learn", flags.learn);
  app.add_option("--isa", flags.isa);
  app.add_option("--pieces", flags.pieces);
  app.add_option("--time", flags.passes);
  CLI11_PARSE(app, argc, argv);
  const peaktext::Status status = peaktext::Run(flags);
  if (!status.ok()) fmt::print(stderr, "{}\n", status.message());
  return status.ok() ? 0 : 1;
}

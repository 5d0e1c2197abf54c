// Counting tokens on one core, beside libdeflate decoding the same text.
//
//   build/bench_count [--vocab NAME]... [--isa NAME]... [--seconds S] FILE...
//   build/bench_count --worst MB [--only KIND] [--vocab NAME]... [--isa
//   NAME]...
//
// FILE is plain text, a corpus of its own; it is cut at line ends into
// documents of about --document-bytes, which are counted all in one call, and
// each compressed to a gzip member of its own as Common Crawl does. Printed for
// each vocabulary and instruction set: cold (loading the vocabulary and the
// first pass of a new counter; it says so if that started with what runs have
// learned before, FILE.pretokens), warm (the best of the later passes, which
// take turns with the decoding), and warm over that of libdeflate. Of two
// vocabularies and more the first two are also counted in one pass: how many
// times as long that takes as one alone, the mean of both, warm and by new
// counters, the three taking turns after each MB.
// --worst counts texts of MB megabytes, each in one piece, that are hard to
// count. Time is processor time of the one thread; MB are 10^6 bytes.
#include <fmt/format.h>
#include <libdeflate.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "tokenize/count_tables_file.h"
#include "tokenize/token_counter.h"

namespace peaktext {
namespace {

struct Flags {
  std::vector<std::string> files;
  std::vector<std::string> vocabularies = {"o200k_base", "cl100k_base"};
  std::vector<std::string> isas;
  std::string only;
  double seconds = 4;
  size_t document_bytes = 8000;
  double worst_megabytes = 0;
};

struct Corpus {
  std::vector<std::string> texts;
  std::vector<std::string> members;
  size_t bytes = 0;
  size_t longest = 0;
};

double Seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

[[noreturn]] void Die(std::string_view what) {
  fmt::print(stderr, "bench_count: {}\n", what);
  std::exit(1);
}

Corpus ReadCorpus(const std::string& path, size_t document_bytes) {
  std::ifstream in(path, std::ios::binary);
  if (!in) Die("cannot read " + path);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)>
      compressor(libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  Corpus corpus;
  for (size_t begin = 0; begin < all.size();) {
    size_t end = all.find('\n', std::min(all.size(), begin + document_bytes));
    end = end == std::string::npos ? all.size() : end + 1;
    const std::string text = all.substr(begin, end - begin);
    std::string member(
        libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
    member.resize(libdeflate_gzip_compress(compressor.get(), text.data(),
                                           text.size(), member.data(),
                                           member.size()));
    corpus.bytes += text.size();
    corpus.longest = std::max(corpus.longest, text.size());
    corpus.texts.push_back(text);
    corpus.members.push_back(member);
    begin = end;
  }
  return corpus;
}

double DecodeSeconds(const Corpus& corpus) {
  std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)>
      decompressor(libdeflate_alloc_decompressor(),
                   libdeflate_free_decompressor);
  std::string text(corpus.longest, '\0');
  const double start = Seconds();
  for (const std::string& member : corpus.members) {
    size_t size = 0;
    if (libdeflate_gzip_decompress(decompressor.get(), member.data(),
                                   member.size(), text.data(), text.size(),
                                   &size) != LIBDEFLATE_SUCCESS) {
      Die("libdeflate cannot decode what it has encoded");
    }
  }
  return Seconds() - start;
}

std::unique_ptr<const CountTables> LoadTables(const std::string& name) {
  Result<std::unique_ptr<const CountTables>> tables = LoadCountTables(name);
  if (!tables) Die(tables.error().message());
  return *std::move(tables);
}

// As the program gives them: 32 MiB for each vocabulary.
TokenCounter NewCounter(std::span<const CountTables* const> tables, Isa isa) {
  return {tables, {.cache_bytes = tables.size() << 25, .isa = isa}};
}

double CountSeconds(std::span<const std::string> texts, TokenCounter* counter,
                    std::vector<uint64_t>* totals) {
  totals->assign(totals->size(), 0);
  const double start = Seconds();
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<uint64_t> tokens(texts.size() * totals->size());
  counter->CountAll(views, tokens);
  for (size_t i = 0; i < tokens.size(); ++i) {
    (*totals)[i % totals->size()] += tokens[i];
  }
  return Seconds() - start;
}

void BenchCorpus(const Corpus& corpus, const std::string& name, Isa isa,
                 double seconds) {
  const double started = Seconds();
  const std::unique_ptr<const CountTables> tables = LoadTables(name);
  const CountTables* const pointer = tables.get();
  TokenCounter counter = NewCounter({&pointer, 1}, isa);
  const double ready = Seconds() - started;
  std::vector<uint64_t> totals(1);
  const double first = CountSeconds(corpus.texts, &counter, &totals);
  double warm = 1e9;
  double decode = 1e9;
  const double until = Seconds() + seconds;
  do {
    decode = std::min(decode, DecodeSeconds(corpus));
    warm = std::min(warm, CountSeconds(corpus.texts, &counter, &totals));
  } while (Seconds() < until);
  const double megabytes = static_cast<double>(corpus.bytes) / 1e6;
  fmt::print(
      "  {:<24} {:<7} ready {:.3f} s, cold{} {:6.1f} MB/s, warm {:7.1f} MB/s, "
      "libdeflate {:6.1f} MB/s, ratio {:.2f}, {:.2f} bytes/token\n",
      name, IsaName(isa), ready, tables->learned()->empty() ? "" : " (learned)",
      megabytes / (ready + first), megabytes / warm, megabytes / decode,
      decode / warm,
      static_cast<double>(corpus.bytes) / static_cast<double>(totals[0]));
  std::fflush(stdout);
}

// Two vocabularies, each alone and both in one pass. Renew() comes first.
class Pair {
 public:
  Pair(const std::string& left, const std::string& right, Isa isa)
      : tables_{LoadTables(left), LoadTables(right)},
        pointers_{tables_[0].get(), tables_[1].get()},
        isa_(isa) {}

  void Renew() {
    const std::span<const CountTables* const> all = pointers_;
    counters_.clear();
    for (const auto& some : {all.first(1), all.last(1), all}) {
      counters_.push_back(NewCounter(some, isa_));
    }
  }
  // The time of both in one pass over that of one alone, the mean of both.
  double Ratio(const Corpus& corpus) {
    constexpr size_t kGroupBytes = 1000000;
    double seconds[3] = {};
    std::span<const std::string> left = corpus.texts;
    for (size_t turn = turns_++; !left.empty(); ++turn) {
      size_t count = 0;
      for (size_t bytes = 0; count < left.size() && bytes < kGroupBytes;) {
        bytes += left[count++].size();
      }
      for (size_t i = 0; i < 3; ++i) {
        const size_t which = (turn + i) % 3;
        std::vector<uint64_t> totals(which == 2 ? 2 : 1);
        seconds[which] +=
            CountSeconds(left.first(count), &counters_[which], &totals);
      }
      left = left.subspan(count);
    }
    return 2 * seconds[2] / (seconds[0] + seconds[1]);
  }

 private:
  std::unique_ptr<const CountTables> tables_[2];
  const CountTables* pointers_[2];
  Isa isa_;
  std::vector<TokenCounter> counters_;
  size_t turns_ = 0;
};

double Median(std::vector<double> values) {
  const auto middle =
      values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void BenchPair(const Corpus& corpus, const std::string& left,
               const std::string& right, Isa isa, double seconds) {
  Pair pair(left, right, isa);
  const auto ratio = [&](bool renew) {
    std::vector<double> ratios;
    const double until = Seconds() + seconds;
    do {
      if (renew) pair.Renew();
      ratios.push_back(pair.Ratio(corpus));
    } while (Seconds() < until);
    return Median(ratios);
  };
  const double by_new = ratio(true);
  fmt::print(
      "  {:<24} {:<7} in one pass {:.2f} times as long as one, by new counters "
      "{:.2f} times\n",
      left + "+" + right, IsaName(isa), ratio(false), by_new);
  std::fflush(stdout);
}

std::vector<std::string> Range(uint32_t first, uint32_t last) {
  std::vector<std::string> characters;
  for (uint32_t c = first; c <= last; ++c) {
    AppendUtf8(c, &characters.emplace_back());
  }
  return characters;
}

std::vector<std::string> Join(
    const std::vector<std::vector<std::string>>& sets) {
  std::vector<std::string> all;
  for (const auto& set : sets) all.insert(all.end(), set.begin(), set.end());
  return all;
}

// Lines of one sign, of up to 400 of them.
std::vector<std::string> Rulers() {
  std::vector<std::string> rulers;
  for (const char sign : std::string_view("-=*#/_. ")) {
    for (size_t bytes = 31; bytes <= 400; bytes += 3) {
      rulers.push_back(std::string(bytes, sign) + "|\n");
    }
  }
  return rulers;
}

struct Kind {
  std::string name;
  std::vector<std::string> units;  // drawn at random
  size_t line_bytes = 0;           // a newline after so many
};

std::vector<Kind> WorstKinds() {
  const auto lower = Range('a', 'z');
  const auto upper = Range('A', 'Z');
  const auto digits = Range('0', '9');
  const auto base64 = Join({upper, lower, digits, {"+", "/"}});
  return {
      {"one letter", {"a"}},
      {"random letters", lower},
      {"spaces", {" "}},
      {"newlines", {"\n"}},
      {"digits", digits},
      {"one digit", {"7"}},
      {"one CJK character", {"\u4e2d"}},
      {"random CJK", Range(0x4E00, 0x9FA5)},
      {"random Hangul", Range(0xAC00, 0xD7A3)},
      {"emoji with joiners",
       {"\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"}},
      {"random emoji with joiners",
       {"\U0001F468\u200D", "\U0001F469\u200D", "\U0001F3FD", "\U0001F467",
        "\u2764\uFE0F\u200D", "\U0001F525"}},
      {"base64 lines", base64, 76},
      {"base64", base64},
      {"random upper", upper},
      {"lower and upper", Join({lower, upper})},
      {"period of 7", {"qzjxkvw"}},
      {"two letters", {"a", "b"}},
      {"punctuation", Join({Range('!', '/'), Range(':', '@'), Range('[', '`'),
                            Range('{', '~')})},
      {"one sign", {"="}},
      {"rulers", Rulers()},
      {"contractions", {"'s", "'S", "'re", "a'\u017F"}},
      {"white space", {" ", "\t", "\n", "\r\n", "\u3000", "\u00A0"}},
      {"random ASCII", Range(' ', '~')},
      {"Cyrillic", Range(0x430, 0x44F)},
      {"Arabic", Range(0x621, 0x64A)},
      {"Thai", Range(0xE01, 0xE3A)},
      {"mixed scripts", Join({Range(0x21, 0x2FF), Range(0x370, 0x6FF),
                              Range(0x900, 0xEFF), Range(0x3041, 0x30FF),
                              Range(0x4E00, 0x9FFF), Range(0x1F300, 0x1F5FF)})},
      {"marks", Range(0x300, 0x36F)},
      {"astral letters", Range(0x20000, 0x2A6DF)},
      {"broken UTF-8", {"\xC3", "\xE4\xB8", "\xFF", "\x80", "\xF0\x9F"}},
  };
}

std::string TextOf(const Kind& kind, size_t bytes) {
  std::mt19937_64 random(1);
  std::string text;
  text.reserve(bytes + 64);
  size_t line = 0;
  while (text.size() < bytes) {
    text += kind.units[random() % kind.units.size()];
    if (kind.line_bytes != 0 && text.size() - line >= kind.line_bytes) {
      text += '\n';
      line = text.size();
    }
  }
  return text;
}

void BenchWorst(const Flags& flags, const std::vector<Isa>& isas) {
  for (const std::string& name : flags.vocabularies) {
    const std::unique_ptr<const CountTables> tables = LoadTables(name);
    const CountTables* pointer = tables.get();
    for (const Isa isa : isas) {
      fmt::print("{}, {}\n", name, IsaName(isa));
      for (const Kind& kind : WorstKinds()) {
        if (kind.name.find(flags.only) == std::string::npos) continue;
        const std::string text =
            TextOf(kind, static_cast<size_t>(flags.worst_megabytes * 1e6));
        TokenCounter counter({&pointer, 1}, {.isa = isa});
        uint64_t tokens = 0;
        const double start = Seconds();
        counter.Count(text, {&tokens, 1});
        const double seconds = Seconds() - start;
        fmt::print(
            "  {:<26} {:7.1f} MB/s, {:5.2f} bytes/token\n", kind.name,
            static_cast<double>(text.size()) / 1e6 / seconds,
            static_cast<double>(text.size()) / static_cast<double>(tokens));
        std::fflush(stdout);
      }
    }
  }
}

std::vector<Isa> ChosenIsas(const std::vector<std::string>& names) {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kAvx512, Isa::kAvx2, Isa::kScalar}) {
    const bool named =
        std::find(names.begin(), names.end(), IsaName(isa)) != names.end();
    if (IsaSupported(isa) && (named || (names.empty() && isa == BestIsa()))) {
      isas.push_back(isa);
    }
  }
  if (isas.size() < std::max<size_t>(1, names.size())) {
    Die("an instruction set that is not here");
  }
  return isas;
}

void Run(const Flags& flags) {
  const std::vector<Isa> isas = ChosenIsas(flags.isas);
  if (flags.worst_megabytes > 0) BenchWorst(flags, isas);
  for (const std::string& file : flags.files) {
    const Corpus corpus = ReadCorpus(file, flags.document_bytes);
    fmt::print("{}: {} bytes, {} documents\n", file, corpus.bytes,
               corpus.texts.size());
    for (const Isa isa : isas) {
      for (const std::string& name : flags.vocabularies) {
        BenchCorpus(corpus, name, isa, flags.seconds);
      }
      if (flags.vocabularies.size() < 2) continue;
      BenchPair(corpus, flags.vocabularies[0], flags.vocabularies[1], isa,
                flags.seconds);
    }
  }
}

}  // namespace
}  // namespace peaktext

// NOLINTNEXTLINE(bugprone-exception-escape): a benchmark may end so.
int main(int argc, char** argv) {
  CLI::App app("Counts tokens on one core, beside libdeflate.");
  peaktext::Flags flags;
  app.add_option("FILE", flags.files, "plain texts");
  app.add_option("--vocab", flags.vocabularies, "repeatable")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--isa", flags.isas, "repeatable; the best there is")
      ->allow_extra_args(false);
  app.add_option("--seconds", flags.seconds, "for each line");
  app.add_option("--document-bytes", flags.document_bytes, "of a corpus");
  app.add_option("--worst", flags.worst_megabytes, "megabytes of each kind");
  app.add_option("--only", flags.only, "kinds whose names contain it");
  CLI11_PARSE(app, argc, argv);
  peaktext::Run(flags);
  return 0;
}

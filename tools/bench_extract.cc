// How fast records become documents, on one core:
//
//   bench_extract FILE|FOLDER...
//
// Folders are searched for .html files, other files are read as shards. Prints
// decoded bytes per second of processor time: HTML to text, each stage alone,
// and the whole of Extractor::Extract. The issue wants HTML to text at 150
// MB/s.
#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "extract/charset.h"
#include "extract/extractor.h"
#include "extract/html_to_text.h"
#include "extract/html_tokenizer.h"
#include "extract/http_message.h"
#include "extract/language.h"
#include "read/byte_source.h"
#include "read/record_reader.h"
#include "simd/isa.h"

namespace peaktext {
namespace {

constexpr int kRounds = 5;

double ProcessorSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

// The median of kRounds runs, in MB (10^6 bytes) a second.
void Measure(const char* what, uint64_t bytes,
             const std::function<void()>& run) {
  std::vector<double> seconds;
  for (int round = 0; round < kRounds; ++round) {
    const double start = ProcessorSeconds();
    run();
    seconds.push_back(ProcessorSeconds() - start);
  }
  std::sort(seconds.begin(), seconds.end());
  fmt::print("{:<34} {:8.0f} MB/s   ({:.0f} to {:.0f})\n", what,
             static_cast<double>(bytes) / 1e6 / seconds[kRounds / 2],
             static_cast<double>(bytes) / 1e6 / seconds.back(),
             static_cast<double>(bytes) / 1e6 / seconds.front());
}

class CountingSink : public HtmlTokenSink {
 public:
  void Text(std::string_view text) override { count += text.size(); }
  void StartTag(std::string_view name) override { count += name.size(); }
  void EndTag(std::string_view name) override { count += name.size(); }
  uint64_t count = 0;
};

struct Corpus {
  std::vector<std::string> pages;   // HTML, UTF-8
  std::vector<std::string> blocks;  // HTTP responses
  uint64_t page_bytes = 0;
  uint64_t block_bytes = 0;

  void Add(std::string block) {
    const HttpMessage message = ParseHttpMessage(block);
    if (message.status == 200 &&
        message.Field("Content-Type").starts_with("text/html") &&
        !message.IsChunked() && IsValidUtf8(message.body)) {
      page_bytes += message.body.size();
      pages.emplace_back(message.body);
    }
    block_bytes += block.size();
    blocks.push_back(std::move(block));
  }
};

void AddFolder(const std::filesystem::path& folder, Corpus* corpus) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           folder,
           std::filesystem::directory_options::skip_permission_denied)) {
    if (entry.is_regular_file() && entry.path().extension() == ".html") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::string html((std::istreambuf_iterator<char>(in)), {});
    corpus->Add("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + html);
  }
}

bool AddShard(const std::string& path, Corpus* corpus) {
  auto source = OpenSource(path, {});
  if (!source) return false;
  auto reader = OpenRecordReader(std::move(*source), {});
  if (!reader) return false;
  Record record;
  while ((*reader)->Next(&record)) {
    if (record.type != "response" && record.type != "arc") continue;
    corpus->Add(std::string(record.body.data(), record.body.size()));
  }
  return true;
}

void RunStages(const Corpus& corpus) {
  std::string text;
  std::vector<std::string> texts;
  uint64_t text_bytes = 0;
  for (const std::string& page : corpus.pages) {
    HtmlToText converter;
    text.clear();
    converter.Feed(page, &text);
    converter.Finish(&text);
    texts.push_back(text);
    text_bytes += text.size();
  }
  fmt::print(
      "{} responses, {} UTF-8 pages of {:.1f} MB with {:.1f} MB of text\n",
      corpus.blocks.size(), corpus.pages.size(),
      static_cast<double>(corpus.page_bytes) / 1e6,
      static_cast<double>(text_bytes) / 1e6);
  Measure("tokens alone", corpus.page_bytes, [&] {
    CountingSink sink;
    HtmlTokenizer tokenizer(&sink);
    for (const std::string& page : corpus.pages) {
      tokenizer.Feed(page);
      tokenizer.Finish();
    }
  });
  Measure("HTML to text", corpus.page_bytes, [&] {
    HtmlToText converter;
    for (const std::string& page : corpus.pages) {
      text.clear();
      converter.Feed(page, &text);
      converter.Finish(&text);
    }
  });
  Measure("charset choice", corpus.page_bytes, [&] {
    for (const std::string& page : corpus.pages) (void)ChooseCharset("", page);
  });
  Measure("language (of text bytes)", text_bytes, [&] {
    for (const std::string& page : texts) (void)DetectLanguage(page);
  });
  for (const bool detect : {false, true}) {
    Measure(detect ? "Extract with language" : "Extract without language",
            corpus.block_bytes, [&] {
              Extractor extractor({.detect_language = detect});
              Document document;
              std::string block;
              for (const std::string& original : corpus.blocks) {
                block = original;  // Extract may change it
                Record record;
                record.type = "response";
                record.media_type = "application/http";
                record.body = block;
                (void)extractor.Extract("bench", record, &document);
              }
            });
  }
}

}  // namespace
}  // namespace peaktext

int main(int argc, char** argv) {
  peaktext::Corpus corpus;
  for (int i = 1; i < argc; ++i) {
    if (std::filesystem::is_directory(argv[i])) {
      peaktext::AddFolder(argv[i], &corpus);
    } else if (!peaktext::AddShard(argv[i], &corpus)) {
      fmt::print(stderr, "bench_extract: {}: cannot be read\n", argv[i]);
      return 1;
    }
  }
  if (corpus.pages.empty()) {
    fmt::print(stderr, "usage: bench_extract FILE|FOLDER...\n");
    return 2;
  }
  fmt::print("g++ {}, {}, median of {}\n", __VERSION__,
             peaktext::IsaName(peaktext::BestIsa()), peaktext::kRounds);
  peaktext::RunStages(corpus);
  return 0;
}

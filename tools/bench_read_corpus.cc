#include "bench_read_corpus.h"

#include <fmt/core.h>
#include <libdeflate.h>
#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <utility>

#include "base/json.h"

namespace peaktext {
namespace {

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

}  // namespace

void UseText(std::string text) { given_text = std::move(text); }

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

std::string WithDictionary(const Records& records) {
  constexpr size_t kDictionaryBytes = 110 << 10;
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

}  // namespace peaktext

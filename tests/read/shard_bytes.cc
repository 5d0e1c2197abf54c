#include "read/shard_bytes.h"

#include <fmt/core.h>
#include <libdeflate.h>
#include <lz4frame.h>
#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <random>

namespace peaktext {
namespace {

class Trickle final : public ByteSource {
 public:
  Trickle(std::string bytes, size_t read_bytes)
      : bytes_(std::move(bytes)), read_bytes_(read_bytes) {}
  Result<size_t> Read(std::span<char> buffer) override {
    const size_t n =
        std::min({buffer.size(), bytes_.size() - position_, read_bytes_});
    if (n > 0) std::memcpy(buffer.data(), bytes_.data() + position_, n);
    position_ += n;
    return n;
  }
  const std::string& name() const override { return name_; }

 private:
  std::string name_ = "shard";
  std::string bytes_;
  size_t read_bytes_;
  size_t position_ = 0;
};

void Check(const ReadBack& read, uint64_t stored_bytes) {
  const ReadStats& stats = read.stats;
  BOOST_TEST(stats.stored_bytes == stored_bytes);
  BOOST_TEST(stats.used_bytes + stats.padding_bytes +
                 stats.dropped.total().bytes ==
             stored_bytes);
  uint64_t told = 0;
  for (const ReadIssue& issue : read.issues) {
    told += issue.dropped_bytes;
    BOOST_TEST(issue.message.starts_with("shard: offset "));
    BOOST_TEST(issue.message.find('\n') == std::string::npos);
    BOOST_TEST(issue.offset <= stored_bytes);
  }
  BOOST_TEST(told == stats.dropped.total().bytes);
}

}  // namespace

std::string WarcFields(std::string_view name, std::string_view newline) {
  return fmt::format(
      "WARC-Type: conversion{0}WARC-Target-URI: http://example.org/{1}{0}"
      "WARC-Date: 2026-01-02T03:04:05Z{0}WARC-Record-ID: <urn:uuid:{1}>{0}"
      "Content-Type: text/plain{0}",
      newline, name);
}

std::string RawWarcRecord(std::string_view header, std::string_view body) {
  return fmt::format("WARC/1.0\r\n{}\r\n{}\r\n\r\n", header, body);
}

std::string WarcRecord(std::string_view name, std::string_view body) {
  return RawWarcRecord(
      fmt::format("{}Content-Length: {}\r\n", WarcFields(name), body.size()),
      body);
}

std::string ArcRecord(std::string_view name, std::string_view body) {
  return fmt::format(
      "http://example.org/{} 192.0.2.1 20080430204825 text/html {}\n{}\n", name,
      body.size(), body);
}

std::string ArcVersionBlock() {
  const std::string block =
      "1 0 Maker\nURL IP-address Archive-date Content-type Archive-length\n";
  return fmt::format(
      "filedesc://made.arc 0.0.0.0 20080430204825 text/plain {}\n{}\n",
      block.size(), block);
}

std::string Gzip(std::string_view bytes, int level) {
  libdeflate_compressor* const c = libdeflate_alloc_compressor(level);
  std::string out(libdeflate_gzip_compress_bound(c, bytes.size()), '\0');
  out.resize(libdeflate_gzip_compress(c, bytes.data(), bytes.size(), out.data(),
                                      out.size()));
  libdeflate_free_compressor(c);
  return out;
}

std::string Zstd(std::string_view bytes, std::string_view dictionary,
                 bool checksum, bool content_size) {
  ZSTD_CCtx* const c = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, checksum ? 1 : 0);
  ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, content_size ? 1 : 0);
  if (!dictionary.empty()) {
    ZSTD_CCtx_loadDictionary(c, dictionary.data(), dictionary.size());
  }
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t n =
      ZSTD_compress2(c, out.data(), out.size(), bytes.data(), bytes.size());
  BOOST_REQUIRE(!ZSTD_isError(n));
  out.resize(n);
  ZSTD_freeCCtx(c);
  return out;
}

std::string Lz4(std::string_view bytes) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string out(LZ4F_compressFrameBound(bytes.size(), &preferences), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), bytes.data(),
                                bytes.size(), &preferences));
  return out;
}

std::string Skippable(uint32_t magic, std::string_view content) {
  std::string out(8, '\0');
  const uint32_t size = static_cast<uint32_t>(content.size());
  std::memcpy(out.data(), &magic, 4);
  std::memcpy(out.data() + 4, &size, 4);
  return out.append(content);
}

std::string TrainedDictionary(size_t bytes) {
  std::string samples;
  std::vector<size_t> sizes;
  for (uint64_t i = 0; i < 400; ++i) {
    const std::string record = WarcRecord(std::to_string(i), Words(i, 700));
    samples += record;
    sizes.push_back(record.size());
  }
  std::string dictionary(bytes, '\0');
  const size_t n = ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(),
                                         samples.data(), sizes.data(),
                                         static_cast<unsigned>(sizes.size()));
  BOOST_REQUIRE(!ZDICT_isError(n));
  dictionary.resize(n);
  return dictionary;
}

std::string Words(uint64_t seed, size_t bytes) {
  std::mt19937_64 random(seed);
  std::string text;
  while (text.size() < bytes) {
    for (uint64_t n = 2 + random() % 8; n > 0; --n) {
      text += static_cast<char>('a' + random() % 26);
    }
    text += random() % 9 == 0 ? '\n' : ' ';
  }
  text.resize(bytes);
  return text;
}

std::string ReadBack::names() const {
  std::string joined;
  for (const std::string& uri : uris) {
    if (!joined.empty()) joined += ' ';
    joined += uri.substr(uri.rfind('/') + 1);
  }
  return joined;
}

uint64_t ReadBack::dropped(std::string_view reason) const {
  const auto it = stats.dropped.by_reason().find(reason);
  return it == stats.dropped.by_reason().end() ? 0 : it->second.count;
}

std::unique_ptr<ByteSource> TrickleSource(std::string bytes,
                                          size_t read_bytes) {
  return std::make_unique<Trickle>(std::move(bytes), read_bytes);
}

ReadBack ReadShard(std::string bytes, ReadOptions options, size_t read_bytes) {
  const uint64_t stored_bytes = bytes.size();
  ReadBack read;
  options.on_issue = [&](const ReadIssue& issue) {
    read.issues.push_back(issue);
  };
  auto reader = OpenRecordReader(
      read_bytes == 0 ? MemorySource("shard", std::move(bytes))
                      : TrickleSource(std::move(bytes), read_bytes),
      std::move(options));
  BOOST_REQUIRE(reader);
  Record record;
  while ((*reader)->Next(&record)) {
    const std::string_view body(record.body.data(), record.body.size());
    if (record.continued) {
      read.bodies.back() += body;
      continue;
    }
    read.uris.emplace_back(record.uri);
    read.types.emplace_back(record.type);
    read.bodies.emplace_back(body);
    read.offsets.push_back(record.offset);
    read.stored.push_back(record.stored_bytes);
    // More records than bytes: it does not end.
    BOOST_REQUIRE(read.uris.size() <= stored_bytes + 1);
  }
  read.stats = (*reader)->stats();
  read.format = (*reader)->format();
  read.status = (*reader)->status();
  BOOST_TEST(read.status.ok());
  BOOST_TEST(read.stats.records == read.uris.size());
  Check(read, stored_bytes);
  return read;
}

}  // namespace peaktext

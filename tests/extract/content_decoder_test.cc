#include "extract/content_decoder.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

namespace peaktext {
namespace {

std::string Deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string Gzip(const std::string& text) { return Deflated(text, 31); }
std::string Brotli(const std::string& text) {
  size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 64;
  std::string out(size, '\0');
  BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(),
                        reinterpret_cast<const uint8_t*>(text.data()), &size,
                        reinterpret_cast<uint8_t*>(out.data()));
  out.resize(size);
  return out;
}
std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(
      ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string LongText() {
  std::string text = "<html>";
  std::mt19937_64 random(1);
  while (text.size() < 300000) text += std::to_string(random()) + " words ";
  return text;
}

std::string Decode(const std::string& codings, const std::string& bytes) {
  ContentDecoder decoder;
  const DecodedBody body = decoder.Decode(codings, bytes);
  BOOST_TEST((body.fault == DecodeFault::kNone));
  return std::string(body.bytes);
}

BOOST_AUTO_TEST_SUITE(content_decoder)

BOOST_AUTO_TEST_CASE(every_coding_is_taken_off) {
  const std::string text = LongText();
  BOOST_TEST((Decode("gzip", Gzip(text)) == text));
  BOOST_TEST((Decode("X-GZIP", Gzip(text)) == text));
  BOOST_TEST((Decode("deflate", Deflated(text, 15)) == text));
  BOOST_TEST((Decode("deflate", Deflated(text, -15)) == text));
  BOOST_TEST((Decode("deflate", Gzip(text)) == text));
  BOOST_TEST((Decode("br", Brotli(text)) == text));
  BOOST_TEST((Decode("zstd", Zstd(text)) == text));
  BOOST_TEST((Decode("zstd", Zstd(text) + Zstd("x")) == text + "x"));
  BOOST_TEST((Decode("gzip", Gzip(text) + Gzip("x")) == text + "x"));
  BOOST_TEST((Decode("gzip", Gzip(text) + "garbage") == text));
  BOOST_TEST((Decode("identity", text) == text));
  BOOST_TEST((Decode("", text) == text));
  BOOST_TEST((Decode("utf-8, none", text) == text));
  BOOST_TEST((Decode("gzip", Gzip("")) == ""));
}

BOOST_AUTO_TEST_CASE(codings_taken_for_each_other_are_told_apart) {
  const std::string text = LongText();
  for (const char* claimed : {"gzip", "deflate", "br", "zstd"}) {
    BOOST_TEST((Decode(claimed, Gzip(text)) == text));
    BOOST_TEST((Decode(claimed, Zstd(text)) == text));
  }
  BOOST_TEST((Decode("gzip", Deflated(text, 15)) == text));
}

BOOST_AUTO_TEST_CASE(codings_on_top_of_each_other_come_off_from_the_last) {
  const std::string text = LongText();
  BOOST_TEST((Decode("gzip, br", Brotli(Gzip(text))) == text));
  BOOST_TEST((Decode("br,identity , gzip", Gzip(Brotli(text))) == text));
  BOOST_TEST((Decode("gzip, gzip", Gzip(Gzip(text))) == text));
  // One of the two is a lie.
  BOOST_TEST((Decode("gzip, gzip", Gzip(text)) == text));
  BOOST_TEST((Decode("zstd, gzip, zstd", Gzip(text)) == text));
}

BOOST_AUTO_TEST_CASE(a_body_in_none_of_the_codings_announced_stays) {
  const std::string html = "<!DOCTYPE html><html><body>text</body></html>";
  for (const char* coding : {"gzip", "deflate", "br", "zstd", "gzip, br"}) {
    BOOST_TEST(Decode(coding, html) == html, coding);
    BOOST_TEST(Decode(coding, "") == "", coding);
  }
}

BOOST_AUTO_TEST_CASE(a_cut_body_gives_its_beginning) {
  const std::string text = LongText();
  const struct {
    const char* coding;
    std::string bytes;
  } cases[] = {{"gzip", Gzip(text)},
               {"deflate", Deflated(text, 15)},
               {"deflate", Deflated(text, -15)},
               {"br", Brotli(text)},
               {"zstd", Zstd(text)}};
  for (const auto& c : cases) {
    ContentDecoder decoder;
    const DecodedBody body = decoder.Decode(
        c.coding, std::string_view(c.bytes).substr(0, c.bytes.size() - 9));
    BOOST_TEST(body.damaged, c.coding);
    BOOST_TEST(body.in_buffer, c.coding);
    BOOST_TEST(body.bytes.size() > 10000u, c.coding);
    BOOST_TEST(text.starts_with(body.bytes), c.coding);
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_body_gives_what_is_readable) {
  const std::string text = LongText();
  std::string bytes = Gzip(text);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0xFF);
  ContentDecoder decoder;
  const DecodedBody body = decoder.Decode("gzip", bytes);
  BOOST_TEST(body.damaged);
  BOOST_TEST(body.bytes.substr(0, 10000) == text.substr(0, 10000));
}

BOOST_AUTO_TEST_CASE(limits_of_size_and_ratio_hold) {
  const std::string zeros(20 << 20, '\0');
  ContentDecoder small({.max_bytes = 1 << 20, .max_ratio = 1000000});
  BOOST_TEST(
      (small.Decode("gzip", Gzip(zeros)).fault == DecodeFault::kTooLarge));
  BOOST_TEST((small.Decode("gzip", Gzip(std::string(1 << 20, 'x'))).fault ==
              DecodeFault::kNone));
  BOOST_TEST(
      (small.Decode("gzip", Gzip(std::string((1 << 20) + 1, 'x'))).fault ==
       DecodeFault::kTooLarge));
  ContentDecoder strict({.max_bytes = 512 << 20, .max_ratio = 100});
  for (const auto& [coding, bytes] :
       {std::pair<const char*, std::string>{"gzip", Gzip(zeros)},
        {"br", Brotli(zeros)},
        {"zstd", Zstd(zeros)},
        {"gzip, gzip", Gzip(Gzip(zeros))}}) {
    BOOST_TEST((strict.Decode(coding, bytes).fault == DecodeFault::kBomb),
               coding);
  }
  BOOST_TEST((strict.Decode("gzip,gzip,gzip,gzip,gzip", "x").fault ==
              DecodeFault::kBomb));
}

BOOST_AUTO_TEST_CASE(a_decoder_is_as_good_as_new_after_each_body) {
  const std::string text = LongText();
  ContentDecoder decoder;
  BOOST_TEST((decoder.Decode("gzip", Gzip(text)).bytes == text));
  BOOST_TEST((decoder.Decode("gzip", Gzip("short")).bytes == "short"));
  BOOST_TEST((decoder.Decode("br", "<p>").bytes == "<p>"));
  decoder.ShrinkBeyond(0);
  BOOST_TEST((decoder.Decode("zstd", Zstd(text)).bytes == text));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext

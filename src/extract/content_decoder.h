// Takes Content-Encoding off an HTTP body: gzip, deflate (zlib or raw), br,
// zstd, one or several on top of each other.
//
//   ContentDecoder decoder({.max_bytes = 512 << 20, .max_ratio = 2000});
//   DecodedBody body = decoder.Decode("gzip", bytes);
//   if (body.fault == DecodeFault::kNone) Use(body.bytes);
//
// Servers lie and crawls are cut: bytes that are not in the coding announced
// come back as they are, a damaged or cut stream gives what can be read of it.
//
// Not thread-safe: one per thread; it keeps its buffers from call to call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace peaktext {

struct DecodeLimits {
  uint64_t max_bytes = 512ULL << 20;
  uint64_t max_ratio = 2000;  // decoded to stored, over all codings
};

enum class DecodeFault { kNone, kTooLarge, kBomb };

struct DecodedBody {
  DecodeFault fault = DecodeFault::kNone;
  bool damaged = false;  // what could be read of a cut or corrupt stream
  // In the decoder's buffer, until its next Decode(); or the input itself where
  // nothing was decoded.
  std::string_view bytes;
  bool in_buffer = false;  // bytes are the decoder's own and may be changed
};

class ContentDecoder {
 public:
  explicit ContentDecoder(DecodeLimits limits = {}) : limits_(limits) {}

  // `codings` is the Content-Encoding as sent: the first one was applied first.
  // Unknown ones and `identity` are passed over.
  DecodedBody Decode(std::string_view codings, std::string_view bytes);

  // The bytes of the last Decode() that was `in_buffer`, to be changed in
  // place.
  std::string& buffer() { return output_; }
  // Gives memory back that an uncommonly large body took.
  void ShrinkBeyond(size_t bytes);

 private:
  DecodeLimits limits_;
  std::string output_;
  std::string input_;  // of the second and further codings
};

}  // namespace peaktext

#include "extract/content_decoder.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/zstd_context.h"
#include "extract/http_message.h"

namespace peaktext {
namespace {

// Nobody stacks more; a longer list is an attack on the decoder.
constexpr size_t kMaxCodings = 4;
constexpr size_t kFirstOutputBytes = 64 << 10;
// Below it a high ratio harms nobody: a page of blanks is no bomb.
constexpr uint64_t kHarmlessBytes = 1 << 20;
// What text reaches; more is not allocated on a claim alone.
constexpr uint64_t kUsualRatio = 100;

enum class Coding { kNone, kGzip, kDeflate, kBrotli, kZstd };

Coding CodingOf(std::string_view name) {
  if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) {
    return Coding::kGzip;
  }
  if (EqualsIgnoreCase(name, "deflate")) return Coding::kDeflate;
  if (EqualsIgnoreCase(name, "br")) return Coding::kBrotli;
  if (EqualsIgnoreCase(name, "zstd")) return Coding::kZstd;
  return Coding::kNone;
}

enum class StepResult { kMore, kEnd, kCorrupt };

// One decompressor at work: reads on from *input, appends to the output.
class Stream {
 public:
  virtual ~Stream() = default;
  // Fills up to `room` bytes at `to`; sets `*made`. kMore with nothing made and
  // nothing taken means that the input is cut.
  virtual StepResult Step(std::string_view* input, char* to, size_t room,
                          size_t* made) = 0;
};

class ZlibStream : public Stream {
 public:
  explicit ZlibStream(int window_bits) {
    usable_ = inflateInit2(&stream_, window_bits) == Z_OK;
  }
  ZlibStream(const ZlibStream&) = delete;
  ZlibStream& operator=(const ZlibStream&) = delete;
  ~ZlibStream() override {
    if (usable_) inflateEnd(&stream_);
  }

  StepResult Step(std::string_view* input, char* to, size_t room,
                  size_t* made) override {
    *made = 0;
    if (!usable_) return StepResult::kCorrupt;
    const size_t given = std::min<size_t>(input->size(), 1U << 30);
    stream_.next_in =
        reinterpret_cast<Bytef*>(const_cast<char*>(input->data()));
    stream_.avail_in = static_cast<uInt>(given);
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(room, 1U << 30));
    const uInt room_given = stream_.avail_out;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    *made = room_given - stream_.avail_out;
    input->remove_prefix(given - stream_.avail_in);
    if (code == Z_STREAM_END) {
      // Another gzip member may follow (RFC 1952, 2.2).
      if (input->starts_with("\x1f\x8b") && inflateReset(&stream_) == Z_OK) {
        return StepResult::kMore;
      }
      return StepResult::kEnd;
    }
    return code == Z_OK || code == Z_BUF_ERROR ? StepResult::kMore
                                               : StepResult::kCorrupt;
  }

 private:
  z_stream stream_{};
  bool usable_ = false;
};

class BrotliStream : public Stream {
 public:
  BrotliStream()
      : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr),
               &BrotliDecoderDestroyInstance) {}

  StepResult Step(std::string_view* input, char* to, size_t room,
                  size_t* made) override {
    *made = 0;
    if (!state_) return StepResult::kCorrupt;
    size_t available_in = input->size();
    const uint8_t* next_in = reinterpret_cast<const uint8_t*>(input->data());
    size_t available_out = room;
    uint8_t* next_out = reinterpret_cast<uint8_t*>(to);
    const BrotliDecoderResult code =
        BrotliDecoderDecompressStream(state_.get(), &available_in, &next_in,
                                      &available_out, &next_out, nullptr);
    *made = room - available_out;
    input->remove_prefix(input->size() - available_in);
    if (code == BROTLI_DECODER_RESULT_SUCCESS) return StepResult::kEnd;
    return code == BROTLI_DECODER_RESULT_ERROR ? StepResult::kCorrupt
                                               : StepResult::kMore;
  }

 private:
  std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)>
      state_;
};

class ZstdStream : public Stream {
 public:
  StepResult Step(std::string_view* input, char* to, size_t room,
                  size_t* made) override {
    *made = 0;
    if (context_.get() == nullptr) return StepResult::kCorrupt;
    ZSTD_inBuffer in{input->data(), input->size(), 0};
    ZSTD_outBuffer out{to, room, 0};
    const size_t code = ZSTD_decompressStream(context_.get(), &out, &in);
    *made = out.pos;
    input->remove_prefix(in.pos);
    if (ZSTD_isError(code) != 0) return StepResult::kCorrupt;
    return code == 0 && input->empty() ? StepResult::kEnd : StepResult::kMore;
  }

 private:
  ZstdContext context_;
};

// The decoded size that the stream itself claims, to save the growing of the
// output; 0 where it claims none, or one that is not to be believed.
uint64_t ClaimedBytes(std::string_view bytes) {
  uint64_t claimed = 0;
  if (bytes.starts_with("\x1f\x8b") && bytes.size() >= 18) {
    for (size_t i = 1; i <= 4; ++i) {  // ISIZE, RFC 1952, 2.3.1
      claimed =
          claimed << 8 | static_cast<unsigned char>(bytes[bytes.size() - i]);
    }
  } else if (bytes.starts_with("\x28\xb5\x2f\xfd")) {
    claimed = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  }
  return claimed / kUsualRatio > bytes.size() ? 0 : claimed;
}

struct Decoded {
  DecodeFault fault = DecodeFault::kNone;
  bool complete = false;
};

// Appends all that `stream` gives for `input` to the empty `*output`.
Decoded Run(Stream& stream, std::string_view input, uint64_t stored_bytes,
            const DecodeLimits& limits, std::string* output) {
  size_t used = 0;
  output->clear();
  output->resize(std::min<uint64_t>(
      std::max<uint64_t>(ClaimedBytes(input) + 1, kFirstOutputBytes),
      limits.max_bytes + 1));
  Decoded result;
  while (true) {
    if (used == output->size()) {
      // One byte more than allowed tells "just fits" from "too large".
      output->resize(
          std::min<uint64_t>(output->size() * 2, limits.max_bytes + 1));
    }
    size_t made = 0;
    const size_t before = input.size();
    const StepResult step = stream.Step(&input, output->data() + used,
                                        output->size() - used, &made);
    used += made;
    if (used > limits.max_bytes) {
      result.fault = DecodeFault::kTooLarge;
      break;
    }
    if (used > kHarmlessBytes && used / limits.max_ratio > stored_bytes) {
      result.fault = DecodeFault::kBomb;
      break;
    }
    if (step == StepResult::kEnd) {
      result.complete = true;
      break;
    }
    if (step == StepResult::kCorrupt) break;
    if (made == 0 && input.size() == before) break;  // cut
  }
  output->resize(used);
  return result;
}

// A zlib header (RFC 1950, 2.2)? Otherwise "deflate" is taken for raw deflate,
// which many servers send.
bool HasZlibHeader(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return (first & 0x0f) == 8 && (first * 256 + second) % 31 == 0;
}

bool LooksLikeMarkup(std::string_view bytes) {
  return TrimBlanks(bytes.substr(0, 256)).starts_with('<');
}

// What the bytes say themselves, where they say something, beats the header:
// codings are often confused with each other.
Coding TrueCoding(Coding claimed, std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b\x08")) return Coding::kGzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Coding::kZstd;
  if (claimed == Coding::kGzip && HasZlibHeader(bytes)) return Coding::kDeflate;
  return claimed;
}

// Null when `bytes` cannot be in that coding.
std::unique_ptr<Stream> OpenStream(Coding coding, std::string_view bytes) {
  switch (TrueCoding(coding, bytes)) {
    case Coding::kGzip:
      if (!bytes.starts_with("\x1f\x8b")) return nullptr;
      return std::make_unique<ZlibStream>(15 + 16);
    case Coding::kDeflate:
      if (LooksLikeMarkup(bytes)) return nullptr;
      return std::make_unique<ZlibStream>(HasZlibHeader(bytes) ? 15 : -15);
    case Coding::kBrotli:
      if (LooksLikeMarkup(bytes)) return nullptr;
      return std::make_unique<BrotliStream>();
    case Coding::kZstd:
      if (!bytes.starts_with("\x28\xb5\x2f\xfd")) return nullptr;
      return std::make_unique<ZstdStream>();
    case Coding::kNone:
      break;
  }
  return nullptr;
}

// The last coding applied comes first.
std::vector<Coding> CodingsOutermostFirst(std::string_view list) {
  std::vector<Coding> codings;
  while (!list.empty()) {
    const size_t comma = list.rfind(',');
    const std::string_view name = TrimBlanks(
        comma == std::string_view::npos ? list : list.substr(comma + 1));
    const Coding coding = CodingOf(name);
    if (coding != Coding::kNone) codings.push_back(coding);
    list = comma == std::string_view::npos ? std::string_view()
                                           : list.substr(0, comma);
  }
  return codings;
}

}  // namespace

DecodedBody ContentDecoder::Decode(std::string_view codings,
                                   std::string_view bytes) {
  DecodedBody body;
  body.bytes = bytes;
  const std::vector<Coding> list = CodingsOutermostFirst(codings);
  if (list.size() > kMaxCodings) {
    body.fault = DecodeFault::kBomb;
    return body;
  }
  for (const Coding coding : list) {
    const std::unique_ptr<Stream> stream = OpenStream(coding, body.bytes);
    if (!stream) continue;  // a lie
    if (body.in_buffer) {
      input_.swap(output_);
      body.bytes = input_;
    }
    const Decoded decoded =
        Run(*stream, body.bytes, bytes.size(), limits_, &output_);
    if (decoded.fault != DecodeFault::kNone) {
      body.fault = decoded.fault;
      return body;
    }
    // A stream that gives nothing and is not empty by intent was none.
    if (output_.empty() && !decoded.complete) {
      if (body.in_buffer) {
        output_.swap(input_);
        body.bytes = output_;
      }
      continue;
    }
    body.bytes = output_;
    body.in_buffer = true;
    body.damaged = body.damaged || !decoded.complete;
  }
  if (body.in_buffer) body.bytes = output_;
  return body;
}

void ContentDecoder::ShrinkBeyond(size_t bytes) {
  for (std::string* buffer : {&output_, &input_}) {
    if (buffer->capacity() <= bytes) continue;
    buffer->clear();
    buffer->shrink_to_fit();
  }
}

}  // namespace peaktext

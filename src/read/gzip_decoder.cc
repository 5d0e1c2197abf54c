#include "read/gzip_decoder.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include <cstring>

#include "read/buffer_sizes.h"
#include "read/member_decoder.h"

namespace peaktext {
namespace {

constexpr size_t kTrailerBytes = 8;  // CRC-32 and length, little-endian
constexpr size_t kFixedHeaderBytes = 10;
// Flag bits of the header (RFC 1952, 2.3.1).
constexpr unsigned kHeaderCrc = 2, kExtra = 4, kName = 8, kComment = 16;
constexpr unsigned kReserved = 0xe0;

uint32_t LittleEndian32(const char* bytes) {
  uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

class GzipDecoder final : public MemberDecoder {
 public:
  GzipDecoder(StoredInput* input, uint64_t max_ratio)
      : MemberDecoder(input, max_ratio),
        whole_(libdeflate_alloc_decompressor()) {}

 protected:
  bool StartsMember(std::string_view data) const override {
    return GzipHeaderBytes(data) != 0;
  }
  bool MayStartMember(std::string_view tail) const override {
    constexpr std::string_view kMagic = "\x1f\x8b\x08";
    return !tail.empty() && tail.size() < kFixedHeaderBytes &&
           (tail.starts_with(kMagic) || kMagic.starts_with(tail));
  }
  size_t FindMember(std::string_view data, size_t from) const override {
    for (;;) {
      const size_t at = data.find("\x1f\x8b\x08", from);
      if (at == std::string_view::npos || StartsMember(data.substr(at))) {
        return at;
      }
      from = at + 1;
    }
  }
  WholeResult DecodeWhole(DecodedWindow* window) override;
  void BeginMember() override {
    state_ = State::kHeader;
    if (stream_ == nullptr) stream_ = std::make_unique<inflate_state>();
    isal_inflate_init(stream_.get());
    stream_->crc_flag = ISAL_GZIP_NO_HDR;
    length_ = 0;
    trailer_bytes_ = 0;
  }
  Step DecodeStep(std::string_view in, char* out, size_t out_size) override;

 private:
  enum class State { kHeader, kBody, kTrailer };
  struct FreeDecompressor {
    void operator()(libdeflate_decompressor* d) const {
      libdeflate_free_decompressor(d);
    }
  };
  Step Inflate(std::string_view in, char* out, size_t out_size);
  Step CheckTrailer(std::string_view in);

  std::unique_ptr<libdeflate_decompressor, FreeDecompressor> whole_;
  std::unique_ptr<inflate_state> stream_;  // 80 KiB, where it is needed
  State state_ = State::kHeader;
  uint32_t length_ = 0;  // decoded, modulo 2^32 as the trailer has it
  char trailer_[kTrailerBytes] = {};
  size_t trailer_bytes_ = 0;  // of it that ISA-L had read already
};

MemberDecoder::WholeResult GzipDecoder::DecodeWhole(DecodedWindow* window) {
  size_t room = BufferBytes(1 << 20);
  for (;;) {
    const std::string_view data = in_.data();
    char* const out = window->Reserve(room);
    size_t used = 0;
    size_t produced = 0;
    const libdeflate_result result = libdeflate_gzip_decompress_ex(
        whole_.get(), data.data(), data.size(), out, window->free_bytes(),
        &used, &produced);
    if (result == LIBDEFLATE_SUCCESS) {
      if (IsBomb(used, produced)) return WholeResult::kNotWhole;
      CommitWhole(window, used, produced);
      return WholeResult::kDone;
    }
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE && room < kWholeDecoded) {
      room *= 4;
    } else if (result == LIBDEFLATE_BAD_DATA && !in_.at_end() &&
               data.size() < kWholeStored) {
      in_.Fill(kWholeStored);  // it may only be cut off by the window
    } else {
      return WholeResult::kNotWhole;
    }
  }
}

MemberDecoder::Step GzipDecoder::DecodeStep(std::string_view in, char* out,
                                            size_t out_size) {
  if (state_ == State::kHeader) {
    const size_t bytes = GzipHeaderBytes(in.substr(0, kMaxHeader));
    if (bytes == std::string_view::npos) return {};
    if (bytes == 0) {
      return {.result = StepResult::kFault,
              .reason = "bad_header",
              .message = "no gzip header"};
    }
    state_ = State::kBody;
    return {.in = bytes};
  }
  if (state_ == State::kBody) return Inflate(in, out, out_size);
  return CheckTrailer(in);
}

MemberDecoder::Step GzipDecoder::Inflate(std::string_view in, char* out,
                                         size_t out_size) {
  inflate_state& s = *stream_;
  s.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(in.data()));
  s.avail_in = static_cast<uint32_t>(in.size());
  s.next_out = reinterpret_cast<uint8_t*>(out);
  s.avail_out = static_cast<uint32_t>(out_size);
  const int code = isal_inflate(&s);
  Step step;
  step.in = in.size() - s.avail_in;
  step.out = out_size - s.avail_out;
  length_ += static_cast<uint32_t>(step.out);
  if (code < 0) {
    step.result = StepResult::kFault;
    step.reason = "corrupt";
    step.message = "the compressed data are damaged";
  } else if (s.block_state == ISAL_BLOCK_FINISH) {
    // Whole bytes that it holds but did not need are the trailer's first.
    const uint64_t held = s.read_in >> (s.read_in_length % 8);
    trailer_bytes_ = static_cast<size_t>(s.read_in_length) / 8;
    std::memcpy(trailer_, &held, trailer_bytes_);
    state_ = State::kTrailer;
  }
  return step;
}

MemberDecoder::Step GzipDecoder::CheckTrailer(std::string_view in) {
  const size_t missing = kTrailerBytes - trailer_bytes_;
  if (in.size() < missing) return {};
  std::memcpy(trailer_ + trailer_bytes_, in.data(), missing);
  Step step{.result = StepResult::kEnd, .in = missing};
  if (LittleEndian32(trailer_) != stream_->crc) {
    step.result = StepResult::kFault;
    step.reason = "checksum";
    step.message = "a member's checksum is wrong";
  } else if (LittleEndian32(trailer_ + 4) != length_) {
    step.result = StepResult::kFault;
    step.reason = "bad_length";
    step.message = "a member's length field is wrong";
  }
  return step;
}

}  // namespace

size_t GzipHeaderBytes(std::string_view data) {
  if (data.size() < kFixedHeaderBytes) return 0;
  if (!data.starts_with("\x1f\x8b\x08")) return 0;
  const unsigned flags = static_cast<unsigned char>(data[3]);
  if ((flags & kReserved) != 0) return 0;
  size_t at = kFixedHeaderBytes;
  if ((flags & kExtra) != 0) {
    if (data.size() < at + 2) return std::string_view::npos;
    at += 2 + static_cast<unsigned char>(data[at]) +
          256U * static_cast<unsigned char>(data[at + 1]);
    if (at > data.size()) return std::string_view::npos;
  }
  for (const unsigned field : {kName, kComment}) {
    if ((flags & field) == 0) continue;
    at = data.find('\0', at);
    if (at == std::string_view::npos) return at;
    ++at;
  }
  if ((flags & kHeaderCrc) != 0) at += 2;
  return at <= data.size() ? at : std::string_view::npos;
}

std::unique_ptr<MemberDecoder> NewGzipDecoder(StoredInput* input,
                                              uint64_t max_ratio) {
  return std::make_unique<GzipDecoder>(input, max_ratio);
}

}  // namespace peaktext

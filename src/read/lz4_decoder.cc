#include "read/lz4_decoder.h"

#include <fmt/core.h>
#include <lz4frame.h>

#include <algorithm>

#include "read/member_decoder.h"

namespace peaktext {
namespace {

constexpr std::string_view kMagic = "\x04\x22\x4d\x18";
constexpr std::string_view kSkippable = "\x2a\x4d\x18";  // after 0x50..0x5f
constexpr size_t kBlockHeaderBytes = 4;

class Lz4Decoder final : public MemberDecoder {
 public:
  Lz4Decoder(StoredInput* input, uint64_t max_ratio)
      : MemberDecoder(input, max_ratio) {
    LZ4F_dctx* context = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) ==
        0U) {
      context_.reset(context);
    }
  }

 protected:
  bool StartsMember(std::string_view data) const override {
    return data.starts_with(kMagic) ||
           (data.size() >= 4 && (data[0] & 0xf0) == 0x50 &&
            data.substr(1).starts_with(kSkippable));
  }
  bool MayStartMember(std::string_view tail) const override {
    return !tail.empty() && kMagic.starts_with(tail);
  }
  size_t FindMember(std::string_view data, size_t from) const override {
    return data.find(kMagic, from);
  }
  // A frame's length is not known before it is decoded, and the streaming
  // call copies nothing that fits the output.
  WholeResult DecodeWhole(DecodedWindow*) override {
    return WholeResult::kNotWhole;
  }
  void BeginMember() override {
    LZ4F_resetDecompressionContext(context_.get());
    wanted_ = LZ4F_HEADER_SIZE_MIN;
  }
  Step DecodeStep(std::string_view in, char* out, size_t out_size) override {
    // Block by block, so that a fault takes nothing from the blocks before it.
    Step step{.in = std::min(in.size(), wanted_), .out = out_size};
    const size_t code = LZ4F_decompress(context_.get(), out, &step.out,
                                        in.data(), &step.in, nullptr);
    if (LZ4F_isError(code) != 0U) {
      // How far it came is not said: nothing of this step counts.
      step = {.result = StepResult::kFault};
      const std::string_view name = LZ4F_getErrorName(code);
      if (name.find("hecksum") != std::string_view::npos) {
        step.reason = name.find("header") != std::string_view::npos
                          ? "bad_header"
                          : "checksum";
      }
      step.message = fmt::format("a frame cannot be decompressed: {}", name);
    } else if (code == 0) {
      step.result = StepResult::kEnd;
    } else {
      // A block, and not yet the next one's header, which may be damaged.
      wanted_ = code > kBlockHeaderBytes ? code - kBlockHeaderBytes : code;
    }
    return step;
  }

 private:
  struct FreeContext {
    void operator()(LZ4F_dctx* c) const { LZ4F_freeDecompressionContext(c); }
  };
  std::unique_ptr<LZ4F_dctx, FreeContext> context_;
  size_t wanted_ = 0;  // input up to the end of the next block
};

}  // namespace

std::unique_ptr<MemberDecoder> NewLz4Decoder(StoredInput* input,
                                             uint64_t max_ratio) {
  return std::make_unique<Lz4Decoder>(input, max_ratio);
}

}  // namespace peaktext

#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_getFrameHeader: the window's size
#include "read/zstd_decoder.h"

#include <fmt/core.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/zstd_context.h"
#include "read/buffer_sizes.h"
#include "read/member_decoder.h"

namespace peaktext {
namespace {

constexpr uint32_t kFrameMagic = 0xFD2FB528;
constexpr uint32_t kSkippableMagic = 0x184D2A50;  // the last 4 bits are free
constexpr uint32_t kDictionaryMagic = 0x184D2A5D;
constexpr size_t kBlockHeaderBytes = 3;
constexpr size_t kSkippableHeaderBytes = 8;  // magic, length
constexpr size_t kMaxDictionaryBytes = BufferBytes(32 << 20);
// As the zstd program: larger windows would need more than 128 MiB.
constexpr int kMaxWindowLog = 27 - 2 * kSmallerByLog;

uint32_t LittleEndian32(const char* bytes) {
  uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

bool IsFrame(std::string_view data) {
  return data.size() >= 4 && LittleEndian32(data.data()) == kFrameMagic;
}
bool IsSkippable(std::string_view data) {
  return data.size() >= 4 &&
         (LittleEndian32(data.data()) & ~15U) == kSkippableMagic;
}

class ZstdDecoder final : public MemberDecoder {
 public:
  ZstdDecoder(StoredInput* input, uint64_t max_ratio)
      : MemberDecoder(input, max_ratio) {
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }

 protected:
  bool StartsMember(std::string_view data) const override {
    return IsFrame(data) || IsSkippable(data);
  }
  bool MayStartMember(std::string_view tail) const override {
    return !tail.empty() &&
           std::string_view("\x28\xb5\x2f\xfd").starts_with(tail);
  }
  bool IsAside(std::string_view data) const override {
    return IsSkippable(data);
  }
  size_t FindMember(std::string_view data, size_t from) const override {
    return data.find("\x28\xb5\x2f\xfd", from);
  }
  WholeResult DecodeWhole(DecodedWindow* window) override;
  void BeginMember() override {
    begun_ = false;
    wanted_ = ZSTD_FRAMEHEADERSIZE_MAX;
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
  }
  Step DecodeStep(std::string_view in, char* out, size_t out_size) override;

 private:
  struct FreeDictionary {
    void operator()(ZSTD_DDict* d) const { ZSTD_freeDDict(d); }
  };
  void SkipSkippable(DecodedWindow* window);
  bool LoadDictionary(std::string_view content);
  Step CheckHeader(std::string_view in) const;

  ZstdContext context_;
  std::unique_ptr<ZSTD_DDict, FreeDictionary> dictionary_;
  bool any_frame_ = false;  // with content: the dictionary stands before all
  bool begun_ = false;      // the frame's header has been looked at
  size_t wanted_ = 0;       // input up to the end of the next block
};

// The faults of zstd by our names.
const char* ReasonOf(size_t code) {
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_checksum_wrong:
      return "checksum";
    case ZSTD_error_dictionary_wrong:
    case ZSTD_error_dictionary_corrupted:
      return "dictionary";
    case ZSTD_error_frameParameter_windowTooLarge:
      return "too_large";
    case ZSTD_error_frameParameter_unsupported:
    case ZSTD_error_prefix_unknown:
      return "bad_header";
    default:
      return "corrupt";
  }
}

MemberDecoder::WholeResult ZstdDecoder::DecodeWhole(DecodedWindow* window) {
  if (IsSkippable(in_.data())) {
    SkipSkippable(window);
    return WholeResult::kDone;
  }
  any_frame_ = true;
  const unsigned long long content =
      ZSTD_getFrameContentSize(in_.data().data(), in_.data().size());
  if (content > kWholeDecoded && content < ZSTD_CONTENTSIZE_ERROR) {
    return WholeResult::kLarge;
  }
  size_t stored =
      ZSTD_findFrameCompressedSize(in_.data().data(), in_.data().size());
  if (ZSTD_isError(stored) && !in_.at_end() &&
      in_.data().size() < kWholeStored) {
    in_.Fill(kWholeStored);  // it may only be cut off by the window
    stored = ZSTD_findFrameCompressedSize(in_.data().data(), in_.data().size());
  }
  const std::string_view data = in_.data();
  if (ZSTD_isError(stored)) return WholeResult::kNotWhole;
  if (content > kWholeDecoded || IsBomb(stored, content)) {
    return WholeResult::kNotWhole;  // or unknown
  }
  if (CheckHeader(data).result == StepResult::kFault) {
    return WholeResult::kNotWhole;
  }
  char* const out = window->Reserve(content);
  const size_t n =
      dictionary_ != nullptr
          ? ZSTD_decompress_usingDDict(context_.get(), out, content,
                                       data.data(), stored, dictionary_.get())
          : ZSTD_decompressDCtx(context_.get(), out, content, data.data(),
                                stored);
  if (ZSTD_isError(n)) return WholeResult::kNotWhole;
  CommitWhole(window, stored, n);
  return WholeResult::kDone;
}

// A skippable frame is padding to us, save for the dictionary.
void ZstdDecoder::SkipSkippable(DecodedWindow* window) {
  if (!in_.Fill(kSkippableHeaderBytes)) {
    SkipDamage(window, "truncated", "the last frame is cut off");
    return;
  }
  const uint64_t begin = in_.offset();
  const uint64_t bytes =
      kSkippableHeaderBytes + uint64_t{LittleEndian32(in_.data().data() + 4)};
  const bool is_dictionary =
      !any_frame_ && LittleEndian32(in_.data().data()) == kDictionaryMagic;
  const size_t at_hand = static_cast<size_t>(
      std::min<uint64_t>(bytes, is_dictionary ? kMaxDictionaryBytes : 1 << 20));
  if (!in_.Fill(at_hand)) {
    SkipDamage(window, "truncated", "the last frame is cut off");
    return;
  }
  if (is_dictionary) {
    if (at_hand < bytes ||
        !LoadDictionary(in_.data().substr(kSkippableHeaderBytes,
                                          bytes - kSkippableHeaderBytes))) {
      SkipDamage(window, "dictionary", "the dictionary frame is damaged");
      return;
    }
  }
  uint64_t left = bytes;
  while (left > 0 && in_.Fill(1)) {
    const size_t n =
        static_cast<size_t>(std::min<uint64_t>(left, in_.data().size()));
    in_.Skip(n);
    left -= n;
  }
  window->Commit(
      {.kind = is_dictionary ? SegmentKind::kData : SegmentKind::kPadding,
       .stored_begin = begin,
       .stored_end = in_.offset(),
       .member_stored = begin,
       .member_decoded = window->end_position()});
}

bool ZstdDecoder::LoadDictionary(std::string_view content) {
  std::string inflated;
  if (IsFrame(content)) {
    inflated.resize(kMaxDictionaryBytes);
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    const size_t n =
        ZSTD_decompressDCtx(context_.get(), inflated.data(), inflated.size(),
                            content.data(), content.size());
    if (ZSTD_isError(n)) return false;
    inflated.resize(n);
    content = inflated;
  }
  context_.DoNotKeep();
  dictionary_.reset(ZSTD_createDDict(content.data(), content.size()));
  return dictionary_ != nullptr;
}

MemberDecoder::Step ZstdDecoder::CheckHeader(std::string_view in) const {
  ZSTD_frameHeader header;
  const size_t missing = ZSTD_getFrameHeader(&header, in.data(), in.size());
  if (ZSTD_isError(missing)) {
    return {.result = StepResult::kFault,
            .reason = ReasonOf(missing),
            .message = "a frame's header is damaged"};
  }
  if (missing > 0) return {};
  const unsigned have =
      dictionary_ != nullptr ? ZSTD_getDictID_fromDDict(dictionary_.get()) : 0;
  if (header.dictID != 0 && header.dictID != have) {
    return {.result = StepResult::kFault,
            .reason = "dictionary",
            .message = have == 0
                           ? fmt::format("needs dictionary {}, there is none",
                                         header.dictID)
                           : fmt::format("needs dictionary {}, the file has {}",
                                         header.dictID, have)};
  }
  return {.in = 1};  // sound
}

MemberDecoder::Step ZstdDecoder::DecodeStep(std::string_view in, char* out,
                                            size_t out_size) {
  if (!begun_) {
    const Step header = CheckHeader(in);
    if (header.result == StepResult::kFault || header.in == 0) return header;
    ZSTD_DCtx_refDDict(context_.get(), dictionary_.get());
    begun_ = true;
  }
  // Block by block, so that a fault takes nothing from the blocks before it;
  // and it spares zstd a copy.
  ZSTD_inBuffer from{in.data(), std::min(in.size(), wanted_), 0};
  ZSTD_outBuffer to{out, out_size, 0};
  const size_t code = ZSTD_decompressStream(context_.get(), &to, &from);
  Step step{.in = from.pos, .out = to.pos};
  if (ZSTD_isError(code)) {
    step.result = StepResult::kFault;
    step.reason = ReasonOf(code);
    step.message = fmt::format("a frame cannot be decompressed: {}",
                               ZSTD_getErrorName(code));
  } else if (code == 0) {
    step.result = StepResult::kEnd;
  } else {
    // A block, and not yet the next one's header, which may be damaged.
    wanted_ = code > kBlockHeaderBytes ? code - kBlockHeaderBytes : code;
  }
  return step;
}

}  // namespace

std::unique_ptr<MemberDecoder> NewZstdDecoder(StoredInput* input,
                                              uint64_t max_ratio) {
  return std::make_unique<ZstdDecoder>(input, max_ratio);
}

}  // namespace peaktext

#include "read/any_member_decoder.h"

#include <algorithm>
#include <array>

#include "read/gzip_decoder.h"
#include "read/lz4_decoder.h"
#include "read/member_decoder.h"
#include "read/zstd_decoder.h"

namespace peaktext {
namespace {

struct Kind {
  Compression compression;
  std::string_view magic;
};
constexpr std::array kKinds = {Kind{Compression::kGzip, "\x1f\x8b\x08"},
                               Kind{Compression::kZstd, "\x28\xb5\x2f\xfd"},
                               Kind{Compression::kLz4, "\x04\x22\x4d\x18"}};

// Frames to skip are zstd's and LZ4's alike; zstd knows more of them.
bool MayStartHere(const Kind& kind, std::string_view data) {
  return data.starts_with(kind.magic) ||
         (kind.compression == Compression::kZstd && data.size() >= 4 &&
          (data[0] & 0xf0) == 0x50 &&
          data.substr(1).starts_with("\x2a\x4d\x18"));
}

class AnyMemberDecoder final : public Decoder, private OtherMembers {
 public:
  AnyMemberDecoder(Compression first, StoredInput* input, uint64_t max_ratio)
      : in_(input), max_ratio_(max_ratio) {
    while (kKinds[current_].compression != first) ++current_;
    Get(current_);
  }

  bool Decode(DecodedWindow* window) override {
    Choose();
    return decoders_[current_]->Decode(window);
  }
  std::string_view PeekBehindGap() override {
    Choose();
    return decoders_[current_]->PeekBehindGap();
  }

 private:
  // Made when first asked for: files of several kinds are rare.
  MemberDecoder& Get(size_t kind) {
    std::unique_ptr<MemberDecoder>& decoder = decoders_[kind];
    if (decoder == nullptr) {
      switch (kKinds[kind].compression) {
        case Compression::kZstd:
          decoder = NewZstdDecoder(in_, max_ratio_);
          break;
        case Compression::kLz4:
          decoder = NewLz4Decoder(in_, max_ratio_);
          break;
        default:
          decoder = NewGzipDecoder(in_, max_ratio_);
      }
      decoder->set_others(this);
    }
    return *decoder;
  }

  void Choose() {
    MemberDecoder& decoder = *decoders_[current_];
    if (decoder.in_member() || decoder.AtMember()) return;
    const size_t other = OtherHere(&MemberDecoder::AtTrueMember);
    if (other < kKinds.size()) current_ = other;
  }

  // The kind other than the current one of which `test` is true, or none.
  size_t OtherHere(bool (MemberDecoder::*test)()) {
    for (size_t kind = 0; kind < kKinds.size(); ++kind) {
      if (kind == current_ || !MayStartHere(kKinds[kind], in_->data()))
        continue;
      if ((Get(kind).*test)()) return kind;
    }
    return kKinds.size();
  }

  bool StartHere() override {
    return OtherHere(&MemberDecoder::AtTrueMember) < kKinds.size();
  }
  bool RecordStartsHere() override {
    return OtherHere(&MemberDecoder::AtRecord) < kKinds.size();
  }
  size_t Find(std::string_view data) override {
    size_t at = std::string_view::npos;
    for (size_t kind = 0; kind < kKinds.size(); ++kind) {
      if (kind == current_) continue;
      at = std::min(at, data.substr(0, at).find(kKinds[kind].magic));
    }
    return at;
  }

  StoredInput* const in_;
  const uint64_t max_ratio_;
  std::array<std::unique_ptr<MemberDecoder>, kKinds.size()> decoders_;
  size_t current_ = 0;  // of kKinds
  // Invariants: decoders_[current_] is there; no other one is in a member.
};

}  // namespace

std::unique_ptr<Decoder> NewAnyMemberDecoder(Compression first,
                                             StoredInput* input,
                                             uint64_t max_ratio) {
  return std::make_unique<AnyMemberDecoder>(first, input, max_ratio);
}

}  // namespace peaktext

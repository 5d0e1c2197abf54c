#include "read/plain_decoder.h"

#include "read/buffer_sizes.h"

namespace peaktext {
namespace {

constexpr size_t kBlockBytes = BufferBytes(128 << 10);

class PlainDecoder final : public Decoder {
 public:
  explicit PlainDecoder(StoredInput* input) : in_(*input) {}

  bool Decode(DecodedWindow* window) override {
    const uint64_t begin = in_.offset();
    const std::span<char> lent =
        in_.Lent(kBlockBytes, DecodedWindow::kSlackBytes);
    size_t n = lent.size();
    if (n > 0 && window->Borrow(lent)) {
      in_.Skip(n);
    } else {
      n = in_.Read(window->Reserve(kBlockBytes), kBlockBytes);
    }
    if (n == 0) return false;
    window->Commit({.decoded_bytes = n,
                    .stored_begin = begin,
                    .stored_end = begin + n,
                    .member_stored = 0,
                    .member_decoded = 0});
    return true;
  }

 private:
  StoredInput& in_;
};

}  // namespace

std::unique_ptr<Decoder> NewPlainDecoder(StoredInput* input) {
  return std::make_unique<PlainDecoder>(input);
}

}  // namespace peaktext

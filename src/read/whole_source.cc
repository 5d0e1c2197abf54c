#include "read/whole_source.h"

#include <fmt/core.h>

namespace peaktext {

Result<std::string> ReadWholeSource(ByteSource& source, uint64_t limit_bytes) {
  constexpr size_t kPieceBytes = 1 << 16;
  std::string bytes;
  while (true) {
    const size_t before = bytes.size();
    bytes.resize(before + kPieceBytes);
    const Result<size_t> got =
        source.Read({bytes.data() + before, kPieceBytes});
    if (!got) return Fail(got.error());
    bytes.resize(before + *got);
    if (*got == 0) return bytes;
    if (bytes.size() > limit_bytes) {
      return Fail(StatusCode::kUnsupported,
                  fmt::format("{}: larger than the limit of {} bytes",
                              source.name(), limit_bytes));
    }
  }
}

}  // namespace peaktext

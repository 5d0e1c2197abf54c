#include "base/zstd_context.h"

#include <zstd.h>

#include <utility>

namespace peaktext {
namespace {

// Without a large frame's window, which it would hold as long as the thread.
constexpr size_t kKeptBytes = 512 << 10;

}  // namespace

void ZstdContext::Free::operator()(ZSTD_DCtx* context) const {
  ZSTD_freeDCtx(context);
}

ZstdContext::Pointer& ZstdContext::Kept() {
  thread_local Pointer kept;
  return kept;
}

ZstdContext::ZstdContext() : context_(std::move(Kept())) {
  if (context_ == nullptr) context_.reset(ZSTD_createDCtx());
}

ZstdContext::~ZstdContext() {
  if (context_ == nullptr || Kept() != nullptr ||
      ZSTD_sizeof_DCtx(context_.get()) > kKeptBytes ||
      ZSTD_isError(ZSTD_DCtx_reset(context_.get(),
                                   ZSTD_reset_session_and_parameters)) != 0) {
    return;
  }
  Kept() = std::move(context_);
}

}  // namespace peaktext

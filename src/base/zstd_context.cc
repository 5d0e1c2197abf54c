#include "base/zstd_context.h"

#include <zstd.h>

#include <utility>

namespace peaktext {
namespace {

// A context that has streamed holds the buffers of its largest frame, and how
// far a damaged frame is decoded depends on their size: it is not kept, so that
// what was read before changes nothing.
bool IsAsNew(const ZSTD_DCtx* context) {
  static const size_t new_bytes = [] {
    ZSTD_DCtx* const made = ZSTD_createDCtx();
    const size_t bytes = ZSTD_sizeof_DCtx(made);
    ZSTD_freeDCtx(made);
    return bytes;
  }();
  return ZSTD_sizeof_DCtx(context) == new_bytes;
}

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
  if (context_ == nullptr || !keep_ || Kept() != nullptr) return;
  const size_t code =
      ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_and_parameters);
  if (ZSTD_isError(code) == 0 && IsAsNew(context_.get())) {
    Kept() = std::move(context_);
  }
}

}  // namespace peaktext

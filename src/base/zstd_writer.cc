#include "base/zstd_writer.h"

#include <fmt/core.h>
#include <zstd.h>

#include <utility>

namespace peaktext {

struct ZstdWriter::Context {
  explicit Context(int level) : stream(ZSTD_createCCtx()) {
    ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(stream, ZSTD_c_checksumFlag, 1);
  }
  ~Context() { ZSTD_freeCCtx(stream); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  ZSTD_CCtx* stream;
};

Result<ZstdWriter> ZstdWriter::Create(std::string path, int level) {
  Result<AtomicFile> file = AtomicFile::Create(std::move(path));
  if (!file) return Fail(file.error());
  return ZstdWriter(std::move(*file), std::make_unique<Context>(level));
}

ZstdWriter::ZstdWriter(AtomicFile file, std::unique_ptr<Context> context)
    : file_(std::move(file)),
      context_(std::move(context)),
      out_(ZSTD_CStreamOutSize()) {}

ZstdWriter::ZstdWriter(ZstdWriter&&) noexcept = default;
ZstdWriter& ZstdWriter::operator=(ZstdWriter&&) noexcept = default;
ZstdWriter::~ZstdWriter() = default;

Status ZstdWriter::Write(std::string_view bytes) {
  return Compress(bytes, /*last=*/false);
}

Status ZstdWriter::Commit() {
  if (Status ended = Compress({}, /*last=*/true); !ended.ok()) return ended;
  return file_.Commit();
}

Status ZstdWriter::Compress(std::string_view bytes, bool last) {
  ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
  while (true) {
    ZSTD_outBuffer out = {out_.data(), out_.size(), 0};
    const size_t left = ZSTD_compressStream2(
        context_->stream, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left) != 0) {
      return {StatusCode::kIo, fmt::format("compress {}: {}", file_.path(),
                                           ZSTD_getErrorName(left))};
    }
    if (Status s = file_.Write({out_.data(), out.pos}); !s.ok()) return s;
    if (last ? left == 0 : in.pos == in.size) return {};
  }
}

}  // namespace peaktext

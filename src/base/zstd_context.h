// A decompression context of zstd's. Making one asks the processor what it is,
// which takes 80 µs in a virtual machine, more than a page takes to decompress:
// so each thread keeps one that has not streamed for the next who needs it.
//
//   ZstdContext context;
//   if (context.get() == nullptr) ...  // no memory
//   ZSTD_decompressDCtx(context.get(), ...);
//
// It comes without parameters, dictionary or anything else of its last user.
#pragma once

#include <memory>

struct ZSTD_DCtx_s;

namespace peaktext {

class ZstdContext {
 public:
  ZstdContext();
  ~ZstdContext();
  ZstdContext(const ZstdContext&) = delete;
  ZstdContext& operator=(const ZstdContext&) = delete;

  ZSTD_DCtx_s* get() const { return context_.get(); }
  // To be called when it gets a dictionary. A context remembers for its next
  // frame that a dictionary was new to it, and may then see damage elsewhere.
  void DoNotKeep() { keep_ = false; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  using Pointer = std::unique_ptr<ZSTD_DCtx_s, Free>;
  static Pointer& Kept();

  Pointer context_;
  bool keep_ = true;
};

}  // namespace peaktext

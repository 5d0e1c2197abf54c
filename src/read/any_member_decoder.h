// A file of gzip members, zstd frames or LZ4 frames, or of several kinds of
// them: files that were put together. It starts with one, and goes on with
// another wherever a true member of that kind starts where a member may.
#pragma once

#include <memory>

#include "read/decoded_window.h"
#include "read/sniff.h"
#include "read/stored_input.h"

namespace peaktext {

// `input` outlives the decoder. REQUIRES: `first` is kGzip, kZstd or kLz4.
std::unique_ptr<Decoder> NewAnyMemberDecoder(Compression first,
                                             StoredInput* input,
                                             uint64_t max_ratio);

}  // namespace peaktext

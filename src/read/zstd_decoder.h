// Zstandard (RFC 8878): frames, skippable frames, and the dictionary of the
// .warc.zst convention, which is the first frame: skippable, magic 0x184D2A5D,
// holding the dictionary plain or compressed with zstd itself.
// https://iipc.github.io/warc-specifications/specifications/warc-zstd/
#pragma once

#include <memory>

#include "read/member_decoder.h"
#include "read/stored_input.h"

namespace peaktext {

// `input` outlives the decoder.
std::unique_ptr<MemberDecoder> NewZstdDecoder(StoredInput* input,
                                              uint64_t max_ratio);

}  // namespace peaktext

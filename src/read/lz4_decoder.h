// LZ4 frames.
#pragma once

#include <memory>

#include "read/member_decoder.h"
#include "read/stored_input.h"

namespace peaktext {

// `input` outlives the decoder.
std::unique_ptr<MemberDecoder> NewLz4Decoder(StoredInput* input,
                                             uint64_t max_ratio);

}  // namespace peaktext

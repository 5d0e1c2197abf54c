// LZ4 frames.
#pragma once

#include <memory>

#include "read/decoded_window.h"
#include "read/stored_input.h"

namespace peaktext {

// `input` outlives the decoder.
std::unique_ptr<Decoder> NewLz4Decoder(StoredInput* input, uint64_t max_ratio);

}  // namespace peaktext

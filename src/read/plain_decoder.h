// No compression: stored bytes are decoded bytes.
#pragma once

#include <memory>

#include "read/decoded_window.h"
#include "read/stored_input.h"

namespace peaktext {

// `input` outlives the decoder.
std::unique_ptr<Decoder> NewPlainDecoder(StoredInput* input);

}  // namespace peaktext

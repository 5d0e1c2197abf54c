// Gzip (RFC 1952): any number of members. libdeflate for members that fit the
// window, ISA-L for streaming and for salvage; checksums always checked.
#pragma once

#include <memory>

#include "read/member_decoder.h"
#include "read/stored_input.h"

namespace peaktext {

// `input` outlives the decoder.
std::unique_ptr<MemberDecoder> NewGzipDecoder(StoredInput* input,
                                              uint64_t max_ratio);

// The length of the gzip header that `data` starts with; 0: it is none; npos:
// it goes on beyond data.
size_t GzipHeaderBytes(std::string_view data);

}  // namespace peaktext

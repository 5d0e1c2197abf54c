// SHA-256, for files whose published sum is known.
#pragma once

#include <string>
#include <string_view>

namespace peaktext {

// The sum of `bytes` as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace peaktext

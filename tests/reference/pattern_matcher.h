// The pretokenizers' regular expressions, run as such: a small backtracking
// matcher that tries alternatives in order and repetitions greedily, over
// decoded characters. Slow; the truth that the scanners are tested against.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenize/vocabulary.h"

namespace peaktext::reference {

// Ends of the pretokens of `text`, which is valid UTF-8.
std::vector<size_t> PretokenEnds(Pattern pattern, std::string_view text);

}  // namespace peaktext::reference

// Pretokens longer than any window: which front part of one can be put away.
//
// A pretoken that goes on beyond the text at hand is mostly one long run of
// characters of one class, and a run goes on as its last characters do. So the
// front can be handed to the merges, and the scanner go on from the rest as if
// the pretoken started there.
#pragma once

#include <cstddef>
#include <string_view>

#include "tokenize/vocabulary.h"

namespace peaktext {

// How many bytes of `text`, all of which belong to one unfinished pretoken, can
// be put away: scanning from there on finds the pretoken's end where scanning
// from its start would. 0 if it cannot be told; then more text may help, and
// all of it must be kept. With kWholeText that is all of the text.
size_t DetachableFront(Pattern pattern, std::string_view text);

}  // namespace peaktext

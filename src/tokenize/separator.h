// Something that no merge takes, to part pieces of text that are merged
// together (bpe_counter.h).
#pragma once

#include <string_view>

#include "tokenize/token_list.h"

namespace peaktext {

// The shortest character that is a token, and in no other one; or, if not
// `characters`, a byte that is, of those that no text has. Empty if there is
// none. Lives as long as `tokens`. REQUIRES: with `characters` tokens are valid
// UTF-8.
std::string_view FindSeparator(const TokenList& tokens, bool characters);

}  // namespace peaktext

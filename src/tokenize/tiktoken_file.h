// Reads the rank files that OpenAI publishes ("NAME.tiktoken"): a line per
// token, its bytes in base64, a space, its rank in decimal.
//
//   Result<TokenList> tokens = ParseTiktokenFile(bytes, path);
#pragma once

#include <string_view>

#include "base/status.h"
#include "tokenize/token_list.h"

namespace peaktext {

// The tokens in ascending order of rank; ranks may have gaps (p50k_base has
// one) and the lines any order. Fails with kUnsupported, naming `path` and the
// line, when a line has another form, a token is empty or a rank stands twice.
// Whether tokens repeat is left to CheckVocabulary.
Result<TokenList> ParseTiktokenFile(std::string_view bytes,
                                    std::string_view path);

}  // namespace peaktext

#include "tokenize/vocabulary.h"

#include <fmt/format.h>

#include "tokenize/token_index.h"

namespace peaktext {

Status CheckVocabulary(const Vocabulary& vocabulary) {
  const TokenIndex index(vocabulary.tokens);
  if (index.repeated() != TokenIndex::kNotFound) {
    return {StatusCode::kUnsupported,
            fmt::format("{}: token number {} is there twice", vocabulary.name,
                        index.repeated())};
  }
  if (vocabulary.byte_fallback) return {};
  for (int byte = 0; byte < 256; ++byte) {
    const char character = static_cast<char>(byte);
    if (index.Find({&character, 1}) == TokenIndex::kNotFound) {
      return {StatusCode::kUnsupported,
              fmt::format("{}: no token for the byte 0x{:02x}: not every text "
                          "can be counted",
                          vocabulary.name, byte)};
    }
  }
  return {};
}

}  // namespace peaktext

// Any bytes as a tokenizer.json: refused, or a vocabulary whose merges name
// tokens and join to what they say.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tokenize/tokenizer_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto vocabulary = peaktext::ParseTokenizerJson(
      std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!vocabulary) return 0;
  const peaktext::TokenList& tokens = vocabulary->tokens;
  for (const peaktext::Vocabulary::Merge& merge : vocabulary->merges) {
    if (merge.left >= tokens.size() || merge.right >= tokens.size() ||
        merge.result >= tokens.size()) {
      std::abort();
    }
    std::string joined(tokens[merge.left]);
    joined += tokens[merge.right];
    if (joined != tokens[merge.result]) std::abort();
  }
  static_cast<void>(peaktext::CheckVocabulary(*vocabulary));
  return 0;
}

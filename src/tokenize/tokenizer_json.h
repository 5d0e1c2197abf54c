// Reads Hugging Face's tokenizer.json: BPE over bytes behind a known pattern
// (Llama 3, Qwen, DeepSeek, gpt-oss, tekken, GPT-2 and their kin), or over
// characters with byte_fallback (Gemma, Llama 2).
//
//   Result<Vocabulary> qwen3 = ParseTokenizerJson(bytes, path);
//
// What it does not know it refuses (kUnsupported, with the part of the file it
// stumbled over): a count is the reference's or there is none. Not read are
// post_processor (it adds special tokens around a text, which are not the
// text's own) and decoder.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

// `name` and `sha256` of the result are left empty. `path` is for messages.
// Give the bytes away where memory is scarce: half of it is needed after them.
Result<Vocabulary> ParseTokenizerJson(std::string bytes, std::string_view path);

}  // namespace peaktext

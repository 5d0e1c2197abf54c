// Small vocabulary files for tests, of our own making.
#pragma once

#include <fmt/format.h>

#include <string>

namespace peaktext {

inline constexpr char kGpt2PreTokenizer[] =
    R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true})";

inline constexpr char kCl100kPreTokenizer[] =
    R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":)"
    R"("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|)"
    R"( ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},)"
    R"("behavior":"Isolated","invert":false},{"type":"ByteLevel",)"
    R"("add_prefix_space":false,"trim_offsets":true,"use_regex":false}]})";

// Parts of a tokenizer.json, as JSON; each "..., " part ends with its comma.
struct TokenizerJsonParts {
  std::string top = {};  // more members of the whole
  std::string normalizer = "null";
  std::string pre_tokenizer = kGpt2PreTokenizer;
  std::string model = {};  // more members of the model
  std::string vocab = {};  // more members of the vocabulary
  std::string merges = R"(["Ġ t","h e","Ġt he"])";
};

// A byte-level BPE with the 256 bytes and " t", "he", " the".
inline std::string TokenizerJson(const TokenizerJsonParts& parts) {
  std::string vocab = parts.vocab;
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= 0x21 && byte <= 0x7e) ||
                           (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    vocab += fmt::format("\"\\u{:04x}\":{},", printable ? byte : next++, byte);
  }
  vocab += R"("Ġt":256,"he":257,"Ġthe":258)";
  return fmt::format(
      R"({{{}"normalizer":{},"pre_tokenizer":{},"model":{{"type":"BPE",{})"
      R"("vocab":{{{}}},"merges":{}}}}})",
      parts.top, parts.normalizer, parts.pre_tokenizer, parts.model, vocab,
      parts.merges);
}

// Parts of the one below.
struct ByteFallbackParts {
  std::string split = R"("behavior":"MergedWithPrevious","invert":false)";
  std::string vocab = {};  // more members, each after a comma
  std::string merges = R"(["a","b"],["▁","ab"],["c","d"],["ab","cd"])";
  int left_out = -1;  // a byte without a token
};

// A BPE over characters with byte_fallback, made like Gemma's: "▁", the
// letters a to e, and "ab", "▁ab", "cd", "abcd".
inline std::string ByteFallbackTokenizerJson(
    const ByteFallbackParts& parts = {}) {
  std::string vocab = R"("<unk>":0)";
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == parts.left_out) continue;
    vocab += fmt::format(",\"<0x{:02X}>\":{}", byte, byte + 1);
  }
  vocab +=
      R"(,"▁":257,"a":258,"b":259,"c":260,"d":261,"e":262,"ab":263,"▁ab":264,)"
      R"("cd":265,"abcd":266)";
  return fmt::format(
      R"({{"normalizer":{{"type":"Replace","pattern":{{"String":" "}},)"
      R"("content":"▁"}},"pre_tokenizer":{{"type":"Split","pattern":)"
      R"({{"String":" "}},{}}},)"
      R"("model":{{"type":"BPE","unk_token":"<unk>","fuse_unk":true,)"
      R"("byte_fallback":true,"ignore_merges":false,"vocab":{{{}{}}},)"
      R"("merges":[{}]}}}})",
      parts.split, vocab, parts.vocab, parts.merges);
}

// A rank file of the 256 bytes, base64 of one byte each.
inline std::string BytesRankFile() {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string file;
  for (unsigned byte = 0; byte < 256; ++byte) {
    file += kDigits[byte >> 2];
    file += kDigits[(byte & 3) << 4];
    file += fmt::format("== {}\n", byte);
  }
  return file;
}

}  // namespace peaktext

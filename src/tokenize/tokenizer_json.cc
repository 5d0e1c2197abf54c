// tokenizer.json, as the Rust crate `tokenizers` writes and reads it (0.23):
//
//   {"truncation": null, "padding": null,
//    "added_tokens": [{"content", "lstrip", "rstrip", "single_word",
//                      "normalized", "special"}, ...],
//    "normalizer": null | {"type": "NFC"} | {"type": "Sequence",
//                  "normalizers": [...]} | {"type": "Prepend", "prepend"} |
//                  {"type": "Replace", "pattern": {"String"}, "content"},
//    "pre_tokenizer": {"type": "Sequence", "pretokenizers":
//        [{"type": "Split", "pattern": {"Regex"}, "behavior", "invert"}, ...,
//         {"type": "ByteLevel", "add_prefix_space", "use_regex"}]},
//    "model": {"type": "BPE", "vocab": {TEXT: id}, "merges": ["A B" |
//    ["A","B"]],
//              "ignore_merges", "byte_fallback", "dropout", ...}}
//
// With ByteLevel the texts in vocab and merges are not UTF-8 of the token but
// one character for each of its bytes, in the alphabet that GPT-2 brought.
#include "tokenize/tokenizer_json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tokenize/token_index.h"
#include "tokenize/tokenizer_json_parts.h"

namespace peaktext {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// The byte that each character of the byte-level alphabet stands for: the
// printable ones of Latin-1 for themselves, the others for U+0100 onwards in
// order (GPT-2's bytes_to_unicode).
class ByteAlphabet {
 public:
  ByteAlphabet() {
    byte_of_.fill(-1);
    char32_t next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      const bool printable = (byte >= 0x21 && byte <= 0x7e) ||
                             (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
      byte_of_[printable ? static_cast<char32_t>(byte) : next++] =
          static_cast<int16_t>(byte);
    }
  }

  // Sets *bytes to what `text` stands for. False when a character of it is not
  // of the alphabet. REQUIRES: valid UTF-8 (simdjson has seen to it).
  bool Decode(std::string_view text, std::string* bytes) const {
    bytes->clear();
    for (size_t i = 0; i < text.size();) {
      const auto lead = static_cast<unsigned char>(text[i]);
      char32_t character = lead;
      if (lead >= 0xe0) return false;  // beyond U+07FF
      ++i;
      if (lead >= 0xc0) {
        const auto trail = static_cast<unsigned char>(text[i++]);
        character = (lead & 31u) << 6 | (trail & 63u);
      }
      if (character >= byte_of_.size() || byte_of_[character] < 0) return false;
      *bytes += static_cast<char>(byte_of_[character]);
    }
    return true;
  }

 private:
  std::array<int16_t, 0x144> byte_of_;
};

bool IsInUtf8(uint32_t byte) {
  return byte != 0xC0 && byte != 0xC1 && byte < 0xF5;
}

// One reading of one file.
class TokenizerJsonParser {
 public:
  explicit TokenizerJsonParser(std::string_view path) : path_(path) {}

  Result<Vocabulary> Parse(std::string bytes) {
    simdjson::dom::parser parser;
    element root;
    if (const auto error = parser.parse(bytes).get(root); error) {
      return Fail(StatusCode::kUnsupported,
                  fmt::format("{}: not JSON: {}", path_,
                              simdjson::error_message(error)));
    }
    std::string().swap(bytes);  // the parser has all of them that it needs
    for (const auto step :
         {&TokenizerJsonParser::ReadModelOptions,
          &TokenizerJsonParser::ReadTextSteps, &TokenizerJsonParser::ReadTokens,
          &TokenizerJsonParser::ReadMerges,
          &TokenizerJsonParser::ReadAddedTokens}) {
      if (Status status = (this->*step)(root); !status.ok()) {
        return Fail(std::move(status));
      }
    }
    return std::move(vocabulary_);
  }

 private:
  Status Unsupported(std::string_view what) const {
    return UnsupportedJson(path_, what);
  }
  Status Unsupported(std::string_view what, const element& part) const {
    return UnsupportedJson(path_, what, part);
  }

  Status ReadModelOptions(const element& root) {
    element model;
    if (root["model"].get(model) != simdjson::SUCCESS || !model.is_object()) {
      return Unsupported("no \"model\": this is no tokenizer.json");
    }
    const std::string_view type = GetString(model, "type");
    // Files of the first versions name no type; only BPE has merges.
    if (type != "BPE" && !(type.empty() && Get(model, "merges"))) {
      return Unsupported(fmt::format("the model is \"{}\", not BPE", type));
    }
    for (const std::string_view key :
         {"continuing_subword_prefix", "end_of_word_suffix"}) {
      const std::optional<element> affix = Get(model, key);
      if (affix && GetString(model, key) != "") {
        return Unsupported(fmt::format("model with {}", key), *affix);
      }
    }
    double dropout = 0;
    if (const std::optional<element> value = Get(model, "dropout");
        value && (value->get(dropout) != simdjson::SUCCESS || dropout != 0)) {
      return Unsupported("model with dropout", *value);
    }
    for (const std::string_view key : {"truncation", "padding"}) {
      if (const std::optional<element> value = Get(root, key)) {
        return Unsupported(
            fmt::format("{} is set and would change counts", key), *value);
      }
    }
    vocabulary_.rule = MergeRule::kMerges;
    vocabulary_.whole_pretoken_first = GetBool(model, "ignore_merges", false);
    vocabulary_.byte_fallback = GetBool(model, "byte_fallback", false);
    return {};
  }

  Status ReadTextSteps(const element& root) {
    TextStepsReader reader(path_, &vocabulary_);
    const Status status = reader.Read(root);
    byte_level_ = reader.byte_level();
    return status;
  }

  Status ReadTokens(const element& root) {
    object vocab;
    if (root["model"]["vocab"].get(vocab) != simdjson::SUCCESS) {
      return Unsupported("no \"vocab\" in the model");
    }
    std::vector<std::pair<uint64_t, std::string_view>> by_id;
    by_id.reserve(vocab.size());
    for (const auto [text, id] : vocab) {
      uint64_t number = 0;
      if (id.get(number) != simdjson::SUCCESS) {
        return Unsupported(fmt::format("the id of \"{}\" is no number", text));
      }
      by_id.emplace_back(number, text);
    }
    std::sort(by_id.begin(), by_id.end());
    const auto twice = std::adjacent_find(
        by_id.begin(), by_id.end(),
        [](const auto& a, const auto& b) { return a.first == b.first; });
    if (twice != by_id.end()) {
      return Unsupported(fmt::format("\"{}\" and \"{}\" have the same id",
                                     twice->second, twice[1].second));
    }
    vocabulary_.tokens.Reserve(by_id.size(), 8 * by_id.size());
    std::string bytes;
    for (const auto& [id, text] : by_id) {
      if (!byte_level_) {
        vocabulary_.tokens.Append(text);
      } else if (alphabet_.Decode(text, &bytes)) {
        vocabulary_.tokens.Append(bytes);
      }  // else a special token: no text turns into it
    }
    return {};
  }

  Status ReadMerges(const element& root) {
    const TokenIndex index(vocabulary_.tokens);
    if (Status status = FindByteTokens(index); !status.ok()) return status;
    array merges;
    if (root["model"]["merges"].get(merges) != simdjson::SUCCESS) {
      return Unsupported("no \"merges\" in the model");
    }
    vocabulary_.merges.reserve(merges.size());
    std::string left_bytes;
    std::string right_bytes;
    std::string joined;
    for (const element merge : merges) {
      std::string_view left;
      std::string_view right;
      if (IsVersion(merge)) continue;
      if (!SplitMerge(merge, &left, &right)) {
        return Unsupported("unknown form of merge", merge);
      }
      if (byte_level_) {
        if (!alphabet_.Decode(left, &left_bytes) ||
            !alphabet_.Decode(right, &right_bytes)) {
          continue;  // of special tokens: no text comes to it
        }
        left = left_bytes;
        right = right_bytes;
      }
      (joined = left) += right;
      const Vocabulary::Merge found = {index.Find(left), index.Find(right),
                                       index.Find(joined)};
      if (std::max({found.left, found.right, found.result}) ==
          TokenIndex::kNotFound) {
        return Unsupported("merge of what is no token", merge);
      }
      if (IsByteToken(found.left) || IsByteToken(found.right)) {
        return Unsupported("merge of a byte's token", merge);
      }
      vocabulary_.merges.push_back(found);
    }
    DropRepeatedMerges();
    return {};
  }

  // With byte_fallback: the tokens "<0x00>" to "<0xFF>". A byte that is a
  // character needs none if that is a token; nor does one that is in no text.
  Status FindByteTokens(const TokenIndex& index) {
    if (!vocabulary_.byte_fallback) return {};
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const std::string text = fmt::format("<0x{:02X}>", byte);
      byte_tokens_[byte] = index.Find(text);
      const char character = static_cast<char>(byte);
      const bool is_needed =
          byte < 0x80 ? index.Find({&character, 1}) == TokenIndex::kNotFound
                      : IsInUtf8(byte);
      if (byte_tokens_[byte] == TokenIndex::kNotFound && is_needed) {
        return Unsupported(fmt::format("byte_fallback without {}", text));
      }
    }
    return {};
  }

  bool IsByteToken(uint32_t token) const {
    return vocabulary_.byte_fallback &&
           vocabulary_.tokens[token].starts_with("<0x") &&
           std::ranges::find(byte_tokens_, token) != byte_tokens_.end();
  }

  // The first line of files "merges.txt", which some list among the others.
  static bool IsVersion(const element& merge) {
    std::string_view text;
    return merge.get(text) == simdjson::SUCCESS && text.starts_with("#version");
  }

  static bool SplitMerge(const element& merge, std::string_view* left,
                         std::string_view* right) {
    std::string_view text;
    if (merge.get(text) == simdjson::SUCCESS) {
      const size_t space = text.find(' ');
      if (space == text.npos || text.find(' ', space + 1) != text.npos) {
        return false;
      }
      *left = text.substr(0, space);
      *right = text.substr(space + 1);
      return true;
    }
    array pair;
    return merge.get(pair) == simdjson::SUCCESS && pair.size() == 2 &&
           pair.at(0).get(*left) == simdjson::SUCCESS &&
           pair.at(1).get(*right) == simdjson::SUCCESS;
  }

  // Where a pair stands twice the reference keeps its last place.
  void DropRepeatedMerges() {
    std::vector<Vocabulary::Merge>& merges = vocabulary_.merges;
    std::vector<std::pair<uint64_t, uint32_t>> pairs;
    pairs.reserve(merges.size());
    for (uint32_t i = 0; i < merges.size(); ++i) {
      pairs.emplace_back(uint64_t{merges[i].left} << 32 | merges[i].right, i);
    }
    std::sort(pairs.begin(), pairs.end());
    bool repeated = false;
    for (size_t i = 1; i < pairs.size(); ++i) {
      if (pairs[i].first != pairs[i - 1].first) continue;
      merges[pairs[i - 1].second].result = Vocabulary::kNoToken;
      repeated = true;
    }
    if (!repeated) return;
    std::erase_if(merges, [](const Vocabulary::Merge& merge) {
      return merge.result == Vocabulary::kNoToken;
    });
  }

  Status ReadAddedTokens(const element& root) {
    array added;
    if (root["added_tokens"].get(added) != simdjson::SUCCESS) return {};
    std::unordered_map<std::string_view, size_t> places;
    for (const element token : added) {
      const std::string_view content = GetString(token, "content");
      if (content.empty()) continue;  // the reference ignores them
      // Of those with the same content the reference keeps the last.
      const size_t place =
          places.emplace(content, vocabulary_.added_tokens.size())
              .first->second;
      vocabulary_.added_tokens.resize(places.size());
      vocabulary_.added_tokens[place] = {
          .text = std::string(content),
          .lstrip = GetBool(token, "lstrip", false),
          .rstrip = GetBool(token, "rstrip", false),
          .single_word = GetBool(token, "single_word", false),
          .normalized = GetBool(token, "normalized", true)};
    }
    return {};
  }

  const std::string_view path_;
  const ByteAlphabet alphabet_;
  Vocabulary vocabulary_;
  std::vector<std::string> expressions_;        // of the Splits, in order
  std::array<uint32_t, 256> byte_tokens_ = {};  // with byte_fallback
  bool byte_level_ = false;
};

}  // namespace

Result<Vocabulary> ParseTokenizerJson(std::string bytes,
                                      std::string_view path) {
  return TokenizerJsonParser(path).Parse(std::move(bytes));
}

}  // namespace peaktext

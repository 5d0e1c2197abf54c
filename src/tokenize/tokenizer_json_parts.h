// For tokenizer_json.cc alone: what its parts share.
#pragma once

#include <fmt/format.h>
#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

using JsonElement = simdjson::dom::element;

// The value of `key`; nullopt when it is absent or null.
inline std::optional<JsonElement> Get(const JsonElement& parent,
                                      std::string_view key) {
  JsonElement value;
  if (parent[key].get(value) != simdjson::SUCCESS || value.is_null()) {
    return std::nullopt;
  }
  return value;
}

inline std::string_view GetString(const JsonElement& parent,
                                  std::string_view key) {
  std::string_view value;
  return parent[key].get(value) == simdjson::SUCCESS ? value : "";
}

inline bool GetBool(const JsonElement& parent, std::string_view key,
                    bool otherwise) {
  bool value = otherwise;
  return parent[key].get(value) == simdjson::SUCCESS ? value : otherwise;
}

inline Status UnsupportedJson(std::string_view path, std::string_view what) {
  return {StatusCode::kUnsupported, fmt::format("{}: {}", path, what)};
}
// The same, with the part of the file it is about, on one line.
inline Status UnsupportedJson(std::string_view path, std::string_view what,
                              const JsonElement& part) {
  constexpr size_t kMostBytes = 8192;  // patterns are shorter
  std::string text = simdjson::minify(part);
  if (text.size() > kMostBytes) text = text.substr(0, kMostBytes) + "...";
  return UnsupportedJson(path, fmt::format("{}: {}", what, text));
}

// Reads what is done to a text before it is merged: "normalizer" and
// "pre_tokenizer".
class TextStepsReader {
 public:
  // Both outlive it. Sets what `vocabulary` says of the text; its options of
  // the model are there already.
  TextStepsReader(std::string_view path, Vocabulary* vocabulary)
      : path_(path), vocabulary_(*vocabulary) {}

  Status Read(const JsonElement& root);
  // Whether tokens are written in the byte-level alphabet.
  bool byte_level() const { return byte_level_; }

 private:
  Status ReadNormalizer(const JsonElement& root);
  Status AddNormalizer(const JsonElement& normalizer);
  Status ReadPreTokenizer(const JsonElement& root);
  bool AddPreTokenizer(const JsonElement& pre_tokenizer);
  bool AddSplit(const JsonElement& split);
  Status Unsupported(std::string_view what, const JsonElement& part) const {
    return UnsupportedJson(path_, what, part);
  }

  const std::string_view path_;
  Vocabulary& vocabulary_;
  std::vector<std::string> expressions_;  // of the Splits, in order
  bool byte_level_ = false;
  bool splits_at_spaces_ = false;
  bool removes_unmatched_ = false;
};

}  // namespace peaktext

#include <algorithm>

#include "tokenize/pattern.h"
#include "tokenize/tokenizer_json_parts.h"

namespace peaktext {
namespace {

constexpr std::string_view kGpt2Expression =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

}  // namespace

Status TextStepsReader::Read(const JsonElement& root) {
  if (Status status = ReadNormalizer(root); !status.ok()) return status;
  return ReadPreTokenizer(root);
}

Status TextStepsReader::ReadNormalizer(const JsonElement& root) {
  const std::optional<JsonElement> normalizer = Get(root, "normalizer");
  return normalizer ? AddNormalizer(*normalizer) : Status();
}

// NFC, Prepend and Replace are known in this order, each at most once (NFC
// twice is NFC).
Status TextStepsReader::AddNormalizer(const JsonElement& normalizer) {
  const std::string_view type = GetString(normalizer, "type");
  if (type == "Sequence") {
    simdjson::dom::array parts;
    if (normalizer["normalizers"].get(parts) != simdjson::SUCCESS) {
      return Unsupported("unknown normalizer", normalizer);
    }
    for (const JsonElement part : parts) {
      if (Status status = AddNormalizer(part); !status.ok()) return status;
    }
    return {};
  }
  const bool untouched = vocabulary_.space_replacement.empty();
  if (type == "NFC" && untouched && vocabulary_.prepend.empty()) {
    vocabulary_.normalize_nfc = true;
    return {};
  }
  if (type == "Prepend" && untouched && vocabulary_.prepend.empty()) {
    vocabulary_.prepend = GetString(normalizer, "prepend");
    if (vocabulary_.prepend.find(' ') == std::string::npos) return {};
  }
  if (type == "Replace" && untouched) {
    JsonElement pattern;
    vocabulary_.space_replacement = GetString(normalizer, "content");
    if (normalizer["pattern"].get(pattern) == simdjson::SUCCESS &&
        GetString(pattern, "String") == " " &&
        !vocabulary_.space_replacement.empty() &&
        vocabulary_.space_replacement.find(' ') == std::string::npos) {
      return {};
    }
  }
  return Unsupported("unknown normalizer", normalizer);
}

Status TextStepsReader::ReadPreTokenizer(const JsonElement& root) {
  const std::optional<JsonElement> pre_tokenizer = Get(root, "pre_tokenizer");
  if (pre_tokenizer && !AddPreTokenizer(*pre_tokenizer)) {
    return Unsupported("unknown pattern in pre_tokenizer", *pre_tokenizer);
  }
  const bool spaces_stay = vocabulary_.space_replacement.empty();
  if (byte_level_) {
    // The byte-level alphabet has a token for every byte.
    vocabulary_.byte_fallback = false;
    const std::optional<Pattern> pattern = PatternOfExpressions(expressions_);
    if (!pattern) {
      return Unsupported("unknown pattern in pre_tokenizer", *pre_tokenizer);
    }
    if (splits_at_spaces_ ||
        (removes_unmatched_ && *pattern == Pattern::kDeepSeekV3)) {
      return Unsupported("unknown pattern in pre_tokenizer", *pre_tokenizer);
    }
    if (!spaces_stay || !vocabulary_.prepend.empty()) {
      return Unsupported("ByteLevel after Replace or Prepend", *pre_tokenizer);
    }
    vocabulary_.pattern = *pattern;
    return {};
  }
  if (!expressions_.empty() || (splits_at_spaces_ && spaces_stay)) {
    return Unsupported("unknown pattern in pre_tokenizer", *pre_tokenizer);
  }
  if (!vocabulary_.byte_fallback || vocabulary_.whole_pretoken_first) {
    return UnsupportedJson(
        path_,
        "model without ByteLevel that has no byte_fallback or has "
        "ignore_merges");
  }
  vocabulary_.pattern = Pattern::kWholeText;
  return {};
}

// False when it is not known.
bool TextStepsReader::AddPreTokenizer(const JsonElement& pre_tokenizer) {
  const std::string_view type = GetString(pre_tokenizer, "type");
  if (byte_level_) return false;  // it is the last
  if (type == "Sequence") {
    simdjson::dom::array parts;
    if (pre_tokenizer["pretokenizers"].get(parts) != simdjson::SUCCESS) {
      return false;
    }
    return std::all_of(parts.begin(), parts.end(), [this](JsonElement part) {
      return AddPreTokenizer(part);
    });
  }
  if (type == "Split") return AddSplit(pre_tokenizer);
  if (type == "ByteLevel") {
    if (GetBool(pre_tokenizer, "add_prefix_space", true)) return false;
    byte_level_ = true;
    if (GetBool(pre_tokenizer, "use_regex", true)) {
      expressions_.emplace_back(kGpt2Expression);
    }
    return true;
  }
  return false;
}

bool TextStepsReader::AddSplit(const JsonElement& split) {
  JsonElement pattern;
  if (split["pattern"].get(pattern) != simdjson::SUCCESS) return false;
  // "Removed, inverted" drops what the expression does not match: nothing,
  // for the expressions that match every text from end to end.
  const std::string_view behavior = GetString(split, "behavior");
  const bool removes = behavior == "Removed" && GetBool(split, "invert", false);
  if (GetString(pattern, "String") == " ") {
    // Gemma's; it finds nothing once the normalizer has replaced all spaces.
    splits_at_spaces_ = true;
    return !removes;
  }
  const std::string_view expression = GetString(pattern, "Regex");
  if (expression.empty()) return false;
  if (!removes && behavior != "Isolated") return false;
  removes_unmatched_ |= removes;
  expressions_.emplace_back(expression);
  return true;
}

}  // namespace peaktext

// The texts below are those of published tokenizer files and of tiktoken's
// openai_public.py, letter for letter. Where one pattern has several texts they
// split every text alike; the places where tiktoken's newer, possessive forms
// of cl100k and o200k part a text's trailing white space differently do not
// change any count, as no token of those vocabularies reaches across.
#include "tokenize/pattern.h"

#include <algorithm>
#include <array>
#include <vector>

namespace peaktext {
namespace {

struct NamedPattern {
  Pattern pattern;
  std::string_view name;
};

constexpr std::array<NamedPattern, 8> kNames = {{
    {Pattern::kGpt2, "gpt2"},
    {Pattern::kCl100k, "cl100k"},
    {Pattern::kQwen2, "qwen2"},
    {Pattern::kQwen35, "qwen35"},
    {Pattern::kO200k, "o200k"},
    {Pattern::kTekken, "tekken"},
    {Pattern::kDeepSeekV3, "deepseek_v3"},
    {Pattern::kWholeText, "whole_text"},
}};

struct KnownExpressions {
  Pattern pattern;
  std::vector<std::string_view> expressions;
};

const std::vector<KnownExpressions>& Known() {
  static const std::vector<KnownExpressions> known = {
      {Pattern::kGpt2,
       {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"}},
      {Pattern::kGpt2,
       {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"}},
      {Pattern::kCl100k,
       {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
      {Pattern::kQwen2,
       {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
      {Pattern::kQwen35,
       {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
      {Pattern::kO200k,
       {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
      {Pattern::kTekken,
       {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
      {Pattern::kDeepSeekV3,
       {R"(\p{N}{1,3})", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|"
        "[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|"
        "\\s*[\r\n]+|\\s+(?!\\S)|\\s+"}},
  };
  return known;
}

}  // namespace

std::string_view PatternName(Pattern pattern) {
  for (const NamedPattern& named : kNames) {
    if (named.pattern == pattern) return named.name;
  }
  return "";
}

std::optional<Pattern> PatternByName(std::string_view name) {
  for (const NamedPattern& named : kNames) {
    if (named.name == name) return named.pattern;
  }
  return std::nullopt;
}

std::string PatternNames() {
  std::string names;
  for (const NamedPattern& named : kNames) {
    if (named.pattern == Pattern::kWholeText) continue;
    if (!names.empty()) names += ", ";
    names += named.name;
  }
  return names;
}

std::optional<Pattern> PatternOfExpressions(
    std::span<const std::string> expressions) {
  for (const KnownExpressions& known : Known()) {
    if (std::equal(expressions.begin(), expressions.end(),
                   known.expressions.begin(), known.expressions.end())) {
      return known.pattern;
    }
  }
  return std::nullopt;
}

}  // namespace peaktext

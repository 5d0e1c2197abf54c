// Names and texts of the pretokenizer patterns.
//
// A tokenizer file says its pattern as a regular expression. Peaktext runs no
// regular expressions: it has one exact scanner per Pattern, and here is the
// list of the texts that each of them stands for. A text that is not listed,
// even one that looks alike, is not known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tokenize/vocabulary.h"

namespace peaktext {

// The name for command lines and descriptors: "cl100k", "o200k", ...
std::string_view PatternName(Pattern pattern);

// nullopt when there is no such name.
std::optional<Pattern> PatternByName(std::string_view name);

// The names of all patterns that split a text, separated by commas, for
// messages.
std::string PatternNames();

// The pattern that splits like these expressions one after the other, each on
// the pieces that the ones before it left. nullopt when it is not known.
std::optional<Pattern> PatternOfExpressions(
    std::span<const std::string> expressions);

}  // namespace peaktext

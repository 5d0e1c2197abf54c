// The vocabularies that are known by name: what file each one is, by its
// SHA-256, and where it comes from. The files themselves are never part of
// peaktext.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tokenize/vocabulary.h"

namespace peaktext {

enum class VocabularyFormat { kTiktoken, kTokenizerJson };

struct KnownVocabulary {
  std::string_view name;
  std::string_view file;  // its name in a folder of vocabularies
  VocabularyFormat format;
  Pattern pattern;
  uint32_t tokens;  // without added ones
  uint64_t size_bytes;
  std::string_view sha256;
  std::string_view source;   // who publishes it, and where else it is found
  std::string_view address;  // empty: not to be had without a login
};

// In the order in which they are listed.
std::span<const KnownVocabulary> KnownVocabularies();

// nullptr when the name is not known.
const KnownVocabulary* FindKnownVocabulary(std::string_view name);

}  // namespace peaktext

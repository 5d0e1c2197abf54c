#include "pipelines/vocabularies.h"

#include <fmt/core.h>

#include <algorithm>

#include "tokenize/added_tokens.h"
#include "tokenize/count_tables_file.h"
#include "tokenize/known_vocabularies.h"
#include "tokenize/pattern.h"

namespace peaktext {
namespace {

std::string HashOf(const Vocabulary& vocabulary) {
  const bool says_pattern = vocabulary.rule == MergeRule::kMerges ||
                            FindKnownVocabulary(vocabulary.name) != nullptr;
  return says_pattern ? vocabulary.sha256
                      : fmt::format("{} {}", vocabulary.sha256,
                                    PatternName(vocabulary.pattern));
}

}  // namespace

Result<Vocabularies> Vocabularies::Load(std::span<const std::string> names,
                                        bool added_tokens) {
  Vocabularies vocabularies;
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<ptrdiff_t>(i),
                  names[i]) != names.begin() + static_cast<ptrdiff_t>(i)) {
      return Fail(StatusCode::kInvalidArgument,
                  fmt::format("vocabulary {} is named twice", names[i]));
    }
    Result<std::unique_ptr<const CountTables>> tables =
        LoadCountTables(names[i]);
    if (!tables) return Fail(tables.error());
    if (added_tokens) {
      const Status known = CheckAddedTokens((*tables)->vocabulary());
      if (!known.ok()) return Fail(known);
    }
    vocabularies.hashes_.push_back(HashOf((*tables)->vocabulary()));
    vocabularies.tables_.push_back(*std::move(tables));
  }
  return vocabularies;
}

std::vector<const CountTables*> Vocabularies::tables() const {
  std::vector<const CountTables*> pointers;
  for (const auto& tables : tables_) pointers.push_back(tables.get());
  return pointers;
}

}  // namespace peaktext

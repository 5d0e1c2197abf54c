#include "pipelines/vocabularies.h"

#include <fmt/core.h>

#include <algorithm>

namespace peaktext {

Result<Vocabularies> Vocabularies::Load(std::span<const std::string> names) {
  Vocabularies vocabularies;
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<ptrdiff_t>(i),
                  names[i]) != names.begin() + static_cast<ptrdiff_t>(i)) {
      return Fail(StatusCode::kInvalidArgument,
                  fmt::format("vocabulary {} is named twice", names[i]));
    }
    Result<std::unique_ptr<const Vocabulary>> loaded = LoadVocabulary(names[i]);
    if (!loaded) return Fail(loaded.error());
    vocabularies.hashes_.push_back((*loaded)->sha256);
    vocabularies.loaded_.push_back(std::move(*loaded));
  }
  return vocabularies;
}

Status Vocabularies::Build() {
  for (std::unique_ptr<const Vocabulary>& vocabulary : loaded_) {
    Result<std::unique_ptr<const CountTables>> tables =
        BuildCountTables(std::move(vocabulary));
    if (!tables) return tables.error();
    tables_.push_back(std::move(*tables));
  }
  loaded_.clear();
  return {};
}

std::vector<const CountTables*> Vocabularies::tables() const {
  std::vector<const CountTables*> pointers;
  for (const auto& tables : tables_) pointers.push_back(tables.get());
  return pointers;
}

}  // namespace peaktext

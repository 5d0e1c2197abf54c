#include "tokenize/count_tables.h"

#include <algorithm>

namespace peaktext {
CountTables::CountTables(std::unique_ptr<const Vocabulary> vocabulary,
                         BpeModel model, ExactCuts cuts,
                         std::optional<NfcNormalizer> normalizer,
                         HugeArray<char> bytes)
    : vocabulary_(std::move(vocabulary)),
      bytes_(std::move(bytes)),
      model_(std::move(model)),
      cuts_(std::move(cuts)),
      normalizer_(std::move(normalizer)) {
  if (vocabulary_->whole_pretoken_first && model_.has_unreachable_tokens()) {
    AddWholeOnly();
  }
  // A part must not be taken for the whole.
  if (vocabulary_->pattern != Pattern::kWholeText || !whole_only_.empty()) {
    return;
  }
  const std::string_view replacement = vocabulary_->space_replacement;
  const std::string_view space = replacement.empty() ? " " : replacement;
  if (space.size() <= WholeTextCuts::kMostSpaceBytes) {
    whole_text_cuts_.emplace(vocabulary_->tokens, space);
  }
}

void CountTables::AddWholeOnly() {
  for (uint32_t i = 0; i < vocabulary_->tokens.size(); ++i) {
    const std::string_view token = vocabulary_->tokens[i];
    const uint32_t id = model_.LongestMatch(token);
    if (id == BpeModel::kNone || model_.token(id).bytes != token.size()) {
      whole_only_.Add(token);
      cuts_.AddWholeOnly(token);
    }
  }
}

uint64_t CountTables::memory_bytes() const {
  return model_.memory_bytes() + cuts_.memory_bytes() +
         vocabulary_->tokens.bytes().size() +
         vocabulary_->tokens.starts().size() * sizeof(uint32_t) +
         vocabulary_->merges.size() * sizeof(Vocabulary::Merge);
}

uint64_t CountTables::CountPretoken(std::string_view pretoken,
                                    BpeScratch* scratch) const {
  if (whole_only_.Contains(pretoken)) return 1;
  return CountPiece(model_, pretoken, scratch);
}

// Those that are short, as far as they stand in front. Returns how many.
size_t CountTables::CountShort(std::span<const std::string_view> pretokens,
                               uint32_t* tokens, BpeScratch* scratch) const {
  const std::optional<MergeWords> words = model_.merge_words();
  if (!words) return 0;
  const auto end = std::find_if(
      pretokens.begin(), pretokens.end(),
      [](std::string_view one) { return one.size() > kMostMergedBytes; });
  const auto count = static_cast<size_t>(end - pretokens.begin());
  scratch->merge(*words, pretokens.first(count), tokens);
  return count;
}

void CountTables::CountPretokens(std::span<const std::string_view> pretokens,
                                 uint32_t* tokens, BpeScratch* scratch) const {
  // Lines of one sign, which have long tokens, are soon counted alone.
  const auto is_alone = [this](std::string_view pretoken) {
    return model_.separator().empty() || RepeatsItself(pretoken) ||
           RunsOn(pretoken);
  };
  for (size_t at = CountShort(pretokens, tokens, scratch);
       at < pretokens.size();) {
    size_t end = at;
    while (end < pretokens.size() && !is_alone(pretokens[end])) ++end;
    if (end == at) {
      tokens[at] =
          static_cast<uint32_t>(CountPiece(model_, pretokens[at], scratch));
      ++at;
    } else {
      CountPieces(model_, pretokens.subspan(at, end - at), tokens + at,
                  scratch);
      at = end;
    }
  }
  if (whole_only_.empty()) return;
  for (size_t i = 0; i < pretokens.size(); ++i) {
    if (whole_only_.Contains(pretokens[i])) tokens[i] = 1;
  }
}

Result<std::unique_ptr<CountTables>> MakeCountTables(
    std::unique_ptr<const Vocabulary> vocabulary, BpeModel model,
    ExactCuts cuts, HugeArray<char> bytes) {
  std::optional<NfcNormalizer> normalizer;
  if (vocabulary->normalize_nfc) {
    Result<NfcNormalizer> nfc = NfcNormalizer::Create();
    if (!nfc) return Fail(nfc.error());
    normalizer = std::move(*nfc);
  }
  return std::make_unique<CountTables>(std::move(vocabulary), std::move(model),
                                       std::move(cuts), std::move(normalizer),
                                       std::move(bytes));
}

Result<std::unique_ptr<CountTables>> BuildCountTables(
    std::unique_ptr<const Vocabulary> vocabulary) {
  Result<BpeModel> model = BpeModel::Build(*vocabulary);
  if (!model) {
    return Fail(model.error().code(),
                vocabulary->name + ": " + model.error().message());
  }
  ExactCuts cuts(vocabulary->tokens);
  return MakeCountTables(std::move(vocabulary), *std::move(model),
                         std::move(cuts), {});
}

}  // namespace peaktext

// The article on what is built here is at the top of bpe_model.cc.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "base/utf8.h"
#include "tokenize/bpe_model.h"
#include "tokenize/separator.h"

namespace peaktext {
namespace {

using Merge = Vocabulary::Merge;

bool IsOneCharacter(std::string_view bytes) {
  return !bytes.empty() && !IsContinuation(bytes[0]) &&
         Utf8Length(static_cast<unsigned char>(bytes[0])) == bytes.size();
}

// Whether it begins with what it ends with.
bool OverlapsItself(std::string_view token) {
  for (size_t bytes = 1; bytes < token.size(); ++bytes) {
    if (token.ends_with(token.substr(0, bytes))) return true;
  }
  return false;
}

// A vocabulary's tokens and merges with the model's ids.
struct Ordered {
  TokenList tokens;
  std::vector<Merge> merges;
};

// Numbers what is merged earlier first, and before all what no merge makes.
Ordered OrderByMerges(const Vocabulary& vocabulary) {
  const uint32_t size = vocabulary.tokens.size();
  std::vector<uint32_t> first(size, 0);  // 1 + its first merge
  for (uint32_t i = 0; i < vocabulary.merges.size(); ++i) {
    uint32_t& place = first[vocabulary.merges[i].result];
    if (place == 0) place = i + 1;
  }
  std::vector<uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  if (!std::is_sorted(first.begin(), first.end())) {
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return first[a] < first[b];
    });
  }
  Ordered ordered;
  std::vector<uint32_t> id_of(size);
  ordered.tokens.Reserve(size, vocabulary.tokens.bytes().size());
  for (uint32_t id = 0; id < size; ++id) {
    ordered.tokens.Append(vocabulary.tokens[order[id]]);
    id_of[order[id]] = id;
  }
  ordered.merges.reserve(vocabulary.merges.size());
  for (const Merge& merge : vocabulary.merges) {
    ordered.merges.push_back(
        {id_of[merge.left], id_of[merge.right], id_of[merge.result]});
  }
  return ordered;
}

}  // namespace

class BpeModelBuilder {
 public:
  BpeModelBuilder(const TokenList& tokens, MergeRule rule, bool byte_fallback)
      : tokens_(tokens), rule_(rule) {
    model_.facts_.byte_fallback = byte_fallback ? 1 : 0;
    model_.facts_.rising = 1;
    model_.facts_.by_ranks = rule == MergeRule::kRanks ? 1 : 0;
    made_ = model_.tokens_.Allocate(tokens.size());
    std::fill(made_, made_ + tokens.size(), Token{kNone, kNone, kNone, 0, 0});
  }

  // `merges` with MergeRule::kMerges only.
  Result<BpeModel> Build(const std::vector<Merge>& merges) {
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      if (tokens_[id].size() > TokenTrie::kMaxTokenBytes) {
        return Fail(StatusCode::kUnsupported,
                    fmt::format("vocabulary: a token of {} bytes is too long",
                                tokens_[id].size()));
      }
    }
    model_.trie_ = TokenTrie(tokens_);
    if (!model_.trie_.complete()) {
      return Fail(
          StatusCode::kUnsupported,
          fmt::format("vocabulary: its tokens have more than {} beginnings",
                      TokenTrie::kMaxSlots));
    }
    if (Status s = MarkSymbols(); !s.ok()) return Fail(s);
    ways_ = rule_ == MergeRule::kRanks ? WaysOfRanks() : merges;
    ReservePairs();
    for (uint32_t i = 0; i < ways_.size(); ++i) {
      AddPair(ways_[i].left, ways_[i].right, PriorityOfWay(i));
    }
    Derive();
    if (Status s = CheckUnreached(); !s.ok()) return Fail(s);
    if (model_.has_unreachable_tokens()) {
      model_.trie_.Filter([this](uint32_t id) { return made_[id].bytes != 0; });
    }
    AddPrefixes();
    AddSplits();
    AddLimits();
    SetTakeShift();
    SetSeparator();
    PutInDoubt();
    AddMerges();
    return std::move(model_);
  }

 private:
  using Token = BpeModel::Token;
  static constexpr uint32_t kNone = BpeModel::kNone;

  uint32_t PriorityOfWay(uint32_t way) const {
    return rule_ == MergeRule::kRanks ? ways_[way].result : way;
  }

  Status MarkSymbols() {
    uint32_t symbols = 0;
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      const bool symbol = model_.byte_fallback() ? IsOneCharacter(tokens_[id])
                                                 : tokens_[id].size() == 1;
      if (!symbol) continue;
      made_[id].bytes = static_cast<uint32_t>(tokens_[id].size());
      ++symbols;
    }
    if (model_.byte_fallback() || symbols == 256) return {};
    return Status(
        StatusCode::kUnsupported,
        fmt::format("vocabulary: {} of 256 single bytes are tokens", symbols));
  }

  // kNone when `bytes` are no token. REQUIRES: the trie is not filtered yet.
  uint32_t Find(std::string_view bytes) const {
    const uint32_t id = model_.LongestMatch(bytes);
    return id != kNone && tokens_[id].size() == bytes.size() ? id : kNone;
  }

  // All ways of cutting a token in two, in the order of the tokens.
  std::vector<Merge> WaysOfRanks() const {
    std::vector<Merge> ways;
    ways.reserve(size_t{tokens_.size()} * 5 / 2);
    std::vector<uint32_t> prefixes(tokens_.size());
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      if (!tokens_[id].empty()) {
        prefixes[id] = model_.trie_.PrefixOf(tokens_[id]);
      }
    }
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      const std::string_view bytes = tokens_[id];
      if (bytes.empty()) continue;
      for (uint32_t left = prefixes[id]; left != kNone; left = prefixes[left]) {
        const uint32_t right = Find(bytes.substr(tokens_[left].size()));
        if (right != kNone) ways.push_back({left, right, id});
      }
    }
    return ways;
  }

  void ReservePairs() {
    pairs_ = model_.pairs_.Allocate(ways_.size() * 4 / 3 + 64);
    filter_ =
        model_.pair_filter_.Allocate((size_t{1} << BpeModel::kFilterBits) / 64);
  }

  void AddPair(uint32_t left, uint32_t right, uint32_t priority) {
    const uint64_t bits = BpeModel::PairBits(left, right);
    const uint64_t hash = bits * BpeModel::kMultiplier;
    const uint64_t bit = hash >> (64 - BpeModel::kFilterBits);
    filter_[bit >> 6] |= uint64_t{1} << (bit & 63);
    const uint64_t slots = model_.pairs_.size();
    uint64_t at = BpeModel::PairSlot(hash, slots);
    while (pairs_[at] != 0) at = at + 1 < slots ? at + 1 : 0;
    pairs_[at] = (bits | priority) + 1;
  }

  // Finds out how tokens come about, shorter ones first.
  void Derive() {
    std::vector<std::vector<uint32_t>> by_length;
    for (uint32_t i = 0; i < ways_.size(); ++i) {
      const size_t length = tokens_[ways_[i].result].size();
      if (length >= by_length.size()) by_length.resize(length + 1);
      by_length[length].push_back(i);
    }
    for (const std::vector<uint32_t>& of_length : by_length) {
      for (const uint32_t i : of_length) TryDerivation(i);
    }
  }

  void TryDerivation(uint32_t way) {
    const Merge& merge = ways_[way];
    const uint32_t priority = PriorityOfWay(way);
    Token& token = made_[merge.result];
    if (token.bytes != 0) return;
    const Token& left = made_[merge.left];
    const Token& right = made_[merge.right];
    if (left.bytes == 0 || right.bytes == 0) return;
    if (model_.Crosses(merge.left, merge.right, /*allow_whole=*/true)) return;
    token.left = merge.left;
    token.right = merge.right;
    token.priority = priority;
    token.time = std::max({priority + 1, left.time, right.time});
    token.bytes = left.bytes + right.bytes;
    if (token.time != priority + 1) model_.facts_.rising = 0;
  }

  // The literal way, for short pieces.
  std::vector<uint32_t> MergeOneByOne(std::string_view bytes) const {
    std::vector<uint32_t> ids;
    for (size_t at = 0; at < bytes.size();) {
      const size_t size =
          model_.byte_fallback()
              ? Utf8Length(static_cast<unsigned char>(bytes[at]))
              : 1;
      ids.push_back(model_.LongestMatch(bytes.substr(at, size)));
      if (ids.back() == kNone) return {};  // it stays apart in any case
      at += size;
    }
    for (;;) {
      uint32_t best = kNone;
      size_t best_at = 0;
      for (size_t i = 0; i + 1 < ids.size(); ++i) {
        const uint32_t priority = model_.PriorityOf(ids[i], ids[i + 1]);
        if (priority >= best) continue;
        best = priority;
        best_at = i;
      }
      if (best == kNone) return ids;
      ids[best_at] = rule_ == MergeRule::kRanks ? best : ways_[best].result;
      ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
    }
  }

  Status CheckUnreached() {
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      if (made_[id].bytes != 0) continue;
      model_.facts_.has_unreachable_tokens = 1;
      const std::vector<uint32_t> merged = MergeOneByOne(tokens_[id]);
      if (merged.size() != 1 || merged[0] != id) continue;
      return Status(StatusCode::kUnsupported,
                    fmt::format("vocabulary: cannot tell how token {} comes "
                                "about",
                                id));
    }
    return {};
  }

  void AddPrefixes() {
    BpeModel::Match* prefixes = model_.prefixes_.Allocate(tokens_.size());
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      prefixes[id] = {kNone, 0};
      if (tokens_[id].empty()) continue;
      const uint32_t prefix = model_.trie_.PrefixOf(tokens_[id]);
      if (prefix != kNone) prefixes[id] = {prefix, made_[prefix].bytes};
      model_.facts_.longest_token_bytes =
          std::max(model_.facts_.longest_token_bytes, made_[id].bytes);
    }
  }

  bool IsMade(uint32_t id) const { return made_[id].bytes != 0; }
  bool Rises(uint32_t id) const {
    return made_[id].time == 0 || made_[id].time == made_[id].priority + 1;
  }

  // How many ways there are of cutting a token in two that can be reached.
  uint32_t CountWays(uint32_t id) const {
    uint32_t ways = 0;
    for (uint32_t left = model_.prefix(id).id; left != kNone;
         left = model_.prefix(left).id) {
      const std::string_view rest = tokens_[id].substr(made_[left].bytes);
      const uint32_t right = model_.LongestMatch(rest);
      if (right != kNone && made_[right].bytes == rest.size()) ++ways;
    }
    return ways;
  }

  void AddSplits() {
    splits_ = model_.splits_.Allocate(tokens_.size());
    several_.assign(tokens_.size(), 0);
    apart_.assign(tokens_.size(), 0);
    single_.assign(tokens_.size(), 0);
    // The ways of a token: how many that can be taken, and the last of all.
    std::vector<uint32_t> ways(tokens_.size(), 0);
    std::vector<uint32_t> last(tokens_.size(), kNone);
    std::vector<uint8_t> unknown(tokens_.size(), 0);
    for (uint32_t i = 0; i < ways_.size(); ++i) {
      const Merge& way = ways_[i];
      const bool apart = rule_ == MergeRule::kMerges &&
                         last[way.result] != kNone && last[way.result] + 1 != i;
      if (apart) apart_[way.result] = unknown[way.result] = 1;
      last[way.result] = i;
      if (!IsMade(way.left) || !IsMade(way.right)) continue;
      const uint32_t made_at =
          std::max(made_[way.left].time, made_[way.right].time);
      if (PriorityOfWay(i) + 1 <= made_at) unknown[way.result] = 1;
      if (ways[way.result]++ == 0) {
        splits_[way.result] =
            static_cast<uint8_t>(std::min(made_[way.left].bytes, 62U));
      }
    }
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      if (rule_ == MergeRule::kRanks) {
        splits_[id] = BpeModel::kAnySplit;
      } else if (ways[id] > 1) {
        several_[id] = 1;
        splits_[id] = BpeModel::kAnySplit;
        if (unknown[id] == 0 && CountWays(id) != ways[id]) unknown[id] = 1;
      } else if (ways[id] == 1) {
        single_[id] = CountWays(id) == 1 ? 1 : 0;
      }
      if (unknown[id] != 0) splits_[id] = BpeModel::kUnknownSplit;
    }
    unknown_ = std::move(unknown);
  }

  // Pairs of ranks merge wherever they meet. So do listed ones if all ways to
  // make the token are. But if there are several, and it can overlap itself,
  // limits do not tell which of the two comes first (bpe_model.cc, 5).
  void PutInDoubt() {
    model_.trie_.PutInDoubt([this](uint32_t id) {
      const bool sure = rule_ == MergeRule::kRanks || single_[id] != 0 ||
                        (several_[id] != 0 && !OverlapsItself(tokens_[id]));
      return !sure || unknown_[id] != 0;
    });
  }

  // True when a token's making is not as the limits take it to be.
  bool IsOdd(uint32_t id) const { return !Rises(id) || apart_[id] != 0; }

  void AddLimits() {
    TokenLimits* all = model_.limits_.Allocate(tokens_.size());
    const auto set = [](TokenLimits* limits, int32_t(PairLimits::*side)[4],
                        uint32_t bytes, int32_t limit) {
      if (bytes > PairLimits::kMaxBytes) return;
      PairLimits& of = bytes <= 4 ? limits->near : limits->far;
      (of.*side)[(bytes - 1) % 4] = limit;
    };
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      if (made_[id].bytes == 0) continue;
      bool odd = false;
      int32_t limit = PairLimits::kUnlimited;
      const auto mark = [](uint32_t token) {
        return static_cast<int32_t>(2 * token);
      };
      for (uint32_t part = id; part != kNone; part = made_[part].right) {
        set(&all[id], &PairLimits::right, made_[part].bytes, limit);
        odd |= IsOdd(part);
        // Of a token that has several ways the others may come before its own.
        limit = mark(part + several_[part]);
      }
      limit = PairLimits::kUnlimited;
      for (uint32_t part = id; part != kNone; part = made_[part].left) {
        set(&all[id], &PairLimits::left, made_[part].bytes, limit);
        odd |= IsOdd(part);
        limit = mark(part + 1);
      }
      if (!odd) continue;
      splits_[id] = static_cast<uint8_t>(splits_[id] | BpeModel::kOdd);
      model_.facts_.some_odd = 1;
    }
  }

  void SetTakeShift() {
    const size_t marks = 2 * tokens_.size();
    while (marks >> model_.facts_.take_shift >= UINT16_MAX) {
      ++model_.facts_.take_shift;
    }
  }

  void SetSeparator() {
    const std::string_view separator =
        FindSeparator(tokens_, model_.byte_fallback());
    std::copy(separator.begin(), separator.end(), model_.facts_.separator);
    model_.facts_.separator_bytes = static_cast<uint32_t>(separator.size());
  }

  // The pairs of tokens' makings do in the place of all others (bpe_model.cc,
  // 7), where what is merged earlier has a lower id.
  void AddMerges() {
    if (model_.byte_fallback()) return;
    std::vector<Merge> merges;
    std::array<uint32_t, 256> bytes;
    bytes.fill(MergeTable::kNoToken);
    uint32_t latest = 0;
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      const Token& token = made_[id];
      if (token.bytes == 1) bytes[static_cast<uint8_t>(tokens_[id][0])] = id;
      if (token.left == kNone) continue;
      if (token.priority < latest) return;
      latest = token.priority;
      merges.push_back({token.left, token.right, id});
    }
    model_.merges_ = MergeTable(merges, tokens_.size(), bytes);
    if (model_.merges_.empty()) return;
    model_.pairs_ = {};
    model_.pair_filter_ = {};
  }

  const TokenList& tokens_;
  const MergeRule rule_;
  std::vector<Merge> ways_;
  BpeModel model_;
  Token* made_;
  uint64_t* pairs_ = nullptr;
  uint64_t* filter_ = nullptr;
  uint8_t* splits_ = nullptr;
  std::vector<uint8_t> several_;  // tokens with more ways than one to merge
  std::vector<uint8_t> single_;   // that can be cut in two in one way only
  std::vector<uint8_t> apart_;    // between whose ways there are others
  std::vector<uint8_t> unknown_;  // tokens that no split tells when they merge
};

Result<BpeModel> BpeModel::Build(const Vocabulary& vocabulary) {
  if (vocabulary.tokens.size() > TokenTrie::kMaxTokens ||
      vocabulary.merges.size() >= 1U << kPriorityBits) {
    return Fail(
        StatusCode::kUnsupported,
        fmt::format("vocabulary: {} tokens, {} merges are too many",
                    vocabulary.tokens.size(), vocabulary.merges.size()));
  }
  if (vocabulary.rule == MergeRule::kRanks) {
    return BpeModelBuilder(vocabulary.tokens, vocabulary.rule,
                           vocabulary.byte_fallback)
        .Build({});
  }
  const Ordered ordered = OrderByMerges(vocabulary);
  return BpeModelBuilder(ordered.tokens, vocabulary.rule,
                         vocabulary.byte_fallback)
      .Build(ordered.merges);
}

}  // namespace peaktext

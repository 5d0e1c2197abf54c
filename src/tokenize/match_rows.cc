#include "tokenize/match_rows.h"

#include <algorithm>
#include <bit>

namespace peaktext {
namespace {

constexpr size_t kStep = 128;  // places that are filled together
static_assert(kStep + 2 * PairLimits::kMaxBytes <= MatchRows::kRing / 2);
// From this many bytes per token on rows do not pay.
constexpr size_t kLongTokens = 7;

// True when the text from `at` on repeats what is just before it.
bool Repeats(std::string_view text, size_t at) {
  constexpr size_t kLongestPeriod = 64;
  if (at < kLongestPeriod || at + kStep > text.size()) return false;
  const auto eight_at = [text](size_t place) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + place, sizeof(bytes));
    return bytes;
  };
  const uint64_t now = eight_at(at);
  size_t period = 1;
  while (eight_at(at - period) != now) {
    if (++period > kLongestPeriod) return false;
  }
  return text.substr(at, kStep) == text.substr(at - period, kStep);
}

}  // namespace

// Takes up to kStep more places: with rows, if tokens have been short of late,
// and the text is not one that the memo of pairs (pair_memo.h) soon knows.
void MatchRows::Fill(size_t at, size_t tokens) {
  const bool pay =
      at == 0 || (at - decided_at_ < kLongTokens * (tokens - decided_tokens_) &&
                  !Repeats(text_, at));
  decided_at_ = at;
  decided_tokens_ = tokens;
  next_ = std::min(at + kStep, text_.size());
  if (!pay) return;
  if (end_ + PairLimits::kMaxBytes < at) {
    begin_ = end_ = at - PairLimits::kMaxBytes;
  }
  // The fast way looks at four bytes, of which all must be the text's.
  const size_t fast =
      std::min(next_, text_.size() - std::min<size_t>(3, text_.size()));
  uint32_t longer[kStep + PairLimits::kMaxBytes];
  size_t count = 0;
  for (size_t place = end_; place < fast; ++place) {
    longer[count] = static_cast<uint32_t>(place - end_);
    count += FillOne(place);
  }
  for (size_t i = 0; i < count; ++i) Walk(end_ + longer[i], 4);
  for (end_ = std::max(end_, fast); end_ < next_; ++end_) FillLast(end_);
  begin_ = std::max(begin_, end_ - std::min(end_, kRing));
}

// The same near the end of the text.
void MatchRows::FillLast(size_t at) {
  MatchRow* row = &ring_.rows[at % kRing];
  BpeModel::Match* longest = &ring_.longest[at % kRing];
  std::fill(std::begin(row->ids), std::end(row->ids), MatchRow::kNoToken);
  const std::string_view rest = text_.substr(at);
  const uint32_t one = model_.trie().One(rest[0]);
  *longest = {one, one == BpeModel::kNone ? 0U : 1U};
  if (one != BpeModel::kNone) row->ids[0] = static_cast<int32_t>(one);
  const uint32_t slot = rest.size() < 2 ? 0 : model_.trie().Two(rest.data());
  if (slot == 0) return;
  const TokenTrie::Node node = model_.trie().node(slot);
  if (node.is_token()) {
    row->ids[1] = static_cast<int32_t>(node.best());
    *longest = {node.best(), 2};
  }
  ring_.nodes[at % kRing] = node;
  Walk(at, 2);
}

// Takes no branch, for whether the text's next three and four bytes are the
// start of a token cannot be predicted, and their look-ups are to overlap. Says
// whether longer tokens may start here, too.
bool MatchRows::FillOne(size_t at) {
  const TokenTrie& trie = model_.trie();
  MatchRow* row = &ring_.rows[at % kRing];
  BpeModel::Match* longest = &ring_.longest[at % kRing];
  const char* text = text_.data() + at;
  using Node = TokenTrie::Node;
  const Node node1(0, 0, trie.One(text[0]),
                   trie.One(text[0]) != BpeModel::kNone);
  const Node node2 = node1.Next(trie.node(trie.Two(text)), text[1]);
  const Node node3 = node2.Next(trie.node(node2.ChildSlot(text[2])), text[2]);
  const Node there4 = trie.node(node3.ChildSlot(text[3]));
  const Node node4 = node3.Next(there4, text[3]);
  const bool walk = there4.IsFor(text[3]);
  const uint32_t are_tokens =
      (node1.is_token() ? 2U : 0U) | (node2.is_token() ? 4U : 0U) |
      (node3.is_token() ? 8U : 0U) | (node4.is_token() ? 16U : 0U);
  const auto bytes =
      31U - static_cast<uint32_t>(std::countl_zero(are_tokens | 1));
  *longest = {node4.best(), bytes};
  ring_.nodes[at % kRing] = node4;
  model_.PrefetchLimits(longest->id);
  constexpr auto kNoToken = MatchRow::kNoToken;
  const IdLanes none = {kNoToken, kNoToken, kNoToken, kNoToken};
  const IdLanes ids = {node1.token(), node2.token(), node3.token(),
                       node4.token()};
  std::memcpy(row->ids, &ids, sizeof(ids));
  std::memcpy(row->ids + 4, &none, sizeof(none));
  std::memcpy(row->ids + 8, &none, sizeof(none));
  std::memcpy(row->ids + 12, &none, sizeof(none));
  return walk;
}

// Goes on from the node at `at`, which has so many bytes.
void MatchRows::Walk(size_t at, size_t bytes) {
  const TokenTrie& trie = model_.trie();
  MatchRow* row = &ring_.rows[at % kRing];
  BpeModel::Match* longest = &ring_.longest[at % kRing];
  TokenTrie::Node node = ring_.nodes[at % kRing];
  for (size_t i = at + bytes; i < text_.size(); ++i) {
    node = trie.node(node.ChildSlot(text_[i]));
    if (!node.IsFor(text_[i])) return;
    ++bytes;
    if (!node.is_token()) continue;
    *longest = {node.best(), static_cast<uint32_t>(bytes)};
    if (bytes <= MatchRow::kMaxBytes) {
      row->ids[bytes - 1] = static_cast<int32_t>(node.best());
    }
  }
}

BpeModel::Split MatchRows::MeaningOfHits(BpeModel::Match left,
                                         BpeModel::Match right,
                                         size_t at) const {
  const PairLimits& l = model_.limits(left.id);
  const PairLimits& r = model_.limits(right.id);
  BpeModel::Split meaning = BpeModel::Split::kNo;
  for (uint32_t back = 1; back <= left.bytes; ++back) {
    const int32_t* ids = ring_.rows[(at - back) % kRing].ids + back;
    for (uint32_t on = 0; on < right.bytes; ++on) {
      const int32_t limit = std::min(l.right[back - 1], r.left[on]);
      if (ids[on] >= limit) continue;
      // Next to its limit it may be another way of making the same token.
      const bool next_to =
          ids[on] + 1 == l.right[back - 1] || ids[on] + 1 == r.left[on];
      const BpeModel::Split split =
          model_.SplitsAt(static_cast<uint32_t>(ids[on]), back);
      if (split == BpeModel::Split::kNo) continue;
      if (split == BpeModel::Split::kYes && !next_to) return split;
      meaning = BpeModel::Split::kUnknown;
    }
  }
  return meaning;
}

}  // namespace peaktext

#include "tokenize/match_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace peaktext {
namespace {

constexpr size_t kStep = 128;  // places that are filled together
constexpr size_t kKept = 64;   // when the buffer is full: the last ones
static_assert(kStep + PairLimits::kMaxBytes <= MatchKernels::kMostPlaces);
static_assert(kStep + kKept + PairLimits::kMaxBytes <= MatchRows::kPlaces);
// From this many bytes per token on rows do not pay.
constexpr size_t kLongTokens = 7;

constexpr size_t kLongestPeriod = 64;

// True when the text from `at` on repeats what is just before it.
bool Repeats(std::string_view text, size_t at) {
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
  const bool are_short =
      at == 0 || at - decided_at_ < kLongTokens * (tokens - decided_tokens_);
  const bool pay = are_short && !Repeats(text_, at == 0 ? kLongestPeriod : at);
  decided_at_ = at;
  decided_tokens_ = tokens;
  next_ = std::min(at + kStep, text_.size());
  if (!pay) return;
  if (end_ + PairLimits::kMaxBytes < at) {
    base_ = begin_ = end_ = at - PairLimits::kMaxBytes;
  }
  if (next_ > base_ + kPlaces) MakeRoom();
  FillTo(next_);
}

void MatchRows::MakeRoom() {
  const size_t from = std::max(begin_, end_ - std::min(end_, kKept));
  std::copy(buffer_.longest + (from - base_), buffer_.longest + (end_ - base_),
            buffer_.longest);
  const MatchRow* rows = Row(from);
  std::copy(rows, rows + (end_ - from), buffer_.rows + PairLimits::kMaxBytes);
  base_ = begin_ = from;
}

void MatchRows::FillTo(size_t end) {
  uint64_t nodes[3][MatchKernels::kMostPlaces + 4];
  uint8_t goes_on[MatchKernels::kMostPlaces / 4 + 1];
  const size_t places = end - end_;
  uint64_t* longest = buffer_.longest + (end_ - base_);
  MatchRow* rows = buffer_.rows + (PairLimits::kMaxBytes + end_ - base_);
  kernels_.find(model_.trie().words(), text_.substr(end_), places,
                {rows, longest, {nodes[0], nodes[1], nodes[2]}, goes_on});
  for (size_t at = 0; at < places; at += 4) {
    for (unsigned left = goes_on[at / 4]; left != 0; left &= left - 1) {
      const size_t place = at + static_cast<size_t>(std::countr_zero(left));
      Walk(end_ + place, TokenTrie::Node(nodes[2][place]));
    }
  }
  for (size_t i = 0; i < places; ++i) {
    model_.PrefetchLimits(static_cast<uint32_t>(longest[i]));
  }
  end_ = end;
}

// Goes on at `at` with a node of four bytes.
void MatchRows::Walk(size_t at, TokenTrie::Node node) {
  const TokenTrie& trie = model_.trie();
  MatchRow* row = buffer_.rows + (PairLimits::kMaxBytes + at - base_);
  const std::string_view text = text_.substr(at);
  for (size_t bytes = 4; bytes < text.size();) {
    const char next = text[bytes++];
    node = trie.node(node.ChildSlot(next));
    if (!node.IsFor(next)) return;
    if (!node.is_token()) continue;
    buffer_.longest[at - base_] = uint64_t{bytes} << 32 | node.token();
    if (bytes <= MatchRow::kMaxBytes) {
      row->ids[bytes - 1] = static_cast<int32_t>(node.token());
    }
  }
}

BpeModel::Split MatchRows::MeaningOfHits(BpeModel::Match left,
                                         BpeModel::Match right,
                                         size_t at) const {
  BpeModel::Split meaning = BpeModel::Split::kNo;
  for (uint32_t back = 1; back <= left.bytes; ++back) {
    const int32_t left_limit = model_.RightLimit(left.id, back);
    if (left_limit == 0) continue;
    const int32_t* ids = (Row(at) - back)->ids + back;
    for (uint32_t on = 0; on < right.bytes; ++on) {
      const int32_t right_limit = model_.LeftLimit(right.id, on + 1);
      if (ids[on] >= left_limit || ids[on] >= right_limit) continue;
      const BpeModel::Split split =
          model_.SplitsAt(static_cast<uint32_t>(ids[on]), back);
      if (split == BpeModel::Split::kNo) continue;
      // Next to its limit it may be another way of making the same token.
      const bool next_to =
          ids[on] + 1 == left_limit || ids[on] + 1 == right_limit;
      if (split == BpeModel::Split::kYes && (model_.by_ranks() || !next_to)) {
        return split;
      }
      meaning = BpeModel::Split::kUnknown;
    }
  }
  return meaning;
}

}  // namespace peaktext

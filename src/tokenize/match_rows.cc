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
  uint8_t open[MatchKernels::kMostPlaces];
  size_t count = 0;
  for (size_t at = 0; at < places; at += 4) {
    for (unsigned left = goes_on[at / 4]; left != 0; left &= left - 1) {
      open[count++] = static_cast<uint8_t>(
          at + static_cast<size_t>(std::countr_zero(left)));
    }
  }
  for (size_t bytes = 5; count > 0; ++bytes) {
    count = GoOn({open, count}, bytes, nodes[2]);
  }
  for (size_t i = 0; i < places; ++i) {
    model_.PrefetchLimits({static_cast<uint32_t>(longest[i]),
                           static_cast<uint32_t>(longest[i] >> 32)});
  }
  end_ = end;
}

// From the nodes of the `open` places, of one byte less, to those of `bytes`.
// Byte after byte, too: so look-ups overlap. How many places have one; these
// are then the first of `open`.
size_t MatchRows::GoOn(std::span<uint8_t> open, size_t bytes, uint64_t* nodes) {
  const TokenTrie& trie = model_.trie();
  uint64_t* longest = buffer_.longest + (end_ - base_);
  MatchRow* rows = buffer_.rows + (PairLimits::kMaxBytes + end_ - base_);
  // Where the text ends before, there is none.
  const size_t left = text_.size() - end_;
  size_t count = open.size();
  while (count > 0 && open[count - 1] + bytes > left) --count;
  size_t more = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t place = open[i];
    const char next = text_[end_ + place + bytes - 1];
    const TokenTrie::Node from(nodes[place]);
    const TokenTrie::Node node = trie.node(from.ChildSlot(next));
    // No branch: what is found cannot be predicted.
    const bool there = node.IsFor(next);
    nodes[place] = node.word();
    open[more] = static_cast<uint8_t>(place);
    more += there ? 1 : 0;
    const bool is_token = there && node.is_token();
    const uint64_t match = uint64_t{bytes} << 32 | node.token();
    longest[place] = is_token ? match : longest[place];
    if (bytes <= MatchRow::kMaxBytes) {
      rows[place].ids[bytes - 1] =
          is_token ? static_cast<int32_t>(node.token()) : MatchRow::kNoToken;
    }
  }
  return more;
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

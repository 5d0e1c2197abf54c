#include "tokenize/match_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace peaktext {
namespace {

constexpr size_t kStep = 240;  // places that are filled together
constexpr size_t kKept = 32;   // when the buffer is full: the last ones
static_assert(kStep + PairLimits::kMaxBytes <= OpenPlaces::kMost);
static_assert(kStep + kKept + PairLimits::kMaxBytes <= MatchBuffer::kPlaces);
// From this many bytes per token on rows do not pay.
constexpr size_t kLongTokens = 7;
// And up to so many it pays to foresee what nothing can follow: longer tokens
// leave out most places.
constexpr size_t kShortTokens = 3;

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
bool MatchRows::Fill(size_t at, size_t tokens) {
  const size_t bytes = at - decided_at_;
  const size_t in_tokens = tokens - decided_tokens_;
  const bool are_short =
      at == 0 ? !RunsOn(text_) : bytes < kLongTokens * in_tokens;
  const bool repeats = Repeats(text_, at == 0 ? kLongestPeriod : at);
  decided_at_ = at;
  decided_tokens_ = tokens;
  next_ = std::min(at + kStep, text_.size());
  if (repeats || !are_short) return repeats;
  if (end_ + PairLimits::kMaxBytes < at) {
    base_ = begin_ = end_ = at - PairLimits::kMaxBytes;
  }
  if (next_ > base_ + MatchBuffer::kPlaces) MakeRoom();
  const size_t from = end_;
  FillTo(next_);
  if (at > 0) buffer_.short_tokens = bytes < kShortTokens * in_tokens;
  if (buffer_.short_tokens) {
    kernels_.foresee(model_.limits(), model_.take_shift(), from - base_,
                     next_ - from, &buffer_);
  } else {
    FetchLimits(at);
  }
  return false;
}

// Of the tokens that stepping meets if each place's longest one fits.
void MatchRows::FetchLimits(size_t at) const {
  for (size_t place = at - base_; place < next_ - base_;) {
    const BpeModel::Match longest = buffer_.Longest(place);
    if (longest.bytes == 0) return;
    __builtin_prefetch(model_.limits() + longest.id);
    place += longest.bytes;
  }
}

void MatchRows::MakeRoom() {
  const size_t from = std::max(begin_, end_ - std::min(end_, kKept));
  const auto move = [this, from](auto* values) {
    std::copy(values + (from - base_), values + (end_ - base_), values);
  };
  move(buffer_.longest);
  move(buffer_.second);
  move(buffer_.lowest);
  if (buffer_.long_end <= from - base_) buffer_.ForgetFrom(1, 0);
  for (auto& rows : buffer_.rows) {
    if (&rows == buffer_.rows || buffer_.long_end > 0) {
      move(rows + MatchBuffer::kBefore);
    }
  }
  uint8_t* const far = buffer_.far;
  uint8_t* const end =
      std::copy(far + (from - base_), std::end(buffer_.far), far);
  std::fill(end, std::end(buffer_.far), 0);
  base_ = begin_ = from;
  if (far_end_ > base_) FillFar();
}

void MatchRows::FillFar() {
  std::fill_n(buffer_.far, std::min(far_end_ - base_, std::size(buffer_.far)),
              1);
}

// With nothing in the buffer: what starts before it is not known.
void MatchRows::StartFar() {
  std::fill(std::begin(buffer_.far), std::end(buffer_.far), 0);
  far_end_ = 0;
  if (base_ == 0) return;
  far_end_ = base_ + model_.longest_token_bytes();
  FillFar();
}

void MatchRows::AddFar(size_t first, size_t places) {
  for (size_t place = first; place < first + places; ++place) {
    const size_t bytes = buffer_.longest[place] >> 32;
    if (bytes < MatchBuffer::kFarBytes) continue;
    const size_t end = std::min(place + bytes, std::size(buffer_.far));
    std::fill(buffer_.far + place + 1, buffer_.far + end, 1);
    if (end < place + bytes)
      far_end_ = std::max(far_end_, base_ + place + bytes);
  }
}

void MatchRows::FillTo(size_t end) {
  OpenPlaces open;
  const size_t places = end - end_;
  if (end_ == base_) StartFar();
  kernels_.find(model_.trie().words(), text_.substr(end_), places, &buffer_,
                end_ - base_, &open);
  while (open.count > 0) GoOn(++open.bytes, &open);
  const size_t first = end_ - base_;
  if (open.bytes >= MatchBuffer::kFarBytes) AddFar(first, places);
  end_ = end;
}

// From the nodes of the open places, of one byte less, to those of `bytes`.
// Byte after byte, too: so look-ups overlap. Those that have one stay open.
void MatchRows::GoOn(size_t bytes, OpenPlaces* open) {
  const TokenTrie& trie = model_.trie();
  const size_t first = end_ - base_;
  uint64_t* longest = buffer_.longest + first;
  uint64_t* second = buffer_.second + first;
  int32_t* lowest = buffer_.lowest + first;
  uint64_t* nodes = open->nodes[3];
  // Lengths that lie across no boundary have no row.
  const size_t plane = std::min((bytes - 2) / 4, MatchBuffer::kPlanes - 1);
  const bool in_rows = plane == (bytes - 2) / 4;
  MatchBuffer::Row* rows = buffer_.rows[plane] + (MatchBuffer::kBefore + first);
  // Where the text ends before, there is none.
  const size_t left = text_.size() - end_;
  size_t count = open->count;
  while (count > 0 && open->places[count - 1] + bytes > left) --count;
  // No branches: what is found cannot be predicted.
  size_t there = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t place = open->places[i];
    const char next = text_[end_ + place + bytes - 1];
    const TokenTrie::Node node =
        trie.node(TokenTrie::Node(nodes[place]).ChildSlot(next));
    nodes[place] = node.word();
    open->places[there] = static_cast<uint8_t>(place);
    there += node.IsFor(next) ? 1 : 0;
  }
  size_t more = 0;
  size_t tokens = 0;
  uint8_t token_places[OpenPlaces::kMost];
  for (size_t i = 0; i < there; ++i) {
    const size_t place = open->places[i];
    const TokenTrie::Node node(nodes[place]);
    // The next look-up, if it stays open.
    const size_t after = std::min(place + bytes, left - 1);
    __builtin_prefetch(trie.words().slots +
                       node.ChildSlot(text_[end_ + after]));
    token_places[tokens] = static_cast<uint8_t>(place);
    tokens += node.is_token() ? 1 : 0;
    open->places[more] = static_cast<uint8_t>(place);
    more += node.has_children() ? 1 : 0;
  }
  for (size_t i = 0; i < tokens; ++i) {
    const size_t place = token_places[i];
    const uint32_t mark = TokenTrie::Node(nodes[place]).mark();
    second[place] = longest[place];
    longest[place] = uint64_t{bytes} << 32 | mark;
    lowest[place] = std::min(lowest[place], static_cast<int32_t>(mark));
    // As for all others, it was none before.
    if (in_rows) {
      rows[place].marks[(bytes - 2) % 4] = static_cast<int32_t>(mark);
    }
  }
  open->count = more;
  // Shorter ones are in the first rows.
  if (bytes > 5 && tokens > 0) {
    buffer_.long_end =
        std::max(buffer_.long_end, first + token_places[tokens - 1] + 1);
  }
}

BpeModel::Split MatchRows::MeaningOfHits(BpeModel::Match left,
                                         BpeModel::Match right,
                                         size_t at) const {
  BpeModel::Split meaning = BpeModel::Split::kNo;
  const size_t place = at - base_;
  if (buffer_.IsFar(left, right, place)) return BpeModel::Split::kUnknown;
  const TokenLimits& lefts = model_.limits()[left.id];
  const TokenLimits& rights = model_.limits()[right.id];
  const uint32_t backs = std::min(left.bytes, PairLimits::kMaxBytes);
  const uint32_t ons = std::min(right.bytes, PairLimits::kMaxBytes);
  for (uint32_t back = 1; back <= backs; ++back) {
    const int32_t left_limit = lefts.right(back);
    if (left_limit == 0) continue;
    for (uint32_t on = 1; on <= ons; ++on) {
      const int32_t limit = std::min(left_limit, rights.left(on));
      const int32_t mark = buffer_.Mark(place - back, back + on);
      if (mark >= limit) continue;
      if (model_.by_ranks()) {
        // x and y of bpe_model.cc, 5.
        if (back > 1 && buffer_.Mark(place - back, back) >= limit) continue;
        if (on > 1 && buffer_.Mark(place, on) >= limit) continue;
        return BpeModel::Split::kYes;
      }
      const BpeModel::Split split =
          model_.SplitsAt(static_cast<uint32_t>(mark) >> 1, back);
      if (split == BpeModel::Split::kNo) continue;
      // Next to its limit it may be another way of making the same token.
      const int32_t above = (mark | 1) + 1;
      const bool next_to = above == left_limit || above == rights.left(on);
      if (split == BpeModel::Split::kYes && !next_to) return split;
      meaning = BpeModel::Split::kUnknown;
    }
  }
  return meaning;
}

}  // namespace peaktext

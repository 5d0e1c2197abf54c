// The tokens that start at each place of a piece of text, for some hundred
// places at a time: found together, they cost a fraction of what walks apart
// would, and they also say which tokens lie across a boundary (pair_limits.h).
//
//   MatchRows rows(model, &buffer, piece);
//   rows.Advance(at, tokens);           // before anything is asked of `at`
//   BpeModel::Match longest = rows.Longest(at);
//   if (rows.Cover(at)) ... rows.Hits(left, right, at) ...
//
// Where tokens are long, rows do not pay: then each place is walked from when
// it is asked for, and Cover() is false.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tokenize/bpe_model.h"
#include "tokenize/pair_limits.h"

namespace peaktext {

class MatchRows {
 public:
  static constexpr size_t kPlaces = 256;

  // What is kept for the last places, at most kPlaces; one per thread.
  struct Buffer {
    // The first few are read, but not as rows of a place.
    MatchRow rows[PairLimits::kMaxBytes + kPlaces];
    uint64_t longest[kPlaces + 4];  // as in MatchesFound
  };

  // All four outlive the rows.
  MatchRows(const BpeModel& model, const MatchKernels& kernels, Buffer* buffer,
            std::string_view text)
      : model_(model), kernels_(kernels), buffer_(*buffer), text_(text) {}

  // Makes Longest(at) ready, where the text up to `at` has that many tokens.
  void Advance(size_t at, size_t tokens) {
    if (at >= next_) Fill(at, tokens);
  }

  // REQUIRES: Advance(at) was called for it or a later place.
  BpeModel::Match Longest(size_t at) const {
    if (at >= begin_ && at < end_) {
      const BpeModel::Match ready = Ready(at);
      return ready.bytes != 0 ? ready : BpeModel::Match{BpeModel::kNone, 0};
    }
    const uint32_t id = model_.LongestMatch(text_.substr(at));
    return {id, id == BpeModel::kNone ? 0 : model_.token(id).bytes};
  }

  // The longest token at `at` that is shorter than `match`. REQUIRES:
  // Cover(at), match.bytes <= MatchRow::kMaxBytes.
  BpeModel::Match Shorter(BpeModel::Match match, size_t at) const {
    const int32_t* ids = Row(at)->ids;
    while (--match.bytes > 0) {
      match.id = static_cast<uint32_t>(ids[match.bytes - 1]);
      if (match.id != MatchRow::kNoToken) return match;
    }
    return {BpeModel::kNone, 0};
  }

  // True when Hits() can be asked about tokens that meet at `at`. What the
  // buffer holds for places before the text does no harm: no token is that
  // long.
  bool Cover(size_t at) const { return at >= covered_from() && at < end_; }
  // The same, of [covered_from(), end()).
  size_t covered_from() const {
    return begin_ == 0 ? 0 : begin_ + PairLimits::kMaxBytes;
  }
  size_t end() const { return end_; }
  // Longest(at) where Cover(at). If there is none, only bytes says so.
  BpeModel::Match Ready(size_t at) const {
    const uint64_t longest = buffer_.longest[at - base_];
    return {static_cast<uint32_t>(longest),
            static_cast<uint32_t>(longest >> 32)};
  }

  // True when a token lies across the place `at` where the two meet, within the
  // limits of both. REQUIRES: Cover(at), model.AreEven(left, right).
  bool Hits(BpeModel::Match left, BpeModel::Match right, size_t at) const {
    const PairLimits& l = model_.near_limits(left.id);
    const PairLimits& r = model_.near_limits(right.id);
    const MatchRow* row = Row(at);
    IdLanes hits = HitsOf(row, 0, 0, l, r);
    if (((left.bytes - 1) | (right.bytes - 1)) < 4) return AnyOf(hits);
    const PairLimits& far_l = model_.far_limits(left.id);
    const PairLimits& far_r = model_.far_limits(right.id);
    hits |= HitsOf(row, 0, 4, l, far_r) | HitsOf(row, 4, 0, far_l, r) |
            HitsOf(row, 4, 4, far_l, far_r);
    return AnyOf(hits);
  }

  // What hits mean. REQUIRES: there are some.
  BpeModel::Split MeaningOfHits(BpeModel::Match left, BpeModel::Match right,
                                size_t at) const;

 private:
  const MatchRow* Row(size_t at) const {
    return buffer_.rows + (PairLimits::kMaxBytes + at - base_);
  }
  // Tokens of `back` and 1 to 4 bytes before the row, `on` and 1 to 4 after.
  static IdLanes HitsOf(const MatchRow* row, size_t back, size_t on,
                        const PairLimits& left, const PairLimits& right) {
    const IdLanes limits = LoadIds(right.left);
    IdLanes hits = {};
    for (size_t i = 0; i < 4; ++i) {
      const size_t before = back + i + 1;
      const IdLanes ids = LoadIds((row - before)->ids + before + on);
      const int32_t limit = left.right[i];
      const IdLanes all = {limit, limit, limit, limit};
      hits |= (ids < all) & (ids < limits);
    }
    return hits;
  }
  void Fill(size_t at, size_t tokens);
  void MakeRoom();
  void FillTo(size_t end);
  size_t GoOn(std::span<uint8_t> open, size_t bytes, uint64_t* nodes);

  const BpeModel& model_;
  const MatchKernels& kernels_;
  Buffer& buffer_;
  const std::string_view text_;
  size_t base_ = 0;   // the place of the buffer's first row
  size_t begin_ = 0;  // the buffer has the rows of [begin_, end_)
  size_t end_ = 0;
  size_t next_ = 0;  // where to decide anew
  size_t decided_at_ = 0;
  size_t decided_tokens_ = 0;
  // Invariants: base_ <= begin_ <= end_ <= base_ + kPlaces
};

}  // namespace peaktext

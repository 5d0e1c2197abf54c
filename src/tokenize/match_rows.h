// The tokens that start at each place of a piece of text, for some hundred
// places at a time: found together, they cost a fraction of what walks apart
// would, and they also say which tokens lie across a boundary (pair_limits.h).
//
//   MatchRows rows(model, &ring, piece);
//   rows.Advance(at, tokens);           // before anything is asked of `at`
//   BpeModel::Match longest = rows.Longest(at);
//   if (rows.Cover(at)) ... rows.Hits(left, right, at) ...
//
// Where tokens are long, rows do not pay: then each place is walked from when
// it is asked for, and Cover() is false.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenize/bpe_model.h"
#include "tokenize/pair_limits.h"

namespace peaktext {

class MatchRows {
 public:
  static constexpr size_t kRing = 512;

  // What is kept for each of the last kRing places; one per thread.
  struct Ring {
    MatchRow rows[kRing];
    BpeModel::Match longest[kRing];
    TokenTrie::Node nodes[kRing];  // where longer tokens go on
  };

  // All three outlive the rows.
  MatchRows(const BpeModel& model, Ring* ring, std::string_view text)
      : model_(model), ring_(*ring), text_(text) {}

  // Makes Longest(at) ready, where the text up to `at` has that many tokens.
  void Advance(size_t at, size_t tokens) {
    if (at >= next_) Fill(at, tokens);
  }

  // REQUIRES: Advance(at) was called for it or a later place.
  BpeModel::Match Longest(size_t at) const {
    if (at >= begin_ && at < end_) return ring_.longest[at % kRing];
    const uint32_t id = model_.LongestMatch(text_.substr(at));
    return {id, id == BpeModel::kNone ? 0 : model_.token(id).bytes};
  }

  // The longest token at `at` that is shorter than `match`. REQUIRES:
  // Cover(at), match.bytes <= MatchRow::kMaxBytes.
  BpeModel::Match Shorter(BpeModel::Match match, size_t at) const {
    const int32_t* ids = ring_.rows[at % kRing].ids;
    while (--match.bytes > 0) {
      match.id = static_cast<uint32_t>(ids[match.bytes - 1]);
      if (match.id != MatchRow::kNoToken) return match;
    }
    return {BpeModel::kNone, 0};
  }

  // True when Hits() can be asked about tokens that meet at `at`. What the ring
  // holds for places before the text does no harm: no token is that long.
  bool Cover(size_t at) const {
    return (at >= begin_ + PairLimits::kMaxBytes || begin_ == 0) && at < end_;
  }

  // Not 0 when a token lies across the place `at` where the two meet, within
  // the limits of both. REQUIRES: Cover(at), model.AreShort(left, right).
  int Hits(BpeModel::Match left, BpeModel::Match right, size_t at) const {
    const PairLimits& l = model_.limits(left.id);
    const PairLimits& r = model_.limits(right.id);
    const IdLanes first = LoadIds(r.left);
    IdLanes hits = {};
    if (((left.bytes - 1) | (right.bytes - 1)) < 4) {
      for (size_t back = 1; back <= 4; ++back) {
        hits |= HitsOf(at, back, 0, l.right[back - 1], first);
      }
      return Any(hits);
    }
    const IdLanes second = LoadIds(r.left + 4);
    for (size_t back = 1; back <= PairLimits::kMaxBytes; ++back) {
      hits |= HitsOf(at, back, 0, l.right[back - 1], first) |
              HitsOf(at, back, 4, l.right[back - 1], second);
    }
    return Any(hits);
  }

  // What hits mean. REQUIRES: there are some.
  BpeModel::Split MeaningOfHits(BpeModel::Match left, BpeModel::Match right,
                                size_t at) const;

 private:
  IdLanes HitsOf(size_t at, size_t back, size_t on, int32_t limit,
                 IdLanes limits) const {
    const IdLanes ids =
        LoadIds(ring_.rows[(at - back) % kRing].ids + back + on);
    const IdLanes all = {limit, limit, limit, limit};
    return (ids < all) & (ids < limits);
  }
  static int Any(IdLanes hits) {
    return (hits[0] | hits[1] | hits[2] | hits[3]);
  }
  void Fill(size_t at, size_t tokens);
  bool FillOne(size_t at);
  void FillLast(size_t at);
  void Walk(size_t at, size_t bytes);

  const BpeModel& model_;
  Ring& ring_;
  const std::string_view text_;
  size_t begin_ = 0;  // the ring has the rows of [begin_, end_)
  size_t end_ = 0;
  size_t next_ = 0;  // where to decide anew
  size_t decided_at_ = 0;
  size_t decided_tokens_ = 0;
};

}  // namespace peaktext

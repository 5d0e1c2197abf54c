// The tokens that start at each place of a piece of text, for some hundred
// places at a time: found together, they cost a fraction of what walks apart
// would, and they also say which tokens lie across a boundary.
//
//   MatchRows rows(model, kernels, &buffer, piece);
//   rows.Advance(at, tokens);           // before anything is asked of `at`
//   BpeModel::Match longest = rows.Longest(at);
//   if (rows.Cover(at)) ... rows.MeaningOfHits(left, right, at) ...
//
// Where tokens are long, rows do not pay: then each place is walked from when
// it is asked for, and Cover() is false.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simd/match_kernels.h"
#include "tokenize/bpe_model.h"

namespace peaktext {

// True when most of the text's first bytes are one and the same: then tokens
// are long.
inline bool RunsOn(std::string_view text) {
  return text.size() >= 24 && text.substr(8, 15) == text.substr(9, 15);
}

class MatchRows {
 public:
  // All four outlive the rows. The buffer keeps what is known of the last
  // places; one per thread.
  MatchRows(const BpeModel& model, const MatchKernels& kernels,
            MatchBuffer* buffer, std::string_view text)
      : model_(model), kernels_(kernels), buffer_(*buffer), text_(text) {}

  // Makes Longest(at) ready, where the text up to `at` has that many tokens.
  // True when the text from `at` on has been found to repeat what is just
  // before it.
  bool Advance(size_t at, size_t tokens) {
    return at >= next_ && Fill(at, tokens);
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
  // Cover(at), match.bytes <= MatchBuffer::kMostBytes. 0 bytes: none.
  BpeModel::Match Shorter(BpeModel::Match match, size_t at) const {
    return buffer_.Shorter(at - base_, model_.trie().One(text_[at]), match);
  }

  // True when it is known which tokens lie across `at`. What the buffer holds
  // for places before the text does no harm: no token is that long.
  bool Cover(size_t at) const { return at >= covered_from() && at < end_; }
  // The same, of [covered_from(), end()).
  size_t covered_from() const {
    return begin_ == 0 ? 0 : begin_ + PairLimits::kMaxBytes;
  }
  // Longest(at) where Cover(at). If there is none, only bytes says so.
  BpeModel::Match Ready(size_t at) const { return buffer_.Longest(at - base_); }
  // What stepping asks of the rows; the rest is left as it is.
  void GiveTo(ShortSteps* steps) const {
    steps->buffer = &buffer_;
    steps->text = text_.data();
    steps->base = base_;
    steps->end = end_;
  }

  // Whether tokens across the place `at`, where the two meet and are even, mean
  // that merging does not leave them apart there. REQUIRES: Cover(at).
  BpeModel::Split MeaningOfHits(BpeModel::Match left, BpeModel::Match right,
                                size_t at) const;

 private:
  bool Fill(size_t at, size_t tokens);
  void FetchLimits(size_t at) const;
  void MakeRoom();
  void FillTo(size_t end);
  void GoOn(size_t bytes, OpenPlaces* open);
  void StartFar();
  void FillFar();
  void AddFar(size_t first, size_t places);

  const BpeModel& model_;
  const MatchKernels& kernels_;
  MatchBuffer& buffer_;
  const std::string_view text_;
  size_t base_ = 0;   // the place of the buffer's first row
  size_t begin_ = 0;  // the buffer has the rows of [begin_, end_)
  size_t end_ = 0;
  size_t far_end_ = 0;  // up to there all is far
  size_t next_ = 0;     // where to decide anew
  size_t decided_at_ = 0;
  size_t decided_tokens_ = 0;
  // Invariants: base_ <= begin_ <= end_ <= base_ + MatchBuffer::kPlaces
};

}  // namespace peaktext

// Byte-pair encoding merges, as long as any two neighbours can merge, the pair
// of the lowest priority, the leftmost of equals. Doing so literally costs a
// search per merge. This file prepares a shorter way.
//
// 1. Merges cross a boundary or they do not. Cut a text into tokens t1 ... tn
//    that merging turns into themselves, such that merging the bytes of any two
//    neighbours t(i) t(i+1) alone leaves these two ("a valid pair"). Then
//    merging the whole text gives t1 ... tn. Proof: look at the first merge of
//    the whole that crosses one of the boundaries, say between t(i) and t(i+1).
//    Until then the merges inside these two happened in the order in which they
//    happen when the two are alone: the whole always takes the best pair of
//    all, so of those it takes inside the two each was the best of theirs, and
//    left to right is the same for both. So the crossing merge would also
//    happen when the two are alone, against what was assumed. The reverse holds
//    by the same argument, so there is exactly one such sequence. (The idea of
//    counting by valid pairs: rust-gems, "So many tokens, so little time",
//    GitHub 2024.)
//
// 2. Whether a pair is valid is found by undoing. What touches the boundary at
//    any moment, x on its left and y on its right, follows from the tokens'
//    last merges: going back, undo of the two that which was made later, until
//    both are symbols. The pair crosses if at one of these moments (x, y)
//    merges, with priority q, before x is used up by E on its left and before y
//    is used up by F on its right.
//
// 3. When? Call the highest priority in the making of a token its time. Merging
//    always takes the lowest priority there is, so a merge of priority p that
//    needs tokens of higher times happens right after these: things happen in
//    the order of max(p, times of what is merged). Where that is equal, to M,
//    it is the same merge M in several places, left before right, each followed
//    at once by the lower ones that it makes possible, in their order. So:
//    - time(x) = time(y): y was made later.
//    - The crossing is as late as E: E comes first, unless x is what was made
//      at M while y was there before, and q is lower than E's priority.
//    - The crossing is as late as F: it comes first, unless y is what was made
//      at M, what F joins it with was there before, and F's priority is lower.
//    In most vocabularies a token's own priority is its time ("rising"); then
//    the rules are just "q is lower than E's, and not higher than F's".
//    Not so in Llama 3 and Gemma 3, whose merges were listed after the fact.
//
// 4. A token is reachable if it can be cut in two reachable tokens that do not
//    cross before they merge as wholes. Shorter tokens are derived first. Those
//    that are left over are merged literally to make sure.
//
// 5. Mostly the undoing is not needed (PairLimits). Say that token X lies
//    across the boundary: x, the left one's last bytes, and y, the right
//    one's first. It merges if x and y are there at the same time, before E
//    uses up x and F uses up y: if X comes before E and not after F, and so do
//    x and y. Those come before X in nearly all tokens. Then X alone need be
//    compared with two limits, E and F, which do not depend on X; where x or y
//    may come later, or are not what X is merged from, X is marked as in doubt,
//    and what it means is looked at one by one (MatchRows::MeaningOfHits).
//    E and F may be one of several ways to make their token, as listed merges
//    are where somebody wrote down all ways of each (Llama 3, gpt-oss, tekken):
//    if those lie together in the list, with no other token's between them, it
//    is the same for X which of them it is, unless X is that token itself. So
//    one with several ways that can overlap itself is in doubt, too. Where they
//    do not, and where E or F is not as late as what it makes, the token is
//    odd, and a pair with it is undone.
//    Which X there are is known for all places from finding the tokens to
//    choose from. Limits are kept for parts of up to eight bytes: an X that has
//    a longer one has ten or more. Where such a token lies across the boundary
//    a pair with a part of more than eight bytes is undone, as in 2.
//
// 6. Nothing can stand behind a token if an X with one byte behind the token
//    merges whatever stands there. A token takes its first byte no earlier than
//    the lowest of the tokens that start there is merged; so if X is not above
//    that, and below its limit to the left, the token need not be tried. This
//    holds where merges do not rise, too, as long as X itself is not in doubt:
//    its parts are there before its own turn comes, and E's and F's come later.
//    (There is always a shorter one to try: X starts within the token.)
//    The lowest need not be the one of two bytes if that never comes to be: if
//    its second byte merges with a third before. It does if these two are a
//    token, not in doubt, that is below all others that take the second byte
//    from its left, and not above any that begins with the third.
//
// With ranks (tiktoken) each way of cutting a token in two tokens is a pair
// with the token's rank as priority; with merges (Hugging Face) pairs are
// listed.
//
// 7. But a token merges from one pair only, that of its last merge when it is
//    alone: as long as nothing crosses its ends the merges within it happen as
//    they do then (1). Others that make the same bytes never meet. So one pair
//    per token is enough (MergeTable), for undoing, as in 2, and for merging
//    literally, which is how short pretokens are counted, many side by side
//    (simd/merge_kernels.h): a merge is two look-ups then.
#include "tokenize/bpe_model.h"

#include <algorithm>

namespace peaktext {

uint64_t BpeModel::memory_bytes() const {
  return tokens_.bytes() + trie_.memory_bytes() + prefixes_.bytes() +
         limits_.bytes() + splits_.bytes() + merges_.memory_bytes() +
         pairs_.bytes() + pair_filter_.bytes();
}

uint32_t BpeModel::PriorityOf(uint32_t left, uint32_t right) const {
  if (!merges_.empty()) {
    const uint32_t merged = merges_.Find(left, right);
    return merged == MergeTable::kNoToken ? kNone : tokens_[merged].priority;
  }
  const uint64_t bits = PairBits(left, right);
  const uint64_t hash = bits * kMultiplier;
  const uint64_t bit = hash >> (64 - kFilterBits);
  if ((pair_filter_[bit >> 6] >> (bit & 63) & 1) == 0) return kNone;
  for (uint64_t at = PairSlot(hash, pairs_.size()); pairs_[at] != 0;
       at = at + 1 < pairs_.size() ? at + 1 : 0) {
    const uint64_t priority = pairs_[at] - 1 - bits;
    if (priority >> kPriorityBits == 0) return static_cast<uint32_t>(priority);
  }
  return kNone;
}

bool BpeModel::IsValidRising(uint32_t left, uint32_t right) const {
  uint32_t limit = kNone;
  for (;;) {
    if (PriorityOf(left, right) < limit) return false;
    const Token& left_token = tokens_[left];
    const Token& right_token = tokens_[right];
    if (left_token.time > right_token.time) {
      limit = left_token.priority;
      left = left_token.right;
    } else {
      if (right_token.time == 0) return true;
      limit = right_token.priority + 1;
      right = right_token.left;
    }
  }
}

// Whether a merge across the boundary comes first; with `allow_whole` one of
// the two as wholes does not count.
bool BpeModel::Crosses(uint32_t left, uint32_t right, bool allow_whole) const {
  Use left_use;
  Use right_use;
  for (;; allow_whole = false) {
    const Token& x = tokens_[left];
    const Token& y = tokens_[right];
    const uint32_t q = allow_whole ? kNone : PriorityOf(left, right);
    if (q != kNone) {
      const uint32_t time = std::max({q + 1, x.time, y.time});
      const bool before_left =
          time < left_use.time || (time == left_use.time && x.time == time &&
                                   y.time < time && q < left_use.priority);
      const bool before_right =
          time < right_use.time ||
          (time == right_use.time &&
           !(y.time == time && right_use.other_time < time &&
             q > right_use.priority));
      if (before_left && before_right) return true;
    }
    if (x.time > y.time) {
      left_use = {x.time, x.priority, tokens_[x.left].time};
      left = x.right;
    } else {
      if (y.time == 0) return false;
      right_use = {y.time, y.priority, tokens_[y.right].time};
      right = y.left;
    }
  }
}

}  // namespace peaktext

// What the match kernels of the instruction sets share. Each includes this
// once, in a namespace of its own, with PEAKTEXT_TARGET, the functions'
// attributes, defined. How a pair of even tokens is judged is its own, a class
// with
//
//   explicit Judge(const ShortSteps& steps);
//   void SetLeft(TokenMatch last);   // the token before the boundary
//   Verdict Of(TokenMatch next, size_t place);
//   // The same of tokens of up to four bytes, the left one's limits ready.
//   // None of six bytes or more lies across the place if not `some_long`.
//   static Lefts LeftOf(const PairLimits& left);
//   static Verdict OfNear(const MatchBuffer& buffer, size_t place,
//                         bool some_long, const Lefts& left,
//                         const PairLimits& right);
//
// No include guard: see above.

enum class Verdict { kFits, kHits, kDoubt };

inline TokenMatch Shorter(const ShortSteps& steps, size_t place,
                          TokenMatch match) {
  const char first = steps.text[steps.base + place];
  return steps.buffer->Shorter(
      place, steps.ones[static_cast<unsigned char>(first)], match);
}

template <bool kSomeOdd>
bool IsOdd(const ShortSteps& steps, TokenMatch token) {
  return kSomeOdd && (steps.odd[token.id] & ShortSteps::kOdd) != 0;
}

// As far as tokens have up to four bytes, and none is in doubt. Apart from what
// else may come, so that all of it is in registers. True if `next` is then the
// longest of its place. REQUIRES: the path's last token has up to four bytes
// and is even.
template <class Judge, bool kSomeOdd>
PEAKTEXT_TARGET [[gnu::noinline]] bool StepOn(ShortSteps* steps) {
  const MatchBuffer& buffer = *steps->buffer;
  const TokenLimits* const limits = steps->limits;
  const size_t base = steps->base;
  const size_t end = steps->end - base;
  const size_t short_from = buffer.long_end + 4;
  const TokenMatch* const begin = steps->path + steps->begin;
  size_t place = steps->at - base;
  TokenMatch* last = steps->path + steps->length - 1;
  TokenMatch next = steps->next;
  auto left = Judge::LeftOf(limits[last->id].near);
  bool is_longest = false;
  while (next.bytes <= 4) {
    if (next.bytes == 0) [[unlikely]] {
      if (is_longest || last < begin) break;
      steps->MarkDead(base + place);
      const TokenMatch taken = *last--;
      place -= taken.bytes;
      // Longer ones than what was taken did not fit.
      next = Shorter(*steps, place, taken);
      if (last->bytes > 4 || IsOdd<kSomeOdd>(*steps, *last)) break;
      left = Judge::LeftOf(limits[last->id].near);
      continue;
    }
    if (IsOdd<kSomeOdd>(*steps, next)) break;
    const PairLimits& right = limits[next.id].near;
    const Verdict verdict =
        Judge::OfNear(buffer, place, place < short_from, left, right);
    if (verdict == Verdict::kDoubt) break;
    const size_t after = base + place + next.bytes;
    if (verdict == Verdict::kHits || steps->IsDead(after)) {
      next = Shorter(*steps, place, next);
      is_longest = false;
      continue;
    }
    *++last = next;
    place += next.bytes;
    left = Judge::LeftOf(right);
    is_longest = true;
    if (place >= end) break;
    next = buffer.Longest(place);
  }
  steps->at = base + place;
  steps->length = static_cast<size_t>(last - steps->path) + 1;
  steps->next = next;
  return is_longest;
}

template <class Judge, bool kSomeOdd>
PEAKTEXT_TARGET StepsEnd StepAmong(ShortSteps* steps) {
  const ShortSteps& s = *steps;
  // Or there is none.
  const auto is_long = [](TokenMatch token) {
    return token.bytes - 1 >= MatchBuffer::kMostBytes;
  };
  size_t at = s.at;
  size_t length = s.length;
  TokenMatch next = s.next;
  Judge judge(s);
  judge.SetLeft(s.path[length - 1]);
  bool arrived = true;  // at a new place
  const auto leave = [&](StepsEnd end) {
    steps->at = at;
    steps->length = length;
    steps->next = next;
    return end;
  };
  for (;;) {
    const TokenMatch last = s.path[length - 1];
    if (arrived && next.bytes <= 4 && last.bytes <= 4 &&
        !IsOdd<kSomeOdd>(s, last)) {
      leave(StepsEnd::kAtEnd);
      const bool is_longest = StepOn<Judge, kSomeOdd>(steps);
      at = s.at;
      length = s.length;
      next = s.next;
      if (at >= s.end) return StepsEnd::kAtEnd;
      if (is_longest && is_long(next)) return StepsEnd::kLong;
      judge.SetLeft(s.path[length - 1]);
    }
    arrived = false;
    if (next.bytes == 0) {
      steps->MarkDead(at);
      const TokenMatch taken = s.path[--length];
      at -= taken.bytes;
      // What was taken earlier may not have been the longest that fits.
      if (length < s.begin) return leave(StepsEnd::kBack);
      judge.SetLeft(s.path[length - 1]);
      // Longer ones than what was taken did not fit.
      next = Shorter(s, at - s.base, taken);
      continue;
    }
    if (s.IsDead(at + next.bytes)) {
      next = Shorter(s, at - s.base, next);
      continue;
    }
    const bool in_doubt =
        IsOdd<kSomeOdd>(s, next) || IsOdd<kSomeOdd>(s, s.path[length - 1]);
    const Verdict verdict =
        in_doubt ? Verdict::kDoubt : judge.Of(next, at - s.base);
    if (verdict == Verdict::kFits) [[likely]] {
      s.path[length++] = next;
      at += next.bytes;
      if (at >= s.end) return leave(StepsEnd::kAtEnd);
      judge.SetLeft(next);
      next = s.buffer->Longest(at - s.base);
      if (is_long(next)) return leave(StepsEnd::kLong);
      arrived = true;
      continue;
    }
    if (verdict == Verdict::kDoubt) return leave(StepsEnd::kDoubt);
    next = Shorter(s, at - s.base, next);
  }
}

template <class Judge>
PEAKTEXT_TARGET StepsEnd Step(ShortSteps* steps) {
  return steps->odd == nullptr ? StepAmong<Judge, false>(steps)
                               : StepAmong<Judge, true>(steps);
}

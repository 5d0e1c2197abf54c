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
//   // For AsJudged: whether a token that is not in doubt and of no higher mark
//   // than `most` lies across `place`, one byte of it behind, within these
//   // limits.
//   static bool TakesNext(const PairLimits& left, const MatchBuffer& buffer,
//                         size_t place, int32_t most);
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
  const PairLimits* const limits = steps->near_limits;
  const size_t base = steps->base;
  const size_t end = steps->end - base;
  const size_t short_from = buffer.long_end + 4;
  const TokenMatch* const begin = steps->path + steps->begin;
  size_t place = steps->at - base;
  TokenMatch* last = steps->path + steps->length - 1;
  TokenMatch next = steps->next;
  auto left = Judge::LeftOf(limits[last->id]);
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
      left = Judge::LeftOf(limits[last->id]);
      continue;
    }
    if (IsOdd<kSomeOdd>(*steps, next)) break;
    const PairLimits& right = limits[next.id];
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

// Asks for each pair anew.
template <class Judge>
class AsJudged {
 public:
  AsJudged(const MatchBuffer& buffer, size_t, size_t) : buffer_(buffer) {}
  PEAKTEXT_TARGET bool Take(const PairLimits& left, size_t place) const {
    return Judge::TakesNext(left, buffer_, place, buffer_.lowest[place] | 1);
  }

 private:
  const MatchBuffer& buffer_;
};

// Bits of the bytes, at most 64, that no character goes on with.
inline uint64_t Leads(const char* text, size_t bytes) {
  constexpr uint64_t kTops = 0x8080808080808080;
  uint64_t leads = 0;
  for (size_t at = 0; at < bytes; at += 8) {
    uint64_t eight = kTops;
    if (bytes - at >= sizeof(eight)) {
      std::memcpy(&eight, text + at, sizeof(eight));
    } else {
      std::memcpy(&eight, text + at, bytes - at);
    }
    const uint64_t tops = (~eight | eight << 1) & kTops;
    leads |= ((tops >> 7) * 0x0102040810204080 >> 56) << at;
  }
  return leads;
}

// `Takers`, made of the `places` from `first` on, knows the tokens that lie
// across a place, one byte of them behind, are not in doubt, and merge before
// any other that begins there:
//
//   Takers(const MatchBuffer& buffer, size_t first, size_t places);
//   // Whether there is one within these limits.
//   bool Take(const PairLimits& left, size_t place) const;
template <class Takers>
PEAKTEXT_TARGET void Foresee(const PairLimits* near_limits, const char* text,
                             size_t first, size_t places, MatchBuffer* buffer) {
  // The processor itself sees only a few places ahead.
  constexpr size_t kAhead = 32;
  const size_t end = first + places;
  const Takers takers(*buffer, first, places);
  for (size_t at = first; at < end; at += 64) {
    uint64_t leads = Leads(text + (at - first), std::min<size_t>(end - at, 64));
    for (; leads != 0; leads &= leads - 1) {
      const size_t place = at + static_cast<size_t>(std::countr_zero(leads));
      const uint64_t ahead = buffer->longest[std::min(place + kAhead, end)];
      __builtin_prefetch(near_limits + (static_cast<uint32_t>(ahead) >> 1));
      const uint64_t longest = buffer->longest[place];
      const size_t after = place + (longest >> 32);
      if (after == place || after >= end) continue;
      const PairLimits& left = near_limits[static_cast<uint32_t>(longest) >> 1];
      const bool taken = takers.Take(left, after);
      // No branch, as nobody can guess.
      const uint64_t differ = (longest ^ buffer->second[place]) &
                              (uint64_t{0} - static_cast<uint64_t>(taken));
      buffer->longest[place] = longest ^ differ;
    }
  }
}

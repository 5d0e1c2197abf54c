// What the boundary kernels share (boundary_kernels.h says what they find):
// each lane is a block of up to 64 bytes. One copy of the code for each set of
// rules, so that what a pattern does not have costs nothing.
//
// Lanes. What a block must know of the one before it is a bit that goes from
// the end of a lane to the start of the next. Where that bit depends on what
// enters its own lane (a run that is reached from the block before), it is
// sent on until nothing changes, which is at once nearly always. What is rare,
// or must look at bytes, is done lane by lane.
//
// Each kernel includes this once, in a namespace of its own, with
// PEAKTEXT_TARGET, the functions' attributes, defined, and these:
//
//   typedef uint64_t Words __attribute__((vector_size(...)));  // or uint64_t
//   constexpr size_t kLanes;              // so many, at most kMostAtOnce
//   Words Load(const uint64_t*);          // unaligned, as Store
//   void Store(uint64_t*, Words);
//   Words All(uint64_t);
//   unsigned Lanes(Words);                // bits: those that are not 0
//   Words InLast(uint64_t);               // of the last lane; the others are 0
//   Words Up(Words, Words before);        // each lane's to the next one, the
//                                         // last of `before` to the first
//   Words IsZero(Words);                  // all bits of a lane, or none
//
// No include guard: see above.

using boundary_lanes::BitAt;
using boundary_lanes::Boundaries;

// Runs that are entered, from there on; and what lies behind such a byte.
struct Reached {
  Words bytes;
  Words behind;
};

// Blocks of some lanes; those beyond the last are empty.
template <BoundaryRules kRules>
class BlockGroup {
 public:
  // `last` is of the lanes before; the number these end with has `digits`.
  PEAKTEXT_TARGET
  [[gnu::always_inline]] BlockGroup(const char* text, const ClassMasks& masks,
                                    size_t first, uint64_t digits, Words* last,
                                    FoundBoundaries* found)
      : masks_(masks),
        first_(first),
        digits_(digits),
        last_(last),
        starts_of_(found->starts + first),
        end_((Load(masks.size + first) - 1) & All(63)),
        upper_(Load(masks.upper + first)),
        lower_(Load(masks.lower + first)),
        both_(Load(masks.both + first)),
        number_(Load(masks.number + first)),
        blank_(Load(masks.blank + first)),
        newline_(Load(masks.newline + first)),
        punct_(Load(masks.punct + first)),
        mark_(Load(masks.mark + first)),
        space_(Load(masks.space + first)),
        high_(Load(masks.high + first)),
        continuation_(Load(masks.continuation + first)),
        letter_(kRules.deepseek ? lower_ : upper_ | lower_ | both_) {
    if constexpr (!kRules.cased && !kRules.deepseek && !kRules.marks) {
      // Classes that may be a finer pattern's: marks are signs here.
      letter_ &= ~mark_;
      punct_ |= mark_;
    }
    for (size_t lane = 0; lane < kLanes; ++lane) {
      text_of_[lane] = text;
      text += masks.size[first + lane];
    }
  }

  // Writes down where pretokens start. Returns the lanes that are unsure.
  PEAKTEXT_TARGET [[gnu::always_inline]] unsigned Find() {
    if constexpr (kRules.gpt2) {
      SpacedRuns();
    } else {
      WordsAndSigns();
      Newlines();
      Numbers();
    }
    const Words end = All(1) << end_;
    Store(starts_of_, starts_ & (end | (end - 1)));
    Store(unsure_of_, unsure_);
    unsure_lanes_ = Lanes(unsure_);
    FindByLane();
    if constexpr (kRules.cased) UppersAfterBoth();
    return unsure_lanes_;
  }

  // REQUIRES: Find().
  uint64_t unsure(size_t lane) const { return unsure_of_[lane]; }
  const char* text(size_t lane) const { return text_of_[lane]; }
  PEAKTEXT_TARGET bool has_high() const { return Lanes(high_) != 0; }
  // Of the number that the lane ends with, if any, since its last boundary.
  uint64_t Digits(size_t lane) const {
    const size_t block = first_ + lane;
    const bool is_number =
        (masks_.number[block] >> ((masks_.size[block] - 1) % 64) & 1) != 0;
    if (kRules.digits != 3 || !is_number) return 0;
    return boundary_lanes::DigitsAtEnd(masks_, block, starts_of_[lane],
                                       lane == 0 ? digits_ : Digits(lane - 1));
  }

 private:
  using State = BoundaryState;

  // Where the byte before has the property.
  PEAKTEXT_TARGET [[gnu::always_inline]] Words Before(Words mask,
                                                      State::Last property) {
    const Words last = mask >> end_;
    const Words carried = Up(last, last_[property]);
    last_[property] = last;
    return mask << 1 | carried;
  }
  // Of runs of bytes with a property those that `firsts` are the first bytes
  // of, or the last one of the block before is one of. Adding the first of a
  // run of ones to it clears the run.
  PEAKTEXT_TARGET [[gnu::always_inline]] Reached Reach(Words runs, Words firsts,
                                                       State::Last property) {
    Words carried = Up(Words{}, last_[property]);
    for (;;) {
      const Words bytes = runs & ~(runs + (runs & (firsts | carried)));
      const Words last = bytes >> end_;
      const Words enter = Up(last, last_[property]);
      if (Lanes(runs & enter & ~carried) == 0) {
        last_[property] = last;
        return {bytes, bytes << 1 | enter};
      }
      carried = enter;
    }
  }

  // What the last blank before it is left to, of the blocks from `block` on.
  PEAKTEXT_TARGET [[gnu::always_inline]] Words Solid(size_t block) const {
    const Words some = Load(masks_.lower + block) | Load(masks_.punct + block) |
                       Load(masks_.upper + block);
    return kRules.deepseek
               ? some
               : some | Load(masks_.both + block) | Load(masks_.number + block);
  }
  // From the last bytes of blanks to their first.
  PEAKTEXT_TARGET [[gnu::always_inline]] Words FirstBytes(Words last) const {
    if (Lanes(last & continuation_) == 0) return last;
    Words first = last & ~continuation_;
    Words left = last & continuation_;
    for (int i = 0; i < 3; ++i) {
      left >>= 1;
      first |= left & ~continuation_;
      left &= continuation_;
    }
    return first;
  }
  // Where the byte after has a property; `next`: that of the lanes after.
  PEAKTEXT_TARGET [[gnu::always_inline]] Words After(Words mask,
                                                     Words next) const {
    return mask >> 1 | (next & 1) << end_;
  }
  // The first bytes of blanks that stand before such; `next`: those of the
  // lanes after.
  PEAKTEXT_TARGET [[gnu::always_inline]] Words LeftBlanks(Words blanks,
                                                          Words next) const {
    return FirstBytes(blanks & After(Solid(first_), next));
  }

  // ` ?X+` for letters, numbers and signs, and white space between them.
  PEAKTEXT_TARGET [[gnu::always_inline]] void SpacedRuns() {
    const Words after_space = Before(space_, State::kSpace);
    const Words white = blank_ | newline_;
    const Words run_starts = (letter_ & ~Before(letter_, State::kLetter)) |
                             (number_ & ~Before(number_, State::kNumber)) |
                             (punct_ & ~Before(punct_, State::kPunct));
    starts_ |= run_starts & ~after_space;
    starts_ |= white & ~Before(white, State::kWhite);
    starts_ |= LeftBlanks(white, Solid(first_ + 1));
    apostrophes_ = Apostrophes() & run_starts & ~after_space;
  }

  PEAKTEXT_TARGET [[gnu::always_inline]] Words Apostrophes() const {
    return Load(masks_.apostrophe + first_);
  }

  PEAKTEXT_TARGET [[gnu::always_inline]] void WordsAndSigns() {
    after_punct_ = Before(punct_, State::kPunct);
    const Words after_space = Before(space_, State::kSpace);
    const Words first_punct = punct_ & ~after_punct_ & ~after_space;
    starts_ |= first_punct;

    // Signs that cannot be a word's prefix.
    Words bound = punct_ & ~continuation_ & (after_punct_ | after_space);
    const Words rest = punct_ & continuation_;
    if (Lanes(rest) != 0) {
      for (int i = 0; i < 3; ++i) bound |= bound << 1 & rest;
    }
    if constexpr (kRules.deepseek) bound |= punct_ & high_;
    const Words after_bound = Before(bound, State::kBoundPunct);
    const Words after_letter = Before(letter_, State::kLetter);
    const Words first_letter = letter_ & ~after_letter;
    const Words after_blank = Before(blank_, State::kBlank);
    const Words after_prefix_sign = after_punct_ & ~after_bound;
    if constexpr (kRules.deepseek) {
      return ApartWords(first_letter & ~after_blank, after_prefix_sign);
    }
    starts_ |= first_letter & ~after_blank & ~after_prefix_sign;
    if constexpr (kRules.contractions == BoundaryRules::kJoined) {
      apostrophes_ = Apostrophes() & after_letter;
    } else {
      apostrophes_ = Apostrophes() & first_punct;
    }
    if constexpr (kRules.cased) {
      after_lower_ = Before(lower_, State::kLower);
      starts_ |= upper_ & after_lower_;
      unsure_ |= mark_ & after_bound;
    }
  }

  // Words that begin with these letters unless something is their prefix; CJK
  // characters; odd ones.
  PEAKTEXT_TARGET [[gnu::always_inline]] void ApartWords(
      Words first, Words after_prefix_sign) {
    const Words ascii = letter_ & ~high_;
    const Words in_sign_words = first & after_prefix_sign & ascii;
    const Words after_odd = Before(upper_, State::kOdd);
    starts_ |= first & ~in_sign_words & ~after_odd;
    starts_ |= upper_ & ~after_odd;
    starts_ |=
        FirstBytes(upper_ & After(letter_, Load(masks_.lower + first_ + 1)));
    starts_ |= both_ & ~Before(both_, State::kBoth);
    unsure_ |= mark_ & ~continuation_;
    // A word with a sign before it ends where ASCII does.
    starts_ |=
        Reach(ascii, in_sign_words, State::kSignWord).behind & ~ascii & letter_;
  }

  PEAKTEXT_TARGET [[gnu::always_inline]] void Newlines() {
    const Reached taken = Reach(newline_, after_punct_, State::kTakenNewline);
    const Words free = newline_ & ~taken.bytes;
    const Words white = blank_ | free;
    starts_ |= white & ~Before(white, State::kWhite);
    const Words solid_after = Solid(first_ + 1);
    starts_ |= LeftBlanks(blank_, solid_after);

    // Blanks after newlines. Adding their first ones clears these runs, and
    // sets what follows them.
    const Words runs = blank_ & Before(free, State::kFreeNewline);
    const Words sum = runs + blank_;
    const Words leaving = blank_ & ~sum & All(1) << end_;
    const Words blank_after = Load(masks_.blank + first_ + 1);
    const Words followed = (blank_after + 1) & ~blank_after & solid_after;
    const Words doubtful = (sum & newline_) | (leaving & IsZero(followed));
    starts_ |= runs & IsZero(doubtful);
    blank_lanes_ = Lanes(doubtful);
    if (blank_lanes_ != 0) Store(blank_runs_, runs);

    if constexpr (kRules.cased) slashes_ = punct_ & taken.behind;
  }

  PEAKTEXT_TARGET [[gnu::always_inline]] void Numbers() {
    if constexpr (kRules.digits == 1) {
      starts_ |= number_ & ~continuation_;
      return;
    }
    const Words wide = number_ & high_;
    const Words carried = Before(number_, State::kNumber) & ~(number_ << 1);
    number_lanes_ = Lanes(wide | (number_ & carried));
    Words n = number_;
    if (number_lanes_ != 0) n &= IsZero(wide);
    Words seeds = n & ~(n << 1 | carried);
    const Words third = n & n << 1 & n << 2;
    // Most runs are short: what does not branch is not guessed wrongly.
    const Words second = seeds << 3 & third;
    starts_ |= seeds | second;
    seeds = second << 3 & third;
    for (; Lanes(seeds) != 0; seeds = seeds << 3 & third) starts_ |= seeds;
  }

  // What is rare, or must look at bytes. As nobody asks what is behind the
  // first unsure place, some of it ends there.
  PEAKTEXT_TARGET [[gnu::always_inline]] void FindByLane() {
    for (unsigned left = blank_lanes_; left != 0; left &= left - 1) {
      const size_t lane = FirstLane(left);
      Add(lane, boundary_lanes::BlankStarts(masks_, first_ + lane,
                                            blank_runs_[lane]));
    }
    for (unsigned left = number_lanes_; left != 0; left &= left - 1) {
      const size_t lane = FirstLane(left);
      const uint64_t before = lane == 0 ? digits_ : Digits(lane - 1);
      starts_of_[lane] |=
          boundary_lanes::NumberStarts(masks_, first_ + lane, before);
    }
    if constexpr (kRules.cased) Slashes();
    if constexpr (kRules.contractions != BoundaryRules::kNone) Contractions();
    if constexpr (kRules.deepseek) {
      for (size_t lane = 0; lane < kLanes; ++lane) {
        if (masks_.size[first_ + lane] == 0) break;
        const uint64_t signs =
            masks_.punct[first_ + lane] & ~masks_.high[first_ + lane];
        AddUnsure(lane,
                  boundary_lanes::ControlCharacters(text_of_[lane], signs));
      }
    }
  }

  PEAKTEXT_TARGET [[gnu::always_inline]] void Slashes() {
    if (Lanes(slashes_) == 0) return;
    uint64_t signs[kLanes];
    Store(signs, slashes_);
    for (size_t lane = 0; lane < kLanes; ++lane) {
      for (uint64_t left = signs[lane]; left != 0; left &= left - 1) {
        const auto at = static_cast<unsigned>(std::countr_zero(left));
        if (text_of_[lane][at] == '/') return AddUnsure(lane, BitAt(at));
      }
    }
  }

  PEAKTEXT_TARGET [[gnu::always_inline]] void Contractions() {
    constexpr bool kAnyCase = kRules.contractions != BoundaryRules::kApartLower;
    constexpr bool kJoined = kRules.contractions == BoundaryRules::kJoined;
    unsigned lanes = Lanes(apostrophes_);
    if (lanes == 0) return;
    uint64_t left[kLanes];
    Store(left, apostrophes_);
    size_t last_end = 0;  // of a contraction, 64 bytes for each lane
    while (lanes != 0) {
      const size_t lane = FirstLane(lanes);
      const auto at = static_cast<unsigned>(std::countr_zero(left[lane]));
      left[lane] &= left[lane] - 1;
      lanes = left[lane] == 0 ? lanes & (lanes - 1) : lanes;
      const unsigned bytes =
          boundary_lanes::ContractionBytes(text_of_[lane] + at, kAnyCase);
      const bool cut = boundary_lanes::CutContraction(
          at, bytes, masks_.size[first_ + lane], &starts_of_[lane]);
      bool doubtful = bytes != 0 && !cut;
      if constexpr (kJoined) {
        const size_t place = 64 * lane + at;
        doubtful |= bytes != 0 && place == last_end && at != 0;
        last_end = bytes != 0 ? place + bytes : last_end;
        starts_of_[lane] &= ~(uint64_t{bytes != 0} << at);
      }
      if (doubtful) return AddUnsure(lane, BitAt(at));
    }
  }

  // Where upper case letters follow ones without case. REQUIRES: starts_of_ has
  // the ends of contractions.
  PEAKTEXT_TARGET [[gnu::always_inline]] void UppersAfterBoth() {
    const Words after_both = Before(both_, State::kBoth);
    if (Lanes(both_ | after_both) == 0) {
      last_[State::kLateBoth] = Words{};
      return;
    }
    // Those after a lower case letter of the same word.
    const Words starts = Load(starts_of_);
    const Reached late = Reach(both_, after_lower_ & ~starts, State::kLateBoth);
    const Words uppers = upper_ & after_both;
    if (Lanes(uppers) == 0) return;
    Store(starts_of_, starts | (uppers & late.behind));
    uint64_t firsts[kLanes];
    Store(firsts, uppers & ~late.behind);
    for (size_t lane = 0; lane < kLanes; ++lane) {
      Add(lane, boundary_lanes::CutUppers(masks_, first_ + lane, firsts[lane]));
    }
  }

  static size_t FirstLane(unsigned lanes) {
    return static_cast<size_t>(std::countr_zero(lanes));
  }
  void Add(size_t lane, const Boundaries& found) {
    starts_of_[lane] |= found.starts;
    AddUnsure(lane, found.unsure);
  }
  void AddUnsure(size_t lane, uint64_t places) {
    unsure_of_[lane] |= places;
    unsure_lanes_ |= static_cast<unsigned>(places != 0) << lane;
  }

  const ClassMasks& masks_;
  const size_t first_;
  const uint64_t digits_;
  Words* const last_;
  // By lane, once they are written down.
  uint64_t* const starts_of_;
  uint64_t unsure_of_[kLanes];
  unsigned unsure_lanes_ = 0;
  const char* text_of_[kLanes];

  const Words end_;  // the place of the last byte
  const Words upper_, lower_, both_, number_, blank_, newline_;
  Words punct_;
  const Words mark_, space_, high_, continuation_;
  Words letter_;
  Words starts_ = {};
  Words unsure_ = {};
  Words after_punct_ = {};
  Words after_lower_ = {};
  Words apostrophes_ = {};  // that contractions may start with
  Words slashes_ = {};      // signs after a newline that a sign has taken
  // Of blanks after a newline that may end with one; of numbers.
  unsigned blank_lanes_ = 0;
  uint64_t blank_runs_[kLanes];
  unsigned number_lanes_ = 0;
};

template <BoundaryRules kRules>
PEAKTEXT_TARGET size_t Find(const char* text, const ClassMasks& masks,
                            size_t first, size_t end, BoundaryState* state,
                            FoundBoundaries* found) {
  Words last[BoundaryState::kProperties];
  for (size_t i = 0; i < BoundaryState::kProperties; ++i) {
    last[i] = InLast(state->last[i]);
  }
  found->unsure = 0;
  found->has_high = false;
  for (;;) {
    BlockGroup<kRules> group(text, masks, first, state->digits, last, found);
    const size_t count = std::min(kLanes, end - first);
    const unsigned unsure = group.Find() & ((1U << count) - 1);
    found->has_high |= group.has_high();
    if (unsure != 0) {
      const auto lane = static_cast<size_t>(std::countr_zero(unsure));
      found->unsure = group.unsure(lane);
      return first + lane;
    }
    first += count;
    text = group.text(count - 1) + masks.size[first - 1];
    state->digits = group.Digits(count - 1);
    if (first < end) continue;
    uint64_t lanes[kLanes];
    for (size_t i = 0; i < BoundaryState::kProperties; ++i) {
      Store(lanes, last[i]);
      state->last[i] = lanes[count - 1];
    }
    return end;
  }
}

inline BoundaryFunction* FunctionFor(BoundarySet set) {
  switch (set) {
    case BoundarySet::kGpt2:
      return Find<RulesOf(BoundarySet::kGpt2)>;
    case BoundarySet::kCl100k:
      return Find<RulesOf(BoundarySet::kCl100k)>;
    case BoundarySet::kQwen2:
      return Find<RulesOf(BoundarySet::kQwen2)>;
    case BoundarySet::kQwen35:
      return Find<RulesOf(BoundarySet::kQwen35)>;
    case BoundarySet::kO200k:
      return Find<RulesOf(BoundarySet::kO200k)>;
    case BoundarySet::kTekken:
      return Find<RulesOf(BoundarySet::kTekken)>;
    case BoundarySet::kDeepSeek:
      return Find<RulesOf(BoundarySet::kDeepSeek)>;
  }
  return nullptr;
}

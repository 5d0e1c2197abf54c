// Where pretokens start within 64 bytes, from masks of character classes alone.
//
//   BoundaryState state;                       // the text starts here
//   Boundaries found = FindBoundaries<kRules>(block, &state);
//
// In a mask, bit i stands for byte i. One copy of the code for each set of
// rules, so that what a pattern does not have costs nothing.
//
// The patterns' alternatives, turned round: not "where does the pretoken that
// starts here end" but "does one start here", from the characters around.
//
// Words. A letter after a letter goes on; in cased patterns not an upper case
// one after a lower case one. There, a letter without case (`both`) goes on
// with what is before it. Of upper case ones behind such ones the first starts
// a pretoken if a lower case one is before these; else only if no other letter
// follows: as many as are not lower case are taken first, but the last must not
// be upper case.
//   A letter after a blank (white space other than a newline) takes it as its
// prefix: the boundary is at the blank. One after a sign takes that as its
// prefix if the sign opens a pretoken, that is when the sign is the first of
// its run and no space before it belongs to it (`bound_punct` are the others).
//
// Numbers. A boundary at the first and, with {1,3}, at every third digit.
//
// Signs. The first of a run starts a pretoken, or the space before it does.
// Newlines right after it are taken.
//
// White space that is not taken. Up to the last newline of a run it is one
// pretoken (\s*[\r\n]+); so a blank after a newline starts one only if no
// newline follows before the run ends. Of the blanks before something else the
// last starts one (\s+(?!\S) leaves it), whether or not it is then a prefix.
// At the end of the text nothing is left (the class masks there are empty).
//
// Unsure: a contraction or a run of blanks that leaves the block, contractions
// with the long s or right after one another, a mark right after a sign that is
// bound (a word or more of the signs?), upper case letters after one without
// case that reach beyond the next block, a slash after newlines that a sign has
// taken.
//
// kDeepSeekV3 first cuts out numbers and runs of CJK characters (`both` there),
// and nothing else looks across their ends: blanks before them are one
// pretoken. A sign is a prefix of ASCII letters only, and the word then ends
// with these; signs beyond ASCII are none, as if they were bound. What is
// neither a letter, mark, number, sign nor blank (`upper`) is a prefix of a
// word, or a pretoken together with others of its kind that are none. Unsure
// are control characters and the CJK ones that are no letters (`mark`).
//
// As no alternative looks back, a text may be taken up at any true boundary
// with an empty state.
#pragma once

#include <bit>
#include <cstdint>

#include "simd/tokenize_kernels.h"

namespace peaktext {

// How the patterns differ.
struct BoundaryRules {
  bool gpt2 = false;      // only a space goes before a word, number or sign
  bool cased = false;     // words end before an upper case letter
  bool deepseek = false;  // numbers and CJK characters are cut out first
  int digits = 0;         // longest number; 0: any length
  enum Contractions { kNone, kApart, kApartLower, kJoined };
  Contractions contractions = kNone;
};

struct BlockView {
  const char* text;         // the block's bytes
  const ClassMasks* masks;  // of 1 to 64 bytes
  const ClassMasks* next;   // of the block after it; empty at the text's end
};

// What there is to know about the bytes before a block. Each mask is bit 0
// only: a property of the last byte.
struct BoundaryState {
  uint64_t letter = 0;
  uint64_t lower = 0;
  uint64_t both = 0;
  uint64_t late_both = 0;  // after a lower case letter of the same word
  uint64_t number = 0;
  uint64_t punct = 0;
  uint64_t bound_punct = 0;  // punctuation that cannot be a word's prefix
  uint64_t space = 0;
  uint64_t white = 0;          // white space not taken by punctuation before it
  uint64_t free_newline = 0;   // a newline of those
  uint64_t taken_newline = 0;  // a newline that punctuation took
  uint64_t sign_word = 0;  // an ASCII letter of a word with a sign before it
  uint64_t odd = 0;        // neither letter, mark, number, sign nor blank
  unsigned digits = 0;     // since the last boundary, when number is set
};

struct Boundaries {
  uint64_t starts;  // where pretokens start, as far as they are below unsure
  uint64_t unsure;  // places that only PretokenStep can decide
};

namespace boundary_internal {

inline constexpr uint64_t kOne = 1;

// Bytes of the contraction at the apostrophe at `p`, 0 if there is none, 1 if
// it takes more than ASCII to say.
inline unsigned ContractionBytes(const char* p, bool any_case) {
  const char fold = any_case ? 0x20 : 0;
  const char first = static_cast<char>(p[1] | fold);
  switch (first) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return 2;
    case 'r':
    case 'v':
      return static_cast<char>(p[2] | fold) == 'e' ? 3 : 0;
    case 'l':
      return static_cast<char>(p[2] | fold) == 'l' ? 3 : 0;
    default:
      return any_case && p[1] == '\xC5' ? 1 : 0;
  }
}

// True when `masks` are those of 64 bytes of ASCII.
inline bool IsPlain(const ClassMasks& masks) {
  return masks.high == 0 && masks.size == 64;
}

// What the compiler need not ask about them.
inline ClassMasks Plain(ClassMasks masks) {
  masks.both = masks.mark = masks.high = masks.continuation = 0;
  masks.size = 64;
  return masks;
}

template <BoundaryRules kRules, bool kPlain>
class Algebra {
 public:
  [[gnu::always_inline]] Algebra(const BlockView& block, BoundaryState* state)
      : block_(block),
        m_(kPlain ? Plain(*block.masks) : *block.masks),
        state_(*state),
        letter_(LettersOf(m_)) {}

  [[gnu::always_inline]] Boundaries Find() {
    if constexpr (kRules.gpt2) {
      SpacedRuns();
    } else {
      Words();
      Newlines();
      Numbers();
    }
    if (kRules.contractions != BoundaryRules::kNone && m_.apostrophe != 0) {
      Contractions();
    }
    if (kRules.deepseek) ControlCharacters();
    if (kRules.cased) UppersAfterBoth();
    SaveState();
    return {starts_, unsure_};
  }

 private:
  // The property of the byte before, of the byte after.
  [[gnu::always_inline]] static uint64_t Before(uint64_t mask, uint64_t carry) {
    return mask << 1 | carry;
  }
  [[gnu::always_inline]] uint64_t After(uint64_t mask, uint64_t next) const {
    return mask >> 1 | (next & kOne) << (m_.size - 1);
  }
  // From the last bytes of blanks to their first.
  [[gnu::always_inline]] uint64_t FirstBytes(uint64_t last) const {
    if ((last & m_.continuation) == 0) return last;
    uint64_t first = last & ~m_.continuation;
    uint64_t left = last & m_.continuation;
    for (int i = 0; i < 3 && left != 0; ++i) {
      left >>= 1;
      first |= left & ~m_.continuation;
      left &= m_.continuation;
    }
    return first;
  }
  [[gnu::always_inline]] static uint64_t LettersOf(const ClassMasks& masks) {
    return kRules.deepseek ? masks.lower
                           : masks.upper | masks.lower | masks.both;
  }
  // What the last blank before it is left to.
  [[gnu::always_inline]] static uint64_t SolidOf(const ClassMasks& masks) {
    return kRules.deepseek ? masks.lower | masks.punct | masks.upper
                           : LettersOf(masks) | masks.number | masks.punct;
  }
  // The first bytes of blanks that stand before such.
  [[gnu::always_inline]] uint64_t LeftBlanks(uint64_t blanks) const {
    return FirstBytes(blanks & After(SolidOf(m_), SolidOf(*block_.next)));
  }

  // ` ?X+` for letters, numbers and signs, and white space between them.
  [[gnu::always_inline]] void SpacedRuns() {
    const uint64_t after_space = Before(m_.space, state_.space);
    const uint64_t white = m_.blank | m_.newline;
    const uint64_t run_starts =
        (letter_ & ~Before(letter_, state_.letter)) |
        (m_.number & ~Before(m_.number, state_.number)) |
        (m_.punct & ~Before(m_.punct, state_.punct));
    starts_ |= run_starts & ~after_space;
    starts_ |= white & ~Before(white, state_.white);
    starts_ |= LeftBlanks(white);
    white_ = white;
    apart_apostrophes_ = m_.apostrophe & run_starts & ~after_space;
  }

  [[gnu::always_inline]] void Words() {
    const uint64_t after_punct = Before(m_.punct, state_.punct);
    const uint64_t after_space = Before(m_.space, state_.space);
    const uint64_t first_punct = m_.punct & ~after_punct;
    starts_ |= first_punct & ~after_space;
    apart_apostrophes_ = m_.apostrophe & first_punct & ~after_space;

    bound_punct_ = m_.punct & ~m_.continuation & (after_punct | after_space);
    if (m_.continuation != 0) {
      const uint64_t rest = m_.punct & m_.continuation;
      bound_punct_ |= bound_punct_ << 1 & rest;
      bound_punct_ |= bound_punct_ << 1 & rest;
      bound_punct_ |= bound_punct_ << 1 & rest;
    }
    if (kRules.deepseek) bound_punct_ |= m_.punct & m_.high;
    const uint64_t first_letter = letter_ & ~Before(letter_, state_.letter);
    const uint64_t after_blank =
        Before(m_.blank, state_.white & ~state_.free_newline);
    const uint64_t after_prefix_sign =
        after_punct & ~Before(bound_punct_, state_.bound_punct);
    if (kRules.deepseek) {
      return ApartWords(first_letter & ~after_blank, after_prefix_sign);
    }
    starts_ |= first_letter & ~after_blank & ~after_prefix_sign;
    if (!kRules.cased) return;
    starts_ |= m_.upper & Before(m_.lower, state_.lower);
    unsure_ |= m_.mark & Before(bound_punct_, state_.bound_punct);
  }

  // Words that begin with these letters unless something is their prefix; CJK
  // characters; odd ones.
  [[gnu::always_inline]] void ApartWords(uint64_t first,
                                         uint64_t after_prefix_sign) {
    const uint64_t ascii = letter_ & ~m_.high;
    const uint64_t in_sign_words = first & after_prefix_sign & ascii;
    const uint64_t after_odd = Before(m_.upper, state_.odd);
    starts_ |= first & ~in_sign_words & ~after_odd;
    starts_ |= m_.upper & ~after_odd;
    starts_ |= FirstBytes(m_.upper & After(letter_, block_.next->lower));
    starts_ |= m_.both & ~Before(m_.both, state_.both);
    unsure_ |= m_.mark & ~m_.continuation;
    // A word with a sign before it ends where ASCII does. Adding the first of a
    // run of ones to it clears the run.
    const uint64_t sum = ascii + (in_sign_words | state_.sign_word);
    starts_ |= sum & ~ascii & letter_;
    sign_words_ = ascii & ~sum;
  }

  // Among ASCII they count as signs.
  [[gnu::always_inline]] void ControlCharacters() {
    const auto is_control = [this](unsigned at) {
      const auto byte = static_cast<unsigned char>(block_.text[at]);
      return byte == 0x7F || (byte < 0x20 && (byte < '\t' || byte > '\r'));
    };
    unsigned some = 0;
    for (unsigned at = 0; at < 64; ++at) some |= is_control(at) ? 1U : 0U;
    if (some == 0) return;
    for (uint64_t left = m_.punct & ~m_.high; left != 0; left &= left - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(left));
      if (is_control(at)) unsure_ |= kOne << at;
    }
  }

  [[gnu::always_inline]] void Newlines() {
    const uint64_t after_punct = Before(m_.punct, state_.punct);
    // Adding the first of a run of ones to it clears the run.
    const uint64_t taken =
        m_.newline &
        ~(m_.newline + (m_.newline & (after_punct | state_.taken_newline)));
    taken_newline_ = taken;
    free_newline_ = m_.newline & ~taken;
    white_ = m_.blank | free_newline_;
    starts_ |= white_ & ~Before(white_, state_.white);
    starts_ |= LeftBlanks(m_.blank);
    BlanksAfterNewlines();
    if (!kRules.cased) return;
    uint64_t after_taken = m_.punct & Before(taken, state_.taken_newline);
    for (; after_taken != 0; after_taken &= after_taken - 1) {
      const int at = std::countr_zero(after_taken);
      if (block_.text[at] == '/') unsure_ |= kOne << at;
    }
  }

  [[gnu::always_inline]] void BlanksAfterNewlines() {
    uint64_t runs = m_.blank & Before(free_newline_, state_.free_newline);
    // Adding their first ones clears these runs, and sets what follows them.
    const uint64_t sum = runs + m_.blank;
    const uint64_t last = kOne << (m_.size - 1);
    if (((sum & m_.newline) | (m_.blank & ~sum & last)) == 0) [[likely]] {
      starts_ |= runs;
      return;
    }
    for (; runs != 0; runs &= runs - 1) {
      const auto start = static_cast<unsigned>(std::countr_zero(runs));
      const unsigned end =
          start + static_cast<unsigned>(std::countr_one(m_.blank >> start));
      if (end < m_.size) {
        if ((m_.newline >> end & 1) == 0) starts_ |= kOne << start;
        continue;
      }
      const auto more =
          static_cast<unsigned>(std::countr_one(block_.next->blank));
      if (more >= block_.next->size && block_.next->size != 0) {
        unsure_ |= kOne << start;
      } else if (block_.next->size == 0 ||
                 (block_.next->newline >> more & 1) == 0) {
        starts_ |= kOne << start;
      }
    }
  }

  [[gnu::always_inline]] void Numbers() {
    const uint64_t n = m_.number;
    if (kRules.digits == 1) {
      starts_ |= n & ~m_.continuation;
      return;
    }
    if ((n & m_.high) != 0) return NumbersByCharacter();
    uint64_t seeds = n & ~Before(n, state_.number);
    // A run that goes on has its next boundary at the third from the last one.
    const unsigned ahead = 3 - state_.digits;
    const uint64_t until = (kOne << (ahead + 1)) - 1;
    seeds |= uint64_t{(n & until) == until} * state_.number << ahead;
    const uint64_t third = n & n << 1 & n << 2;
    // Most runs are short: what does not branch is not guessed wrongly.
    const uint64_t second = seeds << 3 & third;
    starts_ |= seeds | second;
    for (seeds = second << 3 & third; seeds != 0; seeds = seeds << 3 & third) {
      starts_ |= seeds;
    }
  }

  // Where there are numbers of more than one byte.
  void NumbersByCharacter() {
    const uint64_t n = m_.number;
    const uint64_t first = n & ~Before(n, state_.number);
    unsigned digits = state_.digits;
    for (uint64_t left = n & ~m_.continuation; left != 0; left &= left - 1) {
      const uint64_t lowest = left & (0 - left);
      if ((first & lowest) != 0 || digits == 3) {
        starts_ |= lowest;
        digits = 0;
      }
      ++digits;
    }
  }

  [[gnu::always_inline]] void Contractions() {
    if (kRules.contractions == BoundaryRules::kJoined) {
      uint64_t left = m_.apostrophe & Before(letter_, state_.letter);
      for (unsigned last_end = 64; left != 0; left &= left - 1) {
        const auto at = static_cast<unsigned>(std::countr_zero(left));
        const unsigned bytes = ContractionBytes(block_.text + at, true);
        if (bytes == 0) continue;
        if (!CutContraction(at, bytes) || at == last_end) {
          unsure_ |= kOne << at;
        }
        starts_ &= ~(kOne << at);
        last_end = at + bytes;
      }
      return;
    }
    const bool any_case = kRules.contractions == BoundaryRules::kApart;
    for (uint64_t left = apart_apostrophes_; left != 0; left &= left - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(left));
      const unsigned bytes = ContractionBytes(block_.text + at, any_case);
      if (bytes != 0 && !CutContraction(at, bytes)) unsure_ |= kOne << at;
    }
  }

  // Where upper case letters follow ones without case. REQUIRES: starts_ has
  // the ends of contractions.
  [[gnu::always_inline]] void UppersAfterBoth() {
    // Those after a lower case letter of the same word. Adding the first of a
    // run of ones to it clears the run.
    const uint64_t first =
        (Before(m_.lower, state_.lower) & ~starts_) | state_.late_both;
    late_both_ = m_.both & ~(m_.both + (m_.both & first));
    const uint64_t uppers = m_.upper & Before(m_.both, state_.both);
    if (uppers == 0) return;
    const uint64_t late = uppers & Before(late_both_, state_.late_both);
    const Boundaries cut =
        CutUppers(uppers & ~late, *block_.masks, *block_.next);
    starts_ |= late | cut.starts;
    unsure_ |= cut.unsure;
  }

  // Upper case letters from each of `firsts` on are a word of their own unless
  // another letter follows.
  [[gnu::noinline]] static Boundaries CutUppers(uint64_t firsts,
                                                const ClassMasks& masks,
                                                const ClassMasks& next) {
    Boundaries found = {};
    const uint64_t others = masks.lower | masks.both;
    for (; firsts != 0; firsts &= firsts - 1) {
      const int at = std::countr_zero(firsts);
      const uint64_t first = firsts & (0 - firsts);
      auto end = static_cast<unsigned>(at + std::countr_one(masks.upper >> at));
      if (end < masks.size) {
        if ((others >> end & 1) == 0) found.starts |= first;
        continue;
      }
      end = static_cast<unsigned>(std::countr_one(next.upper));
      if (end >= next.size && next.size != 0) {
        found.unsure |= first;
      } else if (((next.lower | next.both) >> end & 1) == 0) {
        found.starts |= first;
      }
    }
    return found;
  }

  // Takes the boundaries within it away and sets the one after it.
  [[gnu::always_inline]] bool CutContraction(unsigned at, unsigned bytes) {
    if (bytes == 1 || at + bytes >= m_.size) return false;
    const uint64_t letters = bytes == 2 ? 1 : 3;
    starts_ &= ~(letters << (at + 1));
    starts_ |= kOne << (at + bytes);
    return true;
  }

  [[gnu::always_inline]] void SaveState() {
    const auto last = static_cast<unsigned>(m_.size - 1);
    const auto at_last = [last](uint64_t mask) { return mask >> last & 1; };
    state_.letter = at_last(letter_);
    state_.lower = at_last(m_.lower);
    state_.both = at_last(m_.both);
    state_.late_both = at_last(late_both_);
    state_.punct = at_last(m_.punct);
    state_.bound_punct = at_last(bound_punct_);
    state_.space = at_last(m_.space);
    state_.white = at_last(white_);
    state_.free_newline = at_last(free_newline_);
    state_.taken_newline = at_last(taken_newline_);
    state_.sign_word = at_last(sign_words_);
    state_.odd = at_last(m_.upper);
    state_.number = at_last(m_.number);
    if (state_.number == 0 || kRules.digits != 3) return;
    // The number's characters since its last boundary.
    const uint64_t inside = ~uint64_t{0} >> (63 - last);
    const uint64_t upto = starts_ & inside;
    uint64_t since = inside & ~m_.continuation;
    if (upto != 0) since &= ~uint64_t{0} << (63 - std::countl_zero(upto));
    state_.digits = static_cast<unsigned>(std::popcount(since)) +
                    (upto == 0 ? state_.digits : 0);
  }

  const BlockView& block_;
  const ClassMasks m_;
  BoundaryState& state_;
  const uint64_t letter_;
  uint64_t starts_ = 0;
  uint64_t unsure_ = 0;
  uint64_t late_both_ = 0;
  uint64_t apart_apostrophes_ = 0;
  uint64_t bound_punct_ = 0;
  uint64_t white_ = 0;
  uint64_t free_newline_ = 0;
  uint64_t taken_newline_ = 0;
  uint64_t sign_words_ = 0;
};

}  // namespace boundary_internal

template <BoundaryRules kRules>
[[gnu::always_inline]] inline Boundaries FindBoundaries(const BlockView& block,
                                                        BoundaryState* state) {
  using boundary_internal::Algebra;
  return boundary_internal::IsPlain(*block.masks)
             ? Algebra<kRules, true>(block, state).Find()
             : Algebra<kRules, false>(block, state).Find();
}

}  // namespace peaktext

// Pretokens longer than any window: what of one can be put away.
//
// A pretoken that goes on beyond the text at hand is mostly one long run, and
// how it goes on depends on little: on what kind of run it is and, at most, its
// last character. So all before that can be handed to the merges, and a few
// characters that start such a run stand in for it:
//
//   LongRunFront front = FrontOfLongRun(pattern, text, most_kept);
//   // put away front.bytes of text, go on with front.stand_in + the rest
//
// Two kinds of run may turn out to have ended long ago (the top of long_run.cc
// says which). Then both ways are followed:
//
//   if (front.doubt != Doubt::kNone) ...
//     DoubtStep step = LookOn(front.doubt, rest, final);
#pragma once

#include <cstddef>
#include <string_view>

#include "tokenize/vocabulary.h"

namespace peaktext {

// Of a pretoken that may have ended: what follows its end so far. Either
// nothing but these characters comes until something ends the run: then they
// are pretokens of their own. Or there comes what belongs to the pretoken: then
// they do, too.
enum class Doubt { kNone, kWhiteSpace, kUpperCase };

struct LongRunFront {
  size_t bytes = 0;           // of the text
  std::string_view stand_in;  // for these; lives forever
  // If not kNone, the pretoken may have ended after `bytes`, and only these
  // characters, more than most_kept bytes of them, are behind.
  Doubt doubt = Doubt::kNone;
};

// What can be put away of `text`, all of which belongs to one unfinished
// pretoken, and which may start with a stand-in: scanning the stand-in and the
// rest finds the end that scanning all would. None if that cannot be told from
// so short a text.
LongRunFront FrontOfLongRun(Pattern pattern, std::string_view text,
                            size_t most_kept);

struct DoubtStep {
  enum class Outcome { kMore, kJoined, kApart };
  size_t bytes;  // that go on as what is in doubt does
  Outcome outcome;
  std::string_view stand_in;  // if there is an outcome: for what it joined, or
                              // for what stands apart
};

// Goes on where a pretoken is in doubt. With `final` there is an outcome.
DoubtStep LookOn(Doubt doubt, std::string_view text, bool final);

}  // namespace peaktext

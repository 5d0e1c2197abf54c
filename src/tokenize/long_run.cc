// By the last characters of the text:
//
// - A letter: the rest is that letter. In the cased patterns a word ends before
//   an upper case letter once it has had a lower case one, so the rest must say
//   whether it has: it is the last lower case letter, or, without any, the last
//   letter that is neither. Upper case after letters that are neither may be
//   taken back by what follows: it cannot be told.
// - Two signs: the rest is these two (one could be a prefix). Not if they are
//   marks, which could be letters. Newlines after signs belong to them: it
//   cannot be told.
// - White space: the last two characters without a newline anywhere, since if
//   none comes the last one stays apart; else from the last newline on. But not
//   if too much follows that, or if the pretoken does not start with it.
#include "tokenize/long_run.h"

#include "tokenize/unicode_classes.h"
#include "tokenize/utf8.h"

namespace peaktext {
namespace {

constexpr size_t kMostKept = 4096;

// The text's characters from the last to the first.
class Backwards {
 public:
  explicit Backwards(std::string_view text) : text_(text), at_(text.size()) {}

  // False at the start.
  bool Next() {
    if (at_ == 0) return false;
    do {
      --at_;
    } while (at_ > 0 && IsContinuation(text_[at_]));
    flags_ = UnicodeFlags(DecodeUtf8(text_.data() + at_));
    return true;
  }
  size_t at() const { return at_; }
  uint16_t flags() const { return flags_; }
  bool newline() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

 private:
  std::string_view text_;
  size_t at_;
  uint16_t flags_ = 0;
};

size_t FrontOfCasedWord(std::string_view text) {
  constexpr uint16_t kNoCase = kUnicodeOtherLetter | kUnicodeMark;
  Backwards back(text);
  back.Next();
  const size_t last = back.at();
  const bool upper = (back.flags() & kUnicodeUpper) != 0;
  const uint16_t same = upper ? uint16_t{kUnicodeUpper} : kNoCase;
  if ((back.flags() & kUnicodeLower) != 0) return last;
  while (back.Next()) {
    if ((back.flags() & same) != 0) continue;
    if ((back.flags() & kUnicodeLower) != 0) {
      return text.size() - back.at() <= kMostKept ? back.at() : 0;
    }
    if (upper && (back.flags() & kNoCase) != 0) return 0;
    break;
  }
  return last;
}

size_t FrontOfWhiteSpace(std::string_view text, bool newlines_apart) {
  Backwards back(text);
  back.Next();
  if (!newlines_apart || !back.newline()) {
    back.Next();
    const size_t second = back.at();
    if (!newlines_apart) return second;
    Backwards all(text);
    while (all.Next()) {
      if ((all.flags() & kUnicodeSpace) == 0) return 0;
      if (!all.newline()) continue;
      return text.size() - all.at() <= kMostKept ? all.at() : 0;
    }
    return second;
  }
  const size_t last = back.at();
  while (back.Next()) {
    if ((back.flags() & kUnicodeSpace) == 0) return 0;
  }
  return last;
}

}  // namespace

size_t DetachableFront(Pattern pattern, std::string_view text) {
  if (pattern == Pattern::kWholeText) return text.size();
  const bool cased = pattern == Pattern::kO200k || pattern == Pattern::kTekken;
  const bool deepseek = pattern == Pattern::kDeepSeekV3;
  const bool marks_are_letters =
      cased || deepseek || pattern == Pattern::kQwen35;
  constexpr uint16_t kLetterMark = kUnicodeLetter | kUnicodeMark;
  const uint16_t word =
      marks_are_letters ? kLetterMark : uint16_t{kUnicodeLetter};

  Backwards back(text);
  if (!back.Next()) return 0;
  const uint16_t last_flags = back.flags();
  const size_t last = back.at();
  if ((last_flags & kUnicodeSpace) != 0) {
    return FrontOfWhiteSpace(text, pattern != Pattern::kGpt2);
  }
  if (!back.Next()) return 0;
  const uint16_t both = last_flags & back.flags();
  const uint16_t either = last_flags | back.flags();
  if (deepseek) {
    constexpr uint16_t kSigns = kUnicodePunctuation | kUnicodeSymbol;
    const uint16_t first = UnicodeFlags(DecodeUtf8(text.data()));
    // What nothing matches is a pretoken too, and may have ended.
    if (first == 0) return 0;
    // Two signs are no word's start.
    if ((last_flags & kSigns) != 0 && (back.flags() & kSigns) != 0) {
      return back.at();
    }
    // A word that starts with a sign is of ASCII letters only.
    if ((first & kSigns) != 0) return 0;
  }
  if ((last_flags & word) != 0 && (back.flags() & word) != 0) {
    if (!cased) return last;
    // Marks among signs are signs.
    return (either & kUnicodeMark) != 0 ? 0 : FrontOfCasedWord(text);
  }
  // Only there are numbers of any length.
  if ((both & kUnicodeNumber) != 0) return pattern == Pattern::kGpt2 ? last : 0;
  if (deepseek || (either & (word | kUnicodeSpace | kUnicodeNumber)) != 0) {
    return 0;
  }
  // Slashes can be signs, or follow newlines that signs have taken.
  if (cased && text.find_first_of("\r\n") != std::string_view::npos) return 0;
  return back.at();
}

}  // namespace peaktext

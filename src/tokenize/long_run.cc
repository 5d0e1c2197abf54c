// The kinds of runs, as told from the first two characters of a pretoken, the
// first of which may be a prefix, and what stands in for them:
//
// - Words: a letter. In the cased patterns a word ends before an upper case
//   letter once it has had a lower case one, and goes back to its last letter
//   that is neither if none comes: so the letter is lower case if there was
//   one, else as the last letter is.
// - A sign and ASCII letters, which kDeepSeekV3 takes for a word: these.
// - Numbers, where they can be of any length: a digit.
// - Signs: two of them (one could be a prefix); a newline after them where
//   there was one, since only what a tail is made of can follow.
// - White space: the last character may stay apart, so it stays.
// - What nothing in kDeepSeekV3 matches: the same, as it may be a prefix.
//
// In doubt are white space after the last newline, if newlines are apart (those
// before it, and what is before them, are a pretoken unless a newline comes),
// and upper case after the last letter that is neither (which stand apart
// unless lower case comes).
#include "tokenize/long_run.h"

#include <algorithm>

#include "base/utf8.h"
#include "tokenize/unicode_classes.h"

namespace peaktext {
namespace {

constexpr uint16_t kNoCase = kUnicodeOtherLetter | kUnicodeMark;
constexpr uint16_t kSigns = kUnicodePunctuation | kUnicodeSymbol;
// Characters that stand in.
constexpr std::string_view kNeither = "\u4e2d";

uint16_t FlagsAt(std::string_view text, size_t at) {
  return UnicodeFlags(DecodeUtf8(text.data() + at));
}
bool IsNewline(char c) { return c == '\n' || c == '\r'; }

// The text's characters from the last to the first.
class Backwards {
 public:
  explicit Backwards(std::string_view text) : text_(text), at_(text.size()) {}

  // False at the start.
  bool Next() {
    end_ = at_;
    if (at_ == 0) return false;
    at_ = PreviousCharacter(text_, at_);
    flags_ = FlagsAt(text_, at_);
    return true;
  }
  // To the last character that has none of these; false if all have.
  bool Skip(uint16_t flags) {
    while (Next()) {
      if ((flags_ & flags) == 0) return true;
    }
    return false;
  }
  size_t at() const { return at_; }
  size_t end() const { return end_; }
  uint16_t flags() const { return flags_; }

 private:
  std::string_view text_;
  size_t at_;
  size_t end_ = 0;
  uint16_t flags_ = 0;
};

bool EndsInThreeOf(std::string_view text, uint16_t flags) {
  Backwards back(text);
  for (int i = 0; i < 3; ++i) {
    if (!back.Next() || (back.flags() & flags) == 0) return false;
  }
  return true;
}

LongRunFront FrontOfCasedWord(std::string_view text, size_t most_kept) {
  Backwards back(text);
  back.Next();
  if ((back.flags() & kUnicodeUpper) != 0) {
    const bool other = back.Skip(kUnicodeUpper);
    if (!other || (back.flags() & kNoCase) == 0) return {text.size(), "A"};
    if (text.size() - back.end() <= most_kept) return {back.end(), kNeither};
    return {back.end(), "", Doubt::kUpperCase};
  }
  const bool lower =
      (back.flags() & kUnicodeLower) != 0 ||
      (back.Skip(kNoCase) && (back.flags() & kUnicodeLower) != 0);
  return {text.size(), lower ? "a" : kNeither};
}

LongRunFront FrontOfWhiteSpace(std::string_view text, bool newlines_apart,
                               size_t most_kept) {
  const auto newline = std::find_if(text.rbegin(), text.rend(), IsNewline);
  if (!newlines_apart || newline == text.rend()) {
    Backwards back(text);
    back.Next();
    return {back.at(), " "};
  }
  const auto behind = static_cast<size_t>(newline - text.rbegin());
  const size_t bytes = text.size() - behind;
  if (behind <= most_kept) return {bytes, "\n"};
  return {bytes, "", Doubt::kWhiteSpace};
}

}  // namespace

LongRunFront FrontOfLongRun(Pattern pattern, std::string_view text,
                            size_t most_kept) {
  if (pattern == Pattern::kWholeText) return {text.size(), ""};
  const bool cased = pattern == Pattern::kO200k || pattern == Pattern::kTekken;
  const bool deepseek = pattern == Pattern::kDeepSeekV3;
  const bool marks_are_letters =
      cased || deepseek || pattern == Pattern::kQwen35;
  constexpr uint16_t kLetterMark = kUnicodeLetter | kUnicodeMark;
  const uint16_t word =
      marks_are_letters ? kLetterMark : uint16_t{kUnicodeLetter};

  if (text.empty()) return {};
  const size_t second_at = Utf8Length(static_cast<unsigned char>(text[0]));
  if (second_at == text.size()) return {};
  const uint16_t first = FlagsAt(text, 0);
  const uint16_t second = FlagsAt(text, second_at);
  // A part of its own, where only such characters can follow.
  const bool cjk = deepseek && (first & kUnicodeDeepSeekCjk) != 0;
  if ((first & second & kUnicodeSpace) != 0) {
    return FrontOfWhiteSpace(text, pattern != Pattern::kGpt2, most_kept);
  }
  if ((second & word) != 0) {
    if (deepseek && (first & kSigns) != 0) return {text.size(), "!a"};
    if (!cased) return {text.size(), cjk ? kNeither : "a"};
    // The start of a contraction must stay.
    if (!EndsInThreeOf(text, word)) return {};
    return FrontOfCasedWord(text, most_kept);
  }
  // A word and the start of a contraction.
  if ((first & word) != 0) return {};
  if ((second & kUnicodeNumber) != 0) {
    if (pattern == Pattern::kGpt2) return {text.size(), "1"};
    return {};
  }
  if (deepseek && (first & ~kUnicodeDeepSeekCjk) == 0) {
    if ((second & ~kUnicodeDeepSeekCjk) != 0) return {};
    Backwards back(text);
    back.Next();
    return {back.at(), cjk ? "\u3040" : "\u200d"};
  }
  if (cjk) return {text.size(), "\u30fb\u30fb"};
  const bool tail = text.find('\n') != std::string_view::npos ||
                    text.find('\r') != std::string_view::npos;
  return {text.size(), tail ? "!!\n" : "!!"};
}

DoubtStep LookOn(Doubt doubt, std::string_view text, bool final) {
  using Outcome = DoubtStep::Outcome;
  const bool white = doubt == Doubt::kWhiteSpace;
  const uint16_t same = white ? kUnicodeSpace : kUnicodeUpper;
  size_t last = 0;
  size_t at = 0;
  uint16_t next = 0;
  bool newline = false;
  while (at < text.size()) {
    next = FlagsAt(text, at);
    newline = IsNewline(text[at]);
    if ((next & same) == 0 || newline) break;
    last = at;
    at += Utf8Length(static_cast<unsigned char>(text[at]));
  }
  // The last white space may belong to what follows.
  const size_t bytes = white ? last : at;
  if (at == text.size()) {
    return {bytes, final ? Outcome::kApart : Outcome::kMore, white ? " " : "A"};
  }
  const bool joined = white ? newline : (next & (kUnicodeLower | kNoCase)) != 0;
  if (joined) return {at, Outcome::kJoined, white ? "" : "A"};
  return {bytes, Outcome::kApart, white ? " " : "A"};
}

}  // namespace peaktext

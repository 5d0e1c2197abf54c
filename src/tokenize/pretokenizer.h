// Splits a text into pretokens exactly as a vocabulary's regular expression
// does. This is the scalar step, one pretoken at a time: the specification of
// the block scanner and the judge of what its masks cannot decide.
//
//   PretokenStep step(Pattern::kO200k, text, /*final=*/true);
//   for (size_t at = 0; at < text.size(); at = end) {
//     end = step.Next(at);
//   }
//
// The expressions, as their publishers write them (whitespace `\s` is the
// property White_Space, classes are Unicode 16.0, see unicode_classes.h):
//
// kGpt2 (tiktoken_ext/openai_public.py, r50k and p50k; openai/gpt-2 encoder.py)
//   '(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// kCl100k (openai_public.py; Llama 3's tokenizer.json)
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
//   ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//   tiktoken since 0.6 ends in `\s++$|\s*[\r\n]|\s+(?!\S)|\s`: the splits
//   differ (white space with a newline at the end of a text), the counts do
//   not, because no token has white space other than newlines after a newline.
// kQwen2: the same with \p{N} for \p{N}{1,3}
// kQwen35: kQwen2 with [\p{L}\p{M}]+ for \p{L}+ and [^\s\p{L}\p{M}\p{N}]+
// kO200k, with C for (?i:'s|'t|'re|'ve|'m|'ll|'d)
//   [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*
//     [\p{Ll}\p{Lm}\p{Lo}\p{M}]+C?|
//   [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+
//     [\p{Ll}\p{Lm}\p{Lo}\p{M}]*C?|
//   \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
// kTekken: kO200k without C and with \p{N} for \p{N}{1,3}
// kDeepSeekV3: three splits, one after the other, each on the parts that the
//   one before left; a lookahead sees its own part only, and what nothing
//   matches stays together as a part:
//   \p{N}{1,3}
//   [\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+
//   [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|
//     [^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|
//     \s*[\r\n]+|\s+(?!\S)|\s+
// kWholeText: one pretoken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tokenize/vocabulary.h"

namespace peaktext {

class PretokenStep {
 public:
  static constexpr size_t kUndecided = SIZE_MAX;

  // `text` is valid UTF-8; with `final` it ends where the whole text does, else
  // more may come. The view lives as long as the step.
  PretokenStep(Pattern pattern, std::string_view text, bool final)
      : pattern_(pattern), text_(text), final_(final) {}

  // The end of the pretoken that starts at `start`; kUndecided when that
  // depends on what comes after the text. REQUIRES: start < text.size().
  size_t Next(size_t start);

 private:
  struct Character {
    uint16_t flags = 0;  // of unicode_classes.h; none at the end
    uint8_t bytes = 0;   // none at the end
    char first = 0;
  };

  Character At(size_t at);
  size_t SkipAscii(size_t at, uint16_t flags) const;
  size_t SkipMost(size_t at, uint16_t flags) const;
  size_t SkipRun(size_t at, uint16_t flags);         // while any of flags
  size_t SkipOthers(size_t at, uint16_t flags);      // while none of flags
  size_t SkipBytes(size_t at, std::string_view of);  // while one of these
  size_t SkipNumbers(size_t at, int most);

  size_t Contraction(size_t at, bool any_case);
  size_t CasedWord(size_t at);
  size_t CasedWordBody(size_t at, bool with_lower);
  size_t Punctuation(size_t at, uint16_t not_flags, std::string_view tail);
  size_t WhiteSpace(size_t at, bool newlines_apart);

  size_t Gpt2(size_t at);
  size_t Cl100k(size_t at, uint16_t word_flags, int digits);
  size_t O200k(size_t at, bool contractions, int digits);
  size_t DeepSeek(size_t at);
  size_t DeepSeekPart(size_t at);
  bool StartsDeepSeekPart(size_t at);

  Pattern pattern_;
  std::string_view text_;
  bool final_;
  bool touched_end_ = false;
  // Of kDeepSeekV3: the part that is looked at ends the text.
  enum class Part { kAll, kCjk, kOther } part_ = Part::kAll;
};

}  // namespace peaktext

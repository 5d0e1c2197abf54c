// Each alternative of an expression is a function that gives the end of its
// match, or its start when it does not match. The expressions need no general
// backtracking: each place where one would go back is a comment here.
#include "tokenize/pretokenizer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/utf8.h"
#include "tokenize/unicode_classes.h"

namespace peaktext {
namespace {

constexpr uint16_t kLetterMark = kUnicodeLetter | kUnicodeMark;
// What a word of kO200k is made of before and from its first lower case letter.
constexpr uint16_t kUpperPart =
    kUnicodeUpper | kUnicodeOtherLetter | kUnicodeMark;
constexpr uint16_t kLowerPart =
    kUnicodeLower | kUnicodeOtherLetter | kUnicodeMark;
constexpr uint16_t kNotPunctuation =
    kUnicodeSpace | kUnicodeLetter | kUnicodeNumber;

bool IsNewline(char c) { return c == '\r' || c == '\n'; }

// Where the last newline ends; 0: there is none. With glibc's search, which
// takes many bytes at once.
size_t AfterNewline(std::string_view text) {
  const auto after = [text](char newline) -> size_t {
    const void* const last = ::memrchr(text.data(), newline, text.size());
    return last == nullptr
               ? 0
               : static_cast<size_t>(static_cast<const char*>(last) + 1 -
                                     text.data());
  };
  return std::max(after('\n'), after('\r'));
}
// Of other bytes none.
const std::array<uint16_t, 256> kAsciiFlags = [] {
  std::array<uint16_t, 256> flags = {};
  for (char32_t c = 0; c < 0x80; ++c) flags[c] = UnicodeFlags(c);
  return flags;
}();
char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Bits of those of 64 bytes that no character goes on with.
uint64_t Leads(const char* text) {
  uint64_t leads = 0;
  for (size_t at = 0; at < 64; at += 8) {
    uint64_t eight;
    std::memcpy(&eight, text + at, sizeof(eight));
    leads |= TopBits(~eight | eight << 1) << at;
  }
  return leads;
}

// Skips characters for whose flags `keep` says yes, but not the text's last
// few. For long runs: where the next character starts does not wait for what
// this one is.
template <class Keep>
size_t SkipBlocks(std::string_view text, size_t at, Keep keep) {
  while (at + 64 + 4 <= text.size()) {
    const size_t block = at;
    for (uint64_t leads = Leads(text.data() + block); leads != 0;
         leads &= leads - 1) {
      at = block + static_cast<size_t>(std::countr_zero(leads));
      size_t next = at;
      const char32_t c = DecodeUtf8Blindly(text.data(), &next);
      if (!keep(UnicodeFlags(c))) return at;
    }
    at += Utf8Length(static_cast<unsigned char>(text[at]));
  }
  return at;
}
// From so many characters on a run is long.
constexpr int kLong = 16;

}  // namespace

PretokenStep::Character PretokenStep::At(size_t at) {
  if (at >= text_.size()) {
    touched_end_ = true;
    return {};
  }
  const char first = text_[at];
  const auto byte = static_cast<unsigned char>(first);
  const uint16_t flags = byte < 0x80
                             ? kAsciiFlags[byte]
                             : UnicodeFlags(DecodeUtf8(text_.data() + at));
  if (part_ == Part::kCjk
          ? (flags & kUnicodeDeepSeekCjk) == 0
          : part_ == Part::kOther &&
                (flags & (kUnicodeNumber | kUnicodeDeepSeekCjk)) != 0) {
    return {};
  }
  return {flags, static_cast<uint8_t>(Utf8Length(byte)), first};
}

// Skips ASCII characters that have one of `flags`, none of which may be a
// number's while numbers are apart. It is where long runs are passed quickly.
size_t PretokenStep::SkipAscii(size_t at, uint16_t flags) const {
  if (part_ == Part::kCjk) return at;
  const auto flags_at = [this](size_t place) {
    return kAsciiFlags[static_cast<unsigned char>(text_[place])];
  };
  // Most runs are short.
  for (const size_t soon = at + 8; at < soon; ++at) {
    if (at >= text_.size() || (flags_at(at) & flags) == 0) return at;
  }
  // By eights, as long as these have one in common.
  for (; at + 8 <= text_.size(); at += 8) {
    unsigned common = flags;
    for (size_t i = 0; i < 8; ++i) common &= flags_at(at + i);
    if (common == 0) break;
  }
  while (at < text_.size() && (flags_at(at) & flags) != 0) ++at;
  return at;
}

// Skips characters that have one of `flags`, but not the text's last few.
size_t PretokenStep::SkipMost(size_t at, uint16_t flags) const {
  if (part_ != Part::kAll) return SkipAscii(at, flags);
  const auto keep = [flags](uint16_t some) { return (some & flags) != 0; };
  for (int skipped = 0;; ++skipped) {
    at = SkipAscii(at, flags);
    if (skipped == kLong) at = SkipBlocks(text_, at, keep);
    if (at + 4 > text_.size()) return at;
    const char* p = text_.data() + at;
    const auto lead = static_cast<unsigned char>(*p);
    if (lead < 0x80 || !keep(UnicodeFlags(DecodeUtf8(p)))) return at;
    at += Utf8Length(lead);
  }
}

size_t PretokenStep::SkipRun(size_t at, uint16_t flags) {
  at = SkipMost(at, flags);
  for (Character c = At(at); (c.flags & flags) != 0; c = At(at)) {
    at = SkipAscii(at + c.bytes, flags);
  }
  return at;
}

size_t PretokenStep::SkipOthers(size_t at, uint16_t flags) {
  constexpr uint16_t kSigns = kUnicodePunctuation | kUnicodeSymbol;
  at = SkipMost(at, kSigns & ~flags);
  const auto keep = [flags](uint16_t some) { return (some & flags) == 0; };
  for (int skipped = 0; part_ == Part::kAll && at + 4 <= text_.size();
       ++skipped) {
    if (skipped == kLong) {
      at = SkipBlocks(text_, at, keep);
      if (at + 4 > text_.size()) break;
    }
    size_t next = at;
    const char32_t c = DecodeUtf8Blindly(text_.data(), &next);
    if (!keep(UnicodeFlags(c))) return at;
    at = next;
  }
  for (Character c = At(at); c.bytes != 0 && (c.flags & flags) == 0;
       c = At(at)) {
    at += c.bytes;
  }
  return at;
}

size_t PretokenStep::SkipBytes(size_t at, std::string_view of) {
  for (Character c = At(at);
       c.bytes == 1 && of.find(c.first) != std::string_view::npos; c = At(at)) {
    ++at;
  }
  return at;
}

size_t PretokenStep::SkipNumbers(size_t at, int most) {
  for (Character c = At(at); most > 0 && (c.flags & kUnicodeNumber) != 0;
       c = At(at), --most) {
    at += c.bytes;
  }
  return at;
}

size_t PretokenStep::Contraction(size_t at, bool any_case) {
  if (At(at).first != '\'') return at;
  const Character first = At(at + 1);
  if (first.bytes == 2) {
    // U+017F, the long s, is the one other character whose case folds to a
    // letter of these.
    return any_case && text_.substr(at + 1, 2) == "\xC5\xBF" ? at + 3 : at;
  }
  const auto lower = [any_case](char c) {
    return any_case ? LowerAscii(c) : c;
  };
  switch (lower(first.first)) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return at + 2;
    case 'r':
    case 'v':
      return lower(At(at + 2).first) == 'e' ? at + 3 : at;
    case 'l':
      return lower(At(at + 2).first) == 'l' ? at + 3 : at;
    default:
      return at;
  }
}

// The two word alternatives of kO200k without the prefix, or the first alone.
size_t PretokenStep::CasedWordBody(size_t at, bool with_lower) {
  size_t end = SkipMost(at, kUpperPart & kLowerPart);
  size_t last_both = end;  // end of the last character that is in both classes
  end = SkipAscii(end, kUnicodeUpper);
  Character c = At(end);
  while ((c.flags & kUpperPart) != 0) {
    end += c.bytes;
    if ((c.flags & kLowerPart) != 0) last_both = end;
    end = SkipAscii(end, kUnicodeUpper);
    c = At(end);
  }
  if (!with_lower) return end;
  if ((c.flags & kLowerPart) != 0) return SkipRun(end, kLowerPart);
  // [lower part]+ needs one: the upper part gives back what follows the last
  // character that is in both, and that one.
  return last_both;
}

size_t PretokenStep::CasedWord(size_t at) {
  const Character c = At(at);
  const bool prefix = c.bytes != 0 && !IsNewline(c.first) &&
                      (c.flags & (kUnicodeLetter | kUnicodeNumber)) == 0;
  for (const bool with_lower : {true, false}) {
    if (prefix) {
      const size_t body = at + c.bytes;
      const size_t end = CasedWordBody(body, with_lower);
      if (end != body) return end;
    }
    const size_t end = CasedWordBody(at, with_lower);
    if (end != at) return end;
  }
  return at;
}

size_t PretokenStep::Punctuation(size_t at, uint16_t not_flags,
                                 std::string_view tail) {
  const size_t start = at + (At(at).first == ' ' ? 1 : 0);
  const size_t end = SkipOthers(start, not_flags);
  return end == start ? at : SkipBytes(end, tail);
}

size_t PretokenStep::WhiteSpace(size_t at, bool newlines_apart) {
  const size_t end = SkipRun(at, kUnicodeSpace);
  if (end == at) return at;
  // \s*[\r\n]+ gives back what follows the last newline.
  if (newlines_apart) {
    const size_t after = AfterNewline(text_.substr(at, end - at));
    if (after > 0) return at + after;
  }
  // \s+(?!\S) gives back the last character, if it is not the only one.
  const bool at_end = At(end).bytes == 0;
  const size_t last = PreviousCharacter(text_, end);
  return at_end || last == at ? end : last;
}

size_t PretokenStep::Gpt2(size_t at) {
  size_t end = Contraction(at, /*any_case=*/false);
  if (end != at) return end;
  const size_t start = at + (At(at).first == ' ' ? 1 : 0);
  for (const uint16_t flags :
       {uint16_t{kUnicodeLetter}, uint16_t{kUnicodeNumber}}) {
    end = SkipRun(start, flags);
    if (end != start) return end;
  }
  end = Punctuation(at, kNotPunctuation, "");
  return end != at ? end : WhiteSpace(at, /*newlines_apart=*/false);
}

size_t PretokenStep::Cl100k(size_t at, uint16_t word_flags, int digits) {
  size_t end = Contraction(at, /*any_case=*/true);
  if (end != at) return end;
  const Character c = At(at);
  size_t start = at;
  if (!IsNewline(c.first) &&
      (c.flags & (kUnicodeLetter | kUnicodeNumber)) == 0) {
    start += c.bytes;
  }
  end = SkipRun(start, word_flags);
  if (end != start) return end;
  if ((c.flags & word_flags) != 0) return start;  // one mark, of kQwen35
  end = SkipNumbers(at, digits);
  if (end != at) return end;
  end = Punctuation(at, kNotPunctuation | word_flags, "\r\n");
  return end != at ? end : WhiteSpace(at, /*newlines_apart=*/true);
}

size_t PretokenStep::O200k(size_t at, bool contractions, int digits) {
  size_t end = CasedWord(at);
  if (end != at) return contractions ? Contraction(end, true) : end;
  end = SkipNumbers(at, digits);
  if (end != at) return end;
  end = Punctuation(at, kNotPunctuation, "\r\n/");
  return end != at ? end : WhiteSpace(at, /*newlines_apart=*/true);
}

// The third split's match at `at`.
size_t PretokenStep::DeepSeekPart(size_t at) {
  constexpr uint16_t kSigns = kUnicodePunctuation | kUnicodeSymbol;
  const Character c = At(at);
  if (c.bytes == 1 && (c.flags & kSigns) != 0) {
    size_t end = at + 1;
    for (char next = LowerAscii(At(end).first); next >= 'a' && next <= 'z';
         next = LowerAscii(At(end).first)) {
      ++end;
    }
    if (end != at + 1) return end;
  }
  size_t start = at;
  if (!IsNewline(c.first) && (c.flags & (kUnicodeLetter | kSigns)) == 0) {
    start += c.bytes;
  }
  size_t end = SkipRun(start, kLetterMark);
  if (end != start) return end;
  if ((c.flags & kLetterMark) != 0) return start;
  start = at + (c.first == ' ' ? 1 : 0);
  end = SkipRun(start, kSigns);
  if (end != start) return SkipBytes(end, "\r\n");
  return WhiteSpace(at, /*newlines_apart=*/true);
}

// Whether DeepSeekPart matches at `at`, without looking for how far.
bool PretokenStep::StartsDeepSeekPart(size_t at) {
  const Character c = At(at);
  constexpr uint16_t kMatched =
      kLetterMark | kUnicodePunctuation | kUnicodeSymbol | kUnicodeSpace;
  return (c.flags & kMatched) != 0 ||
         (At(at + c.bytes).flags & kLetterMark) != 0;
}

size_t PretokenStep::DeepSeek(size_t at) {
  part_ = Part::kAll;
  const uint16_t flags = At(at).flags;
  // The third split finds nothing in a number.
  if ((flags & kUnicodeNumber) != 0) return SkipNumbers(at, 3);
  part_ = (flags & kUnicodeDeepSeekCjk) != 0 ? Part::kCjk : Part::kOther;
  size_t end = DeepSeekPart(at);
  if (end != at) return end;
  // Nothing matches here: the characters up to the next match stay together.
  for (Character c = At(at); c.bytes != 0 && !StartsDeepSeekPart(at);
       c = At(at)) {
    at += c.bytes;
  }
  return at;
}

size_t PretokenStep::Next(size_t start) {
  touched_end_ = false;
  size_t end = text_.size();
  switch (pattern_) {
    case Pattern::kGpt2:
      end = Gpt2(start);
      break;
    case Pattern::kCl100k:
      end = Cl100k(start, kUnicodeLetter, 3);
      break;
    case Pattern::kQwen2:
      end = Cl100k(start, kUnicodeLetter, 1);
      break;
    case Pattern::kQwen35:
      end = Cl100k(start, kLetterMark, 1);
      break;
    case Pattern::kO200k:
      end = O200k(start, /*contractions=*/true, 3);
      break;
    case Pattern::kTekken:
      end = O200k(start, /*contractions=*/false, 1);
      break;
    case Pattern::kDeepSeekV3:
      end = DeepSeek(start);
      break;
    case Pattern::kWholeText:
      touched_end_ = true;
      break;
  }
  return touched_end_ && !final_ ? kUndecided : end;
}

}  // namespace peaktext

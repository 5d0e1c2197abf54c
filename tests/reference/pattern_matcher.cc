#include "reference/pattern_matcher.h"

#include <functional>
#include <optional>

#include "base/utf8.h"
#include "tokenize/unicode_classes.h"

namespace peaktext::reference {
namespace {

using Set = std::function<bool(char32_t)>;

struct Item {
  enum Kind { kSet, kContraction, kNotBeforeNonSpace } kind = kSet;
  Set set = nullptr;
  size_t min = 1;
  size_t max = 1;
  bool any_case = true;
};
using Sequence = std::vector<Item>;
using Expression = std::vector<Sequence>;
using Characters = std::vector<char32_t>;

constexpr size_t kMany = SIZE_MAX;

Set Has(uint16_t flags) {
  return [flags](char32_t c) { return (UnicodeFlags(c) & flags) != 0; };
}
Set HasNot(uint16_t flags, std::u32string also_not = U"") {
  return [flags, also_not](char32_t c) {
    return (UnicodeFlags(c) & flags) == 0 &&
           also_not.find(c) == std::u32string::npos;
  };
}
Set OneOf(std::u32string characters) {
  return [characters](char32_t c) {
    return characters.find(c) != std::u32string::npos;
  };
}
Set Range(char32_t low, char32_t high, char32_t low2, char32_t high2) {
  return [=](char32_t c) {
    return (c >= low && c <= high) || (c >= low2 && c <= high2);
  };
}

Item One(Set set) { return {.set = std::move(set)}; }
Item Maybe(Set set) { return {.set = std::move(set), .min = 0}; }
Item Some(Set set) { return {.set = std::move(set), .max = kMany}; }
Item Any(Set set) { return {.set = std::move(set), .min = 0, .max = kMany}; }
Item UpTo(size_t max, Set set) { return {.set = std::move(set), .max = max}; }
Item Contraction(size_t min, bool any_case) {
  return {.kind = Item::kContraction, .min = min, .any_case = any_case};
}
const Item kNotBeforeNonSpace = {.kind = Item::kNotBeforeNonSpace};

bool SameLetter(char32_t c, char32_t letter, bool any_case) {
  if (c == letter) return true;
  if (!any_case) return false;
  return c + 32 == letter || (letter == U's' && c == 0x17F);
}

class Matcher {
 public:
  Matcher(const Characters& text, size_t end) : text_(text), end_(end) {}

  // End of the match of the first alternative that matches at `at`.
  std::optional<size_t> Match(const Expression& expression, size_t at) const {
    for (const Sequence& sequence : expression) {
      if (auto end = MatchFrom(sequence, 0, at)) return end;
    }
    return std::nullopt;
  }

 private:
  std::optional<size_t> MatchFrom(const Sequence& items, size_t i,
                                  size_t at) const {
    if (i == items.size()) return at;
    const Item& item = items[i];
    if (item.kind == Item::kNotBeforeNonSpace) {
      if (at < end_ && (UnicodeFlags(text_[at]) & kUnicodeSpace) == 0) {
        return std::nullopt;
      }
      return MatchFrom(items, i + 1, at);
    }
    if (item.kind == Item::kContraction) return MatchContraction(items, i, at);
    size_t count = 0;
    while (count < item.max && at + count < end_ &&
           item.set(text_[at + count])) {
      ++count;
    }
    for (size_t n = count + 1; n-- > item.min;) {
      if (auto end = MatchFrom(items, i + 1, at + n)) return end;
    }
    return std::nullopt;
  }

  std::optional<size_t> MatchContraction(const Sequence& items, size_t i,
                                         size_t at) const {
    for (const char32_t* tail : {U"s", U"t", U"re", U"ve", U"m", U"ll", U"d"}) {
      size_t end = at;
      bool same = end < end_ && text_[end++] == U'\'';
      for (const char32_t* letter = tail; same && *letter != 0; ++letter) {
        same =
            end < end_ && SameLetter(text_[end++], *letter, items[i].any_case);
      }
      if (!same) continue;
      if (auto found = MatchFrom(items, i + 1, end)) return found;
    }
    return items[i].min == 0 ? MatchFrom(items, i + 1, at) : std::nullopt;
  }

  const Characters& text_;
  size_t end_;
};

constexpr uint16_t kL = kUnicodeLetter;
constexpr uint16_t kN = kUnicodeNumber;
constexpr uint16_t kS = kUnicodeSpace;
constexpr uint16_t kM = kUnicodeMark;
constexpr uint16_t kSigns = kUnicodePunctuation | kUnicodeSymbol;

void AddWhiteSpace(Expression* to, bool newlines) {
  if (newlines) to->push_back({Any(Has(kS)), Some(OneOf(U"\r\n"))});
  to->push_back({Some(Has(kS)), kNotBeforeNonSpace});
  to->push_back({Some(Has(kS))});
}

Expression Cl100kLike(uint16_t letters, size_t digits) {
  Expression e = {{Contraction(1, true)},
                  {Maybe(HasNot(kL | kN, U"\r\n")), Some(Has(letters))},
                  {UpTo(digits, Has(kN))},
                  {Maybe(OneOf(U" ")), Some(HasNot(kS | letters | kN)),
                   Any(OneOf(U"\r\n"))}};
  AddWhiteSpace(&e, true);
  return e;
}

Expression O200kLike(bool contractions, size_t digits) {
  const Set upper = Has(kUnicodeUpper | kUnicodeOtherLetter | kM);
  const Set lower = Has(kUnicodeLower | kUnicodeOtherLetter | kM);
  const Set prefix = HasNot(kL | kN, U"\r\n");
  Expression e = {{Maybe(prefix), Any(upper), Some(lower)},
                  {Maybe(prefix), Some(upper), Any(lower)}};
  if (contractions) {
    for (Sequence& word : e) word.push_back(Contraction(0, true));
  }
  e.push_back({UpTo(digits, Has(kN))});
  e.push_back(
      {Maybe(OneOf(U" ")), Some(HasNot(kS | kL | kN)), Any(OneOf(U"\r\n/"))});
  AddWhiteSpace(&e, true);
  return e;
}

Expression DeepSeekLast() {
  Expression e = {{One(OneOf(U"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")),
                   Some(Range(U'A', U'Z', U'a', U'z'))},
                  {Maybe(HasNot(kL | kSigns, U"\r\n")), Some(Has(kL | kM))},
                  {Maybe(OneOf(U" ")), Some(Has(kSigns)), Any(OneOf(U"\r\n"))}};
  AddWhiteSpace(&e, true);
  return e;
}

std::vector<Expression> MakeExpressions(Pattern pattern) {
  switch (pattern) {
    case Pattern::kGpt2: {
      Expression e = {{Contraction(1, false)},
                      {Maybe(OneOf(U" ")), Some(Has(kL))},
                      {Maybe(OneOf(U" ")), Some(Has(kN))},
                      {Maybe(OneOf(U" ")), Some(HasNot(kS | kL | kN))}};
      AddWhiteSpace(&e, false);
      return {e};
    }
    case Pattern::kCl100k:
      return {Cl100kLike(kL, 3)};
    case Pattern::kQwen2:
      return {Cl100kLike(kL, 1)};
    case Pattern::kQwen35:
      return {Cl100kLike(kL | kM, 1)};
    case Pattern::kO200k:
      return {O200kLike(true, 3)};
    case Pattern::kTekken:
      return {O200kLike(false, 1)};
    case Pattern::kDeepSeekV3:
      return {{{UpTo(3, Has(kN))}},
              {{Some(Range(0x4E00, 0x9FA5, 0x3040, 0x30FF))}},
              DeepSeekLast()};
    case Pattern::kWholeText:
      break;
  }
  return {};
}

// Made once: making them takes longer than matching a short string.
const std::vector<Expression>& ExpressionsOf(Pattern pattern) {
  static const std::vector<std::vector<Expression>> all = [] {
    std::vector<std::vector<Expression>> made;
    for (int i = 0; i <= static_cast<int>(Pattern::kWholeText); ++i) {
      made.push_back(MakeExpressions(static_cast<Pattern>(i)));
    }
    return made;
  }();
  return all[static_cast<size_t>(pattern)];
}

// Cuts [begin, end) at the matches and at what lies between them.
void Split(const Characters& text, const Expression& expression, size_t begin,
           size_t end, std::vector<size_t>* ends) {
  const Matcher matcher(text, end);
  size_t gap = begin;
  for (size_t at = begin; at < end;) {
    const std::optional<size_t> match = matcher.Match(expression, at);
    if (!match || *match == at) {
      ++at;
      continue;
    }
    if (at > gap) ends->push_back(at);
    ends->push_back(*match);
    at = gap = *match;
  }
  if (gap < end) ends->push_back(end);
}

}  // namespace

std::vector<size_t> PretokenEnds(Pattern pattern, std::string_view text) {
  Characters characters;
  std::vector<size_t> offsets = {0};
  while (offsets.back() < text.size()) {
    const char* p = text.data() + offsets.back();
    characters.push_back(DecodeUtf8(p));
    offsets.push_back(offsets.back() +
                      Utf8Length(static_cast<unsigned char>(*p)));
  }
  std::vector<size_t> ends;
  if (!text.empty()) ends.push_back(characters.size());
  for (const Expression& expression : ExpressionsOf(pattern)) {
    std::vector<size_t> finer;
    size_t begin = 0;
    for (const size_t end : ends) {
      Split(characters, expression, begin, end, &finer);
      begin = end;
    }
    ends = std::move(finer);
  }
  for (size_t& end : ends) end = offsets[end];
  return ends;
}

}  // namespace peaktext::reference

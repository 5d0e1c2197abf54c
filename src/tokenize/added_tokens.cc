// The order of things is that of the crate `tokenizers` (added_vocabulary.rs):
// tokens that are not "normalized" are looked for in the raw text; then each
// part that is left is normalised and the others are looked for there. Only
// vocabularies whose normalisation does nothing may have such here.
#include "tokenize/added_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "tokenize/unicode_classes.h"

namespace peaktext {
namespace {

bool IsWhiteSpace(std::string_view character) {
  return (UnicodeFlags(DecodeUtf8(character.data())) & kUnicodeSpace) != 0;
}

// Offset of the white space that ends at `end`, but not before `limit`.
size_t WhiteSpaceBefore(std::string_view text, size_t end, size_t limit) {
  while (end > limit) {
    size_t start = end - 1;
    while (start > limit && IsContinuation(text[start])) --start;
    if (!IsWhiteSpace(text.substr(start, end - start))) break;
    end = start;
  }
  return end;
}

// Offset of the end of the white space that starts at `start`.
size_t WhiteSpaceAfter(std::string_view text, size_t start) {
  while (start < text.size()) {
    const size_t length = Utf8Length(static_cast<unsigned char>(text[start]));
    if (!IsWhiteSpace(text.substr(start, length))) break;
    start += length;
  }
  return start;
}

}  // namespace

Status CheckAddedTokens(const Vocabulary& vocabulary) {
  const bool changes = vocabulary.normalize_nfc ||
                       !vocabulary.prepend.empty() ||
                       !vocabulary.space_replacement.empty();
  for (const Vocabulary::AddedToken& token : vocabulary.added_tokens) {
    if (!token.single_word && !(token.normalized && changes)) continue;
    return {
        StatusCode::kUnsupported,
        fmt::format("{}: the added token \"{}\" is {}, which --added-tokens "
                    "does not know",
                    vocabulary.name, token.text,
                    token.single_word ? "single_word" : "normalized")};
  }
  return {};
}

AddedTokenSplitter::AddedTokenSplitter(const Vocabulary& vocabulary)
    : raw_(vocabulary, /*normalized=*/false),
      normalized_(vocabulary, /*normalized=*/true) {}

uint64_t AddedTokenSplitter::Split(std::string_view text,
                                   const Part& part) const {
  uint64_t normalized = 0;
  const uint64_t raw = raw_.Split(text, [&](std::string_view rest) {
    normalized += normalized_.Split(rest, part);
  });
  return raw + normalized;
}

TokenList AddedTokenSplitter::Set::Texts(
    const Vocabulary& vocabulary, bool normalized,
    std::vector<const Vocabulary::AddedToken*>* tokens) {
  TokenList texts;
  for (const Vocabulary::AddedToken& token : vocabulary.added_tokens) {
    if (token.normalized != normalized) continue;
    tokens->push_back(&token);
    texts.Append(token.text);
  }
  return texts;
}

AddedTokenSplitter::Set::Set(const Vocabulary& vocabulary, bool normalized)
    : texts_(Texts(vocabulary, normalized, &tokens_)), index_(texts_) {
  for (const Vocabulary::AddedToken* token : tokens_) {
    const std::string& text = token->text;
    lengths_[static_cast<unsigned char>(text[0])].push_back(text.size());
    if (text.size() > 1) {
      heads_.set(Head(text[0], text[1]));
      continue;
    }
    for (int next = 0; next < 256; ++next) {
      heads_.set(Head(text[0], static_cast<char>(next)));
    }
  }
  for (std::vector<size_t>& lengths : lengths_) {
    std::sort(lengths.begin(), lengths.end(), std::greater<>());
    lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  }
}

const Vocabulary::AddedToken* AddedTokenSplitter::Set::Match(
    std::string_view text, size_t at) const {
  if (at + 1 < text.size() && !heads_[Head(text[at], text[at + 1])]) {
    return nullptr;
  }
  for (const size_t length : lengths_[static_cast<unsigned char>(text[at])]) {
    if (length > text.size() - at) continue;
    const uint32_t found = index_.Find(text.substr(at, length));
    if (found != TokenIndex::kNotFound) return tokens_[found];
  }
  return nullptr;
}

uint64_t AddedTokenSplitter::Set::Split(std::string_view text,
                                        const Part& part) const {
  uint64_t found = 0;
  size_t done = 0;
  for (size_t at = 0; at < text.size();) {
    const Vocabulary::AddedToken* token = Match(text, at);
    if (token == nullptr) {
      ++at;
      continue;
    }
    size_t start = at;
    size_t end = at + token->text.size();
    at = end;  // the reference looks on from here, even in stripped white space
    if (token->lstrip) {
      start = start > done ? WhiteSpaceBefore(text, start, done) : done;
    }
    // Up to `done` there is only white space.
    if (token->rstrip) end = WhiteSpaceAfter(text, std::max(end, done));
    if (done < start) part(text.substr(done, start - done));
    // None is left of one in white space that the one before has taken.
    if (start < end) ++found;
    done = end;
  }
  if (done < text.size()) part(text.substr(done));
  return found;
}

}  // namespace peaktext

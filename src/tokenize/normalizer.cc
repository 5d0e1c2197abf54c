// ICU's tables are of a later Unicode version (15.0 in Debian 12) than the
// reference's 9.0. They agree on all that is in 9.0, by Unicode's stability
// policy, so that ICU filtered to the characters of 9.0 is the reference. A
// text that ICU finds normal with its later tables is normal with the earlier
// ones too: what those do not know cuts runs of marks into parts of themselves
// and keeps characters from composing, it never brings any together. So the
// check needs no filter, only the rare change does.
#include "tokenize/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/utf8.h"

namespace peaktext {
namespace {

// Below U+0300, whose UTF-8 starts with this byte, nothing composes with what
// is before it or changes its place.
constexpr unsigned char kFirstLead = 0xCC;

// Text that is checked, and changed, at once; then up to the next boundary.
constexpr size_t kChunkBytes = 4096;

unsigned char ByteAt(std::string_view text, size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// Offset of the first byte from `from` on that belongs to U+0300 or later.
size_t SkipPlain(std::string_view text, size_t from) {
  constexpr size_t kBlock = 64;
  const auto is_late = [](char c) {
    return static_cast<unsigned char>(c) >= kFirstLead;
  };
  for (; from + kBlock <= text.size(); from += kBlock) {
    unsigned late = 0;  // no branch inside, so that it becomes vector code
    for (size_t i = 0; i < kBlock; ++i) {
      late |= static_cast<unsigned>(is_late(text[from + i]));
    }
    if (late != 0) break;
  }
  const auto found = std::find_if(text.begin() + static_cast<ptrdiff_t>(from),
                                  text.end(), is_late);
  return static_cast<size_t>(found - text.begin());
}

}  // namespace

struct NfcNormalizer::Tables {
  Tables(const icu::Normalizer2& icu_nfc, const icu::UnicodeSet& characters)
      : later(icu_nfc), known(characters), nfc(later, known) {
    known.freeze();
  }

  // Whether no character at `offset` or after it changes with those before.
  bool IsBoundary(std::string_view text, size_t offset) const {
    const unsigned char lead = ByteAt(text, offset);
    if (lead < kFirstLead) return (lead & 0xC0) != 0x80;
    const icu::StringPiece character(text.data() + offset,
                                     U8_COUNT_TRAIL_BYTES(lead) + 1);
    return later.hasBoundaryBefore(
        icu::UnicodeString::fromUTF8(character).char32At(0));
  }

  // The class by which the reference sorts `character`, 0 where it does not.
  uint8_t ClassOf(std::string_view character) const {
    if (ByteAt(character, 0) < kFirstLead) return 0;
    const UChar32 c =
        icu::UnicodeString::fromUTF8(
            {character.data(), static_cast<int32_t>(character.size())})
            .char32At(0);
    return known.contains(c) ? later.getCombiningClass(c) : 0;
  }

  const icu::Normalizer2& later;
  icu::UnicodeSet known;
  icu::FilteredNormalizer2 nfc;
};

NfcNormalizer::NfcNormalizer(std::unique_ptr<const Tables> tables)
    : tables_(std::move(tables)) {}
NfcNormalizer::~NfcNormalizer() = default;
NfcNormalizer::NfcNormalizer(NfcNormalizer&&) noexcept = default;
NfcNormalizer& NfcNormalizer::operator=(NfcNormalizer&&) noexcept = default;

Result<NfcNormalizer> NfcNormalizer::Create() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  const icu::UnicodeSet known(UNICODE_STRING_SIMPLE("[:age=9.0:]"), error);
  if (U_FAILURE(error)) {
    return Fail(StatusCode::kUnsupported,
                std::string("ICU's NFC: ") + u_errorName(error));
  }
  return NfcNormalizer(std::make_unique<const Tables>(*nfc, known));
}

// `text` with each run of marks in canonical order (Unicode 16.0, D109), which
// does not change its normal form. ICU puts a mark in its place by going back
// over all that belong after it: for long runs in time that grows with their
// square. Here the marks of a run are counted by class first.
std::string NfcNormalizer::Ordered(std::string_view text) const {
  std::string ordered;
  ordered.reserve(text.size());
  std::array<std::string, 256> by_class;
  const auto end_run = [&] {
    for (std::string& marks : by_class) {
      ordered += marks;
      marks.clear();
    }
  };
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = Utf8Length(ByteAt(text, at));
    const std::string_view character = text.substr(at, bytes);
    const uint8_t combining_class = tables_->ClassOf(character);
    if (combining_class == 0) end_run();
    by_class[combining_class] += character;
    at += bytes;
  }
  end_run();
  return ordered;
}

std::string_view NfcNormalizer::Normalize(std::string_view text,
                                          std::string* buffer) const {
  buffer->clear();
  size_t copied = 0;   // what is before it is in *buffer, if anything is
  size_t checked = 0;  // what is before it is normal, or was copied
  for (size_t at = SkipPlain(text, 0); at < text.size();
       at = SkipPlain(text, at)) {
    // The character before may compose with it.
    const size_t begin = at > checked ? PreviousCharacter(text, at) : at;
    size_t end = std::min(text.size(), at + kChunkBytes);
    while (end < text.size() && !tables_->IsBoundary(text, end)) ++end;
    const std::string_view chunk = text.substr(begin, end - begin);
    icu::StringPiece piece(chunk.data(), static_cast<int32_t>(chunk.size()));
    std::string ordered;
    if (chunk.size() > 2 * kChunkBytes) {  // one that has a long run
      ordered = Ordered(chunk);
      piece.set(ordered.data(), static_cast<int32_t>(ordered.size()));
    }
    UErrorCode error = U_ZERO_ERROR;
    if ((!ordered.empty() && ordered != chunk) ||
        !tables_->later.isNormalizedUTF8(piece, error)) {
      buffer->append(text.substr(copied, begin - copied));
      icu::StringByteSink<std::string> sink(buffer);
      tables_->nfc.normalizeUTF8(0, piece, sink, nullptr, error);
      copied = end;
    }
    at = checked = end;
  }
  if (copied == 0) return text;
  buffer->append(text.substr(copied));
  return *buffer;
}

size_t NfcNormalizer::LastBoundary(std::string_view text) const {
  size_t offset = text.size();
  while (offset > 0) {
    offset = PreviousCharacter(text, offset);
    if (tables_->IsBoundary(text, offset)) break;
  }
  return offset;
}

}  // namespace peaktext

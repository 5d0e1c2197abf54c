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

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/utf8.h"

namespace peaktext {
namespace {

// Below U+0300, whose UTF-8 starts with this byte, nothing composes with what
// is before it or changes its place.
constexpr unsigned char kFirstLead = 0xCC;

// Text that is checked, and changed, at once; then up to the next boundary.
constexpr size_t kChunkBytes = 4096;

// ICU is left to sort runs of marks that are shorter, in bytes, or were not
// seen: every so often a character is looked at, and those behind it as long as
// they are marks. It takes 1/40 of the time of ICU's check.
constexpr size_t kLongRun = 32;
constexpr size_t kLookEvery = 192;

unsigned char ByteAt(std::string_view text, size_t i) {
  return static_cast<unsigned char>(text[i]);
}

UChar32 CharacterAt(std::string_view text, size_t i) {
  return static_cast<UChar32>(DecodeUtf8(text.data() + i));
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
    // Between these are ideographs, Hangul and private ones.
    constexpr char32_t kRanges[][2] = {
        {0x300, 0x4000}, {0xA000, 0xB000}, {0xF000, kLowEnd}};
    for (const auto& [first, end] : kRanges) {
      for (char32_t c = first; c < end; ++c) {
        low_marks[c] = later.getCombiningClass(static_cast<UChar32>(c)) != 0;
      }
    }
  }

  // Whether no character at `offset` or after it changes with those before.
  bool IsBoundary(std::string_view text, size_t offset) const {
    const unsigned char lead = ByteAt(text, offset);
    if (lead < kFirstLead) return (lead & 0xC0) != 0x80;
    return later.hasBoundaryBefore(CharacterAt(text, offset));
  }

  // The class by which the reference sorts the character, 0 where it does not.
  uint8_t ClassAt(std::string_view text, size_t offset) const {
    if (ByteAt(text, offset) < kFirstLead) return 0;
    const UChar32 c = CharacterAt(text, offset);
    const uint8_t combining_class = later.getCombiningClass(c);
    return combining_class != 0 && known.contains(c) ? combining_class : 0;
  }

  // Whether ICU sorts it, with its later tables.
  bool IsMark(char32_t c) const {
    if (c < kLowEnd) return low_marks[c];
    return later.getCombiningClass(static_cast<UChar32>(c)) != 0;
  }

  // Of nearly all characters, for a quick answer.
  static constexpr char32_t kLowEnd = 0x10000;
  std::bitset<kLowEnd> low_marks;

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

// False when there is no run of marks of kLongRun bytes, true when there is one
// of that and kLookEvery and a character's. Between these it depends on where
// they are; a text of many will hardly hide them all.
bool NfcNormalizer::HasLongRun(std::string_view text) const {
  for (size_t from = 0; from + kLongRun + 8 <= text.size();
       from += kLookEvery) {
    uint64_t eight;
    std::memcpy(&eight, text.data() + from, sizeof(eight));
    const uint64_t leads = TopBits(~eight | eight << 1);
    size_t at = from + static_cast<size_t>(std::countr_zero(leads));
    const size_t end = at + kLongRun;
    while (tables_->IsMark(DecodeUtf8Blindly(text.data(), &at))) {
      if (at >= end) return true;
      if (at + 4 > text.size()) break;
    }
  }
  return false;
}

// `text` with each run of marks in canonical order (Unicode 16.0, D109), which
// does not change its normal form. ICU puts a mark in its place by going back
// over all that belong after it: for long runs in time that grows with their
// square. Here the marks of a run are put together by class first.
std::string NfcNormalizer::Ordered(std::string_view text) const {
  std::string ordered;
  ordered.reserve(text.size());
  std::array<std::string, 256> by_class;
  std::vector<uint8_t> used;
  const auto end_run = [&] {
    std::sort(used.begin(), used.end());
    for (const uint8_t combining_class : used) {
      ordered += by_class[combining_class];
      by_class[combining_class].clear();
    }
    used.clear();
  };
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = Utf8Length(ByteAt(text, at));
    const uint8_t combining_class = tables_->ClassAt(text, at);
    if (combining_class == 0) {
      end_run();
      ordered.append(text, at, bytes);
    } else {
      std::string& marks = by_class[combining_class];
      if (marks.empty()) used.push_back(combining_class);
      marks.append(text, at, bytes);
    }
    at += bytes;
  }
  end_run();
  return ordered;
}

// Visits the parts of the text that are not normal, in order: `change` gets
// where one is, and it with its marks in order. Stops when that returns false.
template <class Change>
void NfcNormalizer::ForEachChange(std::string_view text,
                                  const Change& change) const {
  size_t checked = 0;
  for (size_t at = SkipPlain(text, 0); at < text.size();
       at = SkipPlain(text, at)) {
    // The character before may compose with it.
    const size_t begin = at > checked ? PreviousCharacter(text, at) : at;
    size_t end = std::min(text.size(), at + kChunkBytes);
    while (end < text.size() && !tables_->IsBoundary(text, end)) ++end;
    const std::string_view chunk = text.substr(begin, end - begin);
    icu::StringPiece piece(chunk.data(), static_cast<int32_t>(chunk.size()));
    const icu::Normalizer2* check = &tables_->later;
    std::string ordered;
    if (HasLongRun(chunk)) {
      ordered = Ordered(chunk);
      piece.set(ordered.data(), static_cast<int32_t>(ordered.size()));
      check = &tables_->nfc;  // marks of later versions may be in any order
    }
    UErrorCode error = U_ZERO_ERROR;
    const bool is_other = (!ordered.empty() && ordered != chunk) ||
                          !check->isNormalizedUTF8(piece, error);
    if (is_other && !change(begin, end, piece)) return;
    at = checked = end;
  }
}

bool NfcNormalizer::IsNormal(std::string_view text) const {
  bool is_normal = true;
  ForEachChange(text, [&](size_t, size_t, icu::StringPiece) {
    is_normal = false;
    return false;
  });
  return is_normal;
}

std::string_view NfcNormalizer::Normalize(std::string_view text,
                                          std::string* buffer) const {
  buffer->clear();
  size_t copied = 0;  // what is before it is in *buffer, if anything is
  ForEachChange(text, [&](size_t begin, size_t end, icu::StringPiece piece) {
    buffer->append(text.substr(copied, begin - copied));
    icu::StringByteSink<std::string> sink(buffer);
    UErrorCode error = U_ZERO_ERROR;
    tables_->nfc.normalizeUTF8(0, piece, sink, nullptr, error);
    copied = end;
    return true;
  });
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

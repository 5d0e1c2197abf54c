// CharsetDecoder: UTF-8 is repaired by our own code, iso-8859-16 goes by a
// table (ICU has no converter for it), everything else by ICU through UTF-16.
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "base/utf8.h"
#include "extract/charset.h"
#include "extract/charset_labels.h"

namespace peaktext {
namespace {

enum class Way { kUtf8, kIso8859_16, kIcu };

// Stretches of ASCII shorter than this are left to ICU with what is around
// them.
constexpr size_t kAsciiRun = 16;

// ICU calls it for each sequence that it cannot convert: one U+FFFD each.
void CountAndReplace(const void* context, UConverterToUnicodeArgs* args,
                     const char*, int32_t, UConverterCallbackReason reason,
                     UErrorCode* error) {
  if (reason > UCNV_IRREGULAR) return;  // reset, close, clone
  ++*static_cast<uint64_t*>(const_cast<void*>(context));
  *error = U_ZERO_ERROR;
  const UChar replacement = 0xFFFD;
  ucnv_cbToUWriteUChars(args, &replacement, 1, 0, error);
}

// Where the standard's index has no character, ICU's tables of vendors'
// charsets put some private use ones. The standard has such only in the Chinese
// and Japanese user-defined areas (and Apple's logo).
bool IsVendorPrivate(char16_t unit, bool user_area) {
  if (unit < 0xE000 || unit >= 0xF8FF) return false;
  return !user_area || unit >= 0xF8C0;
}

const char* IcuName(std::string_view name) {
  for (const CharsetLabel& row : kCharsetLabelTable) {
    if (row.name == name) return row.icu;
  }
  return "windows-1252";
}

}  // namespace

struct CharsetDecoder::State {
  Way way = Way::kUtf8;
  std::string held;  // kUtf8: the incomplete character at the end of a piece
  std::unique_ptr<UConverter, decltype(&ucnv_close)> converter{nullptr,
                                                               &ucnv_close};
  bool ascii_superset = false;  // ASCII bytes are themselves, in any state
  bool swapped_controls = false;
  bool user_area = false;       // private use characters are the text's own
  char16_t high_surrogate = 0;  // waits for its other half
  uint64_t replaced = 0;

  void PutUtf16(const UChar* from, const UChar* to, std::string* out) {
    for (; from < to; ++from) {
      const char16_t unit = *from;
      if (high_surrogate != 0) {
        const char16_t high = std::exchange(high_surrogate, 0);
        if (U16_IS_TRAIL(unit)) {
          AppendUtf8(static_cast<char32_t>(U16_GET_SUPPLEMENTARY(high, unit)),
                     out);
          continue;
        }
        Replace(out);
      }
      if (unit < 0xD800) {
        AppendUtf8(unit < 0x80 ? AsciiOf(unit) : unit, out);
      } else if (U16_IS_LEAD(unit)) {
        high_surrogate = unit;
      } else if (U16_IS_TRAIL(unit) || IsVendorPrivate(unit, user_area)) {
        Replace(out);
      } else {
        AppendUtf8(unit, out);
      }
    }
  }
  // IBM's PC code pages have three controls in each other's place.
  char16_t AsciiOf(char16_t unit) const {
    if (!swapped_controls) return unit;
    return unit == 0x1C   ? 0x1A
           : unit == 0x7F ? 0x1C
           : unit == 0x1A ? 0x7F
                          : unit;
  }
  void Replace(std::string* out) {
    ++replaced;
    AppendUtf8(0xFFFD, out);
  }

  // Markup is ASCII: where the charset has it as it is and no character is half
  // read, ASCII goes by ICU.
  void RunMixed(std::string_view piece, std::string* out) {
    while (!piece.empty()) {
      UErrorCode error = U_ZERO_ERROR;
      if (high_surrogate == 0 &&
          ucnv_toUCountPending(converter.get(), &error) == 0) {
        const size_t ascii = AsciiPrefix(piece);
        out->append(piece.substr(0, ascii));
        piece.remove_prefix(ascii);
      }
      // Up to the next stretch of ASCII that is worth it.
      size_t end = 0;
      for (size_t run = 0; end < piece.size() && run < kAsciiRun; ++end) {
        run = (piece[end] & 0x80) != 0 ? 0 : run + 1;
      }
      RunIcu(piece.substr(0, end), false, out);
      piece.remove_prefix(end);
    }
  }

  void RunIcu(std::string_view piece, bool flush, std::string* out) {
    std::array<UChar, 8192> units;
    const char* from = piece.data();
    const char* const end = from + piece.size();
    while (true) {
      UChar* to = units.data();
      UErrorCode error = U_ZERO_ERROR;
      ucnv_toUnicode(converter.get(), &to, units.data() + units.size(), &from,
                     end, nullptr, static_cast<UBool>(flush), &error);
      PutUtf16(units.data(), to, out);
      if (error != U_BUFFER_OVERFLOW_ERROR) break;
    }
  }
};

CharsetDecoder::CharsetDecoder(std::string_view name)
    : state_(std::make_unique<State>()) {
  if (name == "utf-8") return;
  const char* const icu = IcuName(name);
  if (*icu == '\0') {
    state_->way = Way::kIso8859_16;
    return;
  }
  state_->way = Way::kIcu;
  state_->ascii_superset = !name.starts_with("utf-16") &&
                           !name.starts_with("iso-2022") &&
                           !name.starts_with("hz");
  state_->swapped_controls = name == "ibm866" || name == "shift_jis";
  state_->user_area = name.starts_with("gb") || name.starts_with("utf-16") ||
                      name == "shift_jis";
  UErrorCode error = U_ZERO_ERROR;
  state_->converter.reset(ucnv_open(icu, &error));
  assert(U_SUCCESS(error));
  ucnv_setToUCallBack(state_->converter.get(), &CountAndReplace,
                      &state_->replaced, nullptr, nullptr, &error);
}

CharsetDecoder::~CharsetDecoder() = default;
CharsetDecoder::CharsetDecoder(CharsetDecoder&&) noexcept = default;
CharsetDecoder& CharsetDecoder::operator=(CharsetDecoder&&) noexcept = default;

void CharsetDecoder::Decode(std::string_view piece, std::string* out) {
  switch (state_->way) {
    case Way::kUtf8:
      // The held bytes need at most three more to be a character or none.
      while (!state_->held.empty() && !piece.empty()) {
        state_->held.push_back(piece.front());
        piece.remove_prefix(1);
        if (IncompleteUtf8Suffix(state_->held) != state_->held.size()) {
          const size_t keep = IncompleteUtf8Suffix(state_->held);
          const std::string_view all = state_->held;
          state_->replaced +=
              AppendRepairedUtf8(all.substr(0, all.size() - keep), out);
          state_->held.erase(0, all.size() - keep);
        }
      }
      if (!piece.empty()) {
        const size_t keep = IncompleteUtf8Suffix(piece);
        state_->held.assign(piece.substr(piece.size() - keep));
        state_->replaced +=
            AppendRepairedUtf8(piece.substr(0, piece.size() - keep), out);
      }
      break;
    case Way::kIso8859_16:
      for (const char c : piece) {
        const auto byte = static_cast<uint8_t>(c);
        AppendUtf8(byte < 0xA0 ? byte : kIso8859_16[byte - 0xA0], out);
      }
      break;
    case Way::kIcu:
      if (state_->ascii_superset) {
        state_->RunMixed(piece, out);
      } else {
        state_->RunIcu(piece, false, out);
      }
      break;
  }
}

void CharsetDecoder::Finish(std::string* out) {
  if (state_->way == Way::kUtf8) {
    state_->replaced += AppendRepairedUtf8(state_->held, out);
    state_->held.clear();
  } else if (state_->way == Way::kIcu) {
    state_->RunIcu({}, true, out);
    if (std::exchange(state_->high_surrogate, 0) != 0) state_->Replace(out);
  }
}

uint64_t CharsetDecoder::replaced() const { return state_->replaced; }

}  // namespace peaktext

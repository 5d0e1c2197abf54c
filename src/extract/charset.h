// Which charset a page is in, and its text as UTF-8.
//
//   Charset charset = ChooseCharset(content_type, bytes);
//   CharsetDecoder decoder(charset.name);
//   decoder.Decode(piece, &utf8); ... decoder.Finish(&utf8);
//
// The order is the one of browsers (WHATWG HTML, 13.2.3.2) as far as a stored
// page allows it: byte order mark, HTTP header, <meta> or XML declaration,
// then, where nothing is named, UTF-8 if all bytes are valid UTF-8, else what
// uchardet takes it for, else windows-1252.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace peaktext {

enum class CharsetSource {
  kBom,
  kHttp,
  kMeta,
  kValidUtf8,
  kDetector,
  kDefault
};

struct Charset {
  std::string_view name;  // WHATWG name in lower case; static
  CharsetSource source = CharsetSource::kDefault;
  size_t bom_bytes = 0;  // to be left out of the text
};

// The WHATWG name in lower case of a label (any case, blanks around); empty for
// an unknown one. "latin1" and "ascii" are windows-1252, "gb2312" is gbk.
std::string_view CanonicalCharset(std::string_view label);

// The value of charset= in a Content-Type; empty when there is none.
std::string_view CharsetParameter(std::string_view content_type);

// What <meta charset>, <meta http-equiv=content-type> or an XML declaration in
// the first kPrescanBytes names (WHATWG HTML, "prescan a byte stream"); empty
// when nothing known is named. utf-16 there can only mean utf-8.
std::string_view PrescanCharset(std::string_view html);
inline constexpr size_t kPrescanBytes = 4096;  // browsers: at least 1024

Charset ChooseCharset(std::string_view content_type, std::string_view bytes);

// To valid UTF-8, in pieces of any size: every split gives the same text.
class CharsetDecoder {
 public:
  // REQUIRES: `name` from CanonicalCharset or ChooseCharset.
  explicit CharsetDecoder(std::string_view name);
  ~CharsetDecoder();
  CharsetDecoder(CharsetDecoder&&) noexcept;
  CharsetDecoder& operator=(CharsetDecoder&&) noexcept;

  void Decode(std::string_view piece, std::string* out);  // appends
  void Finish(std::string* out);  // what was incomplete becomes U+FFFD
  uint64_t replaced() const;      // U+FFFD put in so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peaktext

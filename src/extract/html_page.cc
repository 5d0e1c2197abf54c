#include "extract/html_page.h"

#include <algorithm>
#include <cstring>

#include "base/utf8.h"
#include "extract/charset.h"

namespace peaktext {
namespace {

constexpr size_t kPieceBytes = 64 << 10;
// Smaller bodies are not worth a second copy of their text.
constexpr size_t kInPlaceBytes = 4 << 20;

}  // namespace

std::string_view HtmlPage::ToText(std::string_view content_type,
                                  std::span<char> body) {
  const std::string_view bytes(body.data(), body.size());
  const Charset charset = ChooseCharset(content_type, bytes);
  const bool valid_utf8 = charset.source == CharsetSource::kValidUtf8 ||
                          (charset.name == "utf-8" && IsValidUtf8(bytes));
  text_.clear();
  replaced_ = 0;
  if (body.size() <= kInPlaceBytes && valid_utf8) {
    converter_.Feed(bytes.substr(charset.bom_bytes), &text_);
    converter_.Finish(&text_);
    return text_;
  }
  return InPlace(charset.name, valid_utf8, body, charset.bom_bytes);
}

// Goes through `body` in pieces and moves the text that they give to the part
// of `body` that has been read.
std::string_view HtmlPage::InPlace(std::string_view charset, bool valid_utf8,
                                   std::span<char> body, size_t from) {
  CharsetDecoder decoder(charset);
  size_t read = from;
  size_t written = 0;
  const auto move_out = [&] {
    if (body.size() <= kInPlaceBytes || text_.size() > read - written) return;
    std::memcpy(body.data() + written, text_.data(), text_.size());
    written += text_.size();
    text_.clear();
  };
  while (read < body.size()) {
    const size_t count = std::min(kPieceBytes, body.size() - read);
    const std::string_view piece(body.data() + read, count);
    if (valid_utf8) {
      converter_.Feed(piece, &text_);
    } else {
      utf8_.clear();
      decoder.Decode(piece, &utf8_);
      converter_.Feed(utf8_, &text_);
    }
    read += count;
    move_out();
  }
  utf8_.clear();
  decoder.Finish(&utf8_);
  converter_.Feed(utf8_, &text_);
  converter_.Finish(&text_);
  replaced_ = decoder.replaced();
  if (written == 0) return text_;
  move_out();
  if (text_.empty()) return {body.data(), written};
  // The text outgrew the page: a legacy charset without much markup.
  text_.insert(0, body.data(), written);
  return text_;
}

void HtmlPage::ShrinkBeyond(size_t bytes) {
  for (std::string* buffer : {&text_, &utf8_}) {
    if (buffer->capacity() > bytes) std::string().swap(*buffer);
  }
}

}  // namespace peaktext

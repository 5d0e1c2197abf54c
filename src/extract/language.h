// The language of a document as an ISO 639-3 code ("eng", "zho", "und").
//
//   std::string_view language = HeaderLanguage(record.language);
//   if (language.empty()) language = DetectLanguage(text);
//
// Thread-safe.
#pragma once

#include <string_view>

namespace peaktext {

// The first code of a WARC-Identified-Content-Language list ("spa,eng") or of a
// language column ("en", "pt-BR"), as ISO 639-3; empty when there is none that
// ICU knows or that looks like a three-letter code. A three-letter code is
// returned as a view of `header`, a two-letter one as a static string.
std::string_view HeaderLanguage(std::string_view header);

// What CLD2 takes the text for; "und" when it is not sure. Looks at pieces from
// all over the text, 2 kB in all at most: more costs time and changes the
// answer of few documents. What is not UTF-8 is repaired first. The result is
// static.
std::string_view DetectLanguage(std::string_view text);

}  // namespace peaktext

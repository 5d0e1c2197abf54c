// NFC, the way Hugging Face's tokenizers has it: with the tables of Unicode 9.0
// (those of the crate unicode-normalization-alignments; tried on every code
// point). Characters that came later stay as they are and keep their place.
//
//   Result<NfcNormalizer> nfc = NfcNormalizer::Create();
//   std::string buffer;
//   std::string_view normal = nfc->Normalize(text, &buffer);
//
// Text that is in NFC already, as most is, is only looked at, and text below
// U+0300 is only skimmed. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace peaktext {

class NfcNormalizer {
 public:
  // Fails with kUnsupported when ICU has no data for it.
  static Result<NfcNormalizer> Create();
  ~NfcNormalizer();
  NfcNormalizer(NfcNormalizer&&) noexcept;
  NfcNormalizer& operator=(NfcNormalizer&&) noexcept;

  // The normal form of `text`: `text` itself when it has it already, else
  // *buffer, whose earlier content is lost. REQUIRES: `text` is valid UTF-8,
  // under 2 GiB.
  std::string_view Normalize(std::string_view text, std::string* buffer) const;

  // Whether Normalize() would return `text` itself, which is known at the first
  // change. REQUIRES: as there.
  bool IsNormal(std::string_view text) const;

  // The largest offset such that the normal form of `text`, whatever follows
  // it, is that of the part before the offset and that of the rest joined; 0
  // when there is none. For text in pieces: what is before it can be
  // normalised now. REQUIRES: `text` is valid UTF-8.
  size_t LastBoundary(std::string_view text) const;

 private:
  struct Tables;
  explicit NfcNormalizer(std::unique_ptr<const Tables> tables);
  template <class Change>
  void ForEachChange(std::string_view text, const Change& change) const;
  bool HasLongRun(std::string_view text) const;
  std::string Ordered(std::string_view text) const;

  std::unique_ptr<const Tables> tables_;
};

}  // namespace peaktext

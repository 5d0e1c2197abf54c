// Finds the pretokens of a text 64 bytes at a time. Same cuts as PretokenStep
// (pretokenizer.h), and more: where no token of the vocabularies spans a pair
// of characters, a pretoken is cut between them too (exact_cuts.h).
//
//   BlockScanner scanner(Pattern::kO200k, isa);
//   std::vector<uint16_t> positions(text.size() + BlockScanner::kSlack);
//   size_t count = scanner.Scan(text, 0, /*final=*/true, cuts, positions);
//
// Stateless between calls: the text of each call starts where a pretoken does.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "simd/tokenize_kernels.h"
#include "tokenize/exact_cuts.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

class BlockScanner {
 public:
  // Longest text of one call, and of all that share positions.
  static constexpr size_t kMaxBytes = 60000;
  // Room for positions beyond one per byte, as kernels write there.
  static constexpr size_t kSlack = 256;
  // Zero bytes that must follow a text.
  static constexpr size_t kPaddingBytes = 256;

  // False for kWholeText, which cuts nothing.
  static bool Supports(Pattern pattern);

  // REQUIRES: Supports(pattern).
  BlockScanner(Pattern pattern, Isa isa);

  // Scanners of several patterns can share the classes of a text's characters,
  // if those of the one that finds them are as fine as any. True when those
  // that `from` finds are fine enough for this one.
  bool CanShare(const BlockScanner& from) const;
  // As many blocks as a text can have: none but the last is of less than 61
  // bytes.
  static constexpr size_t BlocksFor(size_t bytes) { return bytes / 61 + 2; }
  // Returns how many blocks. REQUIRES: room for BlocksFor(text.size()); as
  // Scan.
  size_t Classify(std::string_view text, std::span<ClassMasks> blocks) const;

  // Puts the starts of pretokens (and their parts) into positions, ascending,
  // and where the last of them ends; returns how many that are. The text starts
  // at position `first`. The end is that of the text with `final`, else the
  // start of the first pretoken that may go on beyond it. `cuts` may be null.
  // `blocks`, if any, are the classes of all of the text, which this scanner or
  // one that CanShare() says found; they serve others after it, too. REQUIRES:
  // 0 < text.size(), first + text.size() <= kMaxBytes, positions.size() >=
  // text.size() + kSlack.
  size_t Scan(std::string_view text, size_t first, bool final,
              const ExactCuts* cuts, std::span<uint16_t> positions,
              std::span<ClassMasks> blocks = {}) const;

 private:
  Pattern pattern_;
  Isa isa_;
  const TokenizeKernels* kernels_;
  RoleTable roles_;
};

}  // namespace peaktext

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

#include "simd/boundary_kernels.h"
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
  // As many masks as a text's classes can take: no block but the last is of
  // less than 61 bytes, and of each but the first masks one was there before.
  static constexpr size_t ClassMasksFor(size_t bytes) {
    return (bytes / 61 + 1) / (ClassMasks::kMost - 1) + 1;
  }
  // Returns how many masks. Each but the first begins with the last block of
  // the one before. REQUIRES: a text that is not empty, and room for
  // ClassMasksFor(text.size()); as Scan.
  size_t Classify(std::string_view text, std::span<ClassMasks> classes) const;

  // Puts the starts of pretokens (and their parts) into positions, ascending,
  // and where the last of them ends; returns how many that are. The text starts
  // at position `first`. The end is that of the text with `final`, else the
  // start of the first pretoken that may go on beyond it. `cuts` may be null.
  // `classes`, if any, are those of all of the text, which this scanner or one
  // that CanShare() says found, and `final` is true then. REQUIRES:
  // 0 < text.size(), first + text.size() <= kMaxBytes, positions.size() >=
  // text.size() + kSlack.
  size_t Scan(std::string_view text, size_t first, bool final,
              const ExactCuts* cuts, std::span<uint16_t> positions,
              std::span<const ClassMasks> classes = {}) const;

 private:
  Pattern pattern_;
  const TokenizeKernels* kernels_;
  BoundaryFunction* find_boundaries_;
  RoleTable roles_;
};

}  // namespace peaktext

// One way of cutting a text into pretokens, and the vocabularies that share it.
//
//   CountLane lane(vocabulary, options);
//   lane.Add(&tables, index);
//   lane.Append(valid_utf8, /*final=*/false, tokens);
//
// Not thread-safe. Between calls it holds what is not yet decided: a window,
// and of a pretoken that is longer what its merges depend on (and, where texts
// are normalised, what the next character could yet change).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenize/block_scanner.h"
#include "tokenize/bpe_counter.h"
#include "tokenize/count_tables.h"
#include "tokenize/exact_cuts.h"
#include "tokenize/long_run.h"
#include "tokenize/pretoken_batch.h"
#include "tokenize/pretoken_cache.h"
#include "tokenize/whole_text_cuts.h"

namespace peaktext {

class CountLane {
 public:
  // For `tables` and others that fit; they outlive the lane.
  CountLane(const CountTables& tables, Isa isa, size_t window_bytes);

  // True when `vocabulary` has this lane's pretokens.
  bool Fits(const Vocabulary& vocabulary) const;
  // Lets tokens[index] count the tokens of `tables`, which outlive the lane.
  void Add(const CountTables& tables, size_t index, uint64_t cache_bytes);

  // Takes more of the text, with `final` its end, and adds what is decided to
  // `tokens`. REQUIRES: valid UTF-8 that does not end within a character.
  // Throws std::length_error as TokenCounter does.
  void Append(std::string_view text, bool final, std::span<uint64_t> tokens);

  // Whether texts that lie in a window of the caller's can be counted together,
  // if they are normal.
  bool TakesWhole() const;
  // Whether a text, valid UTF-8, has the normal form that the lane wants.
  bool IsNormal(std::string_view text);
  // Whether that can be by the classes that the lane `from` finds. REQUIRES:
  // both take whole texts.
  bool CanShare(const CountLane& from) const;
  const BlockScanner& scanner() const { return *scanner_; }
  // Takes a text that ends, `first` bytes into the window, where the last one
  // taken ended; with `classes` or none as BlockScanner::Scan. REQUIRES:
  // TakesWhole; IsNormal; nothing was appended; as BlockScanner::Scan and
  // PretokenBatch.
  void AddWhole(std::string_view text, size_t first,
                std::span<const ClassMasks> classes);
  // Adds to `tokens`, which has one number of each vocabulary for each of those
  // texts, as Append of each would. REQUIRES: AddWhole.
  void CountBatch(const char* window, std::span<uint64_t> tokens);

  // As PretokenCache does.
  void KeepLearned();

  uint64_t memory_bytes() const;

 private:
  struct Member {
    size_t index;
    PretokenCache cache;
    LongPieceCounter long_piece;  // of the pretoken that is being put away
    // While it is in doubt whether that has ended: it and what follows as one,
    // and what follows alone.
    LongPieceCounter joined;
    LongPieceCounter apart;
    BpeScratch scratch;
  };

  void AppendNormal(std::string_view text, bool final,
                    std::span<uint64_t> tokens);
  void Take(std::string_view text);
  void TakeReplacing(std::string_view text);
  void Drop(size_t bytes, std::string_view stand_in = {});
  void Cut(bool final, std::span<uint64_t> tokens);
  size_t CutSome(bool final, std::span<uint64_t> tokens);
  void CutLongPiece(bool final, std::span<uint64_t> tokens);
  size_t EndOfLongPiece(bool final);
  void CutInDoubt(bool final, std::span<uint64_t> tokens);
  void PutAway(const LongRunFront& front);
  void FeedFront(size_t bytes);
  size_t CutBlocks(std::string_view text, bool final,
                   std::span<uint64_t> tokens);
  void FindCuts(std::string_view text);
  size_t CutWords(bool final, std::span<uint64_t> tokens);
  size_t CutSteps(bool final, std::span<uint64_t> tokens);
  // Null when there are none.
  const ExactCuts* cuts() const { return cuts_->empty() ? nullptr : &*cuts_; }

  const Pattern pattern_;
  const std::string space_replacement_;
  const std::string prepend_;
  const NfcNormalizer* const normalizer_;
  const Isa isa_;
  const TokenizeKernels& kernels_;
  const size_t window_bytes_;
  std::optional<BlockScanner> scanner_;
  std::vector<Member> members_;
  std::optional<ExactCuts> cuts_;  // of all members
  std::optional<WholeTextCuts> whole_text_cuts_;

  std::string raw_;  // not yet normalised
  std::string normal_;
  size_t normalize_at_;  // look for a boundary when raw_ has this size
  std::string window_;   // text, then padding
  size_t text_size_ = 0;
  size_t full_at_;  // cut pretokens when the text has this size
  bool started_ = false;
  bool in_long_piece_ = false;   // the pretoken's front is put away
  Doubt doubt_ = Doubt::kNone;   // whether it has ended
  size_t stand_in_bytes_ = 0;    // of the window, for what is put away
  std::vector<uint64_t> masks_;  // where to cut
  PretokenBatch batch_;          // empty between calls, but for AddWhole
};

}  // namespace peaktext

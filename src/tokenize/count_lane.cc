#include "tokenize/count_lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "base/utf8.h"
#include "tokenize/pretokenizer.h"

namespace peaktext {
namespace {

// NFC sorts all marks that are on one character at once, so that these are
// kept; this many windows of them at most.
constexpr size_t kMostMarkWindows = 2048;

// The place of the first space among eight bytes of a text; 8 if there is none.
size_t FirstSpace(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  const uint64_t differ = word ^ ' ' * kOnes;
  // The lowest is right, which is all that is asked.
  const uint64_t found = (differ - kOnes) & ~differ & 0x80 * kOnes;
  return static_cast<size_t>(std::countr_zero(found)) / 8;
}

}  // namespace

CountLane::CountLane(const CountTables& tables, Isa isa, size_t window_bytes)
    : pattern_(tables.vocabulary().pattern),
      space_replacement_(tables.vocabulary().space_replacement),
      prepend_(tables.vocabulary().prepend),
      normalizer_(tables.normalizer()),
      isa_(isa),
      kernels_(TokenizeKernelsFor(isa)),
      window_bytes_(window_bytes),
      normalize_at_(window_bytes),
      full_at_(window_bytes),
      batch_(kernels_) {
  if (BlockScanner::Supports(pattern_)) scanner_.emplace(pattern_, isa);
}

bool CountLane::Fits(const Vocabulary& vocabulary) const {
  return pattern_ == vocabulary.pattern &&
         (normalizer_ != nullptr) == vocabulary.normalize_nfc &&
         space_replacement_ == vocabulary.space_replacement &&
         prepend_ == vocabulary.prepend;
}

void CountLane::Add(const CountTables& tables, size_t index,
                    uint64_t cache_bytes) {
  const WholeTextCuts* const whole_text_cuts = tables.whole_text_cuts();
  if (whole_text_cuts == nullptr) {
    whole_text_cuts_.reset();
  } else if (whole_text_cuts_) {
    whole_text_cuts_->Intersect(*whole_text_cuts);
  } else if (members_.empty()) {
    whole_text_cuts_ = *whole_text_cuts;
  }
  if (members_.empty()) {
    cuts_ = tables.cuts();
  } else if (tables.cuts().empty() || cuts_->empty()) {
    cuts_ = ExactCuts();
  } else {
    cuts_->Intersect(tables.cuts());
  }
  const LongPieceCounter piece(tables.model(), window_bytes_);
  members_.push_back({index, PretokenCache(tables, isa_, cache_bytes), piece,
                      piece, piece, BpeScratch(isa_)});
}

void CountLane::Take(std::string_view text) {
  window_.resize(std::max(
      window_.size(), text_size_ + text.size() + BlockScanner::kPaddingBytes));
  std::memcpy(window_.data() + text_size_, text.data(), text.size());
  text_size_ += text.size();
}

// With the replacement for each space.
void CountLane::TakeReplacing(std::string_view text) {
  const auto spaces =
      static_cast<size_t>(std::count(text.begin(), text.end(), ' '));
  const size_t bytes = text.size() + spaces * space_replacement_.size();
  window_.resize(std::max(window_.size(),
                          text_size_ + bytes + BlockScanner::kPaddingBytes));
  uint64_t replacement = 0;
  std::memcpy(&replacement, space_replacement_.data(),
              std::min(space_replacement_.size(), sizeof(replacement)));
  char* to = window_.data() + text_size_;
  size_t at = 0;
  while (at < text.size()) {
    size_t part = text.size() - at;
    if (part >= 8) {
      // Beside each other, as words are short.
      uint64_t word;
      std::memcpy(&word, text.data() + at, sizeof(word));
      std::memcpy(to, &word, sizeof(word));
      part = FirstSpace(word);
    } else {
      part = std::min(part, text.substr(at).find(' '));
      std::copy_n(text.data() + at, part, to);
    }
    to += part;
    at += part;
    if (part == 8 || at == text.size()) continue;
    if (space_replacement_.size() <= sizeof(replacement)) {
      std::memcpy(to, &replacement, sizeof(replacement));
    } else {
      std::memcpy(to, space_replacement_.data(), space_replacement_.size());
    }
    to += space_replacement_.size();
    ++at;
  }
  text_size_ = static_cast<size_t>(to - window_.data());
}

void CountLane::Append(std::string_view text, bool final,
                       std::span<uint64_t> tokens) {
  if (normalizer_ == nullptr) return AppendNormal(text, final, tokens);
  raw_.append(text);
  if (!final && raw_.size() < normalize_at_) return;
  const size_t ready = final ? raw_.size() : normalizer_->LastBoundary(raw_);
  AppendNormal(
      normalizer_->Normalize(std::string_view(raw_).substr(0, ready), &normal_),
      final, tokens);
  raw_.erase(0, ready);
  const size_t most = kMostMarkWindows * window_bytes_;
  if (raw_.size() > most) {
    throw std::length_error(
        fmt::format("more than {} bytes of marks on one character, which this "
                    "vocabulary wants in normal form",
                    most));
  }
  // Without a boundary, look again when there is much more.
  normalize_at_ = std::min(std::max(window_bytes_, 2 * raw_.size()), most + 1);
}

void CountLane::AppendNormal(std::string_view text, bool final,
                             std::span<uint64_t> tokens) {
  if (!started_ && !text.empty()) {
    Take(prepend_);
    started_ = true;
  }
  while (!text.empty()) {
    // As much as there is to be before it is cut: more than blocks take would
    // be stepped over. Parts end where characters do.
    size_t most = std::min(full_at_ > text_size_ ? full_at_ - text_size_ : 1,
                           text.size());
    while (most < text.size() && IsContinuation(text[most])) ++most;
    const std::string_view part = text.substr(0, most);
    if (space_replacement_.empty()) {
      Take(part);
    } else {
      TakeReplacing(part);
    }
    text.remove_prefix(part.size());
    if (text_size_ >= full_at_) Cut(/*final=*/false, tokens);
  }
  if (!final) return;
  if (text_size_ > 0 || in_long_piece_) Cut(/*final=*/true, tokens);
  started_ = false;
}

// Puts `stand_in` in the place of the window's first bytes.
void CountLane::Drop(size_t bytes, std::string_view stand_in) {
  text_size_ -= bytes;
  window_.resize(std::max(window_.size(), stand_in.size() + text_size_ +
                                              BlockScanner::kPaddingBytes));
  std::memmove(window_.data() + stand_in.size(), window_.data() + bytes,
               text_size_);
  std::copy(stand_in.begin(), stand_in.end(), window_.begin());
  stand_in_bytes_ = stand_in.size();
  text_size_ += stand_in.size();
  std::memset(window_.data() + text_size_, 0, BlockScanner::kPaddingBytes);
}

void CountLane::Cut(bool final, std::span<uint64_t> tokens) {
  window_.resize(
      std::max(window_.size(), text_size_ + BlockScanner::kPaddingBytes));
  std::memset(window_.data() + text_size_, 0, BlockScanner::kPaddingBytes);
  if (doubt_ != Doubt::kNone) CutInDoubt(final, tokens);
  if (in_long_piece_ && doubt_ == Doubt::kNone) CutLongPiece(final, tokens);
  if (!in_long_piece_ && text_size_ > 0) Drop(CutSome(final, tokens));
  // The blocks stop short of the end of the text, the steps do not.
  if (!in_long_piece_ && scanner_ && text_size_ >= window_bytes_) {
    Drop(CutSteps(final, tokens));
  }
  if (!in_long_piece_ && text_size_ > 0 &&
      (text_size_ >= window_bytes_ || final)) {
    // One pretoken fills the window, or is more than is cut at once.
    PutAway(
        FrontOfLongRun(pattern_, {window_.data(), text_size_}, window_bytes_));
  }
  if (final && in_long_piece_) CutLongPiece(final, tokens);
  // What cannot be put away: look again when there is much more.
  full_at_ = std::max(window_bytes_, text_size_ * 2);
}

// Cuts and counts what it can of the window. Returns where that ends.
size_t CountLane::CutSome(bool final, std::span<uint64_t> tokens) {
  if (whole_text_cuts_) return CutWords(final, tokens);
  if (!scanner_ || text_size_ > BlockScanner::kMaxBytes) {
    return CutSteps(final, tokens);
  }
  return CutBlocks({window_.data(), text_size_}, final, tokens);
}

// Of the pretoken that the window starts with; PretokenStep::kUndecided if it
// may go on.
size_t CountLane::EndOfLongPiece(bool final) {
  const std::string_view text(window_.data(), text_size_);
  if (text.empty()) return 0;
  if (!whole_text_cuts_) return PretokenStep(pattern_, text, final).Next(0);
  const std::string_view some = text.substr(0, BlockScanner::kMaxBytes);
  FindCuts(some);
  for (size_t word = 0; word <= some.size() / 64; ++word) {
    if (masks_[word] == 0) continue;
    return 64 * word + static_cast<size_t>(std::countr_zero(masks_[word]));
  }
  return final && some.size() == text.size() ? text.size()
                                             : PretokenStep::kUndecided;
}

// Goes on with a pretoken whose front is put away.
void CountLane::CutLongPiece(bool final, std::span<uint64_t> tokens) {
  const size_t end = EndOfLongPiece(final);
  if (end == PretokenStep::kUndecided) {
    return PutAway(
        FrontOfLongRun(pattern_, {window_.data(), text_size_}, window_bytes_));
  }
  FeedFront(end);
  Drop(end);
  for (Member& member : members_) {
    tokens[member.index] += member.long_piece.Finish(&member.scratch);
  }
  in_long_piece_ = false;
}

// Goes on where the pretoken may have ended with what is put away.
void CountLane::CutInDoubt(bool final, std::span<uint64_t> tokens) {
  using Outcome = DoubtStep::Outcome;
  const DoubtStep step = LookOn(doubt_, {window_.data(), text_size_}, final);
  const std::string_view text(window_.data(), step.bytes);
  for (Member& member : members_) {
    member.joined.Feed(text, &member.scratch);
    member.apart.Feed(text, &member.scratch);
    if (step.outcome == Outcome::kMore) continue;
    if (step.outcome == Outcome::kApart) {
      tokens[member.index] += member.long_piece.Finish(&member.scratch);
    }
    std::swap(member.long_piece,
              step.outcome == Outcome::kApart ? member.apart : member.joined);
    member.joined.Clear();
    member.apart.Clear();
  }
  if (step.outcome == Outcome::kMore) return Drop(step.bytes);
  Drop(step.bytes, step.stand_in);
  doubt_ = Doubt::kNone;
}

void CountLane::PutAway(const LongRunFront& front) {
  const bool in_doubt = front.doubt != Doubt::kNone;
  if (front.bytes <= stand_in_bytes_ && !in_doubt) return;
  FeedFront(front.bytes);
  in_long_piece_ = true;
  doubt_ = front.doubt;
  if (in_doubt) {
    for (Member& member : members_) member.joined = member.long_piece;
  }
  Drop(front.bytes, front.stand_in);
}

// Of the text; a stand-in is none.
void CountLane::FeedFront(size_t bytes) {
  const std::string_view front(window_.data(), bytes);
  const std::string_view text = front.substr(std::min(stand_in_bytes_, bytes));
  for (Member& member : members_) {
    member.long_piece.Feed(text, &member.scratch);
  }
}

bool CountLane::TakesWhole() const {
  return scanner_ && space_replacement_.empty() && prepend_.empty();
}

bool CountLane::IsNormal(std::string_view text) {
  return normalizer_ == nullptr || normalizer_->IsNormal(text);
}

bool CountLane::CanShare(const CountLane& from) const {
  return scanner_->CanShare(*from.scanner_);
}

void CountLane::AddWhole(std::string_view text, size_t first,
                         std::span<const ClassMasks> classes) {
  if (text.empty()) return batch_.Take(0);
  batch_.Take(scanner_->Scan(text, first, /*final=*/true, cuts(), batch_.Room(),
                             classes));
}

size_t CountLane::CutBlocks(std::string_view text, bool final,
                            std::span<uint64_t> tokens) {
  const std::span<uint16_t> positions = batch_.Room();
  const size_t count = scanner_->Scan(text, 0, final, cuts(), positions);
  batch_.Take(count);
  CountBatch(text.data(), tokens);
  return positions[count - 1];
}

void CountLane::CountBatch(const char* window, std::span<uint64_t> tokens) {
  const size_t vocabularies = tokens.size() / batch_.texts();
  for (Member& member : members_) {
    uint64_t* to = &tokens[member.index];
    for (const uint64_t of_text : member.cache.Count(window, batch_)) {
      *to += of_text;
      to += vocabularies;
    }
  }
  batch_.Clear();
}

// Marks where the text can be cut before its end.
void CountLane::FindCuts(std::string_view text) {
  masks_.resize(BlockScanner::kMaxBytes / 64 + 1);
  whole_text_cuts_->Find(text, cuts(), masks_.data());
}

size_t CountLane::CutWords(bool final, std::span<uint64_t> tokens) {
  size_t start = 0;
  while (start < text_size_) {
    const std::string_view rest(window_.data() + start, text_size_ - start);
    const std::string_view text = rest.substr(0, BlockScanner::kMaxBytes);
    FindCuts(text);
    masks_[0] |= 1;
    if (final && text.size() == rest.size()) {
      masks_[text.size() / 64] |= uint64_t{1} << text.size() % 64;
    }
    const std::span<const uint64_t> masks(masks_.data(), text.size() / 64 + 1);
    const std::span<uint16_t> positions = batch_.Room();
    const size_t count = kernels_.flatten(masks, 0, positions.data());
    if (count == 1) break;
    batch_.Take(count);
    CountBatch(text.data(), tokens);
    start += positions[count - 1];
  }
  return start;
}

size_t CountLane::CutSteps(bool final, std::span<uint64_t> tokens) {
  const std::string_view text(window_.data(), text_size_);
  PretokenStep step(pattern_, text, final);
  const std::span<uint16_t> positions = batch_.Room();
  size_t start = 0;  // of what is counted together
  size_t at = 0;
  size_t count = 1;
  positions[0] = 0;
  while (at < text.size()) {
    const size_t end = step.Next(at);
    if (end == PretokenStep::kUndecided) break;
    if (end - start > BlockScanner::kMaxBytes) {
      batch_.Take(count);
      CountBatch(text.data() + start, tokens);
      start = at;
      count = 1;
    }
    if (end - start > BlockScanner::kMaxBytes) {
      for (Member& member : members_) {
        tokens[member.index] +=
            member.cache.CountOne(text.substr(at, end - at));
      }
      start = end;
    } else {
      positions[count++] = static_cast<uint16_t>(end - start);
    }
    at = end;
  }
  batch_.Take(count);
  CountBatch(text.data() + start, tokens);
  return at;
}

void CountLane::KeepLearned() {
  for (Member& member : members_) member.cache.KeepLearned();
}

uint64_t CountLane::memory_bytes() const {
  uint64_t bytes = raw_.capacity() + normal_.capacity() + window_.capacity() +
                   batch_.memory_bytes();
  for (const Member& member : members_) {
    bytes += member.cache.memory_bytes() + member.scratch.memory_bytes() +
             member.long_piece.memory_bytes() + member.joined.memory_bytes() +
             member.apart.memory_bytes();
  }
  return bytes;
}

}  // namespace peaktext

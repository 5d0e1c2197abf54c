#include "tokenize/count_lane.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "tokenize/pretokenizer.h"

namespace peaktext {
namespace {

// What stays in the processor's second cache together with its positions.
constexpr size_t kWindowBytes = 32 << 10;
constexpr size_t kListSlack = 64;

}  // namespace

CountLane::CountLane(const CountTables& tables, Isa isa)
    : pattern_(tables.vocabulary().pattern),
      space_replacement_(tables.vocabulary().space_replacement),
      prepend_(tables.vocabulary().prepend),
      normalizer_(tables.normalizer()),
      kernels_(TokenizeKernelsFor(isa)),
      normalize_at_(kWindowBytes),
      full_at_(kWindowBytes) {
  if (!BlockScanner::Supports(pattern_)) return;
  scanner_.emplace(pattern_, isa);
  positions_.resize(BlockScanner::kPositions);
}

bool CountLane::Fits(const Vocabulary& vocabulary) const {
  return pattern_ == vocabulary.pattern &&
         (normalizer_ != nullptr) == vocabulary.normalize_nfc &&
         space_replacement_ == vocabulary.space_replacement &&
         prepend_ == vocabulary.prepend;
}

void CountLane::Add(const CountTables& tables, size_t index,
                    uint64_t cache_bytes) {
  if (members_.empty()) {
    cuts_ = tables.cuts();
  } else if (tables.cuts().empty() || cuts_->empty()) {
    cuts_ = ExactCuts();
  } else {
    cuts_->Intersect(tables.cuts());
  }
  members_.push_back({index, PretokenCache(tables, cache_bytes)});
}

void CountLane::Take(std::string_view text) {
  window_.resize(std::max(
      window_.size(), text_size_ + text.size() + BlockScanner::kPaddingBytes));
  std::memcpy(window_.data() + text_size_, text.data(), text.size());
  text_size_ += text.size();
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
  // Without a boundary, look again when there is much more.
  normalize_at_ = std::max(kWindowBytes, 2 * raw_.size());
}

void CountLane::AppendNormal(std::string_view text, bool final,
                             std::span<uint64_t> tokens) {
  if (!started_ && !text.empty()) {
    Take(prepend_);
    started_ = true;
  }
  while (!text.empty()) {
    std::string_view part = text.substr(0, kWindowBytes);
    if (space_replacement_.empty()) {
      Take(part);
    } else {
      part = text.substr(0, text.find(' '));
      Take(part);
      if (part.size() < text.size()) {
        Take(space_replacement_);
        text.remove_prefix(1);
      }
    }
    text.remove_prefix(part.size());
    if (text_size_ >= full_at_) Cut(/*final=*/false, tokens);
  }
  if (!final) return;
  if (text_size_ > 0) Cut(/*final=*/true, tokens);
  started_ = false;
}

void CountLane::Cut(bool final, std::span<uint64_t> tokens) {
  std::memset(window_.data() + text_size_, 0, BlockScanner::kPaddingBytes);
  const size_t done = scanner_ && text_size_ <= BlockScanner::kMaxBytes
                          ? CutBlocks(final, tokens)
                          : CutSteps(final, tokens);
  text_size_ -= done;
  std::memmove(window_.data(), window_.data() + done, text_size_);
  // A pretoken longer than the window: look again when there is much more.
  full_at_ = std::max(kWindowBytes, text_size_ * 2);
}

PretokenLists CountLane::ListsFor(size_t positions) {
  const size_t room = positions + kListSlack;
  if (list_starts_.size() < 3 * room) list_starts_.resize(3 * room);
  if (list_bytes_.size() < 2 * room) list_bytes_.resize(2 * room);
  return {.short_starts = list_starts_.data(),
          .mid_starts = list_starts_.data() + room,
          .long_indexes = list_starts_.data() + 2 * room,
          .short_bytes = list_bytes_.data(),
          .mid_bytes = list_bytes_.data() + room,
          .shorts = 0,
          .mids = 0,
          .longs = 0};
}

size_t CountLane::CutBlocks(bool final, std::span<uint64_t> tokens) {
  const std::string_view text(window_.data(), text_size_);
  const ExactCuts* cuts = cuts_->empty() ? nullptr : &*cuts_;
  const size_t count = scanner_->Scan(text, final, cuts, positions_);
  const std::span<const uint16_t> positions(positions_.data(), count);
  PretokenLists lists = ListsFor(count);
  kernels_.sort_by_length(positions, &lists);
  const uint64_t of_one_byte =
      count - 1 - lists.shorts - lists.mids - lists.longs;
  for (Member& member : members_) {
    tokens[member.index] +=
        of_one_byte + member.cache.Count(text.data(), positions, lists);
  }
  return positions.back();
}

size_t CountLane::CutSteps(bool final, std::span<uint64_t> tokens) {
  const std::string_view text(window_.data(), text_size_);
  PretokenStep step(pattern_, text, final);
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = step.Next(at);
    if (end == PretokenStep::kUndecided) break;
    for (Member& member : members_) {
      tokens[member.index] += member.cache.CountOne(text.substr(at, end - at));
    }
    at = end;
  }
  return at;
}

uint64_t CountLane::memory_bytes() const {
  uint64_t bytes = window_.capacity() + positions_.capacity() * 2 +
                   list_starts_.capacity() * 2 + list_bytes_.capacity();
  for (const Member& member : members_) bytes += member.cache.memory_bytes();
  return bytes;
}

}  // namespace peaktext

#include "tokenize/block_scanner.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <optional>

#include "tokenize/pretokenizer.h"
#include "tokenize/unicode_classes.h"

namespace peaktext {
namespace {

using enum Pattern;

BoundarySet SetOf(Pattern pattern) {
  switch (pattern) {
    case kGpt2:
      return BoundarySet::kGpt2;
    case kQwen2:
      return BoundarySet::kQwen2;
    case kQwen35:
      return BoundarySet::kQwen35;
    case kO200k:
      return BoundarySet::kO200k;
    case kTekken:
      return BoundarySet::kTekken;
    case kDeepSeekV3:
      return BoundarySet::kDeepSeek;
    case kCl100k:
    case kWholeText:
      break;
  }
  return BoundarySet::kCl100k;
}

BoundaryRules RulesOf(Pattern pattern) {
  return peaktext::RulesOf(SetOf(pattern));
}

// As boundary_kernels.h has it.
uint8_t DeepSeekRoleOf(uint16_t flags) {
  constexpr uint16_t kSigns = kUnicodePunctuation | kUnicodeSymbol;
  if ((flags & kUnicodeNumber) != 0) return kRoleNumber;
  if ((flags & kUnicodeDeepSeekCjk) != 0) {
    return (flags & kUnicodeLetter) != 0 ? kRoleBoth : kRoleBoth | kRoleMark;
  }
  if ((flags & (kUnicodeLetter | kUnicodeMark)) != 0) return kRoleLower;
  if ((flags & kUnicodeSpace) != 0) return kRoleBlank;
  return (flags & kSigns) != 0 ? kRolePunct : kRoleUpper;
}

uint8_t RoleOf(Pattern pattern, uint16_t flags) {
  if (pattern == kDeepSeekV3) return DeepSeekRoleOf(flags);
  const bool cased = RulesOf(pattern).cased;
  if ((flags & kUnicodeLetter) != 0) {
    if (!cased || (flags & kUnicodeLower) != 0) return kRoleLower;
    return (flags & kUnicodeUpper) != 0 ? kRoleUpper : kRoleBoth;
  }
  if ((flags & kUnicodeMark) != 0) {
    if (cased) return kRoleBoth | kRoleMark;
    return pattern == kQwen35 ? kRoleLower : kRolePunct;
  }
  if ((flags & kUnicodeNumber) != 0) return kRoleNumber;
  return (flags & kUnicodeSpace) != 0 ? kRoleBlank : kRolePunct;
}

std::vector<uint8_t> RolesOf(Pattern pattern) {
  uint8_t role_of_id[kUnicodeClassCount];
  for (size_t id = 0; id < kUnicodeClassCount; ++id) {
    role_of_id[id] = RoleOf(pattern, kUnicodeClassFlags[id]);
  }
  std::vector<uint8_t> roles(RoleTable::kCodePoints);
  std::vector<const uint8_t*> known;  // roles of blocks that were met
  for (size_t block = 0; block < 0x110000 / 64; ++block) {
    const size_t index = unicode_internal::kBlockOf[block];
    if (index >= known.size()) known.resize(index + 1);
    uint8_t* const of_block = roles.data() + block * 64;
    if (known[index] != nullptr) {
      std::copy_n(known[index], 64, of_block);
      continue;
    }
    known[index] = of_block;
    std::transform(unicode_internal::kClassIds[index],
                   unicode_internal::kClassIds[index] + 64, of_block,
                   [&](uint8_t id) { return role_of_id[id]; });
  }
  roles['\r'] = roles['\n'] = kRoleNewline;
  if (pattern == kDeepSeekV3) {
    // Control characters are signs for the kernels.
    std::replace(roles.begin(), roles.begin() + 0x80, uint8_t{kRoleUpper},
                 uint8_t{kRolePunct});
  }
  return roles;
}

uint64_t FirstBits(size_t count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

// One call of Scan.
class Scan {
 public:
  Scan(Pattern pattern, const TokenizeKernels& kernels,
       BoundaryFunction* find_boundaries, const RoleTable& roles,
       std::string_view text, bool final, const ExactCuts* cuts,
       std::span<const ClassMasks> given)
      : kernels_(kernels),
        find_boundaries_(find_boundaries),
        roles_(roles),
        text_(text),
        final_(final),
        cuts_(cuts == nullptr ? std::optional<CutTable>() : cuts->table()),
        step_(pattern, text, final),
        given_(given) {
    std::fill_n(starts_, text.size() / 64 + 2, 0);
    if (!given_.empty()) {
      classified_ = given_.front().size[0];
      TakeGiven();
    }
  }

  // Returns the number of positions; the last is the end.
  size_t Run(size_t first, uint16_t* positions) {
    while (HaveBlocks() && DecideBlocks()) {
    }
    // What follows the last true boundary is looked at again with more text.
    const size_t end =
        at_ >= text_.size() && final_ ? text_.size() : true_start_;
    starts_[end / 64] &= FirstBits(end % 64);
    starts_[end / 64] |= uint64_t{1} << end % 64;
    return kernels_.flatten({starts_, end / 64 + 1},
                            static_cast<uint16_t>(first), positions);
  }

 private:
  // Blocks up to this can be decided: they have one after them, or end the
  // text.
  size_t Decidable() const {
    const bool is_all = final_ && classified_ == text_.size();
    return is_all || filled_ == 0 ? filled_ : filled_ - 1;
  }
  // True when some can be.
  bool HaveBlocks() {
    if (block_ >= Decidable() && classified_ < text_.size()) Classify();
    return block_ < Decidable();
  }

  // More, behind the last block if that is not decided.
  void Classify() {
    assert(masks_ == &own_ && filled_ - block_ <= 1);
    const size_t kept = filled_ - block_;
    if (kept != 0) own_.TakeFirst(own_, block_);
    block_ = 0;
    const size_t from = classified_;
    const Classified more =
        kernels_.classify(text_.substr(from), roles_, kept, &own_);
    filled_ = kept + more.blocks;
    classified_ = std::min(from + more.bytes, text_.size());
    const size_t beyond = from + more.bytes - classified_;
    if (beyond > 0) {
      const size_t last = filled_ - 1;
      own_.Trim(last, 0, own_.size[last] - beyond);
      // There it may be another with more text.
      if (!final_) --filled_;
    }
    own_.End(filled_);
  }
  // The next of the given ones, which begin with the last block of those
  // before.
  void TakeGiven() {
    masks_ = &given_.front();
    given_ = given_.subspan(1);
    block_ = 0;
    filled_ = masks_->blocks;
    for (size_t i = 1; i < filled_; ++i) classified_ += masks_->size[i];
  }
  void Pass(size_t blocks, size_t bytes) {
    block_ += blocks;
    at_ += bytes;
    if (block_ + 1 == filled_ && !given_.empty()) TakeGiven();
  }

  // Of the block at `at`.
  void Mark(size_t at, uint64_t starts) {
    starts_[at / 64] |= starts << at % 64;
    starts_[at / 64 + 1] |= starts >> 1 >> (63 - at % 64);
  }
  void KeepTrueStart(size_t block_at, uint64_t starts) {
    if (starts == 0) return;
    true_start_ = block_at + 63 - static_cast<size_t>(std::countl_zero(starts));
  }

  // False when the next block cannot be decided without more text.
  bool DecideBlocks() {
    const size_t decided = find_boundaries_(text_.data() + at_, *masks_, block_,
                                            Decidable(), &state_, &found_);
    // That is sure even where the block's first byte is not.
    const uint64_t opened = fresh_ ? 1 : 0;
    fresh_ = false;
    found_.starts[block_] |= opened;
    const bool is_first = decided == block_;
    PassBlocks(decided - block_);
    return found_.unsure == 0 || Redo(is_first ? opened : 0);
  }

  // Writes down the boundaries of so many blocks: of those of 64 bytes that
  // follow one another together.
  void PassBlocks(size_t count) {
    while (count > 0) {
      const uint64_t* const sizes = masks_->size + block_;
      size_t bytes = sizes[0];
      size_t some = 1;
      for (; some < count && sizes[some - 1] == 64; ++some) {
        bytes += sizes[some];
      }
      MarkBlocks(some);
      Pass(some, bytes);
      count -= some;
    }
  }
  // REQUIRES: they are of 64 bytes each, but for the last.
  void MarkBlocks(size_t count) {
    const uint64_t* const found = found_.starts + block_;
    uint64_t* const starts = starts_ + at_ / 64;
    const unsigned shift = at_ % 64;
    uint64_t carried = 0;
    size_t last = 0;  // that has any
    for (size_t i = 0; i < count; ++i) {
      starts[i] |= found[i] << shift | carried;
      carried = found[i] >> 1 >> (63 - shift);
      last = found[i] != 0 ? i : last;
    }
    starts[count] |= carried;
    KeepTrueStart(at_ + 64 * last, found[last]);
    if (!found_.has_high || !cuts_) return;
    for (size_t i = 0; i < count; ++i) Mark(at_ + 64 * i, Cuts(i));
  }

  // Where the exact cuts are among the characters of a block, so many after the
  // next.
  uint64_t Cuts(size_t after) const {
    const uint64_t high = masks_->high[block_ + after];
    if (high == 0 || !cuts_) return 0;
    const uint64_t rest = masks_->continuation[block_ + after];
    const uint64_t three = high & ~rest & rest >> 1 & rest >> 2 & ~(rest >> 3);
    const uint64_t places = three & three << 3;
    const char* const text = text_.data() + at_ + 64 * after;
    return places == 0 ? 0 : kernels_.cut(text, places, *cuts_);
  }

  // Keeps what is sure of the next block, lets PretokenStep decide up to the
  // first place that is not, and takes the text up behind it.
  bool Redo(uint64_t opened) {
    const auto first = static_cast<unsigned>(std::countr_zero(found_.unsure));
    const uint64_t sure = found_.starts[block_] & (FirstBits(first) | opened);
    KeepTrueStart(at_, sure);
    Mark(at_, sure);
    const size_t until = at_ + first;
    SetStretch(until);
    const size_t stop = std::min(until + stretch_, text_.size());
    for (;;) {
      const size_t end = step_.Next(true_start_);
      if (end == PretokenStep::kUndecided) return false;
      true_start_ = end;
      if (end >= stop) break;
      Mark(end, 1);
    }
    TakeUp(true_start_);
    return true;
  }

  // Where unsure places follow one another closely, most of what is found of
  // the blocks around them is in vain: single steps go on for a stretch then,
  // which doubles as long as another such place is close behind it.
  void SetStretch(size_t unsure) {
    const bool is_close = unsure < taken_up_ + kClose;
    stretch_ = is_close ? std::clamp(2 * stretch_, kClose, kLongest) : 0;
  }

  // Goes on at a true boundary, which lies ahead.
  void TakeUp(size_t at) {
    state_ = {};
    fresh_ = true;
    while (block_ < filled_ && at_ + masks_->size[block_] <= at) {
      Mark(at_, Cuts(0));
      Pass(1, masks_->size[block_]);
    }
    if (block_ == filled_) {
      classified_ = at;
    } else if (at != at_) {
      Mark(at_, Cuts(0) & FirstBits(at - at_));
      if (masks_ != &own_) own_ = *masks_;  // others may use them
      masks_ = &own_;
      own_.Trim(block_, at - at_, own_.size[block_]);
    }
    at_ = taken_up_ = at;
  }

  // In bytes. Places less far apart take longer with blocks than with steps;
  // behind the longest stretch, blocks found in vain hardly matter.
  static constexpr size_t kClose = 32;
  static constexpr size_t kLongest = 64 * ClassMasks::kMostAtOnce;

  const TokenizeKernels& kernels_;
  BoundaryFunction* const find_boundaries_;
  const RoleTable& roles_;
  const std::string_view text_;
  const bool final_;
  const std::optional<CutTable> cuts_;
  PretokenStep step_;

  size_t at_ = 0;          // of the next block to decide
  size_t true_start_ = 0;  // the last boundary that is not merely a cut
  bool fresh_ = true;      // the block starts at a true boundary
  size_t taken_up_ = 0;    // where the last single step ended
  size_t stretch_ = 0;     // how far they went on behind an unsure place
  BoundaryState state_;
  FoundBoundaries found_;
  std::span<const ClassMasks> given_;
  const ClassMasks* masks_ = &own_;
  size_t block_ = 0;       // of them, where those before it are decided
  size_t filled_ = 0;      // how many of them there are
  size_t classified_ = 0;  // where they end in the text
  ClassMasks own_;
  uint64_t starts_[BlockScanner::kMaxBytes / 64 + 2];  // a bit for each byte
};

}  // namespace

bool BlockScanner::Supports(Pattern pattern) { return pattern != kWholeText; }

BlockScanner::BlockScanner(Pattern pattern, Isa isa)
    : pattern_(pattern),
      kernels_(&TokenizeKernelsFor(isa)),
      find_boundaries_(BoundariesFor(isa, SetOf(pattern))),
      roles_(RolesOf(pattern)) {}

bool BlockScanner::CanShare(const BlockScanner& from) const {
  if (pattern_ == kDeepSeekV3 || from.pattern_ == kDeepSeekV3) {
    return pattern_ == from.pattern_;
  }
  return RulesOf(from.pattern_).cased ||
         (!RulesOf(pattern_).cased &&
          (pattern_ == kQwen35) == (from.pattern_ == kQwen35));
}

size_t BlockScanner::Classify(std::string_view text,
                              std::span<ClassMasks> classes) const {
  assert(!text.empty() && classes.size() >= ClassMasksFor(text.size()));
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) {
    ClassMasks* const masks = &classes[count];
    const size_t kept = count == 0 ? 0 : 1;
    if (kept != 0) masks->TakeFirst(masks[-1], masks[-1].blocks - 1);
    const Classified more =
        kernels_->classify(text.substr(at), roles_, kept, masks);
    at += more.bytes;
    masks->blocks = kept + more.blocks;
    if (at > text.size()) {
      const size_t last = masks->blocks - 1;
      masks->Trim(last, 0, masks->size[last] - (at - text.size()));
    }
    masks->End(masks->blocks);
  }
  return count;
}

size_t BlockScanner::Scan(std::string_view text, size_t first, bool final,
                          const ExactCuts* cuts, std::span<uint16_t> positions,
                          std::span<const ClassMasks> classes) const {
  assert(!text.empty() && first + text.size() <= kMaxBytes);
  assert(Supports(pattern_) && positions.size() >= text.size() + kSlack);
  peaktext::Scan scan(pattern_, *kernels_, find_boundaries_, roles_, text,
                      final, cuts, classes);
  return scan.Run(first, positions.data());
}

}  // namespace peaktext

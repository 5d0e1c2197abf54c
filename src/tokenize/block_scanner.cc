#include "tokenize/block_scanner.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "tokenize/boundary_algebra.h"
#include "tokenize/pretokenizer.h"
#include "tokenize/unicode_classes.h"

namespace peaktext {
namespace {

using enum Pattern;

constexpr BoundaryRules RulesOf(Pattern pattern) {
  switch (pattern) {
    case kGpt2:
      return {.gpt2 = true, .contractions = BoundaryRules::kApartLower};
    case kQwen2:
    case kQwen35:
      return {.digits = 1, .contractions = BoundaryRules::kApart};
    case kO200k:
      return {
          .cased = true, .digits = 3, .contractions = BoundaryRules::kJoined};
    case kTekken:
      return {.cased = true, .digits = 1};
    default:
      return {.digits = 3, .contractions = BoundaryRules::kApart};
  }
}

uint8_t RoleOf(Pattern pattern, uint16_t flags) {
  const bool cased = pattern == kO200k || pattern == kTekken;
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
  for (size_t block = 0; block < 0x110000 / 64; ++block) {
    const uint8_t* ids =
        unicode_internal::kClassIds[unicode_internal::kBlockOf[block]];
    for (size_t i = 0; i < 64; ++i) {
      roles[block * 64 + i] = role_of_id[ids[i]];
    }
  }
  roles['\r'] = roles['\n'] = kRoleNewline;
  return roles;
}

uint64_t FirstBits(size_t count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

void Trim(size_t size, ClassMasks* masks) {
  const uint64_t keep = FirstBits(size);
  for (uint64_t* mask :
       {&masks->upper, &masks->lower, &masks->both, &masks->number,
        &masks->blank, &masks->newline, &masks->punct, &masks->mark,
        &masks->space, &masks->apostrophe, &masks->high,
        &masks->continuation}) {
    *mask &= keep;
  }
}

// One call of Scan.
template <BoundaryRules kRules>
class Scan {
 public:
  Scan(Pattern pattern, const TokenizeKernels& kernels, const RoleTable& roles,
       std::string_view text, bool final, const ExactCuts* cuts,
       uint16_t* positions)
      : kernels_(kernels),
        roles_(roles),
        text_(text),
        final_(final),
        cuts_(cuts),
        step_(pattern, text, final),
        positions_(positions) {}

  // Returns the number of positions; the last is the end.
  size_t Run() {
    Start(0);
    while (at_ < text_.size() && AddBlock()) {
    }
    if (at_ >= text_.size() && final_) {
      Push(text_.size());
      return count_;
    }
    // What follows the last true boundary is looked at again with more text.
    while (count_ > 0 && positions_[count_ - 1] > true_start_) --count_;
    if (count_ == 0 || positions_[count_ - 1] < true_start_) Push(true_start_);
    return count_;
  }

 private:
  void Push(size_t position) {
    positions_[count_++] = static_cast<uint16_t>(position);
  }

  // Takes the text up at a true boundary.
  void Start(size_t at) {
    at_ = at;
    true_start_ = at;
    fresh_ = true;
    state_ = {};
    if (at_ < text_.size()) {
      size_ = kernels_.classify(text_.data() + at_, roles_, &masks_);
    }
  }

  // False when the block cannot be decided without more text.
  bool AddBlock() {
    const size_t left = text_.size() - at_;
    ClassMasks next;
    unsigned next_size = 0;
    if (left > size_) {
      next_size = kernels_.classify(text_.data() + at_ + size_, roles_, &next);
      if (left < size_ + next_size) {
        next_size = static_cast<unsigned>(left) - size_;
        Trim(next_size, &next);
        if (!final_) return false;
      }
    } else {
      if (!final_) return false;
      size_ = static_cast<unsigned>(left);
      Trim(size_, &masks_);
    }
    const BlockView view = {text_.data() + at_, &masks_, &next, size_,
                            next_size};
    Boundaries found = FindBoundaries<kRules>(view, &state_);
    const uint64_t inside = FirstBits(size_);
    found.starts = (found.starts & inside) | (fresh_ ? 1 : 0);
    // That is sure even where the block's first byte is not.
    const uint64_t opened = fresh_ ? 1 : 0;
    fresh_ = false;
    const uint64_t cuts = masks_.high != 0 ? Cuts() : 0;
    if (found.unsure != 0) return Redo(found, opened, cuts);
    Emit(found.starts | cuts);
    if (found.starts != 0) {
      true_start_ =
          at_ + 63 - static_cast<size_t>(std::countl_zero(found.starts));
    }
    at_ += size_;
    masks_ = next;
    size_ = next_size;
    return true;
  }

  void Emit(uint64_t starts) {
    count_ += kernels_.flatten(starts, static_cast<uint16_t>(at_),
                               positions_ + count_);
  }

  // Where the exact cuts are among the block's characters.
  uint64_t Cuts() const {
    if (cuts_ == nullptr) return 0;
    const uint64_t rest = masks_.continuation;
    const uint64_t three =
        masks_.high & ~rest & rest >> 1 & rest >> 2 & ~(rest >> 3);
    uint64_t cuts = 0;
    for (uint64_t left = three & three << 3; left != 0; left &= left - 1) {
      const auto second = static_cast<unsigned>(std::countr_zero(left));
      const bool cut = cuts_->CanCut(text_.data() + at_ + second - 3);
      cuts |= uint64_t{cut} << second;
    }
    return cuts;
  }

  // Keeps what is sure, lets PretokenStep decide up to the first place that is
  // not, and takes the text up behind it.
  bool Redo(const Boundaries& found, uint64_t opened, uint64_t cuts) {
    const auto first = static_cast<unsigned>(std::countr_zero(found.unsure));
    const uint64_t sure = found.starts & (FirstBits(first) | opened);
    if (sure != 0) {
      const auto last = 63 - static_cast<unsigned>(std::countl_zero(sure));
      Emit(sure | (cuts & FirstBits(last)));
      true_start_ = at_ + last;
    }
    const size_t until = at_ + first;
    for (;;) {
      const size_t end = step_.Next(true_start_);
      if (end == PretokenStep::kUndecided) return false;
      true_start_ = end;
      if (end >= until) break;
      Push(end);
    }
    Start(true_start_);
    return true;
  }

  const TokenizeKernels& kernels_;
  const RoleTable& roles_;
  const std::string_view text_;
  const bool final_;
  const ExactCuts* cuts_;
  PretokenStep step_;
  uint16_t* positions_;
  size_t count_ = 0;

  size_t at_ = 0;          // of the block
  size_t true_start_ = 0;  // the last boundary that is not merely a cut
  bool fresh_ = true;      // the block starts at a true boundary
  BoundaryState state_;
  ClassMasks masks_;
  unsigned size_ = 0;
};

}  // namespace

bool BlockScanner::Supports(Pattern pattern) {
  return pattern != kDeepSeekV3 && pattern != kWholeText;
}

BlockScanner::BlockScanner(Pattern pattern, Isa isa)
    : pattern_(pattern),
      kernels_(&TokenizeKernelsFor(isa)),
      roles_(RolesOf(pattern)) {}

size_t BlockScanner::Scan(std::string_view text, bool final,
                          const ExactCuts* cuts,
                          std::span<uint16_t> positions) const {
  assert(!text.empty() && text.size() <= kMaxBytes && Supports(pattern_));
  assert(positions.size() >= kPositions);
  const auto scan = [&]<BoundaryRules kRules>() {
    return peaktext::Scan<kRules>(pattern_, *kernels_, roles_, text, final,
                                  cuts, positions.data())
        .Run();
  };
  switch (pattern_) {
    case kGpt2:
      return scan.operator()<RulesOf(kGpt2)>();
    case kQwen2:
    case kQwen35:
      return scan.operator()<RulesOf(kQwen2)>();
    case kO200k:
      return scan.operator()<RulesOf(kO200k)>();
    case kTekken:
      return scan.operator()<RulesOf(kTekken)>();
    default:
      return scan.operator()<RulesOf(kCl100k)>();
  }
}

}  // namespace peaktext

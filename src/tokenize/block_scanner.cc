#include "tokenize/block_scanner.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <optional>

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
    case kDeepSeekV3:
      return {.deepseek = true, .digits = 3};
    default:
      return {.digits = 3, .contractions = BoundaryRules::kApart};
  }
}

// As boundary_algebra.h has it.
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

// Leaves the bytes from `first` up to `end`.
void Trim(uint64_t first, uint64_t end, ClassMasks* masks) {
  const uint64_t keep = FirstBits(end);
  for (uint64_t* mask :
       {&masks->upper, &masks->lower, &masks->both, &masks->number,
        &masks->blank, &masks->newline, &masks->punct, &masks->mark,
        &masks->space, &masks->apostrophe, &masks->high,
        &masks->continuation}) {
    *mask = (*mask & keep) >> first;
  }
  masks->size = end - first;
}

// One call of Scan.
template <BoundaryRules kRules>
class Scan {
 public:
  Scan(Pattern pattern, const TokenizeKernels& kernels, const RoleTable& roles,
       std::string_view text, size_t first, bool final, const ExactCuts* cuts,
       std::span<ClassMasks> given)
      : kernels_(kernels),
        roles_(roles),
        text_(text),
        first_(static_cast<uint16_t>(first)),
        final_(final),
        cuts_(cuts == nullptr ? std::optional<CutTable>() : cuts->table()),
        marks_are_letters_(pattern == kQwen35),
        step_(pattern, text, final) {
    std::fill_n(starts_, text.size() / 64 + 2, 0);
    if (given.empty()) return;
    blocks_ = given.data();
    filled_ = given.size();
    for (const ClassMasks& masks : given) classified_ += masks.size;
    TrimLast();
  }

  // Returns the number of positions; the last is the end.
  size_t Run(uint16_t* positions) {
    Decide();
    return Finish(positions);
  }
#if defined(__x86_64__)
  // The same for processors that have more instructions for single bits.
  [[gnu::target("bmi,bmi2,lzcnt,popcnt")]] size_t RunBmi(uint16_t* positions) {
    Decide();
    return Finish(positions);
  }
#endif

 private:
  static constexpr size_t kBlocks = 64;

  [[gnu::always_inline]] void Decide() {
    while (HaveBlock() && DecideBlock()) {
    }
  }

  size_t Finish(uint16_t* positions) {
    // What follows the last true boundary is looked at again with more text.
    const size_t end =
        at_ >= text_.size() && final_ ? text_.size() : true_start_;
    starts_[end / 64] &= FirstBits(end % 64);
    starts_[end / 64] |= uint64_t{1} << end % 64;
    return kernels_.flatten({starts_, end / 64 + 1}, first_, positions);
  }

  // True when a block can be decided: it is there, and the one after it unless
  // the text ends.
  [[gnu::always_inline]] bool HaveBlock() {
    if (block_ + 1 >= filled_ && classified_ < text_.size()) Classify();
    return block_ + (final_ ? 0 : 1) < filled_;
  }

  [[gnu::noinline]] void Classify() {
    assert(blocks_ == own_);  // given ones are those of all of the text
    std::copy(blocks_ + block_, blocks_ + filled_, blocks_);
    filled_ -= block_;
    block_ = 0;
    const std::span<ClassMasks> free(blocks_ + filled_, blocks_ + kBlocks);
    const size_t count =
        kernels_.classify(text_.substr(classified_), roles_, free);
    for (const ClassMasks& masks : free.first(count)) {
      classified_ += masks.size;
    }
    filled_ += count;
    TrimLast();
  }

  void TrimLast() {
    if (classified_ <= text_.size()) return;
    ClassMasks* last = &blocks_[filled_ - 1];
    Trim(0, last->size - (classified_ - text_.size()), last);
    classified_ = text_.size();
    if (!final_) --filled_;
  }

  // The next block to decide.
  [[gnu::always_inline]] const ClassMasks& Block() const {
    return is_trimmed_ ? trimmed_ : blocks_[block_];
  }

  // Classes that may be a finer pattern's as this one has them. It takes
  // letters together, so that they may be of any kind; marks may be signs here.
  [[gnu::always_inline]] const ClassMasks& Coarser(const ClassMasks& masks) {
    constexpr bool kHasMarks = kRules.cased || kRules.deepseek;
    if (kHasMarks || masks.mark == 0 || marks_are_letters_) [[likely]] {
      return masks;
    }
    coarse_ = masks;
    coarse_.both &= ~masks.mark;
    coarse_.punct |= masks.mark;
    coarse_.mark = 0;
    return coarse_;
  }

  void Mark(size_t position) {
    starts_[position / 64] |= uint64_t{1} << position % 64;
  }
  [[gnu::always_inline]] void MarkBlock(uint64_t starts) {
    const size_t word = at_ / 64;
    starts_[word] |= starts << at_ % 64;
    starts_[word + 1] |= starts >> 1 >> (63 - at_ % 64);
  }

  // False when the block cannot be decided without more text.
  [[gnu::always_inline]] bool DecideBlock() {
    static constexpr ClassMasks kNone = {};
    const ClassMasks& masks = Coarser(Block());
    const ClassMasks& next = block_ + 1 < filled_ ? blocks_[block_ + 1] : kNone;
    Boundaries found =
        FindBoundaries<kRules>({text_.data() + at_, &masks, &next}, &state_);
    const uint64_t inside = FirstBits(masks.size);
    // That is sure even where the block's first byte is not.
    const uint64_t opened = fresh_ ? 1 : 0;
    fresh_ = false;
    found.starts = (found.starts & inside) | opened;
    const uint64_t cuts = masks.high != 0 ? Cuts(masks) : 0;
    if (found.unsure != 0) return Redo(found, opened, cuts);
    MarkBlock(found.starts | cuts);
    if (found.starts != 0) {
      true_start_ =
          at_ + 63 - static_cast<size_t>(std::countl_zero(found.starts));
    }
    at_ += masks.size;
    PassBlock();
    return true;
  }

  // Where the exact cuts are among the block's characters.
  [[gnu::always_inline]] uint64_t Cuts(const ClassMasks& masks) const {
    if (!cuts_) return 0;
    const uint64_t rest = masks.continuation;
    const uint64_t three =
        masks.high & ~rest & rest >> 1 & rest >> 2 & ~(rest >> 3);
    const uint64_t places = three & three << 3;
    return places == 0 ? 0 : kernels_.cut(text_.data() + at_, places, *cuts_);
  }

  // Keeps what is sure, lets PretokenStep decide up to the first place that is
  // not, and takes the text up behind it.
  [[gnu::noinline]] bool Redo(const Boundaries& found, uint64_t opened,
                              uint64_t cuts) {
    const auto first = static_cast<unsigned>(std::countr_zero(found.unsure));
    const uint64_t sure = found.starts & (FirstBits(first) | opened);
    if (sure != 0) {
      const auto last = 63 - static_cast<unsigned>(std::countl_zero(sure));
      MarkBlock(sure | (cuts & FirstBits(last)));
      true_start_ = at_ + last;
    }
    const size_t until = at_ + first;
    for (;;) {
      const size_t end = step_.Next(true_start_);
      if (end == PretokenStep::kUndecided) return false;
      true_start_ = end;
      if (end >= until) break;
      Mark(end);
    }
    TakeUp(true_start_);
    return true;
  }

  // Goes on at a true boundary, which lies ahead.
  void TakeUp(size_t at) {
    state_ = {};
    fresh_ = true;
    while (block_ < filled_ && at_ + Block().size <= at) {
      at_ += Block().size;
      PassBlock();
    }
    if (block_ == filled_) {
      classified_ = at;
    } else {
      // Not in its place, as others may use it.
      trimmed_ = Block();
      is_trimmed_ = true;
      Trim(at - at_, trimmed_.size, &trimmed_);
    }
    at_ = at;
  }
  [[gnu::always_inline]] void PassBlock() {
    ++block_;
    is_trimmed_ = false;
  }

  const TokenizeKernels& kernels_;
  const RoleTable& roles_;
  const std::string_view text_;
  const uint16_t first_;  // position of the text's start
  const bool final_;
  const std::optional<CutTable> cuts_;
  const bool marks_are_letters_;
  PretokenStep step_;

  size_t at_ = 0;          // of the block
  size_t true_start_ = 0;  // the last boundary that is not merely a cut
  bool fresh_ = true;      // the block starts at a true boundary
  BoundaryState state_;
  size_t block_ = 0;         // of blocks_, where those before it are decided
  size_t filled_ = 0;        // how many of blocks_ there are
  size_t classified_ = 0;    // where they end in the text
  bool is_trimmed_ = false;  // the next block to decide: to trimmed_
  ClassMasks trimmed_;
  ClassMasks coarse_;
  ClassMasks own_[kBlocks];
  ClassMasks* blocks_ = own_;
  uint64_t starts_[BlockScanner::kMaxBytes / 64 + 2];  // a bit for each byte
};

}  // namespace

bool BlockScanner::Supports(Pattern pattern) { return pattern != kWholeText; }

BlockScanner::BlockScanner(Pattern pattern, Isa isa)
    : pattern_(pattern),
      isa_(isa),
      kernels_(&TokenizeKernelsFor(isa)),
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
                              std::span<ClassMasks> blocks) const {
  assert(blocks.size() >= BlocksFor(text.size()));
  return kernels_->classify(text, roles_, blocks);
}

size_t BlockScanner::Scan(std::string_view text, size_t first, bool final,
                          const ExactCuts* cuts, std::span<uint16_t> positions,
                          std::span<ClassMasks> blocks) const {
  assert(!text.empty() && first + text.size() <= kMaxBytes);
  assert(Supports(pattern_) && positions.size() >= text.size() + kSlack);
  const auto scan_by = [&]<BoundaryRules kRules>() {
    peaktext::Scan<kRules> scan(pattern_, *kernels_, roles_, text, first, final,
                                cuts, blocks);
#if defined(__x86_64__)
    if (isa_ != Isa::kScalar) return scan.RunBmi(positions.data());
#endif
    return scan.Run(positions.data());
  };
  switch (pattern_) {
    case kGpt2:
      return scan_by.operator()<RulesOf(kGpt2)>();
    case kQwen2:
    case kQwen35:
      return scan_by.operator()<RulesOf(kQwen2)>();
    case kO200k:
      return scan_by.operator()<RulesOf(kO200k)>();
    case kTekken:
      return scan_by.operator()<RulesOf(kTekken)>();
    case kDeepSeekV3:
      return scan_by.operator()<RulesOf(kDeepSeekV3)>();
    default:
      return scan_by.operator()<RulesOf(kCl100k)>();
  }
}

}  // namespace peaktext

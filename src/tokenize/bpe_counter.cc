// Looks for the one sequence of tokens whose neighbours are all valid pairs
// (bpe_model.cc says why that is what merging gives): from left to right the
// longest match first, then ever shorter ones, and back by one token when none
// fits. A place once left that way is dead whatever leads to it, because the
// tokens before it are the only valid sequence up to it; so no place is tried
// twice.
#include "tokenize/bpe_counter.h"

#include "tokenize/utf8.h"

namespace peaktext {
namespace {

constexpr uint32_t kNone = BpeModel::kNone;

class Search {
 public:
  Search(const BpeModel& model, std::string_view piece, BpeScratch* scratch)
      : model_(model), piece_(piece) {
    if (scratch->tokens.size() <= piece.size()) {
      scratch->tokens.resize(2 * piece.size() + 64);
    }
    scratch->dead.assign(piece.size() / 64 + 1, 0);
    path_ = scratch->tokens.data();
    dead_ = scratch->dead.data();
  }

  uint64_t Count() {
    uint32_t candidate = model_.LongestMatch(piece_);
    while (at_ < piece_.size()) {
      if (candidate == kNone && !IsDead(at_)) {
        PassUnknownCharacter();
        candidate = model_.LongestMatch(piece_.substr(at_));
        continue;
      }
      candidate = Step(candidate);
    }
    return passed_ + length_;
  }

 private:
  bool IsDead(size_t at) const { return (dead_[at / 64] >> at % 64 & 1) != 0; }

  // Takes the first of `candidate` and its prefixes that fits, or goes back.
  // Returns the next candidate.
  uint32_t Step(uint32_t candidate) {
    while (candidate != kNone) {
      const BpeModel::Token& token = model_.token(candidate);
      const size_t end = at_ + token.bytes;
      if (!IsDead(end) &&
          (length_ == 0 || model_.IsValidPair(path_[length_ - 1], candidate))) {
        path_[length_++] = candidate;
        at_ = end;
        return model_.LongestMatch(piece_.substr(at_));
      }
      candidate = token.prefix;
    }
    dead_[at_ / 64] |= uint64_t{1} << at_ % 64;
    const uint32_t last = path_[--length_];
    at_ -= model_.token(last).bytes;
    return last;
  }

  // A character that is no token becomes its bytes and parts the text.
  void PassUnknownCharacter() {
    const size_t bytes = Utf8Length(static_cast<unsigned char>(piece_[at_]));
    passed_ += length_ + bytes;
    length_ = 0;
    at_ += bytes;
  }

  const BpeModel& model_;
  const std::string_view piece_;
  uint32_t* path_;
  uint64_t* dead_;
  size_t length_ = 0;
  size_t at_ = 0;
  uint64_t passed_ = 0;  // tokens before the path
};

}  // namespace

uint64_t CountPiece(const BpeModel& model, std::string_view piece,
                    BpeScratch* scratch) {
  return Search(model, piece, scratch).Count();
}

}  // namespace peaktext

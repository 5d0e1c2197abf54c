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
      : model_(model),
        piece_(piece),
        path_(scratch->tokens),
        dead_(scratch->dead) {
    path_.clear();
    dead_.assign(piece.size() + 1, false);
  }

  uint64_t Count() {
    uint32_t candidate = model_.LongestMatch(piece_);
    while (at_ < piece_.size()) {
      if (candidate == kNone && !dead_[at_]) {
        PassUnknownCharacter();
        candidate = model_.LongestMatch(piece_.substr(at_));
        continue;
      }
      candidate = Step(candidate);
    }
    return passed_ + path_.size();
  }

 private:
  // Takes the first of `candidate` and its prefixes that fits, or goes back.
  // Returns the next candidate.
  uint32_t Step(uint32_t candidate) {
    for (; candidate != kNone; candidate = model_.token(candidate).prefix) {
      const size_t end = at_ + model_.token(candidate).bytes;
      if (dead_[end]) continue;
      if (!path_.empty() && !model_.IsValidPair(path_.back(), candidate)) {
        continue;
      }
      path_.push_back(candidate);
      at_ = end;
      return model_.LongestMatch(piece_.substr(at_));
    }
    dead_[at_] = true;
    const uint32_t last = path_.back();
    path_.pop_back();
    at_ -= model_.token(last).bytes;
    return last;
  }

  // A character that is no token becomes its bytes and parts the text.
  void PassUnknownCharacter() {
    const size_t bytes = Utf8Length(static_cast<unsigned char>(piece_[at_]));
    passed_ += path_.size() + bytes;
    path_.clear();
    at_ += bytes;
  }

  const BpeModel& model_;
  const std::string_view piece_;
  std::vector<uint32_t>& path_;
  std::vector<bool>& dead_;
  size_t at_ = 0;
  uint64_t passed_ = 0;  // tokens before the path
};

}  // namespace

uint64_t CountPiece(const BpeModel& model, std::string_view piece,
                    BpeScratch* scratch) {
  return Search(model, piece, scratch).Count();
}

}  // namespace peaktext

// Looks for the one sequence of tokens whose neighbours are all valid pairs
// (bpe_model.cc says why that is what merging gives): from left to right the
// longest match first, then ever shorter ones, and back by one token when none
// fits. (Any order would do.) A place once left that way is dead whatever leads
// to it, because the tokens before it are the only valid sequence up to it; so
// no place is tried twice.
//
// Long pieces are done in windows. Each starts with the last token but some of
// the window before. If that is also its own first token, then the tokens up to
// there and the window's tokens together are a sequence of valid pairs, and so
// what merging the whole gives. If it is not, the two windows are joined.
#include "tokenize/bpe_counter.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "base/utf8.h"

namespace peaktext {
namespace {

constexpr uint32_t kNone = BpeModel::kNone;
// How far back TakeRepeats looks, in bytes.
constexpr size_t kFarBack = 512;

// How many bytes the two begin with alike; all of the `shorter` at most.
size_t CommonBytes(std::string_view shorter, std::string_view longer) {
  size_t at = 0;
  while (at + 8 <= shorter.size() &&
         std::memcmp(shorter.data() + at, longer.data() + at, 8) == 0) {
    at += 8;
  }
  while (at < shorter.size() && shorter[at] == longer[at]) ++at;
  return at;
}

class Search {
 public:
  Search(const BpeModel& model, std::string_view piece, BpeScratch* scratch)
      : model_(model),
        kernels_(scratch->kernels),
        piece_(piece),
        memo_(scratch->memo),
        rows_(model, scratch->kernels, scratch->rows.get(), piece) {
    if (scratch->tokens.size() <= piece.size()) {
      scratch->tokens.resize(2 * piece.size() + 64);
    }
    scratch->dead.assign(piece.size() / 64 + 1, 0);
    first_ = path_ = scratch->tokens.data();
    model.GiveTo(&steps_);
    steps_.path = path_;
    steps_.dead = scratch->dead.data();
  }

  uint64_t Count() {
    while (at_ < piece_.size()) {
      if (rows_.Advance(at_, tokens().size()) && length_ > 0) TakeRepeats();
      if (at_ == piece_.size()) break;
      if (rows_.Cover(at_) && StepShort()) continue;
      const BpeModel::Match longest = rows_.Longest(at_);
      if (longest.id == kNone && !steps_.IsDead(at_)) {
        PassUnknownCharacter();
        continue;
      }
      Step(longest);
    }
    return tokens().size();
  }

  // Those that Count() counts; of a byte of a character that is no token the id
  // is kNone.
  std::span<const BpeModel::Match> tokens() const {
    return {first_, path_ + length_};
  }
  // The last of them, behind all such bytes: nothing reaches across these.
  std::span<const BpeModel::Match> path() const { return {path_, length_}; }
  // The id of the first one, if there is one and it is a token.
  uint32_t first() const { return tokens().empty() ? kNone : first_->id; }

 private:
  // Where the text goes on as it did since some time ago the same token was
  // taken, so do the tokens: each can follow the one before it.
  void TakeRepeats() {
    const uint32_t last = path_[length_ - 1].id;
    size_t bytes = 0;
    size_t times = 0;
    size_t from = length_;
    while (times == 0) {
      bytes += path_[--from].bytes;
      if (from == 0 || bytes > kFarBack) return;
      if (path_[from - 1].id != last) continue;
      times =
          CommonBytes(piece_.substr(at_), piece_.substr(at_ - bytes)) / bytes;
    }
    const size_t tokens = length_ - from;
    for (; times > 0; --times) {
      std::copy_n(path_ + from, tokens, path_ + length_);
      length_ += tokens;
      at_ += bytes;
    }
  }

  // Takes tokens as far as the rows reach; it may go back, too, at most
  // to before what was taken last. False when the next must be taken another
  // way. REQUIRES: rows_.Cover(at_).
  bool StepShort() {
    if (length_ == 0) return false;
    steps_.next = rows_.Ready(at_);
    if (steps_.next.bytes - 1 >= MatchBuffer::kMostBytes) return false;
    rows_.GiveTo(&steps_);
    steps_.at = at_;
    steps_.begin = steps_.length = length_;
    StepsEnd end = kernels_.step(&steps_);
    while (end == StepsEnd::kDoubt) {
      end = TakeIfFits() ? StepsEnd::kAtEnd : kernels_.step(&steps_);
    }
    at_ = steps_.at;
    length_ = steps_.length;
    return end != StepsEnd::kLong;
  }

  // Where stepping was in doubt: takes the next token or passes on to a shorter
  // one.
  bool TakeIfFits() {
    const BpeModel::Match next = steps_.next;
    if (!Fits(path_[steps_.length - 1], next, steps_.at)) {
      steps_.next = rows_.Shorter(next, steps_.at);
      return false;
    }
    path_[steps_.length++] = next;
    steps_.at += next.bytes;
    return true;
  }

  // Takes a token that fits, `longest` or a shorter one; or goes back, as often
  // as none does.
  void Step(BpeModel::Match longest) {
    while (!TakeAny(longest)) {
      steps_.MarkDead(at_);
      at_ -= path_[--length_].bytes;
      longest = rows_.Longest(at_);
    }
  }

  void Take(BpeModel::Match match) {
    path_[length_++] = match;
    at_ += match.bytes;
  }

  // REQUIRES: rows_.Cover(at).
  bool Fits(BpeModel::Match last, BpeModel::Match candidate, size_t at) {
    if (model_.AreEven(last, candidate)) {
      switch (rows_.MeaningOfHits(last, candidate, at)) {
        case BpeModel::Split::kNo:
          return true;
        case BpeModel::Split::kYes:
          return false;
        case BpeModel::Split::kUnknown:
          break;
      }
    }
    return memo_.LongestFit(model_, last.id, candidate).id == candidate.id;
  }

  // The one that was right the last time, in such a place, else the longest
  // that fits.
  bool TakeAny(BpeModel::Match longest) {
    if (length_ == 0) {
      while (longest.id != kNone && steps_.IsDead(at_ + longest.bytes)) {
        longest = model_.prefix(longest.id);
      }
      if (longest.id != kNone) Take(longest);
      return longest.id != kNone;
    }
    const uint32_t last = path_[length_ - 1].id;
    const BpeModel::Match hint = memo_.Hint(last, longest);
    if (hint.id != kNone && !steps_.IsDead(at_ + hint.bytes)) {
      Take(hint);
      return true;
    }
    BpeModel::Match fit = memo_.LongestFit(model_, last, longest);
    while (fit.id != kNone && steps_.IsDead(at_ + fit.bytes)) {
      fit = memo_.LongestFit(model_, last, model_.prefix(fit.id));
    }
    if (fit.id == kNone) return false;
    memo_.SetHint(last, longest, fit);
    Take(fit);
    return true;
  }

  // A character that is no token becomes its bytes and parts the text: a path
  // of its own starts behind it.
  void PassUnknownCharacter() {
    const size_t bytes = Utf8Length(static_cast<unsigned char>(piece_[at_]));
    path_ = std::fill_n(path_ + length_, bytes, BpeModel::Match{kNone, 1});
    steps_.path = path_;
    length_ = 0;
    at_ += bytes;
  }

  const BpeModel& model_;
  const MatchKernels& kernels_;
  const std::string_view piece_;
  PairMemo& memo_;
  MatchRows rows_;
  ShortSteps steps_;
  BpeModel::Match* first_;  // of what is before the path
  BpeModel::Match* path_;
  size_t length_ = 0;
  size_t at_ = 0;
};

// The pieces, each with the separator behind it. REQUIRES: as CountPieces.
std::string_view Join(std::span<const std::string_view> pieces,
                      std::string_view separator, std::vector<char>* joined) {
  constexpr size_t kTogether = 16;  // copied at a time
  size_t most = kTogether;
  for (const std::string_view piece : pieces) {
    most += piece.size() + separator.size();
  }
  if (joined->size() < most) joined->resize(2 * most);
  char* to = joined->data();
  for (const std::string_view piece : pieces) {
    for (size_t at = 0; at < piece.size(); at += kTogether) {
      std::memcpy(to + at, piece.data() + at, kTogether);
    }
    to = std::copy(separator.begin(), separator.end(), to + piece.size());
  }
  return {joined->data(), static_cast<size_t>(to - joined->data())};
}

}  // namespace

uint64_t CountPiece(const BpeModel& model, std::string_view piece,
                    BpeScratch* scratch) {
  const uint32_t whole = model.LongestMatch(piece);
  if (whole != kNone && model.token(whole).bytes == piece.size()) return 1;
  if (RepeatsItself(piece)) {
    if (const std::optional<MergeWords> words = model.merge_words()) {
      const auto tokens = scratch->rounds.Count(*words, piece);
      if (tokens) return *tokens;
    }
  }
  return Search(model, piece, scratch).Count();
}

void CountPieces(const BpeModel& model,
                 std::span<const std::string_view> pieces, uint32_t* tokens,
                 BpeScratch* scratch) {
  if (pieces.empty()) return;
  const std::string_view separator = model.separator();
  Search search(model, Join(pieces, separator, &scratch->joined), scratch);
  search.Count();
  const uint32_t separator_id = model.LongestMatch(separator);
  const std::span<const BpeModel::Match> all = search.tokens();
  // In a vocabulary of characters the separator may be a piece's own, too.
  if (model.byte_fallback() &&
      static_cast<size_t>(std::ranges::count(
          all, separator_id, &BpeModel::Match::id)) != pieces.size()) {
    for (const std::string_view piece : pieces) {
      *tokens++ = static_cast<uint32_t>(CountPiece(model, piece, scratch));
    }
    return;
  }
  // No branch at the pieces' ends, as nobody can guess them. First only where
  // they are: with counts, each token would wait longer for the one before.
  size_t piece = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    tokens[piece] = static_cast<uint32_t>(i);
    piece += all[i].id == separator_id ? 1 : 0;
  }
  uint32_t begin = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const uint32_t end = tokens[i];
    tokens[i] = end - begin;
    begin = end + 1;
  }
}

void LongPieceCounter::Feed(std::string_view part, BpeScratch* scratch) {
  while (!part.empty()) {
    const size_t room = std::max(full_at_, window_.size() + 1) - window_.size();
    // The window ends where a character does, too: one that is no token is
    // passed whole.
    size_t size = std::min(room, part.size());
    while (size < part.size() && IsContinuation(part[size])) ++size;
    const std::string_view now = part.substr(0, size);
    window_.append(now);
    part.remove_prefix(now.size());
    if (window_.size() >= full_at_) Advance(scratch);
  }
}

// Goes back to before the last cut, and tries again with a larger window.
void LongPieceCounter::Rejoin() {
  if (done_.empty()) {
    throw std::length_error(
        "a pretoken whose end decides on its beginning, too far away");
  }
  window_.insert(0, done_.back().text);
  first_ = done_.back().first;
  tokens_ -= done_.back().tokens;
  done_.pop_back();
  full_at_ = 2 * window_.size();
}

void LongPieceCounter::Advance(BpeScratch* scratch) {
  Search search(*model_, window_, scratch);
  search.Count();
  if (first_ != BpeModel::kNone && search.first() != first_) return Rejoin();
  // Leave a few of the longest tokens to follow the one at the cut.
  const size_t margin = 4 * size_t{model_->longest_token_bytes()};
  const std::span<const BpeModel::Match> path = search.path();
  size_t at = window_.size();
  size_t taken = path.size();
  while (taken > 0 && at + margin > window_.size()) at -= path[--taken].bytes;
  if (at == 0) {
    full_at_ = 2 * window_.size();
    return;
  }
  const uint64_t tokens = search.tokens().size() - path.size() + taken;
  tokens_ += tokens;
  if (taken > 0) {
    done_.push_back({window_.substr(0, at), first_, tokens});
    if (done_.size() > kMaxDone) done_.pop_front();
    first_ = path[taken].id;
  } else {
    // Nothing reaches across a character that is no token.
    done_.clear();
    first_ = BpeModel::kNone;
  }
  window_.erase(0, at);
  full_at_ = std::max(window_bytes_, 2 * window_.size());
}

uint64_t LongPieceCounter::Finish(BpeScratch* scratch) {
  for (;;) {
    Search search(*model_, window_, scratch);
    const uint64_t tokens = tokens_ + search.Count();
    if (first_ == BpeModel::kNone || search.first() == first_) {
      Clear();
      return tokens;
    }
    Rejoin();
  }
}

uint64_t LongPieceCounter::memory_bytes() const {
  uint64_t bytes = window_.capacity();
  for (const Done& done : done_) bytes += done.text.capacity() + sizeof(Done);
  return bytes;
}

}  // namespace peaktext

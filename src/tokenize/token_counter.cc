#include "tokenize/token_counter.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>
#include <vector>

#include "tokenize/count_tables.h"
#include "tokenize/pretokenizer.h"
#include "tokenize/utf8.h"

namespace peaktext {
namespace {

constexpr size_t kWindowBytes = 64 << 10;

// The vocabularies whose pretokens are the same, and the text that is not yet
// cut into them.
struct Lane {
  Pattern pattern;
  std::string space_replacement;
  std::string prepend;
  std::vector<size_t> members;  // indexes of vocabularies
  std::string window;
  size_t full_at = kWindowBytes;  // cut pretokens when the window has this size
  bool started = false;

  bool Fits(const Vocabulary& vocabulary) const {
    return pattern == vocabulary.pattern &&
           space_replacement == vocabulary.space_replacement &&
           prepend == vocabulary.prepend;
  }
};

void AppendReplacingSpaces(std::string_view text, std::string_view replacement,
                           std::string* out) {
  for (size_t at = 0; at < text.size();) {
    const size_t space = std::min(text.find(' ', at), text.size());
    out->append(text.substr(at, space - at));
    if (space < text.size()) out->append(replacement);
    at = space + 1;
  }
}

}  // namespace

struct TokenCounter::State {
  std::vector<const CountTables*> tables;
  CounterOptions options;
  std::vector<Lane> lanes;
  std::vector<uint64_t> tokens;
  std::string cut_character;  // the unfinished end of what was fed
  std::string clean;          // valid UTF-8, on its way to the lanes
  BpeScratch scratch;

  void Append(std::string_view piece, bool final);
  void Cut(Lane* lane, bool final);
};

TokenCounter::TokenCounter(std::span<const CountTables* const> tables,
                           CounterOptions options)
    : state_(std::make_unique<State>()) {
  state_->tables.assign(tables.begin(), tables.end());
  state_->options = options;
  state_->tokens.assign(tables.size(), 0);
  for (size_t i = 0; i < tables.size(); ++i) {
    const Vocabulary& vocabulary = tables[i]->vocabulary();
    auto lane = std::find_if(
        state_->lanes.begin(), state_->lanes.end(),
        [&](const Lane& candidate) { return candidate.Fits(vocabulary); });
    if (lane == state_->lanes.end()) {
      lane = state_->lanes.insert(
          lane, Lane{.pattern = vocabulary.pattern,
                     .space_replacement = vocabulary.space_replacement,
                     .prepend = vocabulary.prepend,
                     .members = {},
                     .window = {}});
    }
    lane->members.push_back(i);
  }
}

TokenCounter::~TokenCounter() = default;
TokenCounter::TokenCounter(TokenCounter&&) noexcept = default;
TokenCounter& TokenCounter::operator=(TokenCounter&&) noexcept = default;

void TokenCounter::State::Append(std::string_view piece, bool final) {
  clean.clear();
  if (!cut_character.empty()) {
    // At most four bytes decide what the cut character is.
    const size_t more = std::min<size_t>(piece.size(), 4);
    const size_t before = cut_character.size();
    cut_character.append(piece.substr(0, more));
    const size_t taken =
        SanitizeUtf8(cut_character, final && more == piece.size(), &clean);
    if (taken < before) return;  // still cut, and nothing more came
    piece.remove_prefix(taken - before);
    cut_character.clear();
  }
  const size_t taken = SanitizeUtf8(piece, final, &clean);
  cut_character.append(piece.substr(taken));
  for (Lane& lane : lanes) {
    if (!lane.started && !clean.empty()) {
      lane.window = lane.prepend;
      lane.started = true;
    }
    if (lane.space_replacement.empty()) {
      lane.window.append(clean);
    } else {
      AppendReplacingSpaces(clean, lane.space_replacement, &lane.window);
    }
    if (final || lane.window.size() >= lane.full_at) Cut(&lane, final);
  }
}

// Counts the pretokens that are decided and keeps the rest.
void TokenCounter::State::Cut(Lane* lane, bool final) {
  const std::string_view text = lane->window;
  PretokenStep step(lane->pattern, text, final);
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = step.Next(at);
    if (end == PretokenStep::kUndecided) break;
    const std::string_view pretoken = text.substr(at, end - at);
    for (const size_t i : lane->members) {
      tokens[i] += tables[i]->CountPretoken(pretoken, &scratch);
    }
    at = end;
  }
  lane->window.erase(0, at);
  lane->full_at = std::max(kWindowBytes, lane->window.size() * 2);
}

void TokenCounter::Feed(std::string_view piece) {
  while (!piece.empty()) {
    const std::string_view part = piece.substr(0, kWindowBytes);
    state_->Append(part, /*final=*/false);
    piece.remove_prefix(part.size());
  }
}

void TokenCounter::Finish(std::span<uint64_t> tokens) {
  assert(tokens.size() == state_->tokens.size());
  state_->Append({}, /*final=*/true);
  std::copy(state_->tokens.begin(), state_->tokens.end(), tokens.begin());
  std::fill(state_->tokens.begin(), state_->tokens.end(), 0);
  for (Lane& lane : state_->lanes) {
    lane.started = false;
    lane.full_at = kWindowBytes;
  }
}

void TokenCounter::Count(std::string_view text, std::span<uint64_t> tokens) {
  Feed(text);
  Finish(tokens);
}

uint64_t TokenCounter::memory_bytes() const {
  uint64_t bytes = state_->clean.capacity();
  for (const Lane& lane : state_->lanes) bytes += lane.window.capacity();
  return bytes;
}

}  // namespace peaktext

#include "tokenize/token_counter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "tokenize/added_tokens.h"
#include "tokenize/count_lane.h"

namespace peaktext {
namespace {

constexpr size_t kPartBytes = TokenCounter::kShortBytes;
constexpr size_t kFetches = 4;

// `bytes` without an unfinished character at the end, if it is valid UTF-8.
std::optional<std::string_view> ValidPart(std::string_view bytes) {
  bytes.remove_suffix(IncompleteUtf8Suffix(bytes));
  if (!IsValidUtf8(bytes)) return std::nullopt;
  return bytes;
}

// Appends `bytes` to *out, made valid. Returns how many bytes were taken: all
// of them, or all but the last 1 to 3 when those may still become a character;
// with `final` they are taken too, as one U+FFFD.
size_t SanitizeUtf8(std::string_view bytes, bool final, std::string* out) {
  if (!final) bytes.remove_suffix(IncompleteUtf8Suffix(bytes));
  if (IsValidUtf8(bytes)) {
    out->append(bytes);
  } else {
    AppendRepairedUtf8(bytes, out);
  }
  return bytes.size();
}

// A text that comes from memory comes sooner when all of it is asked for.
void Fetch(std::string_view part) {
  for (size_t at = 0; at < part.size(); at += 64) {
    __builtin_prefetch(part.data() + at);
  }
}

}  // namespace

struct TokenCounter::State {
  // With added tokens each vocabulary cuts the text in its own places, first of
  // all, so that each has a splitter and a counter of its own, and the whole
  // text is kept until it ends: an added token may start in any piece.
  struct Separate {
    std::unique_ptr<const AddedTokenSplitter> splitter;
    TokenCounter counter;
  };
  std::vector<Separate> separate;
  std::string whole;
  uint64_t most_whole_bytes = 0;

  std::vector<std::unique_ptr<CountLane>> lanes;
  std::vector<uint64_t> tokens;
  std::string cut_character;  // the unfinished end of what was fed
  std::string clean;          // valid UTF-8, on its way to the lanes
  bool fed = false;           // there is some of a text that goes on
  // Short texts are counted together by the lanes that can. What these share:
  std::vector<CountLane*> together;
  std::vector<CountLane*> others;
  CountLane* classifier = nullptr;  // the lane whose classes all can use
  std::string window;               // the texts, then padding
  size_t window_bytes = 0;          // of the texts
  size_t texts = 0;
  std::vector<ClassMasks> classes;  // of a text
  std::string_view coming;          // what is not sent for of the next text
  size_t at_once = 0;               // so many bytes are sent for together

  void Append(std::string_view piece, bool final);
  void PartLanes();
  void Expect(std::string_view next);
  void FetchSome();
  bool IsShort(std::string_view text) const;
  void AddShort(std::string_view text, std::span<uint64_t> counts);
  void CountShort(std::span<uint64_t> counts);
  void CountSeparate(std::string_view text, std::span<uint64_t> counts);
};

TokenCounter::TokenCounter(std::span<const CountTables* const> tables,
                           CounterOptions options)
    : state_(std::make_unique<State>()) {
  state_->tokens.assign(tables.size(), 0);
  if (options.added_tokens) {
    state_->most_whole_bytes = options.most_whole_bytes;
    CounterOptions plain = options;
    plain.added_tokens = false;
    plain.cache_bytes /= tables.size();
    for (const CountTables* const& table : tables) {
      state_->separate.push_back(
          {std::make_unique<const AddedTokenSplitter>(table->vocabulary()),
           TokenCounter({&table, 1}, plain)});
    }
    return;
  }
  std::vector<std::unique_ptr<CountLane>>& lanes = state_->lanes;
  for (size_t i = 0; i < tables.size(); ++i) {
    const Vocabulary& vocabulary = tables[i]->vocabulary();
    auto lane = std::find_if(
        lanes.begin(), lanes.end(),
        [&](const auto& other) { return other->Fits(vocabulary); });
    if (lane == lanes.end()) {
      lanes.push_back(std::make_unique<CountLane>(*tables[i], options.isa,
                                                  options.window_bytes));
      lane = lanes.end() - 1;
    }
    (*lane)->Add(*tables[i], i, options.cache_bytes / tables.size());
  }
  if (options.window_bytes >= kPartBytes) state_->PartLanes();
}

TokenCounter::~TokenCounter() = default;
TokenCounter::TokenCounter(TokenCounter&&) noexcept = default;
TokenCounter& TokenCounter::operator=(TokenCounter&&) noexcept = default;

void TokenCounter::State::PartLanes() {
  for (const auto& lane : lanes) {
    (lane->TakesWhole() ? together : others).push_back(lane.get());
  }
  if (together.size() < 2) return;
  for (CountLane* const candidate : together) {
    const bool fits_all = std::all_of(
        together.begin(), together.end(),
        [&](const CountLane* lane) { return lane->CanShare(*candidate); });
    if (fits_all) classifier = candidate;
  }
}

// The next text is sent for in parts between the steps of this one: all at once
// would be more than a processor waits for without standing still.
void TokenCounter::State::Expect(std::string_view next) {
  coming = next.substr(0, kPartBytes);
  at_once = coming.size() / kFetches + 64;
  FetchSome();
}

void TokenCounter::State::FetchSome() {
  const std::string_view part = coming.substr(0, at_once);
  Fetch(part);
  coming.remove_prefix(part.size());
}

bool TokenCounter::State::IsShort(std::string_view text) const {
  return !together.empty() && !fed && text.size() <= kPartBytes &&
         IsValidUtf8(text) &&
         std::all_of(together.begin(), together.end(),
                     [&](CountLane* lane) { return lane->IsNormal(text); });
}

// Tokens of lanes that count together are not in `counts` yet. REQUIRES: it is
// short, and there is room for it.
void TokenCounter::State::AddShort(std::string_view text,
                                   std::span<uint64_t> counts) {
  window.resize(kPartBytes + BlockScanner::kPaddingBytes);
  char* const start = window.data() + window_bytes;
  std::copy(text.begin(), text.end(), start);
  std::fill_n(start + text.size(), BlockScanner::kPaddingBytes, '\0');
  FetchSome();
  const std::string_view padded(start, text.size());
  std::span<const ClassMasks> given;
  if (classifier != nullptr && !text.empty()) {
    classes.resize(BlockScanner::ClassMasksFor(kPartBytes));
    given = std::span(classes).first(
        classifier->scanner().Classify(padded, classes));
  }
  for (CountLane* const lane : together) {
    lane->AddWhole(padded, window_bytes, given);
    FetchSome();
  }
  std::fill(counts.begin(), counts.end(), 0);
  for (CountLane* const lane : others) {
    lane->Append(text, /*final=*/true, counts);
  }
  window_bytes += text.size();
  ++texts;
}

// All that were added.
void TokenCounter::State::CountShort(std::span<uint64_t> counts) {
  if (texts == 0) return;
  for (CountLane* const lane : together) {
    lane->CountBatch(window.data(), counts);
  }
  window_bytes = texts = 0;
}

void TokenCounter::State::Append(std::string_view piece, bool final) {
  if (cut_character.empty() && !final) {
    // Mostly there is nothing to replace, and then no need to copy.
    if (const std::optional<std::string_view> valid = ValidPart(piece)) {
      cut_character = piece.substr(valid->size());
      for (const auto& lane : lanes) lane->Append(*valid, final, tokens);
      return;
    }
  }
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
  for (const auto& lane : lanes) lane->Append(clean, final, tokens);
}

void TokenCounter::State::CountSeparate(std::string_view text,
                                        std::span<uint64_t> counts) {
  if (!IsValidUtf8(text)) {
    clean.clear();
    SanitizeUtf8(text, /*final=*/true, &clean);
    text = clean;
  }
  for (size_t i = 0; i < separate.size(); ++i) {
    uint64_t in_parts = 0;
    const uint64_t added =
        separate[i].splitter->Split(text, [&](std::string_view part) {
          uint64_t tokens_of_part = 0;
          separate[i].counter.Count(part, {&tokens_of_part, 1});
          in_parts += tokens_of_part;
        });
    counts[i] = added + in_parts;
  }
}

void TokenCounter::Feed(std::string_view piece) {
  if (!state_->separate.empty()) {
    if (state_->whole.size() + piece.size() > state_->most_whole_bytes) {
      throw std::length_error(
          fmt::format("more than {} bytes, which added tokens are looked for "
                      "in as a whole",
                      state_->most_whole_bytes));
    }
    state_->whole.append(piece);
    return;
  }
  state_->fed |= !piece.empty();
  while (!piece.empty()) {
    // Where it can, a part ends with a character.
    size_t bytes = std::min(kPartBytes, piece.size());
    while (bytes < piece.size() && bytes > kPartBytes - 3 &&
           IsContinuation(piece[bytes])) {
      --bytes;
    }
    const std::string_view part = piece.substr(0, bytes);
    Fetch(part);
    state_->Append(part, /*final=*/false);
    piece.remove_prefix(part.size());
  }
}

void TokenCounter::Finish(std::span<uint64_t> tokens) {
  assert(tokens.size() == state_->tokens.size());
  if (!state_->separate.empty()) {
    state_->CountSeparate(state_->whole, tokens);
    return state_->whole.clear();
  }
  state_->Append({}, /*final=*/true);
  state_->fed = false;
  std::copy(state_->tokens.begin(), state_->tokens.end(), tokens.begin());
  std::fill(state_->tokens.begin(), state_->tokens.end(), 0);
}

void TokenCounter::Count(std::string_view text, std::span<uint64_t> tokens) {
  CountAll({&text, 1}, tokens);
}

void TokenCounter::CountAll(std::span<const std::string_view> texts,
                            std::span<uint64_t> tokens) {
  State& state = *state_;
  const size_t each = state.tokens.size();
  assert(tokens.size() == texts.size() * each);
  // Of the texts before number `end`, those that are not counted yet.
  const auto count_added = [&](size_t end) {
    state.CountShort(
        tokens.subspan((end - state.texts) * each, state.texts * each));
  };
  if (!texts.empty()) Fetch(texts[0].substr(0, kPartBytes));
  for (size_t i = 0; i < texts.size(); ++i) {
    state.Expect(i + 1 < texts.size() ? texts[i + 1] : std::string_view());
    const std::string_view text = texts[i];
    const bool is_short = state.IsShort(text);
    state.FetchSome();
    if (!is_short || state.window_bytes + text.size() > kPartBytes ||
        state.texts == PretokenBatch::kMostTexts) {
      count_added(i);
    }
    const std::span<uint64_t> own = tokens.subspan(i * each, each);
    if (is_short) {
      state.AddShort(text, own);
    } else if (!state.separate.empty() && state.whole.empty()) {
      state.CountSeparate(text, own);
    } else {
      Feed(text);
      Finish(own);
    }
  }
  count_added(texts.size());
}

void TokenCounter::KeepLearned() {
  for (const auto& lane : state_->lanes) lane->KeepLearned();
  for (auto& separate : state_->separate) separate.counter.KeepLearned();
}

uint64_t TokenCounter::memory_bytes() const {
  uint64_t bytes = state_->whole.capacity() + state_->clean.capacity() +
                   state_->window.capacity() +
                   state_->classes.capacity() * sizeof(ClassMasks);
  for (const auto& lane : state_->lanes) bytes += lane->memory_bytes();
  for (const auto& separate : state_->separate) {
    bytes += separate.counter.memory_bytes();
  }
  return bytes;
}

}  // namespace peaktext

#include "read/member_decoder.h"

#include <algorithm>
#include <utility>

#include "read/buffer_sizes.h"
#include "read/sniff.h"

namespace peaktext {
namespace {

constexpr size_t kStepIn = BufferBytes(64 << 10);
constexpr size_t kStepOut = BufferBytes(256 << 10);
constexpr size_t kChunkOut =
    BufferBytes(128 << 10);  // of a member known to be large
// Less than this is no bomb at any ratio: a page of blanks is none.
constexpr uint64_t kBombFloor = BufferBytes(256 << 10);
constexpr size_t kTrialOut = BufferBytes(64 << 10);

bool IsBlank(char c) {
  return c == '\0' || c == '\r' || c == '\n' || c == ' ' || c == '\t';
}

}  // namespace

struct MemberDecoder::Chunk {
  bool first = false;  // of its member
  size_t limit_out = 0;
  size_t segments_before = 0;
  size_t used = 0;  // of in_.data()
  size_t out = 0;
  uint64_t booked_to = 0;  // stored end of what is committed
};

bool MemberDecoder::Decode(DecodedWindow* window) {
  if (in_member_) return DecodeChunk(window);
  in_.Fill(kLookAhead);
  if (in_.data().empty()) return false;
  if (!StartsMember(in_.data())) {
    SkipJunk(window);
    return true;
  }
  member_stored_ = in_.offset();
  member_decoded_ = window->end_position();
  if (!large_members_ || IsAside(in_.data())) {
    const WholeResult result = DecodeWhole(window);
    if (result == WholeResult::kDone) return true;
    if (result == WholeResult::kLarge) large_members_ = true;
  }
  in_member_ = true;
  member_out_ = 0;
  BeginMember();
  return DecodeChunk(window);
}

bool MemberDecoder::AtMember() {
  in_.Fill(kLookAhead);
  return StartsMember(in_.data());
}

bool MemberDecoder::AtRecord() {
  return AtTrueMember() && StartsLikeRecord({scratch_.data(), trial_bytes_});
}

void MemberDecoder::CommitWhole(DecodedWindow* window, size_t stored,
                                size_t decoded) {
  window->Commit({.ends_member = true,
                  .decoded_bytes = decoded,
                  .stored_begin = in_.offset(),
                  .stored_end = in_.offset() + stored,
                  .member_stored = in_.offset(),
                  .member_decoded = window->end_position()});
  in_.Skip(stored);
}

bool MemberDecoder::IsBomb(uint64_t in, uint64_t out) const {
  return out > kBombFloor && out / max_ratio_ > in;
}

// What stands between members: zeros and line ends are padding, anything else
// is garbage.
void MemberDecoder::SkipJunk(DecodedWindow* window) {
  const uint64_t begin = in_.offset();
  uint64_t blank = 0;
  for (;;) {
    const std::string_view data = in_.data();
    size_t i = 0;
    while (i < data.size() && IsBlank(data[i])) ++i;
    blank += i;
    in_.Skip(i);
    if (!in_.data().empty() || !in_.Fill(1)) break;
  }
  in_.Fill(kWholeStored);
  if (in_.data().empty() || StartsMember(in_.data()) ||
      (others_ != nullptr && others_->StartHere())) {
    window->Commit({.kind = SegmentKind::kPadding,
                    .stored_begin = begin,
                    .stored_end = in_.offset(),
                    .member_stored = begin,
                    .member_decoded = window->end_position()});
    return;
  }
  const bool cut = in_.at_end() && MayStartMember(in_.data());
  SkipToMember();
  window->CommitGap({.reason = cut ? "truncated" : "garbage",
                     .message = cut ? "cut off in a member's header"
                                    : "garbage between members",
                     .stored_begin = begin,
                     .stored_end = in_.offset(),
                     .fault_stored = begin + blank});
}

void MemberDecoder::SkipDamage(DecodedWindow* window, const char* reason,
                               std::string message) {
  const uint64_t begin = in_.offset();
  in_.Skip(1);
  SkipToMember();
  window->CommitGap({.reason = reason,
                     .message = std::move(message),
                     .stored_begin = begin,
                     .stored_end = in_.offset(),
                     .member_decoded = member_decoded_,
                     .in_member = true,
                     .fault_stored = begin});
}

bool MemberDecoder::DecodeChunk(DecodedWindow* window) {
  Chunk chunk;
  chunk.first = member_out_ == 0 && in_.offset() == member_stored_;
  chunk.limit_out = chunk.first && !large_members_ ? kWholeDecoded : kChunkOut;
  chunk.segments_before = window->segment_count();
  chunk.booked_to = in_.offset();
  while (chunk.out < chunk.limit_out && StepChunk(window, &chunk)) {
  }
  if (!in_member_ || window->gap()) return true;
  // The member goes on: what lies behind will not be looked at again.
  large_members_ = true;
  in_.Skip(chunk.used);
  return true;
}

// One step. False when the chunk is complete: the member has ended, soundly or
// not, or the input at hand is used up and more of it must be read.
bool MemberDecoder::StepChunk(DecodedWindow* window, Chunk* chunk) {
  char* const out = window->Reserve(kStepOut);
  std::string_view in = in_.data().substr(chunk->used);
  if (in.size() > kStepIn) in = in.substr(0, kStepIn);
  Step step = DecodeStep(in, out, kStepOut);
  if (step.result != StepResult::kFault && step.in == 0 && step.out == 0 &&
      step.result != StepResult::kEnd) {
    const size_t left = in_.data().size() - chunk->used;
    if (left > in.size()) {
      step = DecodeStep(in_.data().substr(chunk->used), out, kStepOut);
    }
    if (step.in > 0 || step.out > 0 || step.result != StepResult::kMore) {
      // It wanted more than a step's input at once.
    } else if (chunk->used > 0 && !chunk->first && !in_.at_end()) {
      return false;
    } else if (chunk->used > kMaxHeader || left > kMaxHeader) {
      if (chunk->used > 0) return false;
      step = {.result = StepResult::kFault,
              .reason = "bad_header",
              .message = "a member's header is too long"};
    } else if (in_.Fill(2 * in_.data().size() + kStepIn) ||
               in_.data().size() - chunk->used > left) {
      return true;
    } else {
      step = {.result = StepResult::kFault,
              .reason = "truncated",
              .message = "the last member is cut off"};
    }
  }
  chunk->used += step.in;
  chunk->out += step.out;
  member_out_ += step.out;
  const uint64_t stored_end = in_.offset() + chunk->used;
  // Bytes that gave nothing (a header) are booked with the next ones.
  if (step.out > 0 || step.result == StepResult::kEnd) {
    window->Commit({.ends_member = step.result == StepResult::kEnd,
                    .decoded_bytes = step.out,
                    .stored_begin = chunk->booked_to,
                    .stored_end = stored_end,
                    .member_stored = member_stored_,
                    .member_decoded = member_decoded_});
    chunk->booked_to = stored_end;
  }
  if (step.result == StepResult::kMore &&
      IsBomb(stored_end - member_stored_, member_out_)) {
    step = {.result = StepResult::kFault,
            .reason = "bomb",
            .message = "inflates beyond the limit on the ratio"};
  }
  if (step.result == StepResult::kMore) return true;
  in_member_ = false;
  if (step.result == StepResult::kEnd) {
    EndMember(window, *chunk);
  } else {
    HandleFault(window, *chunk, std::move(step));
  }
  return false;
}

void MemberDecoder::EndMember(DecodedWindow*, const Chunk& chunk) {
  if (chunk.first && !in_.at_end()) large_members_ = false;
  in_.Skip(chunk.used);
}

// True when at data()[at], after zeros if any, a member starts or the input
// ends.
bool MemberDecoder::GoesOnSoundly(size_t at) {
  in_.Fill(at + kWholeStored);
  std::string_view rest = in_.data().substr(at);
  rest.remove_prefix(std::min(rest.find_first_not_of('\0'), rest.size()));
  return rest.empty() || StartsMember(rest);
}

void MemberDecoder::HandleFault(DecodedWindow* window, const Chunk& chunk,
                                Step fault) {
  Gap gap{.reason = fault.reason,
          .message = std::move(fault.message),
          .member_decoded = member_decoded_,
          .in_member = true,
          .fault_stored = in_.offset() + chunk.used};
  const std::string_view reason = fault.reason;
  const bool framed = reason == "checksum" || reason == "bad_length";
  // (Nothing used: the decompressor does not say where the member ends.)
  if (framed && chunk.used > 0 && GoesOnSoundly(chunk.used) &&
      !HoldsMember(chunk.used)) {
    // The member is framed right: its neighbours are where they should be.
    gap.in_member = reason == "checksum";
    in_.Skip(chunk.used);
    gap.stored_begin = gap.stored_end = in_.offset();
    window->CommitGap(std::move(gap));
    return;
  }
  const uint64_t begin = in_.offset();
  if (!in_.data().empty()) in_.Skip(1);
  SkipToMember();
  if (in_.offset() < begin + chunk.used) {
    window->CutSegments(in_.offset(), chunk.segments_before);
  }
  const bool kept = window->segment_count() > chunk.segments_before;
  gap.stored_begin =
      kept ? window->segment(window->segment_count() - 1).stored_end : begin;
  gap.stored_end = in_.offset();
  if (gap.stored_end < begin + chunk.used &&
      std::string_view(gap.reason) == "truncated") {
    gap.reason = "corrupt";
    gap.message = "a member is damaged";
  }
  window->CommitGap(std::move(gap));
}

// True when a true member starts inside the next `bytes`: the damage let the
// decompressor run over it.
bool MemberDecoder::HoldsMember(size_t bytes) {
  for (size_t at = 1; at < bytes; ++at) {
    at = FindMember(in_.data().substr(0, bytes), at);
    if (at == std::string_view::npos) return false;
    if (IsTrueMember(at)) return true;
  }
  return false;
}

// Moves on to the next true member, or to the end. (Of another format, after
// damage, only where a record starts: a body may hold a compressed file.)
void MemberDecoder::SkipToMember() {
  for (;;) {
    in_.Fill(kTrialOut);
    const std::string_view data = in_.data();
    if (data.empty()) return;
    const size_t own = FindMember(data, 0);
    const size_t at =
        others_ == nullptr ? own : std::min(own, others_->Find(data));
    if (at == std::string_view::npos) {
      // The last bytes may be the first of a magic number.
      const size_t tail = in_.at_end() ? 0 : std::min<size_t>(data.size(), 8);
      in_.Skip(std::max<size_t>(data.size() - tail, 1));
      continue;
    }
    in_.Skip(at);
    if (at == own ? IsTrueMember(0) : others_->RecordStartsHere()) return;
    in_.Skip(1);
  }
}

std::string_view MemberDecoder::PeekBehindGap() {
  in_.Fill(kTrialOut);
  const std::string_view data = in_.data();
  size_t at = 0;
  while (at < data.size() && IsBlank(data[at])) ++at;
  if (at == data.size() || !IsTrueMember(at)) return {};
  return {scratch_.data(), trial_bytes_};
}

bool MemberDecoder::IsTrueMember(size_t at) {
  in_.Fill(at + kTrialOut);
  scratch_.resize(kTrialOut);
  BeginMember();
  size_t used = at;
  size_t& out = trial_bytes_;
  out = 0;
  while (out < kTrialOut) {
    const Step step = DecodeStep(in_.data().substr(used), scratch_.data() + out,
                                 kTrialOut - out);
    used += step.in;
    out += step.out;
    if (StartsLikeRecord({scratch_.data(), out})) return true;
    if (step.result == StepResult::kEnd) return true;
    if (step.result == StepResult::kFault) return false;
    if (step.in == 0 && step.out == 0) return false;
  }
  return true;
}

}  // namespace peaktext

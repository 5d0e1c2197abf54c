// What gzip, zstd and lz4 have in common: a file is a row of members (frames)
// that decompress on their own. This class walks them, survives damage, and
// keeps the account; the subclasses know one format each.
//
// A member that fits the window is decompressed in one call (the fast way). Any
// other, and every member where that fails, is streamed. The first chunk of a
// streamed member covers all that the one call could have seen, so that a
// damaged small member is understood as a whole before any of it is handed on:
// the readable prefix is kept, the fault is named, and reading goes on at the
// next true member, searched for from the member's second byte on, because a
// flipped bit can let the decompressor run on into the members that follow.
//
// A place counts as a true member when its first output starts like a record,
// or when it decompresses to its end and its checksum holds, or for 64 KiB
// without a fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "read/buffer_sizes.h"
#include "read/decoded_window.h"
#include "read/stored_input.h"

namespace peaktext {

// Members of other formats in the same input: files that were put together.
class OtherMembers {
 public:
  virtual ~OtherMembers() = default;
  // True when a true member of another format starts here.
  virtual bool StartHere() = 0;
  // Where one may start in `data`; npos: nowhere.
  virtual size_t Find(std::string_view data) = 0;
  // True when one starts here, and a record with it.
  virtual bool RecordStartsHere() = 0;
};

class MemberDecoder : public Decoder {
 public:
  bool Decode(DecodedWindow* window) final;
  std::string_view PeekBehindGap() final;

  // For who reads members of several formats (any_member_decoder.h).
  void set_others(OtherMembers* others) { others_ = others; }
  bool in_member() const { return in_member_; }
  // True when what is next looks like a member; is one; and a record is in it.
  bool AtMember();
  bool AtTrueMember() { return AtMember() && IsTrueMember(0); }
  bool AtRecord();

 protected:
  enum class StepResult { kMore, kEnd, kFault };
  struct Step {
    StepResult result = StepResult::kMore;
    size_t in = 0;   // consumed; 0 with no output: needs a longer input
    size_t out = 0;  // produced
    const char* reason = "corrupt";  // of a fault; names and words for a person
    std::string message = {};
  };
  // kLarge: not whole, as it decodes to more than kWholeDecoded.
  enum class WholeResult { kDone, kNotWhole, kLarge };

  // Both outlive the decoder.
  MemberDecoder(StoredInput* input, uint64_t max_ratio)
      : in_(*input), max_ratio_(max_ratio) {}

  // True when a member (or a skippable frame) starts with these bytes.
  virtual bool StartsMember(std::string_view data) const = 0;
  // True when `tail`, the last bytes of the input, could be the start of one.
  virtual bool MayStartMember(std::string_view tail) const = 0;
  // True when it is a frame without content: always for DecodeWhole().
  virtual bool IsAside(std::string_view) const { return false; }
  // Where the next member may start at or after `from`; npos: nowhere.
  virtual size_t FindMember(std::string_view data, size_t from) const = 0;
  // Decodes the member at the start of the input in one call and commits it; no
  // trace is left where that fails.
  virtual WholeResult DecodeWhole(DecodedWindow* window) = 0;
  // Starts streaming; then steps, each with the input after what was consumed.
  virtual void BeginMember() = 0;
  virtual Step DecodeStep(std::string_view in, char* out, size_t out_size) = 0;

  // A sound member of `stored` bytes that gave `decoded` bytes: commits it.
  void CommitWhole(DecodedWindow* window, size_t stored, size_t decoded);
  // True when so much output from so much input is a bomb.
  bool IsBomb(uint64_t in, uint64_t out) const;
  // Nothing was decoded from here to the next member: a gap.
  void SkipDamage(DecodedWindow* window, const char* reason,
                  std::string message);

  // One call covers members up to these sizes. kLookAhead is there before any
  // member is tried; more than that would be moved about too often.
  static constexpr size_t kLookAhead = BufferBytes(64 << 10);
  static constexpr size_t kWholeStored = BufferBytes(256 << 10);
  static constexpr size_t kWholeDecoded = BufferBytes(4 << 20);
  static constexpr size_t kMaxHeader =
      BufferBytes(1 << 20);  // gzip names, extra fields

  StoredInput& in_;

 private:
  struct Chunk;
  void SkipJunk(DecodedWindow* window);
  bool DecodeChunk(DecodedWindow* window);
  bool StepChunk(DecodedWindow* window, Chunk* chunk);
  void EndMember(DecodedWindow* window, const Chunk& chunk);
  void HandleFault(DecodedWindow* window, const Chunk& chunk, Step fault);
  bool GoesOnSoundly(size_t at);
  void SkipToMember();
  bool HoldsMember(size_t bytes);
  bool IsTrueMember(size_t at);

  const uint64_t max_ratio_;
  OtherMembers* others_ = nullptr;
  bool in_member_ = false;
  bool large_members_ = false;  // the last one did not fit: stream at once
  uint64_t member_stored_ = 0;
  uint64_t member_decoded_ = 0;
  uint64_t member_out_ = 0;  // decoded so far
  std::vector<char> scratch_;
  size_t trial_bytes_ = 0;  // of it that the last trial gave
  // Invariants: in_.offset() is the end of the last committed segment or gap.
};

}  // namespace peaktext

// The paragraphs of a text: its lines, white space folded. A line ends at
// U+000A or with the text; each run of white space in it (Unicode White_Space)
// counts as one U+0020, at its ends as nothing, as in the text hash of a
// signature. What is left empty is no paragraph.
//
//   ParagraphSplitter splitter;
//   splitter.Split(text, [&](std::string_view piece) { counter.Feed(piece); },
//                  [&](const Hash128& hash, uint64_t bytes) { ... });
//
// Needs a chunk's memory, however long a line is. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "simd/isa.h"
#include "simd/text_kernels.h"

namespace peaktext {

class ParagraphSplitter {
 public:
  explicit ParagraphSplitter(Isa isa = BestIsa());

  // Gives the bytes of each paragraph in pieces, which live during the call,
  // then ends it with its hash (XXH3-128) and size.
  void Split(
      std::string_view text,
      const std::function<void(std::string_view piece)>& feed,
      const std::function<void(const Hash128& hash, uint64_t bytes)>& end);

 private:
  struct FreeHashState {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  // The next chunk of a line, folded.
  std::string_view Fold(std::string_view chunk);

  const TextKernels& kernels_;
  std::unique_ptr<XXH3_state_t, FreeHashState> hash_state_;
  std::vector<char> folded_;
  SpaceCarry space_carry_;
  bool space_waits_ = false;  // one that counts only if something follows
};

}  // namespace peaktext

#include "sketch/paragraphs.h"

#include <algorithm>

namespace peaktext {

ParagraphSplitter::ParagraphSplitter(Isa isa)
    : kernels_(TextKernelsFor(isa)),
      hash_state_(XXH3_createState()),
      folded_(kFoldedChunkBytes + 1) {}

std::string_view ParagraphSplitter::Fold(std::string_view chunk) {
  char* from = folded_.data() + 1;
  size_t size =
      kernels_.fold_space(chunk.data(), chunk.size(), &space_carry_, from);
  if (size == 0) return {};
  if (space_waits_) {
    *--from = ' ';
    ++size;
  }
  space_waits_ = from[size - 1] == ' ';
  return {from, space_waits_ ? size - 1 : size};
}

void ParagraphSplitter::Split(
    std::string_view text, const std::function<void(std::string_view)>& feed,
    const std::function<void(const Hash128&, uint64_t)>& end) {
  while (!text.empty()) {
    const size_t size = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    space_carry_ = {};
    space_waits_ = false;
    uint64_t bytes = 0;
    Hash128 hash;
    // Most lines are one chunk, which is hashed at once.
    const bool whole = line.size() <= kTextChunkBytes;
    if (!whole) XXH3_128bits_reset(hash_state_.get());
    while (!line.empty()) {
      const size_t chunk = TextChunkEnd(line, 0);
      const std::string_view piece = Fold(line.substr(0, chunk));
      line.remove_prefix(chunk);
      if (piece.empty()) continue;
      feed(piece);
      bytes += piece.size();
      if (whole) {
        hash = HashBytes128(piece);
      } else {
        XXH3_128bits_update(hash_state_.get(), piece.data(), piece.size());
      }
    }
    if (bytes == 0) continue;
    if (!whole) {
      const XXH128_hash_t digest = XXH3_128bits_digest(hash_state_.get());
      hash = {digest.high64, digest.low64};
    }
    end(hash, bytes);
  }
}

}  // namespace peaktext

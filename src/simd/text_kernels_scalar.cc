// The specification of the text kernels: one character after the other.
#include <cassert>
#include <cstring>

#include "simd/fold_table.h"
#include "simd/text_kernels.h"
#include "simd/text_kernels_tables.h"
#include "simd/text_step.h"

namespace peaktext {
namespace {

using text_step::Decode;
using text_step::Decoded;

class WordWriter {
 public:
  WordWriter(WordCarry* carry, uint64_t* hashes)
      : carry_(*carry), hashes_(hashes), first_(hashes) {}

  void Add(const FoldAction& action) {
    switch (action.fold_class) {
      case FoldClass::kSkip:
        return;
      case FoldClass::kSeparator:
        return End();
      case FoldClass::kLetter:
        carry_.digit = false;
        return Append(action.folded);
      case FoldClass::kDigit:
        if (!carry_.digit) Append(U'0');
        carry_.digit = true;
        return;
      case FoldClass::kAlone:
        End();
        Append(action.folded);
        return End();
    }
  }

  void End() { hashes_ += FinishWords(&carry_, hashes_); }

  size_t written() const { return static_cast<size_t>(hashes_ - first_); }

 private:
  void Append(char32_t folded) {
    uint8_t utf8[4];
    const size_t size = text_step::Encode(folded, utf8);
    for (size_t i = 0; i < size; ++i) {
      if (carry_.size == kMaxWordBytes) {
        *hashes_++ = HashWord(carry_.bytes, carry_.size);
        carry_.size = 0;
      }
      carry_.bytes[carry_.size++] = utf8[i];
    }
  }

  WordCarry& carry_;
  uint64_t* hashes_;
  uint64_t* const first_;
};

size_t HashWords(const char* text, size_t size, WordCarry* carry,
                 uint64_t* hashes) {
  assert(size <= kTextChunkBytes);
  const auto* bytes = reinterpret_cast<const uint8_t*>(text);
  WordWriter writer(carry, hashes);
  for (size_t i = 0; i < size;) {
    const Decoded next = Decode(bytes + i, size - i);
    i += next.size;
    if (next.character == text_step::kBad) {
      writer.End();
    } else {
      writer.Add(FoldActionOf(next.character));
    }
  }
  return writer.written();
}

size_t FoldSpace(const char* text, size_t size, SpaceCarry* carry,
                 char* folded) {
  assert(size <= kTextChunkBytes);
  const auto* bytes = reinterpret_cast<const uint8_t*>(text);
  char* out = folded;
  for (size_t i = 0; i < size;) {
    const Decoded next = Decode(bytes + i, size - i);
    if (text_step::IsSpace(next.character)) {
      if (!carry->after_space) *out++ = ' ';
      carry->after_space = true;
    } else {
      std::memcpy(out, text + i, next.size);
      out += next.size;
      carry->after_space = false;
    }
    i += next.size;
  }
  return static_cast<size_t>(out - folded);
}

}  // namespace

uint64_t HashWord(const uint8_t* bytes, size_t size) {
  uint64_t hash = 0;
  do {
    uint64_t block[2] = {0, 0};
    const size_t taken = size < 16 ? size : 16;
    std::memcpy(block, bytes, taken);
    hash = text_step::HashBlock(hash, block[0], block[1]);
    bytes += taken;
    size -= taken;
  } while (size > 0);
  return hash;
}

size_t FinishWords(WordCarry* carry, uint64_t* hashes) {
  carry->digit = false;
  if (carry->size == 0) return 0;
  *hashes = HashWord(carry->bytes, carry->size);
  carry->size = 0;
  return 1;
}

const TextKernels kTextKernelsScalar = {Isa::kScalar, HashWords, FoldSpace};

}  // namespace peaktext

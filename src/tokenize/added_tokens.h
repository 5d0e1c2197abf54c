// Finds a tokenizer's added tokens in a text, as Hugging Face's tokenizers do
// before anything else: "<|endoftext|>" on a web page is then one token, and
// what is before and after it are texts of their own.
//
//   const AddedTokenSplitter splitter(vocabulary);
//   uint64_t tokens = splitter.Split(text, [&](std::string_view part) {
//     ... part is to be counted as a text of its own ...
//   });                                   // plus one for each added token
//
// Thread-safe once built.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenize/token_index.h"
#include "tokenize/token_list.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

// kUnsupported when the vocabulary has added tokens of a kind that is not
// known: single_word, or such as are looked for in normalised text.
Status CheckAddedTokens(const Vocabulary& vocabulary);

class AddedTokenSplitter {
 public:
  using Part = std::function<void(std::string_view part)>;

  // `vocabulary` outlives the splitter. REQUIRES: CheckAddedTokens is ok.
  explicit AddedTokenSplitter(const Vocabulary& vocabulary);
  AddedTokenSplitter(const AddedTokenSplitter&) = delete;
  AddedTokenSplitter& operator=(const AddedTokenSplitter&) = delete;

  // Gives the parts between added tokens that are not empty, in order, and
  // returns the number of added tokens. REQUIRES: valid UTF-8.
  uint64_t Split(std::string_view text, const Part& part) const;

 private:
  // Tokens that are looked for together: of those that start at one place the
  // longest, from left to right.
  class Set {
   public:
    Set(const Vocabulary& vocabulary, bool normalized);
    uint64_t Split(std::string_view text, const Part& part) const;

   private:
    // The token that starts at text[at]; nullptr when none does.
    const Vocabulary::AddedToken* Match(std::string_view text, size_t at) const;

    static TokenList Texts(const Vocabulary& vocabulary, bool normalized,
                           std::vector<const Vocabulary::AddedToken*>* tokens);

    std::vector<const Vocabulary::AddedToken*> tokens_;
    TokenList texts_;  // of tokens_, in the same order
    TokenIndex index_;
    static size_t Head(char first, char second) {
      return size_t{static_cast<unsigned char>(first)} << 8 |
             static_cast<unsigned char>(second);
    }
    // The two bytes that a token may begin with, or one and the next of a text.
    std::bitset<65536> heads_;
    // By first byte: the lengths there are, longest first.
    std::array<std::vector<size_t>, 256> lengths_;
  };

  const Set raw_;
  const Set normalized_;
};

}  // namespace peaktext

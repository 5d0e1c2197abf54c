// The pretokens of some texts that are in no table, each of them once: of the
// places where there is one, a fifth to two fifths repeat an earlier one.
//
//   NewPretokens pretokens;
//   pretokens.StartList(2);
//   pretokens.Add("peak", hash, 0);
//   pretokens.Add("peak", hash, 1);  // pretokens[0], in places()[0] and [1]
//
// The bytes are not copied.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace peaktext {

class NewPretokens {
 public:
  // Where one is: in which text, and which one it is.
  struct Place {
    uint32_t text;
    uint32_t pretoken;
  };

  void Clear() { size_ = found_ = 0; }
  // Makes room for `most` more to be added: once, so that adding is short.
  void Expect(size_t most) {
    if (places_.size() >= found_ + most) return;
    places_.resize(2 * (found_ + most));
    pretokens_.resize(places_.size());
  }

  // None of what is added from here on, `most` at most, was there before: what
  // was is not looked at. REQUIRES: most < 1 << 16.
  void StartList(size_t most) {
    Expect(most);
    list_ = size_;
    const size_t slots = std::bit_ceil(2 * most + 2);
    shift_ = 64 - std::countr_zero(slots);
    slots_.assign(slots, 0);
  }
  // Of a hash the highest bits are used. REQUIRES: StartList since Clear.
  void Add(std::string_view pretoken, uint64_t hash, size_t text) {
    // A few looks must do, whatever somebody chose to write.
    size_t at = hash >> shift_;
    for (int looks = 0; looks < kLooks; ++looks) {
      if (slots_[at] == 0) {
        AddUnseen(pretoken, text);
        slots_[at] = static_cast<uint16_t>(size_ - list_);
        return;
      }
      const size_t same = list_ + slots_[at] - 1;
      if (pretokens_[same] == pretoken) {
        AddPlace(same, text);
        return;
      }
      at = (at + 1) & (slots_.size() - 1);
    }
    AddUnseen(pretoken, text);
  }
  // Without looking for it. REQUIRES: Expect.
  void AddUnseen(std::string_view pretoken, size_t text) {
    AddPlace(size_, text);
    pretokens_[size_++] = pretoken;
  }

  size_t size() const { return size_; }
  std::string_view operator[](size_t i) const { return pretokens_[i]; }
  std::span<const std::string_view> all() const {
    return std::span(pretokens_).first(size_);
  }
  std::span<const Place> places() const {
    return std::span(places_).first(found_);
  }

 private:
  static constexpr int kLooks = 8;

  void AddPlace(size_t pretoken, size_t text) {
    places_[found_++] = {static_cast<uint32_t>(text),
                         static_cast<uint32_t>(pretoken)};
  }

  std::vector<std::string_view> pretokens_;
  size_t size_ = 0;  // of these
  std::vector<Place> places_;
  size_t found_ = 0;             // of these
  size_t list_ = 0;              // where the list starts
  std::vector<uint16_t> slots_;  // 1 + place in the list; 0: empty
  int shift_ = 0;                // from a hash to a slot
  // Invariants: slots_.size() is a power of two, half of them at least empty.
  // size_ <= found_ <= places_.size() == pretokens_.size().
};

}  // namespace peaktext

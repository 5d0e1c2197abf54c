// Rows are placed where all of their slots are free, the longest first, each in
// the first such place (Tarjan and Yao, "Storing a sparse table", CACM 1979).
#include "tokenize/merge_table.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

namespace peaktext {
namespace {

using Merge = Vocabulary::Merge;

constexpr int kFreeBits = MergeWords::kFreeBits;
constexpr size_t kTwoBytes = 1 << 16;
// Of the slots; a row and a column each have 16 bits.
constexpr int kLeastBits = 16;
constexpr int kMostBits = MergeWords::kRowBits + kFreeBits;
// Rows of fewer cells are not tried again where others found no room.
constexpr size_t kFewCells = 4;

// Of eight columns beside each other, which of them a row has.
struct Cells {
  uint32_t group;  // column >> kFreeBits
  uint8_t columns;
};

// The columns of the tokens that are right in any merge; kNoSide of others.
std::vector<uint32_t> NumberColumns(std::span<const Merge> merges,
                                    size_t tokens) {
  std::vector<uint32_t> columns(tokens, MergeWords::kNoSide);
  for (const Merge& merge : merges) columns[merge.right] = 0;
  uint32_t next = 0;
  for (uint32_t& column : columns) {
    if (column == 0) column = next++;
  }
  return columns;
}

// REQUIRES: ascending columns.
std::vector<Cells> CellsOf(std::span<const uint32_t> columns) {
  std::vector<Cells> cells;
  for (const uint32_t column : columns) {
    const uint32_t group = column >> kFreeBits;
    if (cells.empty() || cells.back().group != group) {
      cells.push_back({group, 0});
    }
    cells.back().columns |= static_cast<uint8_t>(1U << (column % 8));
  }
  return cells;
}

// Finds a row's number for each of several rows of cells, among 1 << bits
// slots.
class Placer {
 public:
  explicit Placer(int bits)
      : used_(size_t{1} << (bits - kFreeBits)), taken_(used_.size()) {
    taken_[0] = true;
  }

  std::optional<uint32_t> Place(const std::vector<Cells>& cells) {
    const bool few = cells.size() < kFewCells;
    const auto rows = static_cast<uint32_t>(used_.size());
    for (uint32_t row = few ? next_ : 1; row < rows; ++row) {
      if (taken_[row] || !IsFree(row, cells)) continue;
      taken_[row] = true;
      for (const Cells& of : cells) used_[row ^ of.group] |= of.columns;
      if (few) next_ = row;
      return row;
    }
    return std::nullopt;
  }

 private:
  bool IsFree(uint32_t row, const std::vector<Cells>& cells) const {
    return std::all_of(cells.begin(), cells.end(), [&](const Cells& of) {
      return (used_[row ^ of.group] & of.columns) == 0;
    });
  }

  std::vector<uint8_t> used_;  // slots, eight by eight
  std::vector<bool> taken_;    // rows
  uint32_t next_ = 1;
};

// The numbers of all rows; none when there is no room for all of them.
std::optional<std::vector<uint32_t>> PlaceAll(
    std::span<const std::vector<Cells>> rows, int bits) {
  Placer placer(bits);
  std::vector<uint32_t> numbers;
  for (const std::vector<Cells>& cells : rows) {
    const std::optional<uint32_t> number = placer.Place(cells);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

// The first and the last byte of each token.
class BytesOfTokens {
 public:
  BytesOfTokens(std::span<const Merge> merges, size_t tokens,
                std::span<const uint32_t, 256> bytes)
      : made_(tokens), bytes_(tokens, -1) {
    for (const Merge& merge : merges) made_[merge.result] = &merge;
    for (int byte = 0; byte < 256; ++byte) {
      const uint32_t id = bytes[static_cast<size_t>(byte)];
      if (id != MergeTable::kNoToken) bytes_[id] = byte;
    }
  }

  bool IsByte(uint32_t id) const { return bytes_[id] >= 0; }
  // -1: it is made of what is no byte's token.
  int First(uint32_t id) const {
    while (made_[id] != nullptr) id = made_[id]->left;
    return bytes_[id];
  }
  int Last(uint32_t id) const {
    while (made_[id] != nullptr) id = made_[id]->right;
    return bytes_[id];
  }

 private:
  std::vector<const Merge*> made_;
  std::vector<int> bytes_;
};

}  // namespace

MergeTable::MergeTable(std::span<const Merge> merges, size_t tokens,
                       std::span<const uint32_t, 256> bytes) {
  if (tokens > 1U << MergeWords::kIdBits) return;
  const std::vector<uint32_t> columns = NumberColumns(merges, tokens);
  if (std::any_of(columns.begin(), columns.end(), [](uint32_t column) {
        return column >= MergeWords::kMostColumns &&
               column != MergeWords::kNoSide;
      })) {
    return;
  }
  std::vector<std::vector<uint32_t>> of_left(tokens);
  for (const Merge& merge : merges) {
    of_left[merge.left].push_back(columns[merge.right]);
  }
  std::vector<uint32_t> lefts;
  for (uint32_t id = 0; id < tokens; ++id) {
    std::sort(of_left[id].begin(), of_left[id].end());
    if (!of_left[id].empty()) lefts.push_back(id);
  }
  std::stable_sort(lefts.begin(), lefts.end(), [&](uint32_t a, uint32_t b) {
    return of_left[a].size() > of_left[b].size();
  });
  std::vector<std::vector<Cells>> rows;
  for (const uint32_t left : lefts) rows.push_back(CellsOf(of_left[left]));
  std::optional<std::vector<uint32_t>> numbers;
  int bits = kLeastBits;
  while (!(numbers = PlaceAll(rows, bits))) {
    if (++bits > kMostBits) return;
  }
  uint32_t* const sides = sides_.Allocate(tokens);
  std::copy(columns.begin(), columns.end(), sides);
  for (size_t i = 0; i < lefts.size(); ++i) {
    sides[lefts[i]] |= (*numbers)[i] << MergeWords::kColumnBits;
  }
  uint32_t* const byte_sides = byte_sides_.Allocate(bytes.size());
  std::transform(bytes.begin(), bytes.end(), byte_sides, [sides](uint32_t id) {
    return id == kNoToken ? MergeWords::kNoSide : sides[id];
  });
  uint32_t* const slots = slots_.Allocate(size_t{1} << bits);
  std::fill_n(slots, slots_.size(), MergeWords::kNoEntry);
  for (const Merge& merge : merges) {
    const uint32_t column = columns[merge.right];
    slots[MergeWords::Slot(sides[merge.left], column)] =
        column >> kFreeBits << MergeWords::kIdBits | merge.result;
  }
  AddBytePairs(merges, bytes);
}

void MergeTable::AddBytePairs(std::span<const Merge> merges,
                              std::span<const uint32_t, 256> bytes) {
  const BytesOfTokens of(merges, sides_.size(), bytes);
  std::vector<uint32_t> first_use(sides_.size(), kNoToken);
  std::vector<uint32_t> left(kTwoBytes, kNoToken);
  std::vector<uint32_t> right = left;
  const auto lower = [](uint32_t* to, uint32_t id) { *to = std::min(*to, id); };
  for (const Merge& merge : merges) {
    lower(&first_use[merge.left], merge.result);
    lower(&first_use[merge.right], merge.result);
    const int last = of.Last(merge.left);
    const int first = of.First(merge.right);
    if (last < 0 || first < 0) continue;  // of no text
    const auto two = static_cast<size_t>(last | first << 8);
    if (of.IsByte(merge.right)) lower(&left[two], merge.result);
    if (of.IsByte(merge.left)) lower(&right[two], merge.result);
  }
  uint64_t* const pairs = pairs_.Allocate(kTwoBytes);
  for (size_t two = 0; two < kTwoBytes; ++two) {
    pairs[two] = MergeWords::BytePair(MergeWords::kNoSide, kNoToken, left[two],
                                      right[two]);
  }
  for (const Merge& merge : merges) {
    if (!of.IsByte(merge.left) || !of.IsByte(merge.right) ||
        first_use[merge.result] <= merge.result) {
      continue;
    }
    const auto two =
        static_cast<size_t>(of.Last(merge.left) | of.First(merge.right) << 8);
    pairs[two] = MergeWords::BytePair(sides_[merge.result], merge.result,
                                      left[two], right[two]);
  }
}

}  // namespace peaktext

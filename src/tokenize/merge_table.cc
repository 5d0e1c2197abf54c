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
  std::transform(bytes.begin(), bytes.end(), byte_sides,
                 [sides](uint32_t id) { return sides[id]; });
  uint32_t* const slots = slots_.Allocate(size_t{1} << bits);
  std::fill_n(slots, slots_.size(), MergeWords::kNoEntry);
  for (const Merge& merge : merges) {
    const uint32_t column = columns[merge.right];
    slots[MergeWords::Slot(sides[merge.left], column)] =
        column >> kFreeBits << MergeWords::kIdBits | merge.result;
  }
}

}  // namespace peaktext

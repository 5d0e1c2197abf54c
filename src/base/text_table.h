// A table for a person: one column to the left (the first, or another), the
// others to the right, two spaces between them, nothing at the ends of lines.
//
//   TextTable table;
//   table.AddRow({"", "documents", "tokens"});
//   table.AddRow({"a.warc", WithSeparators(12), WithSeparators(34567)});
//   Print(table.Render());
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace peaktext {

class TextTable {
 public:
  explicit TextTable(size_t left_column = 0) : left_column_(left_column) {}

  void AddRow(std::vector<std::string> cells);
  // An empty line.
  void AddGap() { rows_.emplace_back(); }
  std::string Render() const;

 private:
  size_t left_column_;
  std::vector<std::vector<std::string>> rows_;
};

// "1,234,567"
std::string WithSeparators(uint64_t number);

// "40.0%"; "-" where there is no whole.
std::string Percent(uint64_t part, uint64_t whole);

// `name` fit for a line of a terminal: control characters (C0, DEL, C1) become
// '?', what is not UTF-8 U+FFFD.
std::string Printable(std::string_view name);

}  // namespace peaktext

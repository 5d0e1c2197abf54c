#include "inventory/print_inventory.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text_table.h"

namespace peaktext {
namespace {

uint64_t Tokens(const Tally& tally, size_t vocabulary) {
  return vocabulary < tally.tokens.size() ? tally.tokens[vocabulary] : 0;
}

std::vector<std::string> TallyCells(std::string name, const Tally& tally,
                                    size_t vocabularies) {
  std::vector<std::string> cells = {std::move(name),
                                    WithSeparators(tally.documents),
                                    WithSeparators(tally.bytes)};
  for (size_t i = 0; i < vocabularies; ++i) {
    cells.push_back(WithSeparators(Tokens(tally, i)));
  }
  return cells;
}

void AddRemovedRow(std::string name, const Tally& all, const Tally& unique,
                   size_t vocabularies, TextTable* table) {
  std::vector<std::string> cells = {
      std::move(name), Percent(all.documents - unique.documents, all.documents),
      Percent(all.bytes - unique.bytes, all.bytes)};
  for (size_t i = 0; i < vocabularies; ++i) {
    cells.push_back(
        Percent(Tokens(all, i) - Tokens(unique, i), Tokens(all, i)));
  }
  table->AddRow(std::move(cells));
}

// Paragraphs of all documents and of the survivors alone.
std::string ParagraphTable(const ParagraphTotals& totals,
                           const std::vector<std::string>& vocabularies) {
  TextTable table;
  std::vector<std::string> head = {"", "paragraphs", "bytes"};
  for (const std::string& name : vocabularies) head.push_back(name);
  table.AddGap();
  table.AddRow(std::move(head));
  const size_t count = vocabularies.size();
  table.AddRow(TallyCells("all", totals.all, count));
  table.AddRow(TallyCells("unique", totals.unique, count));
  AddRemovedRow("duplicate", totals.all, totals.unique, count, &table);
  table.AddRow(TallyCells("of survivors", totals.survivors, count));
  table.AddRow(TallyCells("unique", totals.survivors_unique, count));
  AddRemovedRow("duplicate", totals.survivors, totals.survivors_unique, count,
                &table);
  return table.Render();
}

using NamedTotals = std::pair<std::string_view, const Totals*>;

// What groups are compared by: tokens of the first vocabulary, bytes where none
// was counted.
uint64_t Measure(const Inventory& inventory, const Tally& tally) {
  return inventory.vocabularies.empty() ? tally.bytes : Tokens(tally, 0);
}

std::vector<std::string> GroupCells(const Inventory& inventory,
                                    std::string name, const Totals& totals) {
  const uint64_t all = Measure(inventory, totals.all);
  const uint64_t unique = Measure(inventory, totals.near_unique);
  return {std::move(name),
          WithSeparators(totals.all.documents),
          WithSeparators(totals.near_unique.documents),
          WithSeparators(all),
          WithSeparators(unique),
          Percent(all - unique, all)};
}

// The groups with the most tokens first, equals by name.
void AddGroups(std::string_view title, const Inventory& inventory,
               std::vector<NamedTotals> groups, size_t rows, TextTable* table) {
  const std::string measure =
      inventory.vocabularies.empty() ? "bytes" : inventory.vocabularies[0];
  table->AddGap();
  table->AddRow({std::string(title), "documents", "unique", measure, "unique",
                 "removed"});
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const NamedTotals& a, const NamedTotals& b) {
                     const uint64_t left = Measure(inventory, a.second->all);
                     const uint64_t right = Measure(inventory, b.second->all);
                     return left != right ? left > right : a.first < b.first;
                   });
  Totals rest;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i < rows) {
      table->AddRow(
          GroupCells(inventory, Printable(groups[i].first), *groups[i].second));
    } else {
      rest.Add(*groups[i].second);
    }
  }
  if (groups.size() > rows) {
    table->AddRow(GroupCells(
        inventory, fmt::format("({} more)", groups.size() - rows), rest));
  }
}

}  // namespace

std::string PrintInventory(const Inventory& inventory, size_t rows) {
  const Totals& totals = inventory.totals;
  const size_t vocabularies = inventory.vocabularies.size();
  TextTable table;
  std::vector<std::string> head = {"", "documents", "bytes"};
  for (const std::string& name : inventory.vocabularies) head.push_back(name);
  table.AddRow(std::move(head));
  table.AddRow(TallyCells("all", totals.all, vocabularies));
  table.AddRow(TallyCells("exact unique", totals.exact_unique, vocabularies));
  table.AddRow(TallyCells("near unique", totals.near_unique, vocabularies));
  AddRemovedRow("removed", totals.all, totals.near_unique, vocabularies,
                &table);
  std::string paragraphs;
  if (totals.paragraphs) {
    paragraphs = ParagraphTable(*totals.paragraphs, inventory.vocabularies);
  }
  TextTable groups;
  std::vector<NamedTotals> named;
  for (const auto& [name, of_it] : inventory.by_language) {
    named.emplace_back(name, &of_it);
  }
  AddGroups("by language", inventory, std::move(named), rows, &groups);
  named.clear();
  for (const auto& [name, of_it] : inventory.by_input) {
    named.emplace_back(name, &of_it);
  }
  AddGroups("by input", inventory, std::move(named), rows, &groups);
  return table.Render() + paragraphs + groups.Render();
}

std::string LossSummary(const DropCounts& dropped, size_t inputs_failed) {
  std::vector<std::pair<uint64_t, std::string_view>> reasons;
  for (const auto& [reason, drop] : dropped.by_reason()) {
    reasons.emplace_back(drop.count, reason);
  }
  std::stable_sort(
      reasons.begin(), reasons.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string line =
      fmt::format("dropped {}", WithSeparators(dropped.total().count));
  for (size_t i = 0; i < reasons.size(); ++i) {
    std::string words(reasons[i].second);
    std::replace(words.begin(), words.end(), '_', ' ');
    line += fmt::format("{}{} {}", i == 0 ? ": " : ", ",
                        WithSeparators(reasons[i].first), words);
  }
  if (inputs_failed > 0) {
    line += fmt::format("; {} {} could not be read", inputs_failed,
                        inputs_failed == 1 ? "input" : "inputs");
  }
  return line;
}

std::string InventorySummary(const Inventory& inventory) {
  const Totals& totals = inventory.totals;
  return fmt::format(
      "kept {} of {} documents ({}), {}",
      WithSeparators(totals.near_unique.documents),
      WithSeparators(totals.all.documents),
      Percent(totals.near_unique.documents, totals.all.documents),
      LossSummary(inventory.dropped, inventory.inputs_failed.size()));
}

}  // namespace peaktext

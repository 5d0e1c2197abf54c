// The inventory of a set of shards: how many documents, bytes and tokens there
// are, and how many of them are unique; as inventory.json holds it.
//
//   Result<Inventory> inventory = ReadInventory("out/inventory.json");
//   if (!inventory) return inventory.error();
//   inventory->totals.near_unique.tokens[0];   // of vocabularies[0]
//
// A plain value; nothing here is thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "base/status.h"

namespace peaktext {

// Sums over documents.
struct Tally {
  uint64_t documents = 0;
  uint64_t bytes = 0;            // of UTF-8 text
  std::vector<uint64_t> tokens;  // by vocabulary, as Inventory::vocabularies

  void Add(const Tally& other);
  bool operator==(const Tally&) const = default;
};

// The same over paragraphs: Tally::documents is their number.
struct ParagraphTotals {
  Tally all;
  Tally unique;            // the first of each set of equal ones
  Tally survivors;         // those of the documents that are kept
  Tally survivors_unique;  // of these the first of each set

  void Add(const ParagraphTotals& other);
  bool operator==(const ParagraphTotals&) const = default;
};

struct Totals {
  Tally all;
  Tally exact_unique;  // one of each set of equal texts
  Tally near_unique;   // the survivors
  std::optional<ParagraphTotals> paragraphs = {};  // when they were counted

  void Add(const Totals& other);
  bool operator==(const Totals&) const = default;
};

// An input that could not be read to its end, and why: nothing of it is in the
// totals.
struct FailedInput {
  std::string input;
  std::string message;
  bool operator==(const FailedInput&) const = default;
};

// What became of the stored bytes: stored = used + padding + dropped by the
// readers.
struct ReadTotals {
  uint64_t records = 0;
  uint64_t stored_bytes = 0;
  uint64_t used_bytes = 0;
  uint64_t padding_bytes = 0;
  void Add(const ReadTotals& other);
  bool operator==(const ReadTotals&) const = default;
};

struct Inventory {
  static constexpr uint64_t kSchema = 1;

  std::string version;  // of the program that wrote it
  std::vector<std::string> vocabularies;
  // Every option that changes the result, as a JSON object.
  std::string options_json = "{}";
  // False after `scan` alone: what is unique is not known yet, and the totals
  // are of all documents only.
  bool decided = true;
  Totals totals;
  std::map<std::string, Totals> by_language;
  std::vector<std::pair<std::string, Totals>> by_input;  // in input order
  ReadTotals read;
  DropCounts dropped;  // records and documents, by reason
  std::vector<FailedInput> inputs_failed;

  // The index of a vocabulary by its name; nullopt when it was not counted.
  std::optional<size_t> FindVocabulary(std::string_view name) const;
};

// inventory.json: one line per top-level member, no other white space; the same
// bytes for equal inventories.
std::string InventoryToJson(const Inventory& inventory);

// Reads what InventoryToJson wrote; unknown members are passed over. `name` is
// for messages. Fails with kCorrupt on anything that is no inventory and with
// kUnsupported on another schema.
Result<Inventory> ParseInventory(std::string_view json, std::string_view name);

// `path` is an inventory.json or a folder that holds one.
Result<Inventory> ReadInventory(const std::string& path);

}  // namespace peaktext

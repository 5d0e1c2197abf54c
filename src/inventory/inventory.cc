#include "inventory/inventory.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/json.h"

namespace peaktext {
namespace {

using Names = std::vector<std::string>;

void WriteTally(const Tally& tally, const Names& vocabularies, JsonWriter* json,
                std::string_view counted = "documents") {
  json->StartObject();
  json->Member(counted, tally.documents);
  json->Member("bytes", tally.bytes);
  WriteTokens(vocabularies, tally.tokens, json);
  json->EndObject();
}

void WriteParagraphs(const ParagraphTotals& totals, const Names& vocabularies,
                     JsonWriter* json) {
  json->StartObject();
  for (const auto& [name, tally] :
       {std::pair<std::string_view, const Tally*>{"all", &totals.all},
        {"unique", &totals.unique},
        {"survivors", &totals.survivors},
        {"survivors_unique", &totals.survivors_unique}}) {
    json->Key(name);
    WriteTally(*tally, vocabularies, json, "paragraphs");
  }
  json->EndObject();
}

void WriteTotals(const Totals& totals, bool decided, const Names& vocabularies,
                 JsonWriter* json) {
  json->StartObject();
  json->Key("all");
  WriteTally(totals.all, vocabularies, json);
  if (decided) {
    json->Key("exact_unique");
    WriteTally(totals.exact_unique, vocabularies, json);
    json->Key("near_unique");
    WriteTally(totals.near_unique, vocabularies, json);
  }
  if (totals.paragraphs) {
    json->Key("paragraphs");
    WriteParagraphs(*totals.paragraphs, vocabularies, json);
  }
  json->EndObject();
}

template <class Groups>
std::string GroupsJson(const Groups& groups, bool decided,
                       const Names& vocabularies) {
  JsonWriter json;
  json.StartObject();
  for (const auto& [name, totals] : groups) {
    json.Key(name);
    WriteTotals(totals, decided, vocabularies, &json);
  }
  json.EndObject();
  return json.Take();
}

std::string ReadTotalsJson(const ReadTotals& read) {
  JsonWriter json;
  json.StartObject();
  json.Member("records", read.records);
  json.Member("stored_bytes", read.stored_bytes);
  json.Member("used_bytes", read.used_bytes);
  json.Member("padding_bytes", read.padding_bytes);
  json.EndObject();
  return json.Take();
}

std::string FailedJson(const std::vector<FailedInput>& failed) {
  JsonWriter json;
  json.StartArray();
  for (const FailedInput& input : failed) {
    json.StartObject();
    json.Member("input", input.input);
    json.Member("message", input.message);
    json.EndObject();
  }
  json.EndArray();
  return json.Take();
}

std::string StringJson(std::string_view value) {
  JsonWriter json;
  json.String(value);
  return json.Take();
}

// Reading. simdjson's exceptions (std::exception's children) end the parse and
// are turned into a Status in ParseInventory.
using simdjson::dom::element;
using simdjson::dom::object;

Tally ToTally(const element& json, const Names& vocabularies,
              std::string_view counted = "documents") {
  Tally tally;
  tally.documents = json[counted].get_uint64();
  tally.bytes = json["bytes"].get_uint64();
  const object tokens = json["tokens"].get_object();
  for (const std::string& name : vocabularies) {
    tally.tokens.push_back(tokens.at_key(name).get_uint64());
  }
  return tally;
}

Totals ToTotals(const element& json, bool decided, const Names& vocabularies) {
  Totals totals;
  totals.all = ToTally(json["all"], vocabularies);
  if (decided) {
    totals.exact_unique = ToTally(json["exact_unique"], vocabularies);
    totals.near_unique = ToTally(json["near_unique"], vocabularies);
  }
  element paragraphs;
  if (json["paragraphs"].get(paragraphs) == simdjson::SUCCESS) {
    const auto tally = [&](std::string_view name) {
      return ToTally(paragraphs[name], vocabularies, "paragraphs");
    };
    totals.paragraphs = {.all = tally("all"),
                         .unique = tally("unique"),
                         .survivors = tally("survivors"),
                         .survivors_unique = tally("survivors_unique")};
  }
  return totals;
}

Inventory ToInventory(const element& json) {
  Inventory inventory;
  inventory.version = std::string(std::string_view(json["version"]));
  inventory.options_json = simdjson::minify(json["options"]);
  const object tokens = json["totals"]["all"]["tokens"].get_object();
  for (const auto& [name, count] : tokens) {
    inventory.vocabularies.emplace_back(name);
  }
  const Names& names = inventory.vocabularies;
  // Both are there or neither is.
  const auto has = [&](const char* key) {
    return json["totals"][key].error() == simdjson::SUCCESS;
  };
  const bool decided = has("exact_unique") || has("near_unique");
  inventory.decided = decided;
  inventory.totals = ToTotals(json["totals"], decided, names);
  for (const auto& [name, totals] : json["by_language"].get_object()) {
    inventory.by_language[std::string(name)] = ToTotals(totals, decided, names);
  }
  for (const auto& [name, totals] : json["by_input"].get_object()) {
    inventory.by_input.emplace_back(name, ToTotals(totals, decided, names));
  }
  for (const auto& [reason, drop] : json["dropped"].get_object()) {
    inventory.dropped.Add(reason, drop["bytes"].get_uint64(),
                          drop["count"].get_uint64());
  }
  if (object read; json["read"].get(read) == simdjson::SUCCESS) {
    inventory.read = {.records = read["records"].get_uint64(),
                      .stored_bytes = read["stored_bytes"].get_uint64(),
                      .used_bytes = read["used_bytes"].get_uint64(),
                      .padding_bytes = read["padding_bytes"].get_uint64()};
  }
  if (simdjson::dom::array failed;
      json["inputs_failed"].get(failed) == simdjson::SUCCESS) {
    for (const element& input : failed) {
      inventory.inputs_failed.push_back(
          {.input = std::string(std::string_view(input["input"])),
           .message = std::string(std::string_view(input["message"]))});
    }
  }
  return inventory;
}

}  // namespace

void Tally::Add(const Tally& other) {
  documents += other.documents;
  bytes += other.bytes;
  tokens.resize(std::max(tokens.size(), other.tokens.size()));
  for (size_t i = 0; i < other.tokens.size(); ++i) tokens[i] += other.tokens[i];
}

void ParagraphTotals::Add(const ParagraphTotals& other) {
  all.Add(other.all);
  unique.Add(other.unique);
  survivors.Add(other.survivors);
  survivors_unique.Add(other.survivors_unique);
}

void Totals::Add(const Totals& other) {
  all.Add(other.all);
  exact_unique.Add(other.exact_unique);
  near_unique.Add(other.near_unique);
  if (!other.paragraphs) return;
  if (!paragraphs) paragraphs.emplace();
  paragraphs->Add(*other.paragraphs);
}

void ReadTotals::Add(const ReadTotals& other) {
  records += other.records;
  stored_bytes += other.stored_bytes;
  used_bytes += other.used_bytes;
  padding_bytes += other.padding_bytes;
}

std::optional<size_t> Inventory::FindVocabulary(std::string_view name) const {
  const auto at = std::find(vocabularies.begin(), vocabularies.end(), name);
  if (at == vocabularies.end()) return std::nullopt;
  return static_cast<size_t>(at - vocabularies.begin());
}

std::string InventoryToJson(const Inventory& inventory) {
  const Names& names = inventory.vocabularies;
  JsonWriter totals;
  WriteTotals(inventory.totals, inventory.decided, names, &totals);
  JsonWriter dropped;
  WriteDropCounts(inventory.dropped, &dropped);
  return fmt::format(
      "{{\"schema\":{},\n\"version\":{},\n\"options\":{},\n\"totals\":{},\n"
      "\"by_language\":{},\n\"by_input\":{},\n\"read\":{},\n\"dropped\":{},\n"
      "\"inputs_failed\":{}}}\n",
      Inventory::kSchema, StringJson(inventory.version), inventory.options_json,
      totals.Take(),
      GroupsJson(inventory.by_language, inventory.decided, names),
      GroupsJson(inventory.by_input, inventory.decided, names),
      ReadTotalsJson(inventory.read), dropped.Take(),
      FailedJson(inventory.inputs_failed));
}

Result<Inventory> ParseInventory(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root);
      error != simdjson::SUCCESS) {
    return Fail(
        StatusCode::kCorrupt,
        fmt::format("{}: not JSON: {}", name, simdjson::error_message(error)));
  }
  uint64_t schema = 0;
  if (root["schema"].get(schema) != simdjson::SUCCESS) {
    return Fail(StatusCode::kCorrupt,
                fmt::format("{}: not an inventory: no schema number", name));
  }
  if (schema != Inventory::kSchema) {
    return Fail(StatusCode::kUnsupported,
                fmt::format("{}: schema {} is not known to this version", name,
                            schema));
  }
  try {
    return ToInventory(root);
  } catch (const simdjson::simdjson_error& error) {
    return Fail(StatusCode::kCorrupt,
                fmt::format("{}: not an inventory: {}", name, error.what()));
  }
}

Result<Inventory> ReadInventory(const std::string& path) {
  std::string file = path;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    file += "/inventory.json";
  }
  Result<std::string> json = ReadWholeFile(file);
  if (!json) return Fail(json.error());
  return ParseInventory(*json, file);
}

}  // namespace peaktext

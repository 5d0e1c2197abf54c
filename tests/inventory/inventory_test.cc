#include "inventory/inventory.h"

#include <boost/test/unit_test.hpp>

#include "base/atomic_file.h"
#include "temporary_folder.h"

namespace peaktext {
namespace {

Totals MakeTotals(uint64_t scale) {
  return {.all = {10 * scale, 1000 * scale, {300 * scale, 310 * scale}},
          .exact_unique = {8 * scale, 800 * scale, {240 * scale, 250 * scale}},
          .near_unique = {5 * scale, 500 * scale, {150 * scale, 160 * scale}}};
}

Inventory MakeInventory() {
  Inventory inventory;
  inventory.version = "0.1.0";
  inventory.vocabularies = {"o200k_base", "cl100k_base"};
  inventory.options_json = R"({"threshold":0.8,"vocabularies":["a"]})";
  inventory.totals = MakeTotals(3);
  inventory.by_language = {{"eng", MakeTotals(2)}, {"deu", MakeTotals(1)}};
  inventory.by_input = {{"z \"odd\"\n.warc", MakeTotals(1)},
                        {"a.warc", MakeTotals(2)}};
  inventory.read = {7, 100, 80, 15};
  inventory.dropped.Add("truncated", 5, 2);
  inventory.inputs_failed = {{"gone.warc", "open gone.warc: no such file"}};
  return inventory;
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const Inventory inventory = MakeInventory();
  const std::string json = InventoryToJson(inventory);
  const Result<Inventory> again = ParseInventory(json, "x");
  BOOST_REQUIRE_MESSAGE(again, again.error().message());
  BOOST_TEST(again->version == inventory.version);
  BOOST_TEST(again->vocabularies == inventory.vocabularies);
  BOOST_TEST(again->options_json == inventory.options_json);
  BOOST_TEST((again->totals == inventory.totals));
  BOOST_TEST((again->by_language == inventory.by_language));
  BOOST_TEST((again->by_input == inventory.by_input));
  BOOST_TEST((again->read == inventory.read));
  BOOST_TEST((again->dropped == inventory.dropped));
  BOOST_TEST((again->inputs_failed == inventory.inputs_failed));
  BOOST_TEST(InventoryToJson(*again) == json);
}

BOOST_AUTO_TEST_CASE(paragraphs_are_read_back_and_summed) {
  Inventory inventory = MakeInventory();
  const std::string without = InventoryToJson(inventory);
  inventory.totals.paragraphs = {.all = {9, 90, {30, 31}},
                                 .unique = {7, 70, {20, 21}},
                                 .survivors = {5, 50, {10, 11}},
                                 .survivors_unique = {4, 40, {8, 9}}};
  const std::string json = InventoryToJson(inventory);
  BOOST_TEST(json != without);
  const Result<Inventory> again = ParseInventory(json, "x");
  BOOST_REQUIRE_MESSAGE(again, again.error().message());
  BOOST_TEST((again->totals == inventory.totals));
  BOOST_TEST((again->by_language == inventory.by_language));
  Totals sum = MakeTotals(1);
  sum.Add(inventory.totals);
  BOOST_TEST((sum.paragraphs == inventory.totals.paragraphs));
  sum.Add(inventory.totals);
  BOOST_TEST(sum.paragraphs->all.documents == 18u);
  BOOST_TEST(sum.paragraphs->survivors_unique.tokens.at(1) == 18u);
}

BOOST_AUTO_TEST_CASE(of_a_scan_alone_it_has_no_uniques) {
  Inventory inventory = MakeInventory();
  inventory.decided = false;
  const std::string json = InventoryToJson(inventory);
  BOOST_TEST(json.find("unique") == std::string::npos);
  const Result<Inventory> again = ParseInventory(json, "x");
  BOOST_REQUIRE_MESSAGE(again, again.error().message());
  BOOST_TEST(!again->decided);
  BOOST_TEST((again->totals.all == inventory.totals.all));
  BOOST_TEST(again->totals.near_unique.documents == 0u);
  BOOST_TEST(InventoryToJson(*again) == json);
  BOOST_TEST(ParseInventory(InventoryToJson(MakeInventory()), "x")->decided);
}

BOOST_AUTO_TEST_CASE(an_empty_inventory_is_an_inventory) {
  const Result<Inventory> again =
      ParseInventory(InventoryToJson(Inventory{}), "x");
  BOOST_REQUIRE_MESSAGE(again, again.error().message());
  BOOST_TEST(again->vocabularies.empty());
  BOOST_TEST(again->totals.all.documents == 0);
}

BOOST_AUTO_TEST_CASE(members_of_later_versions_are_passed_over) {
  std::string json = InventoryToJson(MakeInventory());
  json.insert(1, R"("sketch":{"file":"x"},)");
  BOOST_TEST(ParseInventory(json, "x").has_value());
}

BOOST_AUTO_TEST_CASE(every_prefix_is_refused_and_named) {
  const std::string json = InventoryToJson(MakeInventory());
  for (size_t length = 0; length + 2 < json.size(); ++length) {
    const Result<Inventory> cut =
        ParseInventory(std::string_view(json).substr(0, length), "cut.json");
    BOOST_REQUIRE(!cut);
    BOOST_REQUIRE(cut.error().code() == StatusCode::kCorrupt);
    BOOST_REQUIRE(cut.error().message().starts_with("cut.json: "));
  }
}

BOOST_AUTO_TEST_CASE(another_schema_is_unsupported) {
  const Result<Inventory> other = ParseInventory(R"({"schema":99})", "x");
  BOOST_REQUIRE(!other);
  BOOST_TEST((other.error().code() == StatusCode::kUnsupported));
}

BOOST_AUTO_TEST_CASE(negative_and_fractional_figures_are_refused) {
  for (const char* number : {"-1", "1.5", "\"1\"", "null", "[]"}) {
    std::string json = InventoryToJson(Inventory{});
    const std::string before = "\"documents\":0";
    json.replace(json.find(before), before.size(),
                 std::string("\"documents\":") + number);
    BOOST_TEST(!ParseInventory(json, "x").has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_folder_stands_for_the_file_in_it) {
  const TemporaryFolder folder;
  const std::string json = InventoryToJson(MakeInventory());
  BOOST_REQUIRE(WriteFileAtomically(folder.path("inventory.json"), json).ok());
  BOOST_TEST(ReadInventory(folder.path()).has_value());
  BOOST_TEST(ReadInventory(folder.path("inventory.json")).has_value());
  const Result<Inventory> none = ReadInventory(folder.path("no"));
  BOOST_REQUIRE(!none);
  BOOST_TEST((none.error().code() == StatusCode::kNotFound));
}

}  // namespace
}  // namespace peaktext
